// SPDX-License-Identifier: GPL-3.0-or-later
// The inside of accompaniments: what a player plays in a bar.
#ifndef NM_HARMONY_FIGURES_H
#define NM_HARMONY_FIGURES_H

#include "models/harmony/band.h"
#include "models/harmony/grid.h"
#include "models/harmony/performance.h"
#include "models/harmony/voicing.h"

// A player at work.
typedef struct {
  const NmPlayer *player;
  const NmGrid *grid;
  const NmHarmony *harmony;
  int64_t scale; // ticks of the grid to one of the harmony
  NmBandMood mood;
  uint64_t seed;
  int64_t close; // ticks: where the last chord is struck and all figures end
  int center;    // the key around which chords lie
  NmPart *part;
  NmVoicing voicing; // of the last chord
  int bass;          // the last key of the bass
  bool failed;       // memory was out
} NmFigurePlayer;

// A bar as it is to be played.
typedef struct {
  const NmGridBar *bar;
  const NmGridBeat *beats; // [n_beats]
  int n_beats;
  double force;  // 1: as loud as usual
  bool quiet;    // drums hold back
  bool opens;    // a section begins here
  bool leads_on; // the last bar of a section
} NmFigureBar;

// Adds the notes of a bar to the part, in any order, of any overlap.
void nm_figure_play(NmFigurePlayer *player, const NmFigureBar *bar);

// Adds the last chord, from player->close to `end`.
void nm_figure_close(NmFigurePlayer *player, int64_t end);

#endif
