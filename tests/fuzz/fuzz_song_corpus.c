// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as the songs of a prepared corpus, those behind the first byte 255 as its vocabulary: refused
// with a reason, or items that batches of every task can be made of.
#include <stdlib.h>
#include <string.h>

#include "models/song/batch.h"

enum { BATCH = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
  if (!holds) abort();
}

static bool is_for(const NmSongItem *item, NmSongTask task)
{
  if (task >= NM_TASK_COMPOSE) return item->n_lyrics && item->n_notes;
  return task == NM_TASK_MASK_LYRIC ? item->n_lyrics : item->n_notes;
}

static void make_batches(const NmSongCorpus *corpus, uint64_t seed)
{
  const NmSongBatchOptions options = {.n_most = 8, .share_masked = .5, .transpose = .5, .stretch = .5};
  for (int task = 0; task < NM_SONG_N_TASKS; ++task) {
    const NmSongItem *items[BATCH];
    NmSongBatch b;
    NmArena arena;
    NmRng rng = {seed};
    int32_t n = 0;
    for (int32_t i = 0; i < corpus->n_items && n < BATCH; ++i)
      if (is_for(&corpus->items[i], (NmSongTask)task)) items[n++] = &corpus->items[i];
    if (n == 0) continue;
    nm_arena_init(&arena, 1 << 16);
    check(nm_song_batch_fill(&b, &arena, items, n, (NmSongTask)task, &options, &rng) == NM_OK);
    for (int32_t i = 0; i < n; ++i)
      check(b.len_in[i] >= 1 && b.len_in[i] <= 8 && b.len_out[i] >= 1 && b.len_out[i] <= b.T);
    nm_arena_fini(&arena);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char usual[] = "la\nlove\nmoon\n";
  const uint8_t *cut = size > 20 ? memchr(data + 20, 255, size - 20) : NULL;
  const char *vocabulary = cut ? (const char *)cut + 1 : usual;
  const size_t n_songs = cut ? (size_t)(cut - data) : size;
  const size_t n_vocabulary = cut ? size - n_songs - 1 : sizeof usual - 1;
  NmSongCorpus corpus;
  NmError err = {0};
  if (nm_song_corpus_read(&corpus, data, n_songs, vocabulary, n_vocabulary, &err) != NM_OK) {
    check(err.message[0]);
    return 0;
  }
  make_batches(&corpus, size);
  nm_song_corpus_close(&corpus);
  return 0;
}
