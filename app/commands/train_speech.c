// SPDX-License-Identifier: GPL-3.0-or-later
// `neume train speech`: trains the acoustic model on a prepared and aligned corpus.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/commands/train_tasks.h"
#include "models/speech/acoustic_file.h"
#include "models/speech/trainer.h"

typedef struct {
  int64_t n_steps, n_warm, every, adversarial_from;
  double rate, rate_critic;
  const char *favourite, *start;
  NmSpeechTraining training;
} Plan;

static void read_network(NmRecipe *r, NmAcousticConfig *c)
{
  *c = nm_acoustic_config_defaults();
  c->d_model = (int32_t)nm_recipe_get_integer(r, "d_model", c->d_model, 8, 2048);
  c->n_encoder = (int32_t)nm_recipe_get_integer(r, "n_encoder", c->n_encoder, 1, 32);
  c->d_encoder_inner = (int32_t)nm_recipe_get_integer(r, "d_encoder_inner", c->d_encoder_inner, 8, 8192);
  c->len_encoder_kernel =
      (int32_t)nm_recipe_get_integer(r, "len_encoder_kernel", c->len_encoder_kernel, 1, 31);
  c->n_decoder = (int32_t)nm_recipe_get_integer(r, "n_decoder", c->n_decoder, 1, 32);
  c->d_decoder_inner = (int32_t)nm_recipe_get_integer(r, "d_decoder_inner", c->d_decoder_inner, 8, 8192);
  c->len_decoder_kernel =
      (int32_t)nm_recipe_get_integer(r, "len_decoder_kernel", c->len_decoder_kernel, 1, 31);
  c->n_stack = (int32_t)nm_recipe_get_integer(r, "n_stack", c->n_stack, 1, 8);
  c->d_predictor = (int32_t)nm_recipe_get_integer(r, "d_predictor", c->d_predictor, 8, 2048);
  c->attention = (int32_t)nm_recipe_get_integer(r, "attention", c->attention, 0, 1);
}

static NmStatus read_plan(NmRecipe *r, Plan *p, NmError *err)
{
  NmSpeechTraining *t = &p->training;
  *p = (Plan){.n_steps = nm_recipe_get_integer(r, "steps", 2500, 1, 10000000),
              .n_warm = nm_recipe_get_integer(r, "warm_up", 200, 1, 1000000),
              .every = nm_recipe_get_integer(r, "report_every", 100, 1, 1000000),
              .adversarial_from = nm_recipe_get_integer(r, "adversarial_from", INT32_MAX, 0, INT32_MAX),
              .rate = nm_recipe_get_number(r, "rate", 8e-4, 0, 1),
              .rate_critic = nm_recipe_get_number(r, "rate_critic", 4e-4, 0, 1),
              .favourite = nm_recipe_get_text(r, "favourite", NULL),
              .start = nm_recipe_get_text(r, "start", NULL)};
  read_network(r, &t->config);
  t->n_batch = (int32_t)nm_recipe_get_integer(r, "batch", 32, 1, 256);
  t->n_batch_text = (int32_t)nm_recipe_get_integer(r, "batch_text", 12, 0, 256);
  t->n_batch_taught = (int32_t)nm_recipe_get_integer(r, "batch_taught", 16, 0, 256);
  t->favour = nm_recipe_get_number(r, "favour", 1, 0, 1000);
  t->dropout = nm_recipe_get_number(r, "dropout", .1, 0, .9);
  t->dropout_predictor = nm_recipe_get_number(r, "dropout_predictor", .5, 0, .9);
  t->weight_decay = nm_recipe_get_number(r, "weight_decay", .01, 0, 1);
  t->average = nm_recipe_get_number(r, "average", .998, 0, 1);
  t->seed = (uint64_t)nm_recipe_get_integer(r, "seed", 1, 0, INT32_MAX);
  return nm_recipe_check(r, err);
}

static const char columns[] =
    "envelope\tf0\tvoicing\tduration\tprosody\tduration_text\ttaught\tadversarial\tmatching\tcritic\t"
    "held_envelope\theld_envelope_free\theld_liveliness\theld_duration_ms\theld_duration_ratio\t"
    "held_f0_semitones\theld_voicing";

// The numbers of `columns`; those of training are means of n steps.
static void write_row(FILE *log, int64_t step, const NmSpeechLosses *sum, double n,
                      const NmSpeechValidation *v)
{
  const double trained[] = {sum->envelope,      sum->f0,     sum->voicing,     sum->duration, sum->prosody,
                            sum->duration_text, sum->taught, sum->adversarial, sum->matching, sum->critic};
  const double held[] = {v->envelope_log,   v->envelope_log_free, v->liveliness,   v->duration_ms,
                         v->duration_ratio, v->f0_semitones,      v->voicing_error};
  fprintf(log, "%lld", (long long)step);
  for (size_t i = 0; i < sizeof trained / sizeof *trained; ++i) fprintf(log, "\t%.5f", trained[i] / n);
  for (size_t i = 0; i < sizeof held / sizeof *held; ++i) fprintf(log, "\t%.5f", held[i]);
  fputc('\n', log);
}

static NmStatus report(const NmTrainJob *job, const Plan *p, NmSpeechTrainer *trainer,
                       const NmSpeechLosses *sum, int64_t step, FILE *log, NmSpeechValidation *v,
                       NmError *err)
{
  const double n = (double)p->every;
  const NmStatus status = nm_speech_trainer_validate(trainer, p->training.favourite, v, err);
  if (status != NM_OK) return status;
  nm_train_job_say(job, step, p->n_steps,
                   "envelope %.4f, f0 %.3f, duration %.3f, prosody %.3f, taught %.4f, critic %.3f; held out: "
                   "envelope %.4f (%.4f free, liveliness %.2f, spread %.3f), duration %.1f ms x %.3f, "
                   "f0 %.2f semitones, voicing %.2f %%",
                   sum->envelope / n, sum->f0 / n, sum->duration / n, sum->prosody / n, sum->taught / n,
                   sum->critic / n, v->envelope_log, v->envelope_log_free, v->liveliness, v->spread,
                   v->duration_ms, v->duration_ratio, v->f0_semitones, 100 * v->voicing_error);
  if (log) write_row(log, step, sum, n, v);
  return NM_OK;
}

static void add(NmSpeechLosses *sum, const NmSpeechLosses *x)
{
  sum->envelope += x->envelope;
  sum->f0 += x->f0;
  sum->voicing += x->voicing;
  sum->duration += x->duration;
  sum->prosody += x->prosody;
  sum->duration_text += x->duration_text;
  sum->taught += x->taught;
  sum->adversarial += x->adversarial;
  sum->matching += x->matching;
  sum->critic += x->critic;
}

// The judges' state stands beside the checkpoint, in FILE.critic.
static NmStatus save_state(const NmTrainJob *job, NmSpeechTrainer *trainer, bool judged, NmError *err)
{
  char path[4096];
  if (!job->checkpoint) return NM_OK;
  const NmStatus status =
      nm_params_save_checkpoint(nm_speech_trainer_get_params(trainer), job->checkpoint, NULL, err);
  if (status != NM_OK || !judged) return status;
  snprintf(path, sizeof path, "%s.critic", job->checkpoint);
  return nm_params_save_checkpoint(nm_speech_trainer_get_critic(trainer, err), path, NULL, err);
}

static NmStatus load_state(const NmTrainJob *job, NmSpeechTrainer *trainer, NmError *err)
{
  char path[4096];
  const NmStatus status =
      nm_params_load_checkpoint(nm_speech_trainer_get_params(trainer), job->resume, NULL, err);
  snprintf(path, sizeof path, "%s.critic", job->resume);
  if (status != NM_OK || access(path, R_OK) != 0) return status;
  NmParams *critic = nm_speech_trainer_get_critic(trainer, err);
  return critic ? nm_params_load_checkpoint(critic, path, NULL, err) : NM_ERR_NO_MEMORY;
}

static NmStatus run(const NmTrainJob *job, const Plan *p, NmSpeechTrainer *trainer, FILE *log,
                    NmSpeechValidation *v, NmError *err)
{
  NmSpeechLosses sum = {0}, losses;
  NmParams *params = nm_speech_trainer_get_params(trainer);
  for (int64_t step = nm_params_get_step(params); step < p->n_steps && !nm_train_job_is_over(job); ++step) {
    const double rate = nm_train_rate(step, p->n_steps, p->n_warm, p->rate);
    const double critic =
        step >= p->adversarial_from ? nm_train_rate(step, p->n_steps, p->n_warm, p->rate_critic) : 0;
    NmStatus status = nm_speech_trainer_step(trainer, step, rate, critic, &losses, err);
    if (status != NM_OK) return status;
    add(&sum, &losses);
    if ((step + 1) % p->every) continue;
    if ((status = report(job, p, trainer, &sum, step + 1, log, v, err)) != NM_OK) return status;
    sum = (NmSpeechLosses){0};
  }
  return save_state(job, trainer, nm_params_get_step(params) > p->adversarial_from, err);
}

// The factor that undoes a bias; none for what no training ends with.
static double undo(double ratio)
{
  return ratio > .5 && ratio < 2 ? 1 / ratio : 1;
}

static NmStatus save(const NmTrainJob *job, const Plan *p, NmSpeechTrainer *trainer, const NmCorpus *corpus,
                     NmError *err)
{
  NmSpeechValidation v;
  NmStatus status = nm_speech_trainer_validate(trainer, p->training.favourite, &v, err);
  if (status != NM_OK) return status;
  const NmAcousticScales scales = {undo(v.duration_ratio), undo(v.spread)};
  return nm_train_job_save(job, nm_speech_trainer_get_params(trainer), NM_STORE_F16,
                           nm_acoustic_file_metadata(&p->training.config, corpus->speakers, &scales), err);
}

static NmStatus start(const NmTrainJob *job, const Plan *p, NmSpeechTrainer *trainer, NmError *err)
{
  int32_t n_copied;
  if (job->resume) return load_state(job, trainer, err);
  return p->start ? nm_params_copy_from_file(nm_speech_trainer_get_params(trainer), p->start, &n_copied, err)
                  : NM_OK;
}

// What goes on from other weights is normalised as they were.
static NmStatus open_set(const Plan *p, const NmCorpus *corpus, NmUtteranceSet *set, NmError *err)
{
  NmAcousticFile file;
  if (!p->start) return nm_utterances_init(set, corpus, err);
  NmStatus status = nm_acoustic_file_open(&file, p->start, NULL, err);
  if (status != NM_OK) return status;
  const NmSpeechStats stats = file.stats;
  nm_acoustic_file_close(&file);
  return nm_utterances_init_as(set, corpus, &stats, err);
}

static NmStatus train(const NmTrainJob *job, NmCorpus *corpus, NmError *err)
{
  Plan p;
  NmUtteranceSet set;
  NmSpeechValidation v;
  FILE *log = NULL;
  NmStatus status = read_plan(job->recipe, &p, err);
  if (status == NM_OK) status = open_set(&p, corpus, &set, err);
  if (status != NM_OK) return status;
  p.training.set = &set;
  p.training.config.n_speakers = nm_utterances_count_speakers(&set);
  p.training.favourite = nm_corpus_find_speaker(corpus, p.favourite);
  NmSpeechTrainer *trainer = nm_speech_trainer_new(job->backend, job->pool, &p.training, err);
  status = trainer ? start(job, &p, trainer, err) : err->status;
  const int64_t first = status == NM_OK ? nm_params_get_step(nm_speech_trainer_get_params(trainer)) : 0;
  if (status == NM_OK && job->log && !(log = nm_train_log_open(job->log, columns, first, err)))
    status = err->status;
  if (status == NM_OK) status = run(job, &p, trainer, log, &v, err);
  if (status == NM_OK) status = save(job, &p, trainer, corpus, err);
  nm_speech_trainer_free(trainer);
  nm_utterances_fini(&set);
  if (log) fclose(log);
  return status;
}

int nm_train_speech(const NmArgs *args)
{
  return nm_train_job_run(args, train);
}
