// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/movement.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "dsp/base/clones.h"
#include "dsp/mel.h"

enum { WIDTH = NM_N_MELS / NM_MOVEMENT_BANDS, LOW_END = 6, HIGH_START = 13, LAG_FIRST = 3, LAG_STEP = 3 };

// --- bands ---

// Integers in the order of the floats.
static void make_keys(const float *x, int64_t n, int32_t *keys)
{
  memcpy(keys, x, (size_t)n * sizeof *keys);
  for (int64_t i = 0; i < n; ++i) keys[i] ^= keys[i] < 0 ? INT32_MAX : 0;
}

static float read_key(int32_t key)
{
  float x;
  key ^= key < 0 ? INT32_MAX : 0;
  memcpy(&x, &key, sizeof x);
  return x;
}

NM_CLONES static int32_t count_below(const int32_t *keys, int64_t n, int32_t limit)
{
  int32_t count = 0;
#pragma omp simd reduction(+ : count)
  for (int64_t i = 0; i < n; ++i) count += keys[i] < limit;
  return count;
}

NM_CLONES static int32_t find_greatest_below(const int32_t *keys, int64_t n, int32_t limit)
{
  int32_t greatest = INT32_MIN;
#pragma omp simd reduction(max : greatest)
  for (int64_t i = 0; i < n; ++i) {
    const int32_t key = keys[i] < limit ? keys[i] : INT32_MIN;
    greatest = key > greatest ? key : greatest;
  }
  return greatest;
}

// The upper of the middle two by halving the range that it is in: counting has no branch to guess.
static float find_median(const int32_t *keys, int64_t n)
{
  int64_t low = INT32_MIN, high = INT32_MAX; // count_below(low) <= n / 2 < count_below(high + 1)
  while (low < high) {
    const int64_t middle = low + (high - low + 1) / 2;
    if (count_below(keys, n, (int32_t)middle) <= n / 2)
      low = middle;
    else
      high = middle - 1;
  }
  const int32_t upper = (int32_t)low;
  const bool is_lower_too = n % 2 || count_below(keys, n, upper) < n / 2;
  const int32_t lower = is_lower_too ? upper : find_greatest_below(keys, n, upper);
  return (read_key(lower) + read_key(upper)) / 2;
}

static void measure_spread(const float *x, int64_t n, float *skewness, float *median)
{
  int32_t keys[NM_MOVEMENT_FRAMES_MAX];
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
  make_keys(x, n, keys);
  *median = find_median(keys, n) - (float)mean;
}

// --- onsets ---

static void add_rises(const float *x, int64_t n, float *onsets)
{
  for (int64_t t = 0; t + 1 < n; ++t) onsets[t] += x[t + 1] > x[t] ? x[t + 1] - x[t] : 0;
}

NM_CLONES static float correlate(const float *x, int64_t n, int64_t lag)
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
