// SPDX-License-Identifier: GPL-3.0-or-later
// What the parts of `neume bench song` share.
#ifndef NM_COMMANDS_BENCH_SONG_H
#define NM_COMMANDS_BENCH_SONG_H

#include "app/commands/bench_song_table.h"
#include "dsp/base/rng.h"
#include "models/song/inference.h"

// A song of the corpus, ready to be measured against.
typedef struct {
  const NmLyricToken *words; // [n_words]
  const NmNoteToken *melody; // [n_notes]
  NmMetricsNote *notes;      // [n_notes] normalised
  NmSongFrame frame;
  int32_t n_words, n_notes;
} NmBenchSong;

typedef struct {
  NmBenchSong *songs;
  int32_t n;
} NmBenchSongs;

typedef struct {
  NmBenchSongs train, held;
  int32_t n_candidates; // drawn for each song
  double temperature, nucleus;
  uint64_t seed;
} NmBenchSongRun;

// Syllables whose notes were found, of so many.
typedef struct {
  double n_right, n;
} NmBenchLinks;

// The notes of a melody in the measures' own terms, normalised. notes [n].
void nm_bench_song_measure(const NmNoteToken *melody, int32_t n, NmMetricsNote *notes);

// Of n candidates the one of least risk (consensus.h) for `row_best`, the first for `row_first`; what they
// are held against is `song`. Each may be NULL.
NmStatus nm_bench_song_add(const NmBenchSong *song, const NmMetricsNote *const *candidates,
                           const int32_t *n_notes, int32_t n, NmBenchRow *row_first, NmBenchRow *row_best,
                           NmArena *arena) NM_NODISCARD;

// The rows that need no model: the songs themselves, notes of the training split drawn one by one, another
// song's melody, and of many such the one of least risk. Prints them.
NmStatus nm_bench_song_naive(const NmBenchSongRun *run, NmError *err) NM_NODISCARD;

// The rows of the model in the file `path`: one draw, and of many the one of least risk. Prints them, and
// after the table what it was in doubt about (perplexities).
NmStatus nm_bench_song_model(const NmBenchSongRun *run, const char *name, const char *path, NmPool *pool,
                             NmError *err) NM_NODISCARD;

// Adds what dynamic programming finds, line by line, in the attention of notes to syllables, weights
// [n_notes, n_words], against the melody's ties. A melody that does not come to the last syllable is left
// out. NM_ERR_NO_MEMORY.
NmStatus nm_bench_song_align(const float *weights, const NmNoteToken *melody, int32_t n_notes,
                             const NmLyricToken *words, int32_t n_words, NmArena *arena,
                             NmBenchLinks *links) NM_NODISCARD;

// Prints how long that takes for a long line.
NmStatus nm_bench_song_lattice(NmError *err) NM_NODISCARD;

// Prints how long the model takes for a song of 16 lines on one thread, and how much memory it needs.
NmStatus nm_bench_song_speed(const char *name, const char *path, NmError *err) NM_NODISCARD;

#endif
