// SPDX-License-Identifier: GPL-3.0-or-later
// Whole lyrics on a whole melody: sung once through, or as verses one after the other on the same notes,
// whichever costs less.
#ifndef NM_SONG_FIT_SONG_H
#define NM_SONG_FIT_SONG_H

#include "models/song/fit.h"

// One way of bringing them together.
typedef struct {
  NmSong *song; // finished: the melody's notes and maps, the lyrics' words, links; verses numbered from 1
  double cost;
  double parts[NM_N_FIT_PARTS]; // their sum is the cost
  double *line_costs;           // [song->n_lines]
} NmFitCandidate;

typedef struct {
  NmFitCandidate *candidates; // [n], the cheapest first
  int32_t n, n_verses;
} NmFitSong;

// Lyrics are cut into verses between stanzas, of equally many stanzas each. config->n_best is how many
// candidates are wanted; `n_verses` 0: as many as cost least, 1: once through, else exactly so many. Both
// songs are finished; what words the melody had are left out. NM_ERR_BAD_DATA with a sentence when it cannot
// be done, NM_ERR_NO_MEMORY. The caller ends `fitted` with nm_fit_song_fini.
NmStatus nm_fit_song(const NmSong *lyrics, const NmSong *melody, const NmFitConfig *config, int32_t n_verses,
                     NmFitSong *fitted, NmError *err) NM_NODISCARD;
void nm_fit_song_fini(NmFitSong *fitted);

#endif
