// SPDX-License-Identifier: GPL-3.0-or-later
// `neume train g2p`: trains the spelling of unknown words on the compiled lexicon (given as the corpus).
#include <stdlib.h>

#include "app/commands/train_tasks.h"
#include "models/text/g2p_train.h"

typedef struct {
  int64_t n_steps, n_warm, every, n_valid;
  double rate;
  NmG2pTraining training;
} Plan;

static void read_network(NmRecipe *r, NmG2pConfig *c)
{
  *c = nm_g2p_defaults();
  c->n_channels = (int32_t)nm_recipe_get_integer(r, "channels", c->n_channels, 8, 1024);
  c->n_blocks = (int32_t)nm_recipe_get_integer(r, "blocks", c->n_blocks, 1, NM_G2P_BETWEEN_MAX);
  c->n_heads = (int32_t)nm_recipe_get_integer(r, "heads", c->n_heads, 1, 64);
  c->n_inner = (int32_t)nm_recipe_get_integer(r, "inner", c->n_inner, 8, 4096);
  c->len_kernel = (int32_t)nm_recipe_get_integer(r, "kernel", c->len_kernel, 1, 15);
  c->n_up = (int32_t)nm_recipe_get_integer(r, "frames_per_letter", c->n_up, 1, 4);
  c->reach = (int32_t)nm_recipe_get_integer(r, "reach", c->reach, 1, 64);
  c->n_steps = (int32_t)nm_recipe_get_integer(r, "condition_every", c->n_steps, 1, NM_G2P_BETWEEN_MAX);
}

static NmStatus read_plan(NmRecipe *r, Plan *p, NmError *err)
{
  NmG2pTraining *t = &p->training;
  *p = (Plan){.n_steps = nm_recipe_get_integer(r, "steps", 8000, 1, 10000000),
              .n_warm = nm_recipe_get_integer(r, "warm_up", 400, 1, 1000000),
              .every = nm_recipe_get_integer(r, "report_every", 500, 1, 1000000),
              .n_valid = nm_recipe_get_integer(r, "report_words", 1000, 1, 1000000),
              .rate = nm_recipe_get_number(r, "rate", 2e-3, 0, 1)};
  read_network(r, &t->config);
  t->n_batch = (int32_t)nm_recipe_get_integer(r, "batch", 256, 1, 1024);
  t->dropout = nm_recipe_get_number(r, "dropout", .05, 0, .9);
  t->weight_decay = nm_recipe_get_number(r, "weight_decay", .01, 0, 1);
  t->average = nm_recipe_get_number(r, "average", .999, 0, 1);
  t->weight_between = nm_recipe_get_number(r, "share_between", .3, 0, .9);
  t->seed = (uint64_t)nm_recipe_get_integer(r, "seed", 1, 0, INT32_MAX);
  return nm_recipe_check(r, err);
}

static NmStatus report(const NmTrainJob *job, const Plan *p, NmG2pTrainer *trainer, int64_t step, double loss,
                       FILE *log, NmError *err)
{
  NmG2pScore s;
  const NmStatus status = nm_g2p_trainer_validate(trainer, NM_G2P_VALID, (int32_t)p->n_valid, &s, err);
  if (status != NM_OK) return status;
  nm_train_job_say(
      job, step, p->n_steps,
      "loss %.4f; validation: phones %.2f %% (with stress %.2f %%), words %.2f %% (%.2f %%) wrong", loss,
      100 * s.phones, 100 * s.phones_stressed, 100 * s.words, 100 * s.words_stressed);
  if (log)
    fprintf(log, "%lld\t%.5f\t%.5f\t%.5f\t%.5f\t%.5f\n", (long long)step, loss, s.phones, s.phones_stressed,
            s.words, s.words_stressed);
  return NM_OK;
}

static NmStatus run(const NmTrainJob *job, const Plan *p, NmG2pTrainer *trainer, FILE *log, NmError *err)
{
  NmParams *params = nm_g2p_trainer_get_params(trainer);
  double sum = 0, loss = 0;
  for (int64_t step = nm_params_get_step(params); step < p->n_steps && !nm_train_job_is_over(job); ++step) {
    NmStatus status =
        nm_g2p_trainer_step(trainer, step, nm_train_rate(step, p->n_steps, p->n_warm, p->rate), &loss, err);
    if (status != NM_OK) return status;
    sum += loss;
    if ((step + 1) % p->every) continue;
    status = report(job, p, trainer, step + 1, sum / (double)p->every, log, err);
    if (status != NM_OK) return status;
    sum = 0;
  }
  return job->checkpoint ? nm_params_save_checkpoint(params, job->checkpoint, NULL, err) : NM_OK;
}

// The weights, and the one measurement on the tenth that was never seen.
static NmStatus finish(const NmTrainJob *job, const Plan *p, NmG2pTrainer *trainer, NmError *err)
{
  NmG2pScore s;
  NmStatus status = nm_g2p_trainer_validate(trainer, NM_G2P_TEST, INT32_MAX, &s, err);
  if (status != NM_OK) return status;
  nm_train_job_say(
      job, p->n_steps, p->n_steps,
      "held-out tenth, %d words: phones %.2f %% (with stress %.2f %%), words %.2f %% (%.2f %%) wrong",
      (int)s.n_words, 100 * s.phones, 100 * s.phones_stressed, 100 * s.words, 100 * s.words_stressed);
  return nm_train_job_save(job, nm_g2p_trainer_get_params(trainer), NM_STORE_F16,
                           nm_g2p_trainer_describe(trainer), err);
}

static NmStatus train(const NmTrainJob *job, NmLexicon *lexicon, NmError *err)
{
  static const char columns[] = "loss\tphones\tphones_stressed\twords\twords_stressed";
  Plan p;
  FILE *log = NULL;
  NmG2pTrainer *trainer = NULL;
  NmStatus status = read_plan(job->recipe, &p, err);
  if (status != NM_OK) return status;
  p.training.lexicon = lexicon;
  trainer = nm_g2p_trainer_new(job->backend, job->pool, &p.training, err);
  if (!trainer) return err->status;
  NmParams *params = nm_g2p_trainer_get_params(trainer);
  if (job->resume) status = nm_params_load_checkpoint(params, job->resume, NULL, err);
  if (status == NM_OK && job->log &&
      !(log = nm_train_log_open(job->log, columns, nm_params_get_step(params), err)))
    status = NM_ERR_IO;
  if (status == NM_OK) status = run(job, &p, trainer, log, err);
  if (status == NM_OK) status = finish(job, &p, trainer, err);
  if (log) fclose(log);
  nm_g2p_trainer_free(trainer);
  return status;
}

int nm_train_g2p(const NmArgs *args)
{
  NmTrainJob job;
  NmError err = {0};
  NmLexicon *lexicon = NULL;
  int exit_code = nm_train_job_open(&job, args);
  if (exit_code == 0 && !(lexicon = nm_lexicon_new(job.corpus, &err)))
    exit_code = nm_message_fail_input(&err);
  if (exit_code == 0 && train(&job, lexicon, &err) != NM_OK) exit_code = nm_message_fail_input(&err);
  nm_lexicon_free(lexicon);
  nm_train_job_close(&job);
  return exit_code;
}
