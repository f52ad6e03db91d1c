// SPDX-License-Identifier: GPL-3.0-or-later
// `neume train aligner`: trains the aligner on a prepared corpus and writes the corpus's durations.tsv.
#include <stdio.h>
#include <string.h>

#include "app/commands/train_tasks.h"
#include "models/speech/aligner_trainer.h"

typedef struct {
  int64_t n_steps, n_warm, n_batch, every, seed;
  double rate;
} Plan;

static NmStatus read_plan(NmRecipe *r, Plan *plan, NmError *err)
{
  *plan = (Plan){.n_steps = nm_recipe_get_integer(r, "steps", 1000, 1, 1000000),
                 .n_warm = nm_recipe_get_integer(r, "warm_up", 100, 1, 1000000),
                 .n_batch = nm_recipe_get_integer(r, "batch", 32, 1, 256),
                 .every = nm_recipe_get_integer(r, "report_every", 100, 1, 1000000),
                 .seed = nm_recipe_get_integer(r, "seed", 1, 0, INT32_MAX),
                 .rate = nm_recipe_get_number(r, "rate", 2e-3, 0, 1)};
  return nm_recipe_check(r, err);
}

static NmStatus run(const NmTrainJob *job, const Plan *plan, NmAlignerTrainer *trainer, FILE *log,
                    NmError *err)
{
  double sum = 0, loss, held;
  for (int64_t step = 0; step < plan->n_steps && !nm_train_job_is_over(job); ++step) {
    NmStatus status = nm_aligner_trainer_step(
        trainer, step, nm_train_rate(step, plan->n_steps, plan->n_warm, plan->rate), &loss, err);
    if (status != NM_OK) return status;
    sum += loss;
    if ((step + 1) % plan->every) continue;
    if ((status = nm_aligner_trainer_validate(trainer, &held, err)) != NM_OK) return status;
    sum /= (double)plan->every;
    nm_train_job_say(job, step + 1, plan->n_steps, "loss %.4f, held out %.4f", sum, held);
    if (log) fprintf(log, "%lld\t%.5f\t%.5f\n", (long long)step + 1, sum, held);
    sum = 0;
  }
  return NM_OK;
}

static NmStatus train(const NmTrainJob *job, NmCorpus *corpus, NmError *err)
{
  Plan plan;
  int32_t n_left = 0;
  FILE *log = NULL;
  NmAlignerTrainer *trainer = NULL;
  NmStatus status = read_plan(job->recipe, &plan, err);
  if (status != NM_OK) return status;
  if (job->log && !(log = nm_train_log_open(job->log, "loss\theld_out", 0, err))) return NM_ERR_IO;
  trainer = nm_aligner_trainer_new(job->backend, job->pool, corpus, (int32_t)plan.n_batch,
                                   (uint64_t)plan.seed, err);
  status = trainer ? run(job, &plan, trainer, log, err) : err->status;
  if (status == NM_OK) status = nm_aligner_trainer_align(trainer, &n_left, err);
  if (status == NM_OK)
    status = nm_train_job_save(job, nm_aligner_trainer_get_params(trainer), NM_STORE_F32,
                               strdup("{\"model\":\"aligner\"}"), err);
  if (status == NM_OK) status = nm_corpus_save_durations(corpus, job->corpus, err);
  if (status == NM_OK && n_left)
    nm_message_warning("%d recordings are too short for their phones and stay unaligned", n_left);
  nm_aligner_trainer_free(trainer);
  if (log) fclose(log);
  return status;
}

int nm_train_aligner(const NmArgs *args)
{
  return nm_train_job_run(args, train);
}
