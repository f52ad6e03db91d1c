// SPDX-License-Identifier: GPL-3.0-or-later
// `neume prepare distill CORPUS --teacher FILE -o DIR`: a corpus to learn from a teacher.
#include <limits.h>
#include <string.h>

#include "app/assets.h"
#include "app/commands/backend_option.h"
#include "app/commands/prepare_tasks.h"
#include "app/interrupt.h"
#include "models/speech/distill.h"
#include "models/speech/distill_voice.h"

static bool find_kind(const char *name, NmDistillKind *kind)
{
  static const char *const names[] = {"durations", "forced", "free"};
  for (int i = 0; name && i < 3; ++i)
    if (strcmp(name, names[i]) == 0) return *kind = (NmDistillKind)i, true;
  return !name;
}

static int read_options(const NmArgs *args, NmDistill *d, int64_t *n_threads)
{
  int64_t limit = 0, seed = 1;
  *d = (NmDistill){.path_teacher = nm_args_get(args, "teacher"),
                   .out = nm_args_get(args, "output"),
                   .kind = NM_DISTILL_FREE,
                   .noise = nm_args_has(args, "noise")};
  if (args->n_operands != 1 || !d->path_teacher == !nm_args_get(args, "voice") || !d->out)
    return nm_message_fail(
        NM_EXIT_USAGE, "prepare distill needs one corpus, --teacher FILE or --voice FILE, and --output DIR");
  if (!find_kind(nm_args_get(args, "take"), &d->kind))
    return nm_message_fail(NM_EXIT_USAGE, "--take is durations, forced or free, not %s",
                           nm_args_get(args, "take"));
  if (!nm_args_get_integer(args, "threads", 0, 64, n_threads) ||
      !nm_args_get_integer(args, "limit", 0, INT_MAX, &limit) ||
      !nm_args_get_integer(args, "seed", 0, INT_MAX, &seed))
    return NM_EXIT_USAGE;
  if (!(d->backend = nm_backend_option_get(args))) return NM_EXIT_USAGE;
  d->limit = (int32_t)limit;
  d->seed = (uint64_t)seed;
  return 0;
}

static void report(const NmDistill *d, const NmDistilled *done)
{
  nm_message(
      "%lld recordings taught, %lld frames, focus rate %.3f, along the path %.3f; %lld kept, %lld left out",
      (long long)done->n_taught, (long long)done->n_frames, done->focus, done->path, (long long)done->n_kept,
      (long long)done->n_left_out);
  if (d->kind != NM_DISTILL_FREE)
    nm_message("durations are %.1f ms from the aligner's, on average", done->duration_ms);
}

// The corpus with what a voice says.
static NmStatus distill_voice(const NmArgs *args, const NmDistill *d, NmError *err)
{
  char vocoder[PATH_MAX];
  NmDistilledVoice done;
  const char *speaker = nm_args_get(args, "speaker");
  NmStatus status = nm_assets_find("vocoder.safetensors", vocoder, err);
  if (status != NM_OK) return status;
  const NmDistillVoice options = {.corpus = d->corpus,
                                  .path_acoustic = nm_args_get(args, "voice"),
                                  .path_vocoder = vocoder,
                                  .speaker = speaker ? speaker : d->corpus->speakers[0],
                                  .out = d->out,
                                  .pool = d->pool,
                                  .limit = d->limit,
                                  .cancel = d->cancel};
  status = nm_distill_voice(&options, &done, err);
  if (status == NM_OK)
    nm_message("%lld sentences taught, %lld frames; %lld items kept", (long long)done.n_taught,
               (long long)done.n_frames, (long long)done.n_kept);
  return status;
}

static NmStatus distill(const NmDistill *d, NmError *err)
{
  NmDistilled done;
  const NmStatus status = nm_distill(d, &done, err);
  if (status == NM_OK) report(d, &done);
  return status;
}

int nm_prepare_distill_task(const NmArgs *args)
{
  NmDistill d;
  NmCorpus corpus = {0};
  NmError err = {0};
  int64_t n_threads = 0;
  int exit_code = read_options(args, &d, &n_threads);
  if (exit_code) return exit_code;
  d.cancel = nm_interrupt_get_flag();
  d.pool = nm_pool_new((int)n_threads);
  NmStatus status = nm_corpus_open(&corpus, args->operands[0], &err);
  d.corpus = &corpus;
  if (status == NM_OK) status = d.path_teacher ? distill(&d, &err) : distill_voice(args, &d, &err);
  if (status != NM_OK) exit_code = nm_message_fail_input(&err);
  if (corpus.items) nm_corpus_close(&corpus);
  nm_pool_free(d.pool);
  return exit_code;
}
