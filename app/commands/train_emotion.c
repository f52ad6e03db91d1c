// SPDX-License-Identifier: GPL-3.0-or-later
// `neume train emotion`: trains the emotion network on a corpus of neume prepare emotion.
#include <stdio.h>
#include <stdlib.h>

#include "app/commands/train_tasks.h"
#include "models/emotion/trainer.h"

typedef struct {
  int64_t n_steps, n_warm, every, n_pretrain;
  double rate, rate_pretrain;
  NmEmotionTraining training;
  int32_t n_sources;
} Plan;

static void read_network(NmRecipe *r, NmEmotionConfig *c)
{
  *c = nm_emotion_config_defaults();
  c->n_members = (int32_t)nm_recipe_get_integer(r, "members", c->n_members, 1, NM_EMOTION_MEMBERS_MAX);
  c->d_model = (int32_t)nm_recipe_get_integer(r, "width", c->d_model, 8, 512);
  c->n_heads = (int32_t)nm_recipe_get_integer(r, "heads", c->n_heads, 1, 16);
  c->d_inner = (int32_t)nm_recipe_get_integer(r, "inner", c->d_inner, 8, 2048);
  c->d_local = (int32_t)nm_recipe_get_integer(r, "local", c->d_local, 8, 512);
  c->d_global = (int32_t)nm_recipe_get_integer(r, "global", c->d_global, 8, 1024);
  c->n_filters = (int32_t)nm_recipe_get_integer(r, "filters", c->n_filters, 4, 256);
  c->scales = (int32_t)nm_recipe_get_integer(r, "scales", c->scales, 0, 2);
  c->patches = (int32_t)nm_recipe_get_integer(r, "patches", c->patches, 0, 1);
  c->kernel_percent = (int32_t)nm_recipe_get_integer(r, "kernel_percent", 50, 0, 100);
  c->n_centres = c->kernel_percent > 0;
}

static NmStatus read_plan(NmRecipe *r, Plan *p, NmError *err)
{
  NmEmotionTraining *t = &p->training;
  *p = (Plan){.n_steps = nm_recipe_get_integer(r, "steps", 1500, 1, 10000000),
              .n_warm = nm_recipe_get_integer(r, "warm_up", 100, 1, 1000000),
              .every = nm_recipe_get_integer(r, "report_every", 250, 1, 1000000),
              .rate = nm_recipe_get_number(r, "rate", 1e-3, 0, 1)};
  read_network(r, &t->config);
  t->n_batch = (int32_t)nm_recipe_get_integer(r, "batch", 32, 2, 1024);
  t->n_steps = (int32_t)nm_recipe_get_integer(r, "half_seconds", 20, 1, 64);
  t->dropout = nm_recipe_get_number(r, "dropout", .3, 0, .9);
  t->weight_decay = nm_recipe_get_number(r, "weight_decay", .05, 0, 10);
  t->average = nm_recipe_get_number(r, "average", .995, 0, 1);
  t->mix = nm_recipe_get_number(r, "mix", .4, 0, 10);
  t->noise = nm_recipe_get_number(r, "noise", .3, 0, 10);
  t->blind = nm_recipe_get_number(r, "blind", 0, 0, 1);
  t->shift = nm_recipe_get_number(r, "shift", 3, 0, 20);
  t->copies = nm_recipe_get_number(r, "copies", 0, 0, 1);
  t->masked = nm_recipe_get_number(r, "masked", .3, .05, .9);
  p->n_pretrain = nm_recipe_get_integer(r, "pretrain_steps", 0, 0, 10000000);
  p->rate_pretrain = nm_recipe_get_number(r, "pretrain_rate", 1e-3, 0, 1);
  t->weight_error = nm_recipe_get_number(r, "error_weight", 1, 0, 100);
  t->weight_self = nm_recipe_get_number(r, "diagonal_weight", .1, 0, 100);
  t->weight_variance = nm_recipe_get_number(r, "variance_weight", .1, 0, 100);
  t->first_only = nm_recipe_get_integer(r, "first_corpus_only", 0, 0, 1) == 1;
  t->seed = (uint64_t)nm_recipe_get_integer(r, "seed", 1, 0, INT32_MAX);
  t->fold = (int32_t)nm_recipe_get_integer(r, "fold", -1, -1, 4);
  return nm_recipe_check(r, err);
}

// R2 of all that is averaged, and of its parts alone.
static void say(const NmTrainJob *job, const Plan *p, int64_t step, double loss, double error,
                const NmEmotionValidation *v)
{
  const NmEmotionScore *now = v->now[NM_EMOTION_ALL], *whole = v->whole[NM_EMOTION_ALL];
  char parts[2][64];
  for (int i = 0; i < 2; ++i)
    snprintf(parts[i], sizeof parts[i], "%.4f %.4f, whole %.4f %.4f", v->now[i][0].r2, v->now[i][1].r2,
             v->whole[i][0].r2, v->whole[i][1].r2);
  nm_train_job_say(
      job, step, p->n_steps,
      "loss %.4f error %.4f; held out: R2 %.4f %.4f, whole %.4f %.4f (members %s; kernel %s), CCC "
      "%.3f %.3f, RMSE %.4f %.4f",
      loss, error, now[0].r2, now[1].r2, whole[0].r2, whole[1].r2, parts[0], parts[1], now[0].ccc, now[1].ccc,
      now[0].rmse, now[1].rmse);
}

static void write_log(FILE *log, int64_t step, double loss, double error, const NmEmotionValidation *v)
{
  const NmEmotionScore *members = v->now[NM_EMOTION_MEMBERS], *all = v->now[NM_EMOTION_ALL],
                       *whole = v->whole[NM_EMOTION_ALL];
  fprintf(log, "%lld\t%.5f\t%.5f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f\n",
          (long long)step, loss, error, members[0].r2, members[1].r2, all[0].r2, all[1].r2, all[0].ccc,
          all[1].ccc, all[0].rmse, all[1].rmse, whole[0].r2, whole[1].r2);
}

static NmStatus report(const NmTrainJob *job, const Plan *p, NmEmotionTrainer *trainer, int32_t source,
                       int64_t step, double loss, double error, FILE *log, NmError *err)
{
  NmEmotionValidation v;
  const NmStatus status = nm_emotion_trainer_validate(trainer, source, &v, err);
  if (status != NM_OK) return status;
  say(job, p, step, loss, error, &v);
  if (log) write_log(log, step, loss, error, &v);
  return NM_OK;
}

static NmStatus run(const NmTrainJob *job, const Plan *p, NmEmotionTrainer *trainer, FILE *log, NmError *err)
{
  NmParams *params = nm_emotion_trainer_get_params(trainer);
  double sums[2] = {0}, loss, error;
  for (int64_t step = nm_params_get_step(params); step < p->n_steps && !nm_train_job_is_over(job); ++step) {
    const double rate = nm_train_rate(step, p->n_steps, p->n_warm, p->rate);
    NmStatus status = nm_emotion_trainer_step(trainer, step, rate, &loss, &error, err);
    if (status != NM_OK) return status;
    sums[0] += loss / (double)p->every;
    sums[1] += error / (double)p->every;
    if ((step + 1) % p->every) continue;
    for (int32_t source = 0; source < p->n_sources && status == NM_OK; ++source)
      status = report(job, p, trainer, source, step + 1, sums[0], sums[1], source ? NULL : log, err);
    if (status != NM_OK) return status;
    sums[0] = sums[1] = 0;
  }
  return job->checkpoint ? nm_params_save_checkpoint(params, job->checkpoint, NULL, err) : NM_OK;
}

static NmStatus pretrain(const NmTrainJob *job, const Plan *p, NmEmotionTrainer *trainer, NmError *err)
{
  double first = 0, last = 0;
  if (p->n_pretrain == 0 || job->resume) return NM_OK;
  const NmStatus status =
      nm_emotion_trainer_pretrain(trainer, p->n_pretrain, p->rate_pretrain, &first, &last, err);
  if (status == NM_OK)
    nm_train_job_say(job, p->n_pretrain, p->n_pretrain, "masked steps: error %.4f, at first %.4f", last,
                     first);
  return status;
}

static NmStatus train(const NmTrainJob *job, const NmEmotionCorpus *corpus, NmError *err)
{
  static const char columns[] =
      "loss\terror\tmembers_r2_v\tmembers_r2_a\tr2_v\tr2_a\tccc_v\tccc_a\trmse_v\trmse_a\t"
      "whole_r2_v\twhole_r2_a";
  Plan p;
  FILE *log = NULL;
  NmStatus status = read_plan(job->recipe, &p, err);
  if (status != NM_OK) return status;
  p.n_sources = nm_emotion_corpus_get_n_sources(corpus);
  NmEmotionTrainer *trainer = nm_emotion_trainer_new(job->backend, job->pool, &p.training, corpus, err);
  if (!trainer) return err->status;
  NmParams *params = nm_emotion_trainer_get_params(trainer);
  if (job->resume) status = nm_params_load_checkpoint(params, job->resume, NULL, err);
  if (status == NM_OK && job->log &&
      !(log = nm_train_log_open(job->log, columns, nm_params_get_step(params), err)))
    status = NM_ERR_IO;
  if (status == NM_OK) status = pretrain(job, &p, trainer, err);
  if (status == NM_OK) status = run(job, &p, trainer, log, err);
  if (status == NM_OK)
    status = nm_train_job_save(job, params, NM_STORE_F16, nm_emotion_trainer_describe(trainer), err);
  if (log) fclose(log);
  nm_emotion_trainer_free(trainer);
  return status;
}

int nm_train_emotion(const NmArgs *args)
{
  return nm_train_job_run_emotion(args, train);
}
