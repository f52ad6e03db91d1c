// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/commands/backend_option.h"
#include "app/commands/train_tasks.h"
#include "app/interrupt.h"

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int nm_train_job_open(NmTrainJob *job, const NmArgs *args)
{
  NmError err = {0};
  int64_t n_threads = 0;
  *job = (NmTrainJob){.corpus = nm_args_get(args, "corpus"),
                      .out = nm_args_get(args, "output"),
                      .checkpoint = nm_args_get(args, "checkpoint"),
                      .resume = nm_args_get(args, "resume"),
                      .log = nm_args_get(args, "log"),
                      .started = now()};
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

double nm_train_job_get_seconds(const NmTrainJob *job)
{
  return now() - job->started;
}

bool nm_train_job_is_over(const NmTrainJob *job)
{
  return nm_interrupt_seen() || (job->seconds > 0 && nm_train_job_get_seconds(job) > job->seconds);
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
