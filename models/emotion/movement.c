// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/movement.h"

#include <math.h>

#include "dsp/mel.h"

enum { WIDTH = NM_N_MELS / NM_MOVEMENT_BANDS, LOW_END = 6, HIGH_START = 13, LAG_FIRST = 3, LAG_STEP = 3 };

// --- bands ---

static void swap(float *a, float *b)
{
  const float kept = *a;
  *a = *b;
  *b = kept;
}

// The k-th smallest of x [n], which is reordered: none below k is greater (Hoare 1961).
static float select(float *x, int64_t n, int64_t k)
{
  int64_t low = 0, high = n - 1;
  while (low < high) {
    const float pivot = x[low + (high - low) / 2];
    int64_t i = low, j = high;
    while (i <= j) {
      while (x[i] < pivot) ++i;
      while (x[j] > pivot) --j;
      if (i > j) break;
      swap(&x[i++], &x[j--]);
    }
    if (k <= j)
      high = j;
    else if (k >= i)
      low = i;
    else
      break;
  }
  return x[k];
}

static float find_median(float *x, int64_t n)
{
  const float upper = select(x, n, n / 2);
  if (n % 2) return upper;
  float lower = x[0];
  for (int64_t i = 1; i < n / 2; ++i) lower = fmaxf(lower, x[i]);
  return (lower + upper) / 2;
}

// x [n] is reordered.
static void measure_spread(float *x, int64_t n, float *skewness, float *median)
{
  double mean = 0, square = 0, cube = 0;
  for (int64_t t = 0; t < n; ++t) mean += x[t];
  mean /= (double)n;
  for (int64_t t = 0; t < n; ++t) {
    const double d = x[t] - mean;
    square += d * d;
    cube += d * d * d;
  }
  const double deviation = sqrt(square / (double)n) + .05; // of what hardly moves, little is said
  *skewness = (float)(cube / (double)n / (deviation * deviation * deviation));
  *median = find_median(x, n) - (float)mean;
}

// --- onsets ---

static void add_rises(const float *x, int64_t n, float *onsets)
{
  for (int64_t t = 0; t + 1 < n; ++t) onsets[t] += fmaxf(x[t + 1] - x[t], 0);
}

static float correlate(const float *x, int64_t n, int64_t lag)
{
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t t = 0; t < n - lag; ++t) sum += x[t] * x[t + lag];
  return sum;
}

// onsets [n] are centred in place.
static void measure_onsets(float *onsets, int64_t n, float n_bands, float *out)
{
  double mean = 0;
  for (int64_t t = 0; t < n; ++t) mean += onsets[t] / (double)n;
  for (int64_t t = 0; t < n; ++t) onsets[t] = (onsets[t] - (float)mean) / n_bands;
  const float scale = 1 / (correlate(onsets, n, 0) + 1e-6f);
  for (int i = 0; i < NM_MOVEMENT_LAGS; ++i) {
    float most = -INFINITY;
    for (int k = 0; k < LAG_STEP; ++k) most = fmaxf(most, correlate(onsets, n, LAG_FIRST + i * LAG_STEP + k));
    out[i] = most * scale;
  }
}

void nm_movement_measure(const float *frames, int64_t n, float *out)
{
  float x[NM_MOVEMENT_FRAMES_MAX], low[NM_MOVEMENT_FRAMES_MAX] = {0}, high[NM_MOVEMENT_FRAMES_MAX] = {0};
  for (int b = 0; b < NM_MOVEMENT_BANDS; ++b) {
    for (int64_t t = 0; t < n; ++t) {
      const float *band = frames + t * NM_N_MELS + b * WIDTH;
      x[t] = (band[0] + band[1] + band[2] + band[3]) / WIDTH;
    }
    if (b < LOW_END) add_rises(x, n, low);
    if (b >= HIGH_START) add_rises(x, n, high);
    measure_spread(x, n, out + NM_MOVEMENT_SKEWNESS + b, out + NM_MOVEMENT_MEDIAN + b);
  }
  measure_onsets(low, n - 1, LOW_END, out + NM_MOVEMENT_ONSETS_LOW);
  measure_onsets(high, n - 1, NM_MOVEMENT_BANDS - HIGH_START, out + NM_MOVEMENT_ONSETS_HIGH);
}
