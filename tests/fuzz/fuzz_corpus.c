// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as the index of a prepared corpus, those behind the first byte 255 as its durations: refused with
// a reason, or utterances that a batch can be made of.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/speech/batch.h"

enum { N_FRAMES = 32, BATCH = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[] = "/tmp/neume-fuzz-corpus-XXXXXX";

static void check(int holds)
{
  if (!holds) abort();
}

static void write_part(const char *name, const void *bytes, size_t n)
{
  char path[64];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  FILE *file = fopen(path, "wb");
  if (!file) exit(1);
  fwrite(bytes, 1, n, file);
  fclose(file);
}

static void remove_folder(void)
{
  static const char *const names[] = {"envelope.f32", "f0.f32", "audio.s16", "index.tsv", "durations.tsv"};
  char path[64];
  for (int i = 0; i < 5; ++i) {
    snprintf(path, sizeof path, "%s/%s", dir, names[i]);
    unlink(path);
  }
  rmdir(dir);
}

static void make_folder(void)
{
  static const float envelope[N_FRAMES * NM_ACOUSTIC_N_BANDS] = {1}, f0_hz[N_FRAMES] = {100};
  static const int16_t audio[N_FRAMES * 256];
  if (!mkdtemp(dir)) exit(1);
  atexit(remove_folder);
  write_part("envelope.f32", envelope, sizeof envelope);
  write_part("f0.f32", f0_hz, sizeof f0_hz);
  write_part("audio.s16", audio, sizeof audio);
}

static void make_batch(const NmUtteranceSet *set)
{
  NmSpeechBatch batch;
  NmArena arena;
  int32_t which[BATCH];
  nm_arena_init(&arena, 1 << 16);
  for (int32_t i = 0; i < BATCH; ++i) which[i] = i % set->n;
  check(nm_speech_batch_fill(&batch, &arena, set, which, BATCH, 2) == NM_OK);
  for (int32_t i = 0; i < BATCH; ++i)
    check(batch.len[i] <= batch.K && 2 * batch.len_stacks[i] <= batch.T + 1);
  nm_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static int is_made;
  const uint8_t *cut = size ? memchr(data, 255, size) : NULL;
  const size_t n_index = cut ? (size_t)(cut - data) : size;
  NmCorpus corpus;
  NmUtteranceSet set;
  NmError err = {0};
  if (!is_made++) make_folder();
  write_part("index.tsv", data, n_index);
  write_part("durations.tsv", cut ? cut + 1 : data, cut ? size - n_index - 1 : 0);
  if (nm_corpus_open(&corpus, dir, &err) != NM_OK) {
    check(strncmp(err.message, dir, strlen(dir)) == 0);
    return 0;
  }
  if (nm_utterances_init(&set, &corpus, &err) == NM_OK) {
    if (set.n) make_batch(&set);
    nm_utterances_fini(&set);
  } else {
    check(err.message[0]);
  }
  nm_corpus_close(&corpus);
  return 0;
}
