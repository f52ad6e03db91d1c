// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/peaks.h"

#include <math.h>
#include <stdlib.h>

enum { FACTOR = 4, FIRST = 16, N_LEVELS = 16 }; // level k has a peak for every FIRST * FACTOR^k samples

struct NmPeaks {
  const float *samples;
  int64_t n;
  NmPeak *levels[N_LEVELS]; // into `values`
  int64_t n_of_level[N_LEVELS];
  int n_levels;
  NmPeak values[];
};

static NmPeak join(NmPeak a, NmPeak b)
{
  return (NmPeak){fminf(a.low, b.low), fmaxf(a.high, b.high)};
}

static NmPeak peak_of_samples(const NmPeaks *peaks, int64_t from, int64_t to)
{
  NmPeak peak = {peaks->samples[from], peaks->samples[from]};
  for (int64_t i = from + 1; i < to; i++) peak = join(peak, (NmPeak){peaks->samples[i], peaks->samples[i]});
  return peak;
}

static NmPeak peak_of_level(const NmPeak *level, int64_t from, int64_t to)
{
  NmPeak peak = level[from];
  for (int64_t i = from + 1; i < to; i++) peak = join(peak, level[i]);
  return peak;
}

static int64_t least(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

static void fill(NmPeaks *peaks)
{
  for (int64_t i = 0; i < peaks->n_of_level[0]; i++)
    peaks->levels[0][i] = peak_of_samples(peaks, i * FIRST, least((i + 1) * FIRST, peaks->n));
  for (int k = 1; k < peaks->n_levels; k++)
    for (int64_t i = 0; i < peaks->n_of_level[k]; i++)
      peaks->levels[k][i] =
          peak_of_level(peaks->levels[k - 1], i * FACTOR, least((i + 1) * FACTOR, peaks->n_of_level[k - 1]));
}

NmPeaks *nm_peaks_new(const float *samples, int64_t n)
{
  int64_t sizes[N_LEVELS] = {0}, size = (n + FIRST - 1) / FIRST, total = 0;
  int n_levels = 0;
  for (; size > 0 && n_levels<N_LEVELS; size = size> 1 ? (size + FACTOR - 1) / FACTOR : 0) {
    sizes[n_levels++] = size;
    total += size;
  }
  NmPeaks *peaks = calloc(1, sizeof *peaks + (size_t)total * sizeof(NmPeak));
  if (!peaks) return NULL;
  peaks->samples = samples;
  peaks->n = n;
  peaks->n_levels = n_levels;
  NmPeak *at = peaks->values;
  for (int k = 0; k < n_levels; at += sizes[k++]) {
    peaks->levels[k] = at;
    peaks->n_of_level[k] = sizes[k];
  }
  fill(peaks);
  return peaks;
}

void nm_peaks_free(NmPeaks *peaks)
{
  free(peaks);
}

NmPeak nm_peaks_get(const NmPeaks *peaks, int64_t from, int64_t to)
{
  if (from < 0) from = 0;
  if (to > peaks->n) to = peaks->n;
  if (from >= to) return (NmPeak){0, 0};
  if (to - from <= 4 * FIRST) return peak_of_samples(peaks, from, to);
  int level = 0;
  int64_t len = FIRST;
  for (; level + 1 < peaks->n_levels && (to - from) / (len * FACTOR) >= 32; level++) len *= FACTOR;
  return peak_of_level(peaks->levels[level], from / len,
                       least((to + len - 1) / len, peaks->n_of_level[level]));
}
