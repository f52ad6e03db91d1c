// SPDX-License-Identifier: GPL-3.0-or-later
// Where the mood changes: the piecewise constant curve that explains rows best for its number of pieces.
// Penalised least squares over all ways to cut, exact (PELT: Killick, Fearnhead, Eckley 2012).
#ifndef NM_EMOTION_SEGMENTS_H
#define NM_EMOTION_SEGMENTS_H

#include "models/emotion/emotion.h"

typedef struct {
  int64_t first, n;       // rows
  float valence, arousal; // their means
} NmEmotionSegment;

typedef struct {
  // A cut must lower the sum of squared errors of valence and arousal by more than this.
  double penalty;
  int64_t n_least; // rows of a segment, fewer only where there are fewer rows in all; >= 1
} NmSegmentsConfig;

// A change counts when, had it lasted ten seconds before and after, both moods would be `change` apart, and a
// mood lasts four seconds at least.
NmSegmentsConfig nm_segments_defaults(double change);

// Segments of rows [n], n >= 1, which tile them: out [n / n_least, at least 1]; *n_out of them. Of equally
// good ways the one with the earliest last cut. NM_ERR_NO_MEMORY.
NmStatus nm_segments_find(const NmEmotionRow *rows, int64_t n, const NmSegmentsConfig *config,
                          NmEmotionSegment *out, int64_t *n_out, NmError *err) NM_NODISCARD;

#endif
