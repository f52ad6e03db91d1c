// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <string.h>

#include "models/emotion/features.h"
#include "models/emotion/tonal.h"

static void measure_plain(const float *rows, int64_t n, float *mean, float *deviation)
{
  double sum[NM_STEP_PLAIN] = {0}, square[NM_STEP_PLAIN] = {0};
  for (int64_t t = 0; t < n; ++t)
    for (int i = 0; i < NM_STEP_PLAIN; ++i) sum[i] += rows[t * NM_STEP + i];
  for (int i = 0; i < NM_STEP_PLAIN; ++i) sum[i] /= (double)n;
  for (int64_t t = 0; t < n; ++t)
    for (int i = 0; i < NM_STEP_PLAIN; ++i) {
      const double x = rows[t * NM_STEP + i] - sum[i];
      square[i] += x * x;
    }
  for (int i = 0; i < NM_STEP_PLAIN; ++i) {
    mean[i] = (float)sum[i];
    deviation[i] = (float)sqrt(square[i] / (double)n);
  }
}

// Returns the tonic.
static int measure_tonal(const float *rows, int64_t n, float *out)
{
  float chroma[NM_CHROMA_N] = {0};
  NmTonal tonal;
  for (int64_t t = 0; t < n; ++t)
    for (int i = 0; i < NM_CHROMA_N; ++i)
      chroma[i] += rows[t * NM_STEP + NM_STEP_PITCH_CLASSES + i] / (float)n;
  nm_tonal_measure(chroma, &tonal);
  memcpy(out, tonal.turned, sizeof tonal.turned);
  out[12] = tonal.major;
  out[13] = tonal.minor;
  out[14] = tonal.major - tonal.minor;
  memcpy(out + 15, tonal.sorted, sizeof tonal.sorted);
  memcpy(out + 27, tonal.fourier, sizeof tonal.fourier);
  return tonal.tonic;
}

static void measure_triads(const float *rows, int64_t n, int tonic, float *out)
{
  NmTriads triads;
  nm_triads_init(&triads);
  for (int64_t t = 0; t < n; ++t) nm_triads_add(&triads, rows + t * NM_STEP + NM_STEP_PITCH_CLASSES, tonic);
  nm_triads_measure(&triads, out);
}

void nm_emotion_global(const float *patches, const float *rows, int64_t n, float *out)
{
  measure_plain(rows, n, out + NM_GLOBAL_MEAN, out + NM_GLOBAL_DEVIATION);
  const int tonic = measure_tonal(rows, n, out + NM_GLOBAL_KEY);
  measure_triads(rows, n, tonic, out + NM_GLOBAL_TRIADS);
  nm_movement_measure(patches, n * NM_PATCH_TIMES, out + NM_GLOBAL_MOVEMENT);
}
