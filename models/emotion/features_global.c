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

static void measure_tonal(const float *rows, int64_t n, float *out)
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
}

void nm_emotion_global(const float *rows, int64_t n, float *out)
{
  measure_plain(rows, n, out, out + NM_STEP_PLAIN);
  measure_tonal(rows, n, out + 2 * NM_STEP_PLAIN);
}
