// SPDX-License-Identifier: GPL-3.0-or-later
// The time of a song as an accompanist counts it: bars, and the beats of a bar with their weight.
#ifndef NM_HARMONY_GRID_H
#define NM_HARMONY_GRID_H

#include "models/song/song.h"

enum { NM_GRID_BARS_MAX = 1 << 14, NM_GRID_BEATS_MAX = 256 };

typedef struct {
  int64_t tick, len; // shorter than its meter says when another meter begins early
  NmSongMeter meter;
  NmSongKey key; // at its beginning
  double bpm;    // quarter notes a minute, at its beginning
} NmGridBar;

typedef enum { NM_BEAT_BAR, NM_BEAT_GROUP, NM_BEAT_LAST_OF_THREE, NM_BEAT_WEAK } NmBeatWeight;

// A beat as it is felt: three eighths of 6/8, two or three of 7/8.
typedef struct {
  int64_t tick, len;
  NmBeatWeight weight;
  int n_parts; // 2 or 3: how it divides
} NmGridBeat;

// From the first full bar to the end of the bar of the last note; a pick-up is no bar.
typedef struct {
  NmGridBar *bars; // [n_bars]
  int32_t n_bars;
  int32_t n_lead; // empty bars before the first note; one that has only a pick-up at its end counts as empty
  int64_t ticks_per_beat;
} NmGrid;

// Of a finished song, with `scale` ticks to each of the song's; no bars when it has no notes.
// NM_ERR_UNSUPPORTED for more than NM_GRID_BARS_MAX, NM_ERR_NO_MEMORY. Freed by nm_grid_fini in any case.
NmStatus nm_grid_init(NmGrid *grid, const NmSong *song, int64_t scale, NmError *err) NM_NODISCARD;
void nm_grid_fini(NmGrid *grid);

// The beats of a bar, beats [NM_GRID_BEATS_MAX]; returns how many, at least 1. Those of 4/4 are grouped 2 +
// 2, of 5/4 3 + 2, of 7/8 are 2 + 2 + 3 eighths.
int nm_grid_get_beats(const NmGrid *grid, const NmGridBar *bar, NmGridBeat *beats);

// Seconds of a time span at the bar's tempo.
double nm_grid_get_seconds(const NmGrid *grid, const NmGridBar *bar, int64_t ticks);

#endif
