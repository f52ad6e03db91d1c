// SPDX-License-Identifier: GPL-3.0-or-later
// `neume prepare emotion DIR -o CORPUS`: music and labels to a corpus for training.
#include "app/commands/prepare_tasks.h"
#include "models/emotion/corpus.h"

int nm_prepare_emotion_task(const NmArgs *args)
{
  NmEmotionPrepared done;
  NmError err = {0};
  const char *out = nm_args_get(args, "output");
  if (args->n_operands != 1 || !out)
    return nm_message_fail(NM_EXIT_USAGE, "prepare emotion needs one folder and --output DIR");
  if (nm_emotion_prepare(args->operands[0], out, &done, &err) != NM_OK) return nm_message_fail_input(&err);
  nm_message("%lld pieces of music, %lld half seconds, %lld curves of listeners", (long long)done.n_items,
             (long long)done.n_steps, (long long)done.n_curves);
  return 0;
}
