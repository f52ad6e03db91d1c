// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/tonal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/mel.h"

#define LOWEST_HZ 60
#define HIGHEST_HZ 4000

static const double major_profile[NM_CHROMA_N] = {6.35, 2.23, 3.48, 2.33, 4.38, 4.09,
                                                  2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
static const double minor_profile[NM_CHROMA_N] = {6.33, 2.68, 3.52, 5.38, 2.6,  3.53,
                                                  2.54, 4.75, 3.98, 2.69, 3.34, 3.17};

void nm_chroma_map_fill(NmChromaMap *map)
{
  for (int k = 0; k < NM_CHROMA_N_BINS; ++k) {
    const double hz = (double)k * NM_RATE_HZ / NM_CHROMA_N_FFT;
    map->low[k] = -1;
    map->share_above[k] = 0;
    if (hz <= LOWEST_HZ || hz >= HIGHEST_HZ) continue;
    const double key = 12 * log2(hz / 440) + 69;
    map->low[k] = (int)floor(key) % NM_CHROMA_N;
    map->share_above[k] = (float)(key - floor(key));
  }
}

void nm_chroma_fold(const NmChromaMap *map, const float *spectrum, float chroma[NM_CHROMA_N])
{
  float sum = 1e-6f;
  memset(chroma, 0, NM_CHROMA_N * sizeof *chroma);
  for (int k = 0; k < NM_CHROMA_N_BINS; ++k) {
    if (map->low[k] < 0) continue;
    const float power = spectrum[2 * k] * spectrum[2 * k] + spectrum[2 * k + 1] * spectrum[2 * k + 1];
    chroma[map->low[k]] += power * (1 - map->share_above[k]);
    chroma[(map->low[k] + 1) % NM_CHROMA_N] += power * map->share_above[k];
  }
  for (int i = 0; i < NM_CHROMA_N; ++i) sum += chroma[i] = sqrtf(chroma[i]);
  for (int i = 0; i < NM_CHROMA_N; ++i) chroma[i] /= sum;
}

// To mean 0 and deviation 1; what does not vary to zeros.
static void standardise(const double *x, double *z)
{
  double mean = 0, square = 0;
  for (int i = 0; i < NM_CHROMA_N; ++i) mean += x[i] / NM_CHROMA_N;
  for (int i = 0; i < NM_CHROMA_N; ++i) square += (x[i] - mean) * (x[i] - mean) / NM_CHROMA_N;
  for (int i = 0; i < NM_CHROMA_N; ++i) z[i] = (x[i] - mean) / (sqrt(square) + 1e-6);
}

// Greatest correlation with the profile over all tonics, and that tonic.
static double correlate(const double *z, const double *profile, int *tonic)
{
  double p[NM_CHROMA_N], most = -2;
  standardise(profile, p);
  for (int k = 0; k < NM_CHROMA_N; ++k) {
    double sum = 0;
    for (int i = 0; i < NM_CHROMA_N; ++i) sum += z[(i + k) % NM_CHROMA_N] * p[i] / NM_CHROMA_N;
    if (sum <= most) continue;
    most = sum;
    *tonic = k;
  }
  return most;
}

static int by_size(const void *a, const void *b)
{
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

void nm_tonal_measure(const float chroma[NM_CHROMA_N], NmTonal *tonal)
{
  double x[NM_CHROMA_N], z[NM_CHROMA_N];
  int tonic_major = 0, tonic_minor = 0;
  for (int i = 0; i < NM_CHROMA_N; ++i) x[i] = chroma[i];
  standardise(x, z);
  tonal->major = (float)correlate(z, major_profile, &tonic_major);
  tonal->minor = (float)correlate(z, minor_profile, &tonic_minor);
  const int tonic = tonal->major >= tonal->minor ? tonic_major : tonic_minor;
  tonal->tonic = tonic;
  for (int i = 0; i < NM_CHROMA_N; ++i) tonal->turned[i] = chroma[(i + tonic) % NM_CHROMA_N];
  memcpy(tonal->sorted, chroma, sizeof tonal->sorted);
  qsort(tonal->sorted, NM_CHROMA_N, sizeof *tonal->sorted, by_size);
  for (int k = 1; k <= 6; ++k) {
    double re = 0, im = 0;
    for (int i = 0; i < NM_CHROMA_N; ++i) {
      re += x[i] * cos(2 * M_PI * i * k / NM_CHROMA_N);
      im -= x[i] * sin(2 * M_PI * i * k / NM_CHROMA_N);
    }
    tonal->fourier[k - 1] = (float)sqrt(re * re + im * im);
  }
}
