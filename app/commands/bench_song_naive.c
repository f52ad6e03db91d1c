// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of `neume bench song` that need no model: what the measures give to melodies that know nothing of
// the words.
#include <string.h>

#include "app/commands/bench_song.h"

typedef struct {
  const NmBenchSongRun *run;
  NmRng rng;
  NmArena arena; // of one song
} Naive;

static const NmBenchSong *pick_song(Naive *n)
{
  return &n->run->train.songs[nm_rng_below(&n->rng, (uint64_t)n->run->train.n)];
}

// Another song's notes, from its beginning and over again, as many as are wanted.
static void take_other(Naive *naive, NmMetricsNote *notes, int32_t n)
{
  const NmBenchSong *other = pick_song(naive);
  for (int32_t i = 0; i < n; ++i) notes[i] = other->notes[i % other->n_notes];
}

// Pitches and times, each from anywhere.
static void take_single(Naive *naive, NmMetricsNote *notes, int32_t n)
{
  for (int32_t i = 0; i < n; ++i) {
    const NmBenchSong *a = pick_song(naive), *b = pick_song(naive);
    notes[i] = b->notes[nm_rng_below(&naive->rng, (uint64_t)b->n_notes)];
    notes[i].pitch = a->notes[nm_rng_below(&naive->rng, (uint64_t)a->n_notes)].pitch;
  }
}

// `n` melodies for the words of `song`, taken by `take`.
static NmStatus add(Naive *naive, const NmBenchSong *song, int32_t n,
                    void (*take)(Naive *naive, NmMetricsNote *notes, int32_t n), NmBenchRow *first,
                    NmBenchRow *best)
{
  NmArena *arena = &naive->arena;
  nm_arena_reset(arena);
  const NmMetricsNote **candidates = nm_arena_calloc(arena, (size_t)n, sizeof *candidates);
  int32_t *n_notes = nm_arena_calloc(arena, (size_t)n, sizeof *n_notes);
  if (!candidates || !n_notes) return NM_ERR_NO_MEMORY;
  for (int32_t i = 0; i < n; ++i) {
    NmMetricsNote *notes = nm_arena_calloc(arena, (size_t)song->n_notes + 1, sizeof *notes);
    if (!notes) return NM_ERR_NO_MEMORY;
    take(naive, notes, song->n_notes);
    nm_metrics_normalise(notes, song->n_notes);
    candidates[i] = notes;
    n_notes[i] = song->n_notes;
  }
  return nm_bench_song_add(song, candidates, n_notes, n, first, best, arena);
}

NmStatus nm_bench_song_naive(const NmBenchSongRun *run, NmError *err)
{
  Naive naive = {.run = run};
  NmBenchRow itself = {.name = "the songs themselves"}, single = {.name = "notes drawn one by one"},
             other = {.name = "another song's melody"}, least = {.name = "others, least risk"};
  NmStatus status = NM_OK;
  nm_arena_init(&naive.arena, 1 << 20);
  nm_rng_init(&naive.rng, run->seed);
  for (int32_t i = 0; i < run->held.n && status == NM_OK; ++i) {
    const NmBenchSong *song = &run->held.songs[i];
    const NmMetricsNote *own = song->notes;
    nm_arena_reset(&naive.arena);
    status = nm_bench_song_add(song, &own, &song->n_notes, 1, &itself, NULL, &naive.arena);
    if (status == NM_OK) status = add(&naive, song, 1, take_single, &single, NULL);
    if (status == NM_OK) status = add(&naive, song, run->n_candidates, take_other, &other, &least);
  }
  nm_arena_fini(&naive.arena);
  if (status != NM_OK) return nm_error_set(err, status, "out of memory");
  nm_bench_row_print(&itself);
  nm_bench_row_print(&single);
  nm_bench_row_print(&other);
  nm_bench_row_print(&least);
  return NM_OK;
}
