// SPDX-License-Identifier: GPL-3.0-or-later
// Elementary functions without branches, so that loops over them vectorise. In float: polynomials, relative
// error below 3e-7 (exp, log), absolute error below 2e-7 (sin, cos for |x| < 8192; tanh, sigmoid). In double:
// the C library's.
#ifndef NM_ENGINE_VMATH_H
#define NM_ENGINE_VMATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "models/engine/cpu/cpu.h"

#define NM_INLINE static inline __attribute__((always_inline))

NM_INLINE float nm_bits_to_float(int32_t bits)
{
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

NM_INLINE int32_t nm_float_to_bits(float x)
{
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

// exp: x = n ln 2 + r, |r| <= ln 2 / 2, exp r by a polynomial (Cephes). Clamped to [-87, 88].
NM_INLINE float nm_vexp_f32(float x)
{
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return (p * r * r + r + 1.0f) * nm_bits_to_float((int32_t)((uint32_t)((int32_t)n + 127) << 23));
}

// ln of a positive normal number (Cephes).
NM_INLINE float nm_vlog_f32(float x)
{
  const int32_t bits = nm_float_to_bits(x);
  const int32_t shifted = bits - 0x3f3504f3; // sqrt(1/2)
  const float e = (float)(shifted >> 23);
  const float m = nm_bits_to_float((shifted & 0x007fffff) + 0x3f3504f3) - 1.0f;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const float y = m * m * m * p - 2.12194440e-4f * e - 0.5f * m * m;
  return m + y + 0.693359375f * e;
}

NM_INLINE float nm_vsigmoid_f32(float x)
{
  return 1.0f / (1.0f + nm_vexp_f32(-x));
}

NM_INLINE float nm_vtanh_f32(float x)
{
  return 2.0f * nm_vsigmoid_f32(2.0f * x) - 1.0f;
}

// sin and cos: x = n pi / 2 + r (Cody, Waite), polynomials on |r| <= pi / 4, swapped and signed by n.
NM_INLINE void nm_vsincos_f32(float x, float *sine, float *cosine)
{
  const float n = (x * 0.636619772f + 12582912.0f) - 12582912.0f;
  const int32_t q = (int32_t)n;
  float r = x - n * 1.5703125f;
  r -= n * 4.83751297e-4f;
  r -= n * 7.54978995e-8f;
  const float z = r * r;
  const float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * r + r;
  const float c = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z -
                  0.5f * z + 1.0f;
  const float a = q & 1 ? c : s, b = q & 1 ? s : c;
  *sine = q & 2 ? -a : a;
  *cosine = (q + 1) & 2 ? -b : b;
}

#ifdef NM_REAL_IS_DOUBLE
NM_INLINE double nm_vexp(double x)
{
  return exp(x);
}
NM_INLINE double nm_vlog(double x)
{
  return log(x);
}
NM_INLINE double nm_vtanh(double x)
{
  return tanh(x);
}
NM_INLINE double nm_vsigmoid(double x)
{
  return 1 / (1 + exp(-x));
}
NM_INLINE void nm_vsincos(double x, double *s, double *c)
{
  *s = sin(x), *c = cos(x);
}
#else
NM_INLINE float nm_vexp(float x)
{
  return nm_vexp_f32(x);
}
NM_INLINE float nm_vlog(float x)
{
  return nm_vlog_f32(x);
}
NM_INLINE float nm_vtanh(float x)
{
  return nm_vtanh_f32(x);
}
NM_INLINE float nm_vsigmoid(float x)
{
  return nm_vsigmoid_f32(x);
}
NM_INLINE void nm_vsincos(float x, float *s, float *c)
{
  nm_vsincos_f32(x, s, c);
}
#endif

// Over arrays, for inference outside of graphs (unary.c); in place is fine.
void nm_cpu_exp_f32(float *y, const float *x, int64_t n);
void nm_cpu_sincos_f32(float *sine, float *cosine, const float *x, int64_t n);

#endif
