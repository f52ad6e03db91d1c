// SPDX-License-Identifier: GPL-3.0-or-later
// `neume train vocoder`: trains the vocoder on a prepared corpus; checkpoints are two files, FILE and
// FILE.judge (the discriminators).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/commands/train_tasks.h"
#include "dsp/pitch.h"
#include "models/speech/batch.h"
#include "models/vocoder/trainer.h"
#include "models/vocoder/vocoder.h"

typedef struct {
  int64_t n_steps, n_warm, every, adversarial_from;
  double rate, rate_judge, share_raised, favour;
  const char *favourite, *start; // start: weights to begin with, or NULL
  NmVocoderTraining training;
} Plan;

static NmStatus read_plan(NmRecipe *r, Plan *p, NmError *err)
{
  NmVocoderTraining *t = &p->training;
  NmVocoderConfig *c = &t->config;
  *p = (Plan){.n_steps = nm_recipe_get_integer(r, "steps", 4000, 1, 10000000),
              .n_warm = nm_recipe_get_integer(r, "warm_up", 200, 1, 1000000),
              .every = nm_recipe_get_integer(r, "report_every", 100, 1, 1000000),
              .adversarial_from = nm_recipe_get_integer(r, "adversarial_from", INT32_MAX, 0, INT32_MAX),
              .rate = nm_recipe_get_number(r, "rate", 8e-4, 0, 1),
              .rate_judge = nm_recipe_get_number(r, "rate_judge", 5.6e-4, 0, 1),
              .share_raised = nm_recipe_get_number(r, "share_raised", .35, 0, 1),
              .favour = nm_recipe_get_number(r, "favour", 1, 0, 1000),
              .favourite = nm_recipe_get_text(r, "favourite", ""),
              .start = nm_recipe_get_text(r, "start", NULL)};
  *c = nm_vocoder_config_defaults();
  c->d_model = (int32_t)nm_recipe_get_integer(r, "d_model", c->d_model, 8, 2048);
  c->n_blocks = (int32_t)nm_recipe_get_integer(r, "n_blocks", c->n_blocks, 1, 32);
  c->d_inner = (int32_t)nm_recipe_get_integer(r, "d_inner", c->d_inner, 8, 8192);
  t->n_batch = (int32_t)nm_recipe_get_integer(r, "batch", 16, 1, 256);
  t->n_frames = (int32_t)nm_recipe_get_integer(r, "frames", 64, 24, 1024);
  t->seed = (uint64_t)nm_recipe_get_integer(r, "seed", 1, 0, INT32_MAX);
  t->weight_decay = nm_recipe_get_number(r, "weight_decay", .01, 0, 1);
  t->average = nm_recipe_get_number(r, "average", .998, 0, 1);
  return nm_recipe_check(r, err);
}

// The corpus as clips: f0 bridged, voicing as numbers. Memory that a training holds to its end.
typedef struct {
  NmVocoderClip *clips; // [n]
  int64_t n;
  float *f0_hz, *voicing; // [corpus frames]
  NmSpeechStats stats;
} Clips;

static void free_clips(Clips *c)
{
  free(c->clips);
  free(c->f0_hz);
  free(c->voicing);
}

// Raised copies and the favourite speaker's recordings get their share of the draws.
static void weigh(Clips *c, const NmCorpus *corpus, const Plan *p, const int32_t *items)
{
  double plain = 1e-9, raised = 1e-9;
  for (int64_t i = 0; i < c->n; ++i) {
    const NmCorpusItem *item = &corpus->items[items[i]];
    c->clips[i].weight = strcmp(corpus->speakers[item->speaker], p->favourite) == 0 ? p->favour : 1;
    *(item->raise == 1 ? &plain : &raised) += c->clips[i].weight * (double)c->clips[i].T;
  }
  for (int64_t i = 0; i < c->n; ++i)
    c->clips[i].weight *=
        corpus->items[items[i]].raise == 1 ? (1 - p->share_raised) / plain : p->share_raised / raised;
}

static void fill_clip(Clips *c, const NmCorpus *corpus, const NmCorpusItem *item)
{
  const int64_t at = item->frame_first;
  memcpy(c->f0_hz + at, corpus->f0_hz + at, (size_t)item->n_frames * sizeof *c->f0_hz);
  for (int64_t t = at; t < at + item->n_frames; ++t) c->voicing[t] = corpus->f0_hz[t] > 0;
  nm_f0_interpolate(c->f0_hz + at, item->n_frames, 160);
  c->clips[c->n++] = (NmVocoderClip){.envelope = corpus->envelope + at * NM_VOCODER_N_BANDS,
                                     .f0_hz = c->f0_hz + at,
                                     .voicing = c->voicing + at,
                                     .audio = corpus->audio + at * NM_VOCODER_HOP,
                                     .T = item->n_frames};
}

static NmStatus make_clips(Clips *c, const NmCorpus *corpus, const Plan *p, NmError *err)
{
  int32_t *items = calloc((size_t)corpus->n_items + 1, sizeof *items);
  *c = (Clips){.clips = calloc((size_t)corpus->n_items + 1, sizeof *c->clips),
               .f0_hz = malloc((size_t)(corpus->n_frames + 1) * sizeof *c->f0_hz),
               .voicing = malloc((size_t)(corpus->n_frames + 1) * sizeof *c->voicing)};
  NmStatus status = items && c->clips && c->f0_hz && c->voicing
                        ? NM_OK
                        : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; status == NM_OK && i < corpus->n_items; ++i)
    if (corpus->items[i].n_frames && corpus->items[i].split == NM_SPLIT_TRAIN) {
      items[c->n] = i;
      fill_clip(c, corpus, &corpus->items[i]);
    }
  if (status == NM_OK && c->n == 0)
    status = nm_error_set(err, NM_ERR_BAD_DATA, "the corpus has no recordings to train on");
  if (status == NM_OK) weigh(c, corpus, p, items);
  if (status == NM_OK) nm_speech_stats_measure(&c->stats, corpus);
  free(items);
  return status;
}

static NmStatus load_state(const NmTrainJob *job, const Plan *p, NmVocoderTrainer *trainer, NmError *err)
{
  char judge[4096];
  int32_t n_copied;
  if (!job->resume && p->start)
    return nm_params_copy_from_file(nm_vocoder_trainer_get_params(trainer), p->start, &n_copied, err);
  if (!job->resume) return NM_OK;
  NmStatus status = nm_params_load_checkpoint(nm_vocoder_trainer_get_params(trainer), job->resume, NULL, err);
  snprintf(judge, sizeof judge, "%s.judge", job->resume);
  if (status != NM_OK || access(judge, R_OK) != 0) return status;
  NmParams *params = nm_vocoder_trainer_get_discriminator(trainer, err);
  return params ? nm_params_load_checkpoint(params, judge, NULL, err) : NM_ERR_NO_MEMORY;
}

static NmStatus save_state(const NmTrainJob *job, NmVocoderTrainer *trainer, bool adversarial, NmError *err)
{
  char judge[4096];
  if (!job->checkpoint) return NM_OK;
  NmStatus status =
      nm_params_save_checkpoint(nm_vocoder_trainer_get_params(trainer), job->checkpoint, NULL, err);
  snprintf(judge, sizeof judge, "%s.judge", job->checkpoint);
  if (status == NM_OK && adversarial)
    status = nm_params_save_checkpoint(nm_vocoder_trainer_get_discriminator(trainer, err), judge, NULL, err);
  return status;
}

static void report(const NmTrainJob *job, const Plan *p, int64_t step, const NmVocoderLosses *sum, FILE *log)
{
  const double n = (double)p->every;
  nm_train_job_say(job, step, p->n_steps,
                   "mel %.4f, stft %.4f, adversarial %.3f, matching %.3f, judge %.3f, norm %.2f",
                   sum->mel / n, sum->stft / n, sum->adversarial / n, sum->matching / n,
                   sum->discriminator / n, sum->norm / n);
  if (log)
    fprintf(log, "%lld\t%.5f\t%.5f\t%.5f\t%.5f\t%.5f\t%.4f\n", (long long)step, sum->mel / n, sum->stft / n,
            sum->adversarial / n, sum->matching / n, sum->discriminator / n, sum->norm / n);
}

static void add(NmVocoderLosses *sum, const NmVocoderLosses *x)
{
  sum->mel += x->mel;
  sum->stft += x->stft;
  sum->adversarial += x->adversarial;
  sum->matching += x->matching;
  sum->discriminator += x->discriminator;
  sum->norm += x->norm;
}

static NmStatus run(const NmTrainJob *job, const Plan *p, NmVocoderTrainer *trainer, FILE *log, NmError *err)
{
  NmVocoderLosses sum = {0}, losses;
  int64_t step = nm_params_get_step(nm_vocoder_trainer_get_params(trainer));
  for (; step < p->n_steps && !nm_train_job_is_over(job); ++step) {
    const double rate = nm_train_rate(step, p->n_steps, p->n_warm, p->rate);
    const double judge =
        step >= p->adversarial_from ? nm_train_rate(step, p->n_steps, p->n_warm, p->rate_judge) : 0;
    const NmStatus status = nm_vocoder_trainer_step(trainer, step, rate, judge, &losses, err);
    if (status != NM_OK) return status;
    add(&sum, &losses);
    if ((step + 1) % p->every) continue;
    report(job, p, step + 1, &sum, log);
    sum = (NmVocoderLosses){0};
  }
  return save_state(job, trainer, step > p->adversarial_from, err);
}

static NmStatus save(const NmTrainJob *job, const Plan *p, NmVocoderTrainer *trainer, NmError *err)
{
  return nm_train_job_save(job, nm_vocoder_trainer_get_params(trainer), NM_STORE_F16,
                           nm_vocoder_metadata(&p->training.config), err);
}

static NmStatus train(const NmTrainJob *job, NmCorpus *corpus, NmError *err)
{
  Plan p;
  Clips clips;
  FILE *log = NULL;
  NmVocoderTrainer *trainer = NULL;
  NmStatus status = read_plan(job->recipe, &p, err);
  if (status != NM_OK) return status;
  status = make_clips(&clips, corpus, &p, err);
  if (status == NM_OK) {
    p.training.clips = clips.clips;
    p.training.n_clips = clips.n;
    p.training.envelope_mean = clips.stats.envelope_mean;
    p.training.envelope_std = clips.stats.envelope_std;
    trainer = nm_vocoder_trainer_new(job->backend, job->pool, &p.training, err);
    status = trainer ? load_state(job, &p, trainer, err) : err->status;
  }
  const int64_t first = status == NM_OK ? nm_params_get_step(nm_vocoder_trainer_get_params(trainer)) : 0;
  if (status == NM_OK && job->log &&
      !(log = nm_train_log_open(job->log, "mel\tstft\tadversarial\tmatching\tjudge\tnorm", first, err)))
    status = err->status;
  if (status == NM_OK) status = run(job, &p, trainer, log, err);
  if (status == NM_OK) status = save(job, &p, trainer, err);
  nm_vocoder_trainer_free(trainer);
  free_clips(&clips);
  if (log) fclose(log);
  return status;
}

int nm_train_vocoder(const NmArgs *args)
{
  return nm_train_job_run(args, train);
}
