// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/base/rng.h"

#include <math.h>

double nm_rng_normal(NmRng *rng)
{
  const double u = 1.0 - nm_rng_uniform(rng); // (0, 1]: the logarithm below is finite
  const double v = nm_rng_uniform(rng);
  return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

int64_t nm_rng_pick(NmRng *rng, const double *cumulated, int64_t n)
{
  const double x = nm_rng_uniform(rng) * cumulated[n - 1];
  int64_t low = 0, high = n - 1;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (cumulated[middle] > x)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

void nm_rng_shuffle_i32(NmRng *rng, int32_t *values, int64_t n)
{
  for (int64_t i = n - 1; i > 0; --i) {
    const int64_t j = (int64_t)nm_rng_below(rng, (uint64_t)i + 1);
    const int32_t t = values[i];
    values[i] = values[j];
    values[j] = t;
  }
}
