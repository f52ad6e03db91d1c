// SPDX-License-Identifier: GPL-3.0-or-later
// `neume prepare speech DIR... -o CORPUS`: recordings to a corpus for training.
#include <limits.h>
#include <stdlib.h>

#include "app/assets.h"
#include "app/commands/prepare_tasks.h"
#include "models/speech/prepare.h"

enum { VOICES_ONLY_MAX = 64 };

// "1.25,1.5" into the factors; false for anything else.
static bool read_raises(const char *list, NmPrepare *p)
{
  for (char *end; list && *list; list = *end ? end + 1 : end) {
    const float raise = strtof(list, &end);
    if (end == list || (*end && *end != ',') || !(raise > 1 && raise <= 4) ||
        p->n_raises == NM_PREPARE_RAISES_MAX)
      return false;
    p->raises[p->n_raises++] = raise;
  }
  return true;
}

static int read_options(const NmArgs *args, NmPrepare *p, const char **voices_only, int64_t *n_threads)
{
  int64_t limit = 0, every = 2;
  p->out = nm_args_get(args, "output");
  p->dirs = (const char *const *)args->operands;
  p->n_dirs = args->n_operands;
  p->path_heldout = nm_args_get(args, "heldout");
  p->path_quality = nm_args_get(args, "quality");
  p->path_durations = nm_args_get(args, "durations");
  p->speaker_durations = nm_args_get(args, "durations-speaker");
  p->floor_hz = 75;
  p->ceiling_hz = 500;
  while (p->n_voices_only < VOICES_ONLY_MAX && nm_args_get_nth(args, "voice-only", p->n_voices_only)) {
    voices_only[p->n_voices_only] = nm_args_get_nth(args, "voice-only", p->n_voices_only);
    ++p->n_voices_only;
  }
  p->voices_only = voices_only;
  if (!p->out || p->n_dirs + p->n_voices_only == 0)
    return nm_message_fail(NM_EXIT_USAGE, "prepare speech needs at least one folder and --output DIR");
  if (p->path_durations && !p->speaker_durations)
    return nm_message_fail(NM_EXIT_USAGE, "--durations needs --durations-speaker NAME");
  if (!read_raises(nm_args_get(args, "raise"), p))
    return nm_message_fail(NM_EXIT_USAGE, "--raise takes up to %d factors between 1 and 4, such as 1.25,1.5",
                           NM_PREPARE_RAISES_MAX);
  if (!nm_args_get_integer(args, "threads", 0, 64, n_threads) ||
      !nm_args_get_integer(args, "limit", 0, INT_MAX, &limit) ||
      !nm_args_get_integer(args, "raise-every", 1, INT_MAX, &every) ||
      !nm_args_get_number(args, "floor", 30, 1000, &p->floor_hz) ||
      !nm_args_get_number(args, "ceiling", 60, 2000, &p->ceiling_hz))
    return NM_EXIT_USAGE;
  p->limit = (int32_t)limit;
  p->raise_every = (int32_t)every;
  return 0;
}

int nm_prepare_speech_task(const NmArgs *args)
{
  char lexicon[PATH_MAX];
  const char *voices_only[VOICES_ONLY_MAX];
  NmPrepare p = {0};
  NmPrepared done;
  NmError err = {0};
  int64_t n_threads = 0;
  int exit_code = read_options(args, &p, voices_only, &n_threads);
  if (exit_code) return exit_code;
  if (nm_assets_find("english.lexicon", lexicon, &err) != NM_OK ||
      !(p.text = nm_text_new(lexicon, NULL, &err)))
    return nm_message_fail_input(&err);
  p.pool = nm_pool_new((int)n_threads);
  if (nm_prepare_speech(&p, &done, &err) != NM_OK)
    exit_code = nm_message_fail_input(&err);
  else
    nm_message("%lld recordings and copies, %lld text-only, %lld frames; %lld left out",
               (long long)(done.n_items - done.n_text_only), (long long)done.n_text_only,
               (long long)done.n_frames, (long long)done.n_left_out);
  if (exit_code == 0 && done.n_items == 0)
    exit_code =
        nm_message_fail(NM_EXIT_INPUT, "none of the recordings could be used; warnings above say why");
  nm_pool_free(p.pool);
  nm_text_free(p.text);
  return exit_code;
}
