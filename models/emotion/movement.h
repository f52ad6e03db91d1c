// SPDX-License-Identifier: GPL-3.0-or-later
// How a stretch of sound is spread over time, beyond mean and deviation: skewness and median of the bands,
// and how onsets of low and of high sounds repeat.
#ifndef NM_EMOTION_MOVEMENT_H
#define NM_EMOTION_MOVEMENT_H

#include <stdint.h>

enum {
  NM_MOVEMENT_BANDS = 20, // means of four bands of the front end
  NM_MOVEMENT_LAGS = 20,  // of three frames each, from the third frame on
  NM_MOVEMENT_FRAMES_MAX = 1024,
  // The columns of what is measured, as [first, first + n).
  NM_MOVEMENT_SKEWNESS = 0,
  NM_MOVEMENT_MEDIAN = NM_MOVEMENT_BANDS,                              // less the mean
  NM_MOVEMENT_ONSETS_LOW = 2 * NM_MOVEMENT_BANDS,                      // bands below 1 kHz
  NM_MOVEMENT_ONSETS_HIGH = NM_MOVEMENT_ONSETS_LOW + NM_MOVEMENT_LAGS, // and those above 3.8 kHz
  NM_MOVEMENT = NM_MOVEMENT_ONSETS_HIGH + NM_MOVEMENT_LAGS
};

// Measures of n log-mel frames [n, NM_N_MELS], 1 <= n <= NM_MOVEMENT_FRAMES_MAX, into out [NM_MOVEMENT].
// Onsets are the mean rise of a range's bands from frame to frame; of their autocorrelation, 1 at lag 0, the
// greatest value of each three lags is taken. What does not move gives zeros.
void nm_movement_measure(const float *frames, int64_t n, float *out);

#endif
