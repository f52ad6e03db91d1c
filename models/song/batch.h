// SPDX-License-Identifier: GPL-3.0-or-later
// Batches of songs for the four tasks, as padded host arrays.
#ifndef NM_SONG_BATCH_H
#define NM_SONG_BATCH_H

#include "dsp/base/rng.h"
#include "models/song/corpus.h"
#include "models/song/network.h"

// Masked sequence to sequence (song-level MASS): of every line a stretch is hidden from the encoder and made
// by the decoder. And the two that are wanted.
typedef enum {
  NM_TASK_MASK_LYRIC,
  NM_TASK_MASK_MELODY,
  NM_TASK_COMPOSE, // words to notes
  NM_TASK_WRITE,   // notes to words
  NM_SONG_N_TASKS
} NmSongTask;

const char *nm_song_task_name(NmSongTask task);
NmSongSide nm_song_task_from(NmSongTask task);
NmSongSide nm_song_task_to(NmSongTask task);

typedef struct {
  int32_t n_most;      // positions of a song; longer ones are cut at line ends, somewhere else each time
  double share_masked; // of a line
  double transpose;    // chance of a copy up to three semitones away, which says so
  double stretch;      // chance of twice or half the note values, with the meter
  double hide_style;   // chance that the style is not told
} NmSongBatchOptions;

// For validation: whole songs up to 512 positions, half of a line masked, nothing changed.
NmSongBatchOptions nm_song_batch_options_plain(void);

// On an arena that is reset for each batch. S and T are the most source and target positions.
typedef struct {
  NmSongTask task;
  int32_t B, S, T;
  int32_t *syllables_in, *syllables_out; // [B, S], [B, T], NULL for melodies
  int32_t *features_in, *features_out;   // [B, S, n_features], [B, T, n_features]
  int32_t *len_in, *len_out;             // [B]
  int32_t *segment_in, *segment_out;     // [B, S], [B, T]; -1 and -2 in the padding
  int32_t *choices[NM_SONG_N_CHOICES];   // [B, T]; -1: not known or padding
  int32_t *bar_places;                   // [B, T] where the notes begin, -1 for lyrics
  float *alignment;                      // [B, T, S] rows of sum 1, or 0 in the padding; NULL when masked
  int32_t n_positions;                   // targets in all
  int32_t n_choices[NM_SONG_N_CHOICES];  // of them known
} NmSongBatch;

// Items `which` [B] of the corpus, of those sides that the task needs. What is cut, hidden and changed
// follows from `rng`. NM_ERR_NO_MEMORY.
NmStatus nm_song_batch_fill(NmSongBatch *batch, NmArena *arena, const NmSongItem *const *items, int32_t B,
                            NmSongTask task, const NmSongBatchOptions *options, NmRng *rng) NM_NODISCARD;

#endif
