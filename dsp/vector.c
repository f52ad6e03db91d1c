// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/vector.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&     \
    !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

static inline uint32_t bits_of(float x)
{
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float float_of(uint32_t bits)
{
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// x = 2^e m with m in [sqrt(1/2), sqrt 2); ln m = 2 atanh((m - 1) / (m + 1)) as an odd series.
static inline float log_of(float x)
{
  const uint32_t shifted = bits_of(x) - 0x3f3504f3u;
  const float e = (float)((int32_t)shifted >> 23);
  const float m = float_of((shifted & 0x007fffffu) + 0x3f3504f3u);
  const float s = (m - 1) / (m + 1), z = s * s;
  const float series =
      z * (0.66666667f + z * (0.4f + z * (0.28571430f + z * (0.22222222f + z * 0.18181818f))));
  return e * 0.69314575f + (2 * s + (s * series + e * 1.4286068e-6f));
}

// x = k ln 2 + r with |r| <= ln(2) / 2; exp r by its Taylor series.
static inline float exp_of(float x)
{
  const float shifted = x * 1.44269504f + 12582912.0f; // 1.5 * 2^23: the low bits hold the rounded k
  const float k = shifted - 12582912.0f;
  const float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  const float p =
      1 + r * (1 + r * (0.5f + r * (0.16666667f +
                                    r * (0.041666667f +
                                         r * (8.3333333e-3f + r * (1.3888889e-3f + r * 1.9841270e-4f))))));
  return p * float_of((bits_of(shifted) + 127u) << 23);
}

CLONES void nm_vector_log(const float *x, float *y, int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] = log_of(x[i]);
}

CLONES void nm_vector_exp(const float *x, float *y, int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] = exp_of(x[i]);
}

enum { N_LANES = 8 };

CLONES float nm_vector_dot(const float *a, const float *b, int64_t n)
{
  float sums[N_LANES] = {0}, rest = 0;
  int64_t i = 0;
  for (; i + N_LANES <= n; i += N_LANES)
#pragma omp simd
    for (int j = 0; j < N_LANES; ++j) sums[j] += a[i + j] * b[i + j];
  for (; i < n; ++i) rest += a[i] * b[i];
  for (int width = N_LANES / 2; width > 0; width /= 2)
    for (int j = 0; j < width; ++j) sums[j] += sums[j + width];
  return sums[0] + rest;
}
