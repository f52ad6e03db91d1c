// SPDX-License-Identifier: GPL-3.0-or-later
// Cases of ops on sounds, spectra and alignments.
#include <math.h>
#include <string.h>

#include "tests/models/op_cases.h"

#define REAL(shape, low, high)                                                                               \
  {                                                                                                          \
    NM_TYPE_REAL, shape, low, high                                                                           \
  }
#define INT(shape, low, high)                                                                                \
  {                                                                                                          \
    NM_TYPE_INT, shape, low, high                                                                            \
  }
#define S1 NM_SHAPE1
#define S2 NM_SHAPE2
#define S3 NM_SHAPE3
#define TAU 6.283185307179586

typedef const double *const *Reals;
typedef const int32_t *const *Ints;

enum { N = 16, BINS = N / 2 + 1 };

static double hann(int64_t i)
{
  return .5 - .5 * cos(TAU * (double)i / N);
}

static NmVar build_stft(NmGraph *g, const NmVar *in)
{
  return nm_stft(g, in[0], N, 4);
}
static NmVar build_stft_odd(NmGraph *g, const NmVar *in)
{
  return nm_stft(g, in[0], N, 5);
}
static NmVar build_istft(NmGraph *g, const NmVar *in)
{
  return nm_istft(g, in[0], N, 4);
}

static void transform(const NmOpCase *c, int64_t hop, Reals x, NmShape y, double *out)
{
  const int64_t L = c->in[0].shape.dim[1];
  for (int64_t r = 0; r < y.dim[0] * y.dim[1]; ++r)
    for (int64_t k = 0; k < BINS; ++k) {
      double re = 0, im = 0;
      for (int64_t i = 0; i < N; ++i) {
        int64_t t = r % y.dim[1] * hop - N / 2 + i;
        t = t < 0 ? -t : t >= L ? 2 * (L - 1) - t : t;
        const double v = x[0][r / y.dim[1] * L + t] * hann(i);
        re += v * cos(TAU * (double)(k * i) / N);
        im -= v * sin(TAU * (double)(k * i) / N);
      }
      out[r * 2 * BINS + k] = re;
      out[r * 2 * BINS + BINS + k] = im;
    }
}

static void naive_stft(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  transform(c, 4, x, y, out);
}
static void naive_stft_odd(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  transform(c, 5, x, y, out);
}

static double inverse_at(const double *row, int64_t i)
{
  double sum = row[0] + (i % 2 ? -1 : 1) * row[BINS - 1];
  for (int64_t k = 1; k < BINS - 1; ++k)
    sum += 2 * (row[k] * cos(TAU * (double)(k * i) / N) - row[BINS + k] * sin(TAU * (double)(k * i) / N));
  return sum / N;
}

static void naive_istft(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t F = c->in[0].shape.dim[1], L = y.dim[1];
  for (int64_t s = 0; s < y.dim[0] * L; ++s) {
    double sum = 0, squares = 0;
    for (int64_t f = 0; f < F; ++f) {
      const int64_t i = s % L - f * 4 + N / 2;
      if (i < 0 || i >= N) continue;
      sum += inverse_at(x[0] + (s / L * F + f) * 2 * BINS, i) * hann(i);
      squares += hann(i) * hann(i);
    }
    out[s] = sum / squares;
  }
}

static NmVar build_min_phase(NmGraph *g, const NmVar *in)
{
  return nm_min_phase(g, in[0]);
}

static void naive_min_phase(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  for (int64_t r = 0; r < y.dim[0]; ++r)
    for (int64_t k = 0; k < BINS; ++k) {
      out[r * BINS + k] = 0;
      for (int64_t i = 1; i < N / 2; ++i) {
        double cepstrum = x[0][r * BINS] + (i % 2 ? -1 : 1) * x[0][r * BINS + BINS - 1];
        for (int64_t b = 1; b < BINS - 1; ++b)
          cepstrum += 2 * x[0][r * BINS + b] * cos(TAU * (double)(b * i) / N);
        out[r * BINS + k] -= 2 * cepstrum / N * sin(TAU * (double)(k * i) / N);
      }
    }
}

static NmVar build_abs(NmGraph *g, const NmVar *in)
{
  return nm_complex_abs(g, in[0], 1e-3);
}
static NmVar build_mul(NmGraph *g, const NmVar *in)
{
  return nm_complex_mul(g, in[0], in[1]);
}
static NmVar build_polar(NmGraph *g, const NmVar *in)
{
  return nm_polar(g, in[0], in[1]);
}

static void naive_abs(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t n = y.dim[1];
  for (int64_t i = 0; i < nm_shape_count(y); ++i) {
    const double re = x[0][i / n * 2 * n + i % n], im = x[0][i / n * 2 * n + n + i % n];
    out[i] = sqrt(re * re + im * im + 1e-3);
  }
}

static void naive_mul(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t n = y.dim[1] / 2;
  for (int64_t r = 0; r < y.dim[0]; ++r)
    for (int64_t k = 0; k < n; ++k) {
      const double *a = x[0] + r * 2 * n + k, *b = x[1] + r * 2 * n + k;
      out[r * 2 * n + k] = a[0] * b[0] - a[n] * b[n];
      out[r * 2 * n + n + k] = a[0] * b[n] + a[n] * b[0];
    }
}

static void naive_polar(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t n = y.dim[1] / 2;
  for (int64_t i = 0; i < y.dim[0] * n; ++i) {
    out[i / n * 2 * n + i % n] = exp(x[0][i]) * cos(x[1][i]);
    out[i / n * 2 * n + n + i % n] = exp(x[0][i]) * sin(x[1][i]);
  }
}

static NmVar build_forward_sum(NmGraph *g, const NmVar *in)
{
  return nm_forward_sum(g, in[0], in[1], in[2], in[3]);
}

// All paths from state k at frame t to the end, by recursion.
static double paths(const double *p, const int32_t *skip, int64_t stride, int64_t T, int64_t K, int64_t t,
                    int64_t k)
{
  const double here = exp(p[t * stride + k]);
  if (t == T - 1) return k == K - 1 || (k == K - 2 && skip[K - 1]) ? here : 0;
  double sum = paths(p, skip, stride, T, K, t + 1, k);
  if (k + 1 < K) sum += paths(p, skip, stride, T, K, t + 1, k + 1);
  if (k + 2 < K && skip[k + 1]) sum += paths(p, skip, stride, T, K, t + 1, k + 2);
  return here * sum;
}

static void naive_forward_sum(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t T_max = c->in[0].shape.dim[1], K_max = c->in[0].shape.dim[2];
  for (int64_t b = 0; b < y.dim[0]; ++b) {
    const double *p = x[0] + b * T_max * K_max;
    const int32_t *skip = ints[1] + b * K_max;
    const int64_t T = ints[2][b] < T_max ? ints[2][b] : T_max, K = ints[3][b] < K_max ? ints[3][b] : K_max;
    double sum = T > 0 && K > 0 ? paths(p, skip, K_max, T, K, 0, 0) : 0;
    if (T > 0 && K > 1 && skip[0]) sum += paths(p, skip, K_max, T, K, 0, 1);
    out[b] = sum > 0 ? -log(sum) : 0;
  }
}

static const NmOpCase cases[] = {
    {"stft", NM_OP_STFT, {REAL(S2(2, 40), -1, 1)}, build_stft, naive_stft, 4e-6},
    {"stft, odd", NM_OP_STFT, {REAL(S2(3, 9), -1, 1)}, build_stft_odd, naive_stft_odd, 4e-6},
    {"istft", NM_OP_ISTFT, {REAL(S3(2, 7, 2 * BINS), -1, 1)}, build_istft, naive_istft, 8e-6},
    {"min phase", NM_OP_MIN_PHASE, {REAL(S2(3, BINS), -3, 1)}, build_min_phase, naive_min_phase, 4e-6},
    {"complex abs", NM_OP_COMPLEX_ABS, {REAL(S2(3, 22), -1, 1)}, build_abs, naive_abs},
    {"complex mul",
     NM_OP_COMPLEX_MUL,
     {REAL(S2(3, 22), -1, 1), REAL(S2(3, 22), -1, 1)},
     build_mul,
     naive_mul},
    {"polar", NM_OP_POLAR, {REAL(S2(3, 11), -2, 1), REAL(S2(3, 11), -9, 9)}, build_polar, naive_polar},
    {"forward sum",
     NM_OP_FORWARD_SUM,
     {REAL(S3(5, 7, 4), -3, 0), INT(S2(5, 4), 0, 2), INT(S1(5), 3, 9), INT(S1(5), 2, 6)},
     build_forward_sum,
     naive_forward_sum,
     1e-5},
    {"forward sum, tight",
     NM_OP_FORWARD_SUM,
     {REAL(S3(4, 4, 5), -3, 0), INT(S2(4, 5), 0, 2), INT(S1(4), 0, 5), INT(S1(4), 1, 6)},
     build_forward_sum,
     naive_forward_sum,
     1e-5}};

NmOpCases nm_op_cases_signal(void)
{
  return (NmOpCases){cases, sizeof cases / sizeof *cases};
}
