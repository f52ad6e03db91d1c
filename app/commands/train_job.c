// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/commands/backend_option.h"
#include "app/commands/train_tasks.h"
#include "app/interrupt.h"

int nm_train_job_open(NmTrainJob *job, const NmArgs *args)
{
  NmError err = {0};
  int64_t n_threads = 0;
  *job = (NmTrainJob){.corpus = nm_args_get(args, "corpus"),
                      .out = nm_args_get(args, "output"),
                      .checkpoint = nm_args_get(args, "checkpoint"),
                      .resume = nm_args_get(args, "resume"),
                      .log = nm_args_get(args, "log"),
                      .started = nm_clock_now()};
  const char *recipe = nm_args_get(args, "recipe");
  if (!recipe || !job->corpus || !job->out)
    return nm_message_fail(NM_EXIT_USAGE, "training needs --recipe FILE, --corpus DIR and --output FILE");
  if (!nm_args_get_integer(args, "threads", 0, 256, &n_threads) ||
      !nm_args_get_number(args, "seconds", 0, 1e9, &job->seconds))
    return NM_EXIT_USAGE;
  if (access(job->out, F_OK) == 0 && !nm_args_has(args, "force"))
    return nm_message_fail(NM_EXIT_USAGE, "%s exists; give --force to overwrite it", job->out);
  if (!(job->backend = nm_backend_option_get(args))) return NM_EXIT_USAGE;
  if (!(job->recipe = nm_recipe_open(recipe, &err))) return nm_message_fail_input(&err);
  job->licence = nm_recipe_get_text(job->recipe, "licence", "unknown");
  job->data = nm_recipe_get_text(job->recipe, "data", "unknown");
  if (!(job->pool = nm_pool_new((int)n_threads)))
    return nm_message_fail(NM_EXIT_FAILED, "cannot start the threads");
  return 0;
}

void nm_train_job_close(NmTrainJob *job)
{
  nm_recipe_close(job->recipe);
  nm_pool_free(job->pool);
  *job = (NmTrainJob){0};
}

int nm_train_job_run(const NmArgs *args,
                     NmStatus (*train)(const NmTrainJob *job, NmCorpus *corpus, NmError *err))
{
  NmTrainJob job;
  NmCorpus corpus = {0};
  NmError err = {0};
  int exit_code = nm_train_job_open(&job, args);
  if (exit_code == 0 && nm_corpus_open(&corpus, job.corpus, &err) != NM_OK)
    exit_code = nm_message_fail_input(&err);
  if (exit_code == 0 && train(&job, &corpus, &err) != NM_OK) exit_code = nm_message_fail_input(&err);
  if (corpus.items) nm_corpus_close(&corpus);
  nm_train_job_close(&job);
  return exit_code;
}

// All that --corpus names, one after another.
static NmStatus open_emotion_corpora(NmEmotionCorpus *corpus, const NmArgs *args, NmError *err)
{
  const char *dir = nm_args_get_nth(args, "corpus", 0);
  NmStatus status = nm_emotion_corpus_open(corpus, dir, err);
  for (int i = 1; status == NM_OK && (dir = nm_args_get_nth(args, "corpus", i)); ++i) {
    NmEmotionCorpus more;
    status = nm_emotion_corpus_open(&more, dir, err);
    if (status == NM_OK) status = nm_emotion_corpus_append(corpus, &more, err);
    nm_emotion_corpus_fini(&more);
  }
  return status;
}

int nm_train_job_run_emotion(const NmArgs *args,
                             NmStatus (*train)(const NmTrainJob *job, const NmEmotionCorpus *corpus,
                                               NmError *err))
{
  NmTrainJob job;
  NmEmotionCorpus corpus = {0};
  NmError err = {0};
  int exit_code = nm_train_job_open(&job, args);
  if (exit_code == 0 && open_emotion_corpora(&corpus, args, &err) != NM_OK)
    exit_code = nm_message_fail_input(&err);
  if (exit_code == 0 && train(&job, &corpus, &err) != NM_OK) exit_code = nm_message_fail_input(&err);
  nm_emotion_corpus_fini(&corpus);
  nm_train_job_close(&job);
  return exit_code;
}

double nm_train_job_get_seconds(const NmTrainJob *job)
{
  return nm_clock_now() - job->started;
}

bool nm_train_job_is_over(const NmTrainJob *job)
{
  return nm_interrupt_seen() || (job->seconds > 0 && nm_train_job_get_seconds(job) > job->seconds);
}

static char *add_origin(const NmTrainJob *job, const NmParams *params, const char *metadata)
{
  char *recipe = nm_recipe_print(job->recipe), steps[24];
  json_t *root = metadata ? json_loads(metadata, 0, NULL) : NULL;
  snprintf(steps, sizeof steps, "%" PRId64, nm_params_get_step(params));
  json_t *origin = json_pack("{s:s, s:s, s:s, s:s}", "licence", job->licence, "training_data", job->data,
                             "recipe", recipe, "trained_steps", steps);
  char *all = origin && !json_object_update(root, origin) ? json_dumps(root, JSON_COMPACT) : NULL;
  json_decref(origin);
  json_decref(root);
  free(recipe);
  return all;
}

NmStatus nm_train_job_save(const NmTrainJob *job, NmParams *params, NmStore store, char *metadata,
                           NmError *err)
{
  char *all = add_origin(job, params, metadata);
  const NmStatus status = all ? nm_params_save(params, job->out, store, true, all, err)
                              : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  free(all);
  free(metadata);
  return status;
}

void nm_train_job_say(const NmTrainJob *job, int64_t step, int64_t n_steps, const char *fmt, ...)
{
  char text[512];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  if (!nm_message_is_quiet())
    fprintf(stderr, "%lld/%lld %.0f s %s\n", (long long)step, (long long)n_steps,
            nm_train_job_get_seconds(job), text);
}
