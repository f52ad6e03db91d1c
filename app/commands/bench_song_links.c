// SPDX-License-Identifier: GPL-3.0-or-later
// Which syllable is sung on which notes, read from a model's attention by dynamic programming
// (models/align/lattice.h), against what is known.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands/bench_song.h"
#include "dsp/base/clock.h"
#include "models/align/lattice.h"

enum { N_SPEED = 200, N_RUNS = 11 };

// One line of a song: its syllables, its notes.
typedef struct {
  int32_t word_first, n_words, note_first, n_notes;
} Line;

static NmStatus run_lattice(const float *attention, int32_t M, int32_t L, int32_t *first, int32_t *n,
                            NmArena *arena)
{
  NmLattice lattice;
  NmLatticeAttention sums;
  double score;
  int32_t n_found;
  void *memory = nm_arena_alloc(arena, nm_lattice_size_attention(M, L));
  if (!memory) return NM_ERR_NO_MEMORY;
  nm_lattice_set_attention(&lattice, &sums, attention, M, L, memory);
  void *work = nm_arena_alloc(arena, nm_lattice_size_work(&lattice));
  return work ? nm_lattice_run(&lattice, work, first, n, &score, &n_found) : NM_ERR_NO_MEMORY;
}

static NmStatus align_line(const float *weights, int32_t n_words, const Line *line, NmArena *arena,
                           int32_t *first, int32_t *n)
{
  const size_t M = (size_t)line->n_notes, L = (size_t)line->n_words;
  float *attention = nm_arena_calloc(arena, M * L, sizeof *attention);
  if (!attention) return NM_ERR_NO_MEMORY;
  for (size_t i = 0; i < M; ++i)
    memcpy(attention + i * L, weights + ((size_t)line->note_first + i) * (size_t)n_words + line->word_first,
           L * sizeof *attention);
  const NmStatus status = run_lattice(attention, line->n_notes, line->n_words, first, n, arena);
  for (size_t j = 0; j < L && status == NM_OK; ++j) first[j] += line->note_first;
  return status;
}

// First note and notes of each syllable by the ties; false when the melody does not go on to the last one.
static bool find_known(const NmNoteToken *melody, int32_t n_notes, int32_t n_words, int32_t *first,
                       int32_t *n)
{
  int32_t word = 0;
  for (int32_t i = 0; i < n_notes && word < n_words; ++i) {
    if (n[word]++ == 0) first[word] = i;
    word += melody[i].tie != NM_TIE_YES;
  }
  return word == n_words;
}

static Line find_line(const NmSongPlace *places, int32_t n_words, int32_t word, const int32_t *first,
                      const int32_t *n)
{
  Line line = {.word_first = word, .note_first = first[word]};
  for (; word < n_words && places[word].line == places[line.word_first].line; ++word) {
    ++line.n_words;
    line.n_notes += n[word];
  }
  return line;
}

NmStatus nm_bench_song_align(const float *weights, const NmNoteToken *melody, int32_t n_notes,
                             const NmLyricToken *words, int32_t n_words, NmArena *arena, NmBenchLinks *links)
{
  const size_t n = (size_t)n_words;
  NmSongPlace *places = nm_arena_calloc(arena, n, sizeof *places);
  int32_t *known = nm_arena_calloc(arena, 4 * n, sizeof *known);
  if (!places || !known) return NM_ERR_NO_MEMORY;
  int32_t *n_known = known + n, *found = n_known + n, *n_found = found + n;
  if (!find_known(melody, n_notes, n_words, known, n_known)) return NM_OK;
  nm_lyric_places(words, n_words, places);
  NmStatus status = NM_OK;
  for (int32_t word = 0; word < n_words && status == NM_OK;) {
    const Line line = find_line(places, n_words, word, known, n_known);
    status = align_line(weights, n_words, &line, arena, found + word, n_found + word);
    word += line.n_words;
  }
  if (status != NM_OK) return status;
  links->n_right += nm_metrics_rate_links(known, n_known, found, n_found, n_words) * n_words;
  links->n += n_words;
  return NM_OK;
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

NmStatus nm_bench_song_lattice(NmError *err)
{
  static float attention[N_SPEED * N_SPEED];
  int32_t first[N_SPEED], n[N_SPEED];
  double seconds[N_RUNS];
  NmRng rng;
  NmArena arena;
  NmStatus status = NM_OK;
  nm_rng_init(&rng, 1);
  nm_arena_init(&arena, 1 << 22);
  for (int i = 0; i < N_SPEED * N_SPEED; ++i) attention[i] = (float)nm_rng_uniform(&rng);
  for (int i = 0; i < N_RUNS && status == NM_OK; ++i) {
    nm_arena_reset(&arena);
    const double start = nm_clock_now();
    status = run_lattice(attention, N_SPEED, N_SPEED, first, n, &arena);
    seconds[i] = nm_clock_now() - start;
  }
  nm_arena_fini(&arena);
  if (status != NM_OK) return nm_error_set(err, status, "the alignment failed");
  qsort(seconds, N_RUNS, sizeof *seconds, by_size);
  printf("  %d notes and %d syllables aligned in %.2f ms\n", N_SPEED, N_SPEED, 1e3 * seconds[N_RUNS / 2]);
  return NM_OK;
}
