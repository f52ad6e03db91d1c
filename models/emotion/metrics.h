// SPDX-License-Identifier: GPL-3.0-or-later
// How good predictions are.
#ifndef NM_EMOTION_METRICS_H
#define NM_EMOTION_METRICS_H

#include <stdint.h>

// Of predictions against labels: root mean square error; Lin's concordance (1989); Pearson's correlation; and
// the share of the labels' variance explained.
typedef struct {
  double rmse, ccc, r, r2;
} NmEmotionScore;

// p and y [n, stride], their first column; n >= 1. Where something does not vary, CCC and r are 0.
NmEmotionScore nm_emotion_score(const float *p, const float *y, int64_t n, int64_t stride);

#endif
