// SPDX-License-Identifier: GPL-3.0-or-later
// `neume prepare emotion DIR -o CORPUS`: music and labels to a corpus for training.
#include <stdlib.h>

#include "app/commands/prepare_tasks.h"
#include "models/emotion/corpus.h"

enum { COPIES_MAX = 8 };

static bool read_speeds(const char *list, float speeds[COPIES_MAX], int *n)
{
  for (char *end; list && *list; list = *end ? end + 1 : end) {
    const float speed = strtof(list, &end);
    if (end == list || (*end && *end != ',') || !(speed >= .5f && speed <= 2) || *n == COPIES_MAX)
      return false;
    speeds[(*n)++] = speed;
  }
  return true;
}

int nm_prepare_emotion_task(const NmArgs *args)
{
  float speeds[COPIES_MAX];
  int n_speeds = 0;
  int64_t n_threads = 0;
  NmEmotionPrepared done;
  NmError err = {0};
  const char *out = nm_args_get(args, "output");
  if (args->n_operands != 1 || !out)
    return nm_message_fail(NM_EXIT_USAGE, "prepare emotion needs one folder and --output DIR");
  if (!read_speeds(nm_args_get(args, "raise"), speeds, &n_speeds))
    return nm_message_fail(NM_EXIT_USAGE, "--raise takes up to %d factors between .5 and 2, such as .94,1.06",
                           COPIES_MAX);
  if (!nm_args_get_integer(args, "threads", 0, 64, &n_threads)) return NM_EXIT_USAGE;
  NmPool *pool = nm_pool_new((int)n_threads);
  if (!pool) return nm_message_fail(NM_EXIT_FAILED, "cannot start the threads");
  const NmStatus status = nm_emotion_prepare(pool, args->operands[0], out, speeds, n_speeds, &done, &err);
  nm_pool_free(pool);
  if (status != NM_OK) return nm_message_fail_input(&err);
  nm_message("%lld pieces of music, %lld half seconds, %lld curves of listeners", (long long)done.n_items,
             (long long)done.n_steps, (long long)done.n_curves);
  return 0;
}
