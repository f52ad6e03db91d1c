// SPDX-License-Identifier: GPL-3.0-or-later
// `neume train song`: trains the song model on a prepared corpus of songs.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/commands/train_tasks.h"
#include "models/song/model.h"
#include "models/song/trainer.h"

enum { VALID_MOST = 200 };

typedef struct {
  int64_t n_steps, n_warm, every;
  double rate, rate_masked;
  const char *start;
  bool keep_best;
  NmSongTraining training;
} Plan;

// The run so far.
typedef struct {
  NmSongScores sum; // since the last report
  double best;      // least nats of both wanted tasks on the songs held out
  bool saved;
  FILE *log;
} Run;

static int32_t get_integer(NmRecipe *r, const char *key, int32_t otherwise, int32_t low, int32_t high)
{
  return (int32_t)nm_recipe_get_integer(r, key, otherwise, low, high);
}

static void read_network(NmRecipe *r, NmSongConfig *c)
{
  *c = nm_song_config_defaults();
  c->d_model = get_integer(r, "d_model", c->d_model, 8, 2048);
  c->n_heads = get_integer(r, "n_heads", c->n_heads, 1, 64);
  c->d_inner = get_integer(r, "d_inner", c->d_inner, 8, 8192);
  c->n_encoder = get_integer(r, "n_encoder", c->n_encoder, 1, NM_SONG_LAYERS_MAX);
  c->n_decoder = get_integer(r, "n_decoder", c->n_decoder, 1, NM_SONG_LAYERS_MAX);
  c->reach = get_integer(r, "reach", c->reach, 1, 1024);
  c->recurrent = get_integer(r, "recurrent", c->recurrent, 0, 1);
}

static void read_batches(NmRecipe *r, NmSongTraining *t)
{
  static const char *const names[NM_SONG_N_TASKS] = {"batch_mask_lyric", "batch_mask_melody", "batch_compose",
                                                     "batch_write"};
  static const int32_t usual[NM_SONG_N_TASKS] = {12, 12, 24, 24};
  for (int i = 0; i < NM_SONG_N_TASKS; ++i) t->n_batch[i] = get_integer(r, names[i], usual[i], 0, 256);
  t->n_masked_steps = nm_recipe_get_integer(r, "masked_steps", 0, 0, 10000000);
  t->share_own = nm_recipe_get_number(r, "share_own", .3, 0, 1);
  t->batch.n_most = get_integer(r, "positions", 256, 16, 2048);
  t->batch.share_masked = nm_recipe_get_number(r, "share_masked", .5, .05, 1);
  t->batch.transpose = nm_recipe_get_number(r, "transpose", .5, 0, 1);
  t->batch.stretch = nm_recipe_get_number(r, "stretch", .2, 0, 1);
  t->batch.hide_style = nm_recipe_get_number(r, "hide_style", .15, 0, 1);
}

static NmStatus read_plan(NmRecipe *r, Plan *p, NmError *err)
{
  NmSongTraining *t = &p->training;
  *p = (Plan){.n_steps = nm_recipe_get_integer(r, "steps", 3000, 1, 10000000),
              .n_warm = nm_recipe_get_integer(r, "warm_up", 200, 1, 1000000),
              .every = nm_recipe_get_integer(r, "report_every", 100, 1, 1000000),
              .rate = nm_recipe_get_number(r, "rate", 1e-3, 0, 1),
              .rate_masked = nm_recipe_get_number(r, "rate_masked", 1e-3, 0, 1),
              .start = nm_recipe_get_text(r, "start", NULL),
              .keep_best = nm_recipe_get_integer(r, "keep_best", 1, 0, 1) != 0};
  read_network(r, &t->config);
  read_batches(r, t);
  t->loss.smoothing = nm_recipe_get_number(r, "smoothing", 0, 0, .5);
  t->loss.constraint = nm_recipe_get_number(r, "constraint", 1, 0, 100);
  t->dropout = nm_recipe_get_number(r, "dropout", .2, 0, .9);
  t->weight_decay = nm_recipe_get_number(r, "weight_decay", .01, 0, 1);
  t->average = nm_recipe_get_number(r, "average", .998, 0, 1);
  t->seed = (uint64_t)nm_recipe_get_integer(r, "seed", 1, 0, INT32_MAX);
  return nm_recipe_check(r, err);
}

static double wanted_nll(const NmSongScores *s)
{
  return nm_song_scores_get_nll(s, NM_TASK_COMPOSE) + nm_song_scores_get_nll(s, NM_TASK_WRITE);
}

static void write_log(FILE *log, int64_t step, const NmSongScores *trained, const NmSongScores *held)
{
  fprintf(log, "%lld", (long long)step);
  for (int i = 0; i < NM_SONG_N_TASKS; ++i)
    fprintf(log, "\t%.4f\t%.4f", nm_song_scores_get_nll(trained, (NmSongTask)i),
            nm_song_scores_get_nll(held, (NmSongTask)i));
  for (int i = NM_TASK_COMPOSE; i <= NM_TASK_WRITE; ++i) {
    for (int c = 0; c < NM_SONG_N_CHOICES; ++c)
      fprintf(log, "\t%.4f", nm_song_scores_get_choice(held, (NmSongTask)i, c));
    fprintf(log, "\t%.4f\t%.4f", nm_song_scores_get_accuracy(held, (NmSongTask)i),
            held->n_positions[i] > 0 ? held->strayed[i] / held->n_positions[i] : 0);
  }
  fputc('\n', log);
}

static NmStatus save(const NmTrainJob *job, const Plan *p, NmSongTrainer *trainer, NmError *err)
{
  NmSongConfig config = p->training.config;
  config.n_syllables = nm_vocabulary_get_n(p->training.corpus->vocabulary);
  return nm_train_job_save(job, nm_song_trainer_get_params(trainer), NM_STORE_F16,
                           nm_song_model_metadata(&config, p->training.corpus->vocabulary), err);
}

// Validates, tells, and keeps the weights when they are the best so far.
static NmStatus report(const NmTrainJob *job, const Plan *p, NmSongTrainer *trainer, Run *run, int64_t step,
                       NmError *err)
{
  NmSongScores held;
  NmStatus status = nm_song_trainer_validate(trainer, NM_SONG_VALID, VALID_MOST, &held, err);
  if (status != NM_OK) return status;
  double trained[NM_SONG_N_TASKS], valid[NM_SONG_N_TASKS];
  for (int i = 0; i < NM_SONG_N_TASKS; ++i) {
    trained[i] = nm_song_scores_get_nll(&run->sum, (NmSongTask)i);
    valid[i] = nm_song_scores_get_nll(&held, (NmSongTask)i);
  }
  nm_train_job_say(job, step, p->n_steps,
                   "nats: words masked %.3f (held out %.3f), notes masked %.3f (%.3f), compose %.3f (%.3f), "
                   "write %.3f (%.3f); aligned %.1f %% and %.1f %%",
                   trained[0], valid[0], trained[1], valid[1], trained[2], valid[2], trained[3], valid[3],
                   100 * nm_song_scores_get_accuracy(&held, NM_TASK_COMPOSE),
                   100 * nm_song_scores_get_accuracy(&held, NM_TASK_WRITE));
  if (run->log) write_log(run->log, step, &run->sum, &held);
  run->sum = (NmSongScores){0};
  const double nll = wanted_nll(&held);
  if (!p->keep_best || step <= p->training.n_masked_steps || !(nll > 0 && nll < run->best)) return NM_OK;
  run->best = nll;
  run->saved = true;
  return save(job, p, trainer, err);
}

// Where time is given the rate falls with it, when that is further than the steps.
static double find_rate(const NmTrainJob *job, const Plan *p, int64_t step)
{
  const int64_t n_masked = p->training.n_masked_steps;
  const double share = job->seconds > 0 ? nm_train_job_get_seconds(job) / job->seconds : 0;
  if (share * (double)p->n_steps > (double)step) step = (int64_t)(fmin(share, 1) * (double)p->n_steps);
  if (step < n_masked) return nm_train_rate(step, n_masked, p->n_warm, p->rate_masked);
  return nm_train_rate(step - n_masked, p->n_steps - n_masked, p->n_warm, p->rate);
}

static NmStatus run_steps(const NmTrainJob *job, const Plan *p, NmSongTrainer *trainer, Run *run,
                          NmError *err)
{
  NmParams *params = nm_song_trainer_get_params(trainer);
  int64_t step = nm_params_get_step(params);
  NmStatus status = NM_OK;
  for (; step < p->n_steps && !nm_train_job_is_over(job) && status == NM_OK; ++step) {
    status = nm_song_trainer_step(trainer, step, find_rate(job, p, step), &run->sum, err);
    if (status == NM_OK && (step + 1) % p->every == 0) status = report(job, p, trainer, run, step + 1, err);
    if (run->log) fflush(run->log);
  }
  if (status == NM_OK && job->checkpoint)
    status = nm_params_save_checkpoint(params, job->checkpoint, NULL, err);
  return status == NM_OK && !run->saved ? save(job, p, trainer, err) : status;
}

static NmStatus start(const NmTrainJob *job, const Plan *p, NmSongTrainer *trainer, NmError *err)
{
  int32_t n_copied;
  NmParams *params = nm_song_trainer_get_params(trainer);
  if (job->resume) return nm_params_load_checkpoint(params, job->resume, NULL, err);
  return p->start ? nm_params_copy_from_file(params, p->start, &n_copied, err) : NM_OK;
}

static NmStatus train(const NmTrainJob *job, const NmSongCorpus *corpus, NmError *err)
{
  static const char columns[] =
      "mask_lyric\theld_mask_lyric\tmask_melody\theld_mask_melody\tcompose\theld_compose\twrite\theld_write\t"
      "held_tie\theld_gap\theld_pitch\theld_len\tcompose_aligned\tcompose_strayed\t"
      "held_end\theld_stress\theld_syllable\theld_mark\twrite_aligned\twrite_strayed";
  Plan p;
  Run run = {.best = INFINITY};
  NmStatus status = read_plan(job->recipe, &p, err);
  if (status != NM_OK) return status;
  p.training.corpus = corpus;
  NmSongTrainer *trainer = nm_song_trainer_new(job->backend, job->pool, &p.training, err);
  status = trainer ? start(job, &p, trainer, err) : err->status;
  const int64_t first = status == NM_OK ? nm_params_get_step(nm_song_trainer_get_params(trainer)) : 0;
  if (status == NM_OK && job->log && !(run.log = nm_train_log_open(job->log, columns, first, err)))
    status = err->status;
  if (status == NM_OK) status = run_steps(job, &p, trainer, &run, err);
  nm_song_trainer_free(trainer);
  if (run.log) fclose(run.log);
  return status;
}

int nm_train_song(const NmArgs *args)
{
  NmTrainJob job;
  NmSongCorpus corpus = {0};
  NmError err = {0};
  int exit_code = nm_train_job_open(&job, args);
  if (exit_code == 0 && nm_song_corpus_open(&corpus, job.corpus, &err) != NM_OK)
    exit_code = nm_message_fail_input(&err);
  if (exit_code == 0 && train(&job, &corpus, &err) != NM_OK) exit_code = nm_message_fail_input(&err);
  nm_song_corpus_close(&corpus);
  nm_train_job_close(&job);
  return exit_code;
}
