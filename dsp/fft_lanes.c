// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/fft_lanes.h"

#include <math.h>
#include <string.h>

#include "dsp/base/clones.h"

enum { L = NM_LANES, N = NM_LANES_N, HALF = N / 2 };

#define INLINE static inline __attribute__((always_inline))

typedef struct {
  float re, im;
} Complex;

void nm_lanes_fft_init(NmLanesFft *fft)
{
  for (int i = 0; i < N; ++i) {
    const double angle = -2 * 3.14159265358979323846 * i / N;
    fft->cosine[i] = (float)cos(angle);
    fft->sine[i] = (float)sin(angle);
  }
}

INLINE Complex add(Complex a, Complex b)
{
  return (Complex){a.re + b.re, a.im + b.im};
}

INLINE Complex sub(Complex a, Complex b)
{
  return (Complex){a.re - b.re, a.im - b.im};
}

INLINE Complex mul(Complex a, Complex w)
{
  return (Complex){a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re};
}

// Times -j.
INLINE Complex turn(Complex a)
{
  return (Complex){a.im, -a.re};
}

// Complex number n of a lane; `swapped` reads imaginary parts as real ones, which turns a transform around.
INLINE Complex get(const float *x, int n, int lane, int swapped)
{
  const float *row = x + (int64_t)n * 2 * L + lane;
  return (Complex){row[swapped * L], row[(1 - swapped) * L]};
}

INLINE void put(float *x, int n, int lane, int swapped, Complex z)
{
  float *row = x + (int64_t)n * 2 * L + lane;
  row[swapped * L] = z.re;
  row[(1 - swapped) * L] = z.im;
}

// Eight numbers `step` apart from `first` on to their transform, twiddled by w[r - 1] and put `step_to`
// apart.
INLINE void butterfly(const float *x, int first, int step, float *y, int first_to, int step_to,
                      const Complex w[7], int swapped)
{
  const float s = 0.70710678f;
#pragma omp simd
  for (int l = 0; l < L; ++l) {
    const Complex a0 = get(x, first, l, swapped), a1 = get(x, first + step, l, swapped),
                  a2 = get(x, first + 2 * step, l, swapped), a3 = get(x, first + 3 * step, l, swapped),
                  a4 = get(x, first + 4 * step, l, swapped), a5 = get(x, first + 5 * step, l, swapped),
                  a6 = get(x, first + 6 * step, l, swapped), a7 = get(x, first + 7 * step, l, swapped);
    const Complex b0 = add(a0, a4), b1 = add(a1, a5), b2 = add(a2, a6), b3 = add(a3, a7);
    const Complex c0 = sub(a0, a4), d1 = sub(a1, a5), c2 = turn(sub(a2, a6)), d3 = sub(a3, a7);
    const Complex c1 = {s * (d1.re + d1.im), s * (d1.im - d1.re)},
                  c3 = {s * (d3.im - d3.re), -s * (d3.re + d3.im)};
    const Complex e0 = add(b0, b2), e1 = sub(b0, b2), e2 = add(b1, b3), e3 = turn(sub(b1, b3));
    const Complex f0 = add(c0, c2), f1 = sub(c0, c2), f2 = add(c1, c3), f3 = turn(sub(c1, c3));
    put(y, first_to, l, swapped, add(e0, e2));
    put(y, first_to + step_to, l, swapped, mul(add(f0, f2), w[0]));
    put(y, first_to + 2 * step_to, l, swapped, mul(add(e1, e3), w[1]));
    put(y, first_to + 3 * step_to, l, swapped, mul(add(f1, f3), w[2]));
    put(y, first_to + 4 * step_to, l, swapped, mul(sub(e0, e2), w[3]));
    put(y, first_to + 5 * step_to, l, swapped, mul(sub(f0, f2), w[4]));
    put(y, first_to + 6 * step_to, l, swapped, mul(sub(e1, e3), w[5]));
    put(y, first_to + 7 * step_to, l, swapped, mul(sub(f1, f3), w[6]));
  }
}

INLINE Complex twiddle(const NmLanesFft *fft, int i)
{
  return (Complex){fft->cosine[i % N], fft->sine[i % N]};
}

// Decimation in frequency over 512 numbers of x in place, but for the last round, which puts them in order in
// y.
INLINE void transform(const NmLanesFft *fft, float *x, float *y, int swapped)
{
  static const Complex ones[7] = {{1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}};
  for (int size = HALF; size > 8; size /= 8)
    for (int j = 0; j < size / 8; ++j) {
      Complex w[7];
      for (int r = 1; r < 8; ++r) w[r - 1] = twiddle(fft, j * r * (N / size));
      for (int b = j; b < HALF; b += size) butterfly(x, b, size / 8, x, b, size / 8, w, swapped);
    }
  for (int i = 0; i < 64; ++i) butterfly(x, 8 * i, 1, y, i / 8 + i % 8 * 8, 64, ones, swapped);
}

// The spectrum of the even samples and of the odd ones, from that of z = even + j odd, and from these two
// that of all (Press et al., Numerical Recipes, section 12.3).
NM_CLONES void nm_lanes_fft_forward(const NmLanesFft *fft, float *x, float *work, float *re, float *im)
{
  transform(fft, x, work, 0);
  for (int k = 0; k <= HALF / 2; ++k) {
    const Complex w = twiddle(fft, k);
    const int back = HALF - k;
#pragma omp simd
    for (int l = 0; l < L; ++l) {
      const Complex a = get(work, k, l, 0), b = get(work, back % HALF, l, 0);
      const Complex even = {.5f * (a.re + b.re), .5f * (a.im - b.im)},
                    odd = {.5f * (a.im + b.im), .5f * (b.re - a.re)}, turned = mul(odd, w);
      re[k * L + l] = even.re + turned.re;
      im[k * L + l] = even.im + turned.im;
      re[back * L + l] = even.re - turned.re;
      im[back * L + l] = turned.im - even.im;
    }
  }
}

NM_CLONES void nm_lanes_fft_inverse(const NmLanesFft *fft, const float *re, const float *im, float *work,
                                    float *x)
{
  for (int k = 0; k <= HALF / 2; ++k) {
    const Complex w = {fft->cosine[k], -fft->sine[k]};
    const int back = HALF - k;
    const float inner = k ? 1 : 0;
#pragma omp simd
    for (int l = 0; l < L; ++l) {
      const Complex a = {re[k * L + l], inner * im[k * L + l]},
                    b = {re[back * L + l], -inner * im[back * L + l]};
      const Complex even = add(a, b), odd = mul(sub(a, b), w);
      put(work, k, l, 0, (Complex){even.re - odd.im, even.im + odd.re});
      if (k) put(work, back, l, 0, (Complex){even.re + odd.im, odd.re - even.im});
    }
  }
  transform(fft, work, x, 1);
}

typedef float Row __attribute__((vector_size(4 * L), aligned(4)));

// Exchanges the off-diagonal squares of `size` of rows i and i + size.
#define EXCHANGE(i, size, LOW, HIGH)                                                                         \
  {                                                                                                          \
    const Row upper = row[i], lower = row[(i) + size];                                                       \
    row[i] = __builtin_shufflevector(upper, lower, LOW);                                                     \
    row[(i) + size] = __builtin_shufflevector(upper, lower, HIGH);                                           \
  }

#define LOW8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define HIGH8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define LOW4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define HIGH4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LOW2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LOW1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define HIGH1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31

INLINE void transpose(Row row[L])
{
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) EXCHANGE(i, 8, LOW8, HIGH8)
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) EXCHANGE(i / 4 * 8 + i % 4, 4, LOW4, HIGH4)
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) EXCHANGE(i / 2 * 4 + i % 2, 2, LOW2, HIGH2)
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) EXCHANGE(2 * i, 1, LOW1, HIGH1)
}

NM_CLONES void nm_lanes_load(const float *const from[NM_LANES], int n, float *to)
{
  for (int i = 0; i < n; i += L) {
    Row row[L];
#pragma GCC unroll 16
    for (int l = 0; l < L; ++l) memcpy(&row[l], from[l] + i, sizeof row[l]);
    transpose(row);
#pragma GCC unroll 16
    for (int j = 0; j < L; ++j) memcpy(to + (i + j) * L, &row[j], sizeof row[j]);
  }
}

NM_CLONES void nm_lanes_store(const float *from, int n, float *const to[NM_LANES])
{
  for (int i = 0; i < n; i += L) {
    Row row[L];
#pragma GCC unroll 16
    for (int j = 0; j < L; ++j) memcpy(&row[j], from + (i + j) * L, sizeof row[j]);
    transpose(row);
#pragma GCC unroll 16
    for (int l = 0; l < L; ++l) memcpy(to[l] + i, &row[l], sizeof row[l]);
  }
}
