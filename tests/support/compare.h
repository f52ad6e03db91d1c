// SPDX-License-Identifier: GPL-3.0-or-later
// Comparing signals in tests.
#ifndef NM_TESTS_COMPARE_H
#define NM_TESTS_COMPARE_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>

// Signal-to-noise ratio of x [n] against the reference, in dB; 300 when they are equal. Not a number when x
// holds one, so that `snr >= limit` fails.
static inline double nm_snr_db(const float *x, const double *reference, int64_t n)
{
  double signal = 0, noise = 0;
  for (int64_t i = 0; i < n; ++i) {
    signal += reference[i] * reference[i];
    noise += (x[i] - reference[i]) * (x[i] - reference[i]);
  }
  return noise == 0 ? 300 : 10 * log10(signal / noise);
}

// As nm_snr_db, against floats.
static inline double nm_snr_f32_db(const float *x, const float *reference, int64_t n)
{
  double signal = 0, noise = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double d = (double)x[i] - reference[i];
    signal += (double)reference[i] * reference[i];
    noise += d * d;
  }
  return noise == 0 ? 300 : 10 * log10(signal / noise);
}

// The largest difference; not a number when one of them holds one.
static inline double nm_max_difference(const float *a, const float *b, int64_t n)
{
  double max = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double d = fabs((double)a[i] - b[i]);
    if (!(d <= max)) max = d;
  }
  return max;
}

// Reads n floats from a file into x. Returns whether there were that many.
static inline int nm_read_floats(FILE *file, float *x, int64_t n)
{
  return fread(x, sizeof *x, (size_t)n, file) == (size_t)n;
}

#endif
