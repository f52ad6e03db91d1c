// SPDX-License-Identifier: GPL-3.0-or-later
// The length regulator of singing: every phone of a score on its frames. Vowels begin on the beat, consonants
// lead it; what is short of room shrinks, to a frame at least.
#ifndef NM_SING_LAY_H
#define NM_SING_LAY_H

#include "models/sing/score.h"

// A phone, or a pause, which has no unit.
typedef struct {
  int32_t phone, unit; // unit -1: a pause
  int32_t i_phone;     // of the score; -1
  int32_t n_frames;    // >= 1
  int64_t start;       // frame
} NmLaidPhone;

// Phones tile the frames from 0 on; in the score's arena.
typedef struct {
  NmLaidPhone *phones; // [n]
  int64_t *anchors;    // [n_units] the frame in which each unit's first vowel begins
  int32_t n;
  int64_t n_frames;
  int32_t n_late, n_too_late;
  double late_s_max;
} NmLaid;

// Lays a score whose durations are predicted.
NmStatus nm_laid_init(NmLaid *laid, NmSungScore *score, const NmSingStyle *style, NmError *err) NM_NODISCARD;

#endif
