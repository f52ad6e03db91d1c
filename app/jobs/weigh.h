// SPDX-License-Identifier: GPL-3.0-or-later
// How the words of a line lie on its notes: what speaks for which syllable on which note, and the best ways
// to sing them. Two things are asked: the attention of the song model, with the dynamic programming of
// SongMASS over it; and stress, rests and lengths, as `neume align` weighs them, where a weight is how likely
// a note has a syllable among all ways (each as likely as exp(-cost)).
#ifndef NM_JOBS_WEIGH_H
#define NM_JOBS_WEIGH_H

#include "app/jobs/song_tools.h"

typedef enum { NM_WEIGHED_BY_ATTENTION, NM_WEIGHED_BY_FIT, NM_N_WEIGHINGS } NmWeighing;

enum { NM_WEIGH_WAYS_MAX = 8, NM_WEIGH_SYLLABLES_MAX = 64, NM_WEIGH_NOTES_MAX = 128 };

// note_first counts from the line's first note.
typedef struct {
  float *weights;                // [n_notes, n_syllables] 0 to 1; NULL: not to be had
  int32_t *note_first, *n_notes; // [n_ways, n_syllables] the best way first
  double scores[NM_WEIGH_WAYS_MAX];
  int32_t n_ways;
} NmWeights;

// Read directly; all in the arena.
typedef struct {
  NmArena arena;
  int32_t line, syllable_first, n_syllables, note_first, n_notes; // of the song
  NmWeights by[NM_N_WEIGHINGS];
  char trouble[512]; // why there is nothing, to be translated; empty when all is well
} NmLineWeights;

// A line of a finished song. `tools` are opened as needed; without the model there is no attention, and
// `trouble` says why. NULL when memory is out.
NmLineWeights *nm_weigh_line(NmSongTools *tools, const NmSong *song, int32_t line);
void nm_line_weights_free(NmLineWeights *weights);

#endif
