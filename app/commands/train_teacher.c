// SPDX-License-Identifier: GPL-3.0-or-later
// `neume train teacher`: trains the autoregressive teacher on a prepared and aligned corpus.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands/train_tasks.h"
#include "models/speech/teacher_file.h"
#include "models/speech/teacher_trainer.h"

typedef struct {
  int64_t n_steps, n_warm, every;
  int64_t n_guided; // steps over which the guide goes from `guide` down to `guide_end`
  double rate, guide, guide_end;
  const char *favourite;
  NmTeacherTraining training;
} Plan;

static void read_network(NmRecipe *r, NmTeacherConfig *c)
{
  *c = nm_teacher_config_defaults();
  c->d_model = (int32_t)nm_recipe_get_integer(r, "d_model", c->d_model, 8, 2048);
  c->n_heads = (int32_t)nm_recipe_get_integer(r, "n_heads", c->n_heads, 1, NM_TEACHER_HEADS_MAX);
  c->n_encoder = (int32_t)nm_recipe_get_integer(r, "n_encoder", c->n_encoder, 1, 32);
  c->d_encoder_inner = (int32_t)nm_recipe_get_integer(r, "d_encoder_inner", c->d_encoder_inner, 8, 8192);
  c->n_decoder = (int32_t)nm_recipe_get_integer(r, "n_decoder", c->n_decoder, 1, NM_TEACHER_BLOCKS_MAX);
  c->d_decoder_inner = (int32_t)nm_recipe_get_integer(r, "d_decoder_inner", c->d_decoder_inner, 8, 8192);
  c->d_prenet = (int32_t)nm_recipe_get_integer(r, "d_prenet", c->d_prenet, 8, 2048);
  c->n_stack = (int32_t)nm_recipe_get_integer(r, "n_stack", c->n_stack, 1, 8);
}

static void read_training(NmRecipe *r, NmTeacherTraining *t)
{
  t->n_batch = (int32_t)nm_recipe_get_integer(r, "batch", 32, 1, 256);
  t->n_frames_max = (int32_t)nm_recipe_get_integer(r, "frames_max", 1000, 8, NM_TEACHER_STEPS_MAX);
  t->favour = (int32_t)nm_recipe_get_integer(r, "favour", 1, 1, 100);
  t->guide.diagonal = nm_recipe_get_integer(r, "guide_diagonal", 0, 0, 1) == 1;
  t->guide.width = nm_recipe_get_number(r, "guide_width", t->guide.diagonal ? .2 : 2, .01, 100);
  t->dropout = nm_recipe_get_number(r, "dropout", .1, 0, .9);
  t->weight_decay = nm_recipe_get_number(r, "weight_decay", .01, 0, 1);
  t->average = nm_recipe_get_number(r, "average", .998, 0, 1);
  t->seed = (uint64_t)nm_recipe_get_integer(r, "seed", 1, 0, INT32_MAX);
}

static NmStatus read_plan(NmRecipe *r, Plan *p, NmError *err)
{
  *p = (Plan){.n_steps = nm_recipe_get_integer(r, "steps", 5000, 1, 10000000),
              .n_warm = nm_recipe_get_integer(r, "warm_up", 400, 1, 1000000),
              .every = nm_recipe_get_integer(r, "report_every", 250, 1, 1000000),
              .n_guided = nm_recipe_get_integer(r, "guide_steps", 1500, 0, 10000000),
              .rate = nm_recipe_get_number(r, "rate", 5e-4, 0, 1),
              .guide = nm_recipe_get_number(r, "guide", 1, 0, 1000),
              .guide_end = nm_recipe_get_number(r, "guide_end", 0, 0, 1000),
              .favourite = nm_recipe_get_text(r, "favourite", NULL)};
  read_network(r, &p->training.config);
  read_training(r, &p->training);
  const NmTeacherConfig *c = &p->training.config;
  const NmStatus status = nm_recipe_check(r, err);
  if (status != NM_OK) return status;
  if (8 % c->n_stack == 0 && c->d_model % c->n_heads == 0) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA,
                      "the recipe's n_stack must be 1, 2, 4 or 8, and its d_model a multiple of n_heads");
}

static FILE *open_log(const NmTrainJob *job, const Plan *p, int64_t first, NmError *err)
{
  char columns[8192] = "envelope\tf0\tvoicing\tstop\tguide\theld_envelope\theld_f0\theld_voicing\theld_stop\t"
                       "held_envelope_log\talign_head\tfocus\tfocus_path\tduration_ms";
  const NmTeacherConfig *c = &p->training.config;
  for (int32_t i = 0; i < c->n_decoder * c->n_heads; ++i) {
    const size_t len = strlen(columns);
    snprintf(columns + len, sizeof columns - len, "\tfocus_%d_%d", i / c->n_heads, i % c->n_heads);
  }
  return nm_train_log_open(job->log, columns, first, err);
}

static void write_log(FILE *log, int64_t step, double n, const NmTeacherLosses *sum,
                      const NmTeacherValidation *v)
{
  const NmTeacherHead *best = &v->heads[v->align_head];
  fprintf(log, "%lld\t%.5f\t%.5f\t%.5f\t%.5f\t%.5f\t%.5f\t%.5f\t%.5f\t%.5f\t%.5f\t%d\t%.4f\t%.4f\t%.3f",
          (long long)step, sum->envelope / n, sum->f0 / n, sum->voicing / n, sum->stop / n, sum->guide / n,
          v->losses.envelope, v->losses.f0, v->losses.voicing, v->losses.stop, v->envelope_log, v->align_head,
          best->focus, best->path, best->duration_ms);
  for (int32_t i = 0; i < v->n_heads; ++i) fprintf(log, "\t%.4f", v->heads[i].focus);
  fputc('\n', log);
}

static NmStatus report(const NmTrainJob *job, const Plan *p, NmTeacherTrainer *trainer,
                       const NmTeacherLosses *sum, int64_t step, FILE *log, NmError *err)
{
  const double n = (double)p->every;
  const int32_t H = p->training.config.n_heads;
  NmTeacherValidation v;
  const NmStatus status = nm_teacher_trainer_validate(trainer, &v, err);
  if (status != NM_OK) return status;
  const NmTeacherHead *best = &v.heads[v.align_head];
  nm_train_job_say(job, step, p->n_steps,
                   "envelope %.4f, f0 %.3f, voicing %.3f, stop %.4f, guide %.3f; held out: envelope %.4f "
                   "(ln %.4f), stop %.4f; head %d of block %d: focus %.3f, along the path %.3f, durations "
                   "%.1f ms from the aligner's",
                   sum->envelope / n, sum->f0 / n, sum->voicing / n, sum->stop / n, sum->guide / n,
                   v.losses.envelope, v.envelope_log, v.losses.stop, v.align_head % H, v.align_head / H,
                   best->focus, best->path, best->duration_ms);
  if (log) write_log(log, step, n, sum, &v);
  return NM_OK;
}

static void add(NmTeacherLosses *sum, const NmTeacherLosses *x)
{
  sum->envelope += x->envelope;
  sum->f0 += x->f0;
  sum->voicing += x->voicing;
  sum->stop += x->stop;
  sum->guide += x->guide;
}

static double guide_of(const Plan *p, int64_t step)
{
  const double left = step < p->n_guided ? (double)(p->n_guided - step) / (double)p->n_guided : 0;
  return p->guide_end + (p->guide - p->guide_end) * left;
}

static NmStatus run(const NmTrainJob *job, const Plan *p, NmTeacherTrainer *trainer, FILE *log, NmError *err)
{
  NmTeacherLosses sum = {0}, losses;
  NmParams *params = nm_teacher_trainer_get_params(trainer);
  for (int64_t step = nm_params_get_step(params); step < p->n_steps && !nm_train_job_is_over(job); ++step) {
    const double rate = nm_train_rate(step, p->n_steps, p->n_warm, p->rate);
    NmStatus status = nm_teacher_trainer_step(trainer, step, rate, guide_of(p, step), &losses, err);
    if (status != NM_OK) return status;
    add(&sum, &losses);
    if ((step + 1) % p->every) continue;
    if ((status = report(job, p, trainer, &sum, step + 1, log, err)) != NM_OK) return status;
    sum = (NmTeacherLosses){0};
  }
  return job->checkpoint ? nm_params_save_checkpoint(params, job->checkpoint, NULL, err) : NM_OK;
}

static NmStatus save(const NmTrainJob *job, const Plan *p, NmTeacherTrainer *trainer, const NmCorpus *corpus,
                     NmError *err)
{
  NmTeacherConfig config = p->training.config;
  NmTeacherValidation v;
  NmStatus status = nm_teacher_trainer_validate(trainer, &v, err);
  if (status != NM_OK) return status;
  config.align_head = v.align_head;
  return nm_train_job_save(job, nm_teacher_trainer_get_params(trainer), NM_STORE_F16,
                           nm_teacher_file_metadata(&config, corpus->speakers), err);
}

static NmStatus train(const NmTrainJob *job, NmCorpus *corpus, NmError *err)
{
  Plan p;
  NmUtteranceSet set;
  FILE *log = NULL;
  NmStatus status = read_plan(job->recipe, &p, err);
  if (status == NM_OK) status = nm_utterances_init(&set, corpus, err);
  if (status != NM_OK) return status;
  p.training.set = &set;
  p.training.config.n_speakers = nm_utterances_count_speakers(&set);
  p.training.favourite = nm_corpus_find_speaker(corpus, p.favourite);
  NmTeacherTrainer *trainer = nm_teacher_trainer_new(job->backend, job->pool, &p.training, err);
  status = trainer ? NM_OK : err->status;
  NmParams *params = trainer ? nm_teacher_trainer_get_params(trainer) : NULL;
  if (status == NM_OK && job->resume) status = nm_params_load_checkpoint(params, job->resume, NULL, err);
  if (status == NM_OK && job->log && !(log = open_log(job, &p, nm_params_get_step(params), err)))
    status = err->status;
  if (status == NM_OK) status = run(job, &p, trainer, log, err);
  if (status == NM_OK) status = save(job, &p, trainer, corpus, err);
  nm_teacher_trainer_free(trainer);
  nm_utterances_fini(&set);
  if (log) fclose(log);
  return status;
}

int nm_train_teacher(const NmArgs *args)
{
  return nm_train_job_run(args, train);
}
