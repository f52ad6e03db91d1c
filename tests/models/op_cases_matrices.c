// SPDX-License-Identifier: GPL-3.0-or-later
// Cases of ops made of matrix products.
#include <math.h>
#include <string.h>

#include "tests/models/op_cases.h"

#define REAL(shape, low, high)                                                                               \
  {                                                                                                          \
    NM_TYPE_REAL, shape, low, high                                                                           \
  }
#define S1 NM_SHAPE1
#define S2 NM_SHAPE2
#define S3 NM_SHAPE3

typedef const double *const *Reals;
typedef const int32_t *const *Ints;

static NmVar build_linear(NmGraph *g, const NmVar *in)
{
  return nm_linear(g, in[0], in[1], in[2]);
}
static NmVar build_linear_bare(NmGraph *g, const NmVar *in)
{
  return nm_linear(g, in[0], in[1], NM_VAR_NONE);
}

static void naive_linear(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t I = c->in[1].shape.dim[0], O = c->in[1].shape.dim[1];
  for (int64_t r = 0; r < nm_shape_rows(y); ++r)
    for (int64_t o = 0; o < O; ++o) {
      out[r * O + o] = x[2] ? x[2][o] : 0;
      for (int64_t i = 0; i < I; ++i) out[r * O + o] += x[0][r * I + i] * x[1][i * O + o];
    }
}

static NmVar build_matmul(NmGraph *g, const NmVar *in)
{
  return nm_matmul(g, in[0], in[1], false);
}
static NmVar build_matmul_transposed(NmGraph *g, const NmVar *in)
{
  return nm_matmul(g, in[0], in[1], true);
}

static void naive_matmul(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const bool shared = c->in[1].shape.dim[0] == 1, transposed = strstr(c->name, "transposed") != NULL;
  const int64_t M = y.dim[1], N = y.dim[2], K = c->in[0].shape.dim[2];
  for (int64_t b = 0; b < y.dim[0]; ++b)
    for (int64_t m = 0; m < M; ++m)
      for (int64_t n = 0; n < N; ++n, ++out) {
        const double *right = x[1] + (shared ? 0 : b * N * K);
        *out = 0;
        for (int64_t k = 0; k < K; ++k)
          *out += x[0][(b * M + m) * K + k] * (transposed ? right[n * K + k] : right[k * N + n]);
      }
}

static const NmConv plain = {1, 1, 1, 1, 1}, strided = {2, 1, 2, 1, 1}, dilated = {1, 3, 3, 3, 1},
                    grouped = {1, 1, 2, 2, 2}, odd = {3, 2, 1, 0, 2}, depth = {1, 1, 3, 3, 6},
                    depth_odd = {2, 2, 1, 2, 6};

static NmVar build_conv(NmGraph *g, const NmVar *in)
{
  return nm_conv1d(g, in[0], in[1], in[2], plain);
}
static NmVar build_strided(NmGraph *g, const NmVar *in)
{
  return nm_conv1d(g, in[0], in[1], in[2], strided);
}
static NmVar build_dilated(NmGraph *g, const NmVar *in)
{
  return nm_conv1d(g, in[0], in[1], NM_VAR_NONE, dilated);
}
static NmVar build_grouped(NmGraph *g, const NmVar *in)
{
  return nm_conv1d(g, in[0], in[1], in[2], grouped);
}
static NmVar build_odd(NmGraph *g, const NmVar *in)
{
  return nm_conv1d(g, in[0], in[1], in[2], odd);
}
static NmVar build_depth(NmGraph *g, const NmVar *in)
{
  return nm_conv1d(g, in[0], in[1], in[2], depth);
}
static NmVar build_depth_odd(NmGraph *g, const NmVar *in)
{
  return nm_conv1d(g, in[0], in[1], NM_VAR_NONE, depth_odd);
}

static void convolve(const NmOpCase *c, NmConv v, Reals x, NmShape y, double *out)
{
  const int64_t T = c->in[0].shape.dim[1], Ci = c->in[0].shape.dim[2], K = c->in[1].shape.dim[0],
                gi = Ci / v.groups;
  const int64_t Co = y.dim[2], go = Co / v.groups;
  for (int64_t b = 0; b < y.dim[0]; ++b)
    for (int64_t t = 0; t < y.dim[1]; ++t)
      for (int64_t o = 0; o < Co; ++o, ++out) {
        *out = x[2] ? x[2][o] : 0;
        for (int64_t k = 0; k < K; ++k)
          for (int64_t i = 0; i < gi; ++i) {
            const int64_t at = t * v.stride - v.pad_left + k * v.dilation;
            if (at >= 0 && at < T)
              *out += x[0][(b * T + at) * Ci + o / go * gi + i] * x[1][(k * gi + i) * Co + o];
          }
      }
}

#define NAIVE(name)                                                                                          \
  static void naive_##name(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)                    \
  {                                                                                                          \
    convolve(c, name, x, y, out);                                                                            \
  }
NAIVE(plain)
NAIVE(strided)
NAIVE(dilated)
NAIVE(grouped)
NAIVE(odd)
NAIVE(depth)
NAIVE(depth_odd)

static const NmConv up = {2, 1, 1, 0, 1}, up_dilated = {3, 2, 2, 1, 1};

static NmVar build_up(NmGraph *g, const NmVar *in)
{
  return nm_conv1d_transpose(g, in[0], in[1], in[2], up);
}
static NmVar build_up_dilated(NmGraph *g, const NmVar *in)
{
  return nm_conv1d_transpose(g, in[0], in[1], NM_VAR_NONE, up_dilated);
}

static void transpose(const NmOpCase *c, NmConv v, Reals x, NmShape y, double *out)
{
  const int64_t T = c->in[0].shape.dim[1], Ci = c->in[0].shape.dim[2], K = c->in[1].shape.dim[0],
                Co = y.dim[2];
  for (int64_t i = 0; i < nm_shape_count(y); ++i) out[i] = x[2] ? x[2][i % Co] : 0;
  for (int64_t b = 0; b < y.dim[0]; ++b)
    for (int64_t t = 0; t < T; ++t)
      for (int64_t k = 0; k < K; ++k) {
        const int64_t at = t * v.stride + k * v.dilation - v.pad_left;
        for (int64_t o = 0; at >= 0 && at < y.dim[1] && o < Co; ++o)
          for (int64_t i = 0; i < Ci; ++i)
            out[(b * y.dim[1] + at) * Co + o] += x[0][(b * T + t) * Ci + i] * x[1][(k * Ci + i) * Co + o];
      }
}

static void naive_up(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  transpose(c, up, x, y, out);
}
static void naive_up_dilated(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  transpose(c, up_dilated, x, y, out);
}

static NmVar build_sq_dist(NmGraph *g, const NmVar *in)
{
  return nm_sq_dist(g, in[0], in[1]);
}

static void naive_sq_dist(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t T = y.dim[1], K = y.dim[2], C = c->in[0].shape.dim[2];
  for (int64_t i = 0; i < nm_shape_count(y); ++i) {
    const double *q = x[0] + i / K * C, *k = x[1] + (i / K / T * K + i % K) * C;
    out[i] = 0;
    for (int64_t e = 0; e < C; ++e) out[i] += (q[e] - k[e]) * (q[e] - k[e]);
  }
}

static NmVar build_lstm(NmGraph *g, const NmVar *in)
{
  return nm_lstm(g, in[0], in[1], in[2], in[3], false);
}
static NmVar build_lstm_reverse(NmGraph *g, const NmVar *in)
{
  return nm_lstm(g, in[0], in[1], in[2], in[3], true);
}

static double squash(double x)
{
  return 1 / (1 + exp(-x));
}

static void naive_lstm(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  enum { MAX = 16 };
  const int64_t T = y.dim[1], H = y.dim[2], I = c->in[0].shape.dim[2];
  const bool reverse = strstr(c->name, "reverse") != NULL;
  for (int64_t b = 0; b < y.dim[0]; ++b) {
    double h[MAX] = {0}, cell[MAX] = {0};
    for (int64_t s = 0; s < T; ++s) {
      const int64_t t = reverse ? T - 1 - s : s;
      double z[4 * MAX];
      for (int64_t j = 0; j < 4 * H; ++j) {
        z[j] = x[3][j];
        for (int64_t i = 0; i < I; ++i) z[j] += x[0][(b * T + t) * I + i] * x[1][i * 4 * H + j];
        for (int64_t i = 0; i < H; ++i) z[j] += h[i] * x[2][i * 4 * H + j];
      }
      for (int64_t j = 0; j < H; ++j) {
        cell[j] = squash(z[H + j]) * cell[j] + squash(z[j]) * tanh(z[2 * H + j]);
        out[(b * T + t) * H + j] = h[j] = squash(z[3 * H + j]) * tanh(cell[j]);
      }
    }
  }
}

#define CONV(name, op, T, Ci, K, gi, Co, build, naive)                                                       \
  {                                                                                                          \
    name, op, {REAL(S3(3, T, Ci), -1, 1), REAL(S3(K, gi, Co), -1, 1), REAL(S1(Co), -1, 1)}, build, naive,    \
        4e-6                                                                                                 \
  }
#define CONV_BARE(name, op, T, Ci, K, gi, Co, build, naive)                                                  \
  {                                                                                                          \
    name, op, {REAL(S3(2, T, Ci), -1, 1), REAL(S3(K, gi, Co), -1, 1)}, build, naive, 4e-6                    \
  }

static const NmOpCase cases[] = {
    {"linear",
     NM_OP_LINEAR,
     {REAL(S3(3, 5, 7), -1, 1), REAL(S2(7, 11), -1, 1), REAL(S1(11), -1, 1)},
     build_linear,
     naive_linear},
    {"linear, long",
     NM_OP_LINEAR,
     {REAL(S2(700, 3), -1, 1), REAL(S2(3, 2), -1, 1), REAL(S1(2), -1, 1)},
     build_linear,
     naive_linear},
    {"linear, no bias, wide",
     NM_OP_LINEAR,
     {REAL(S2(2, 3), -1, 1), REAL(S2(3, 530), -1, 1)},
     build_linear_bare,
     naive_linear},
    {"matmul",
     NM_OP_MATMUL,
     {REAL(S3(3, 5, 7), -1, 1), REAL(S3(3, 7, 4), -1, 1)},
     build_matmul,
     naive_matmul},
    {"matmul transposed",
     NM_OP_MATMUL,
     {REAL(S3(3, 5, 7), -1, 1), REAL(S3(3, 4, 7), -1, 1)},
     build_matmul_transposed,
     naive_matmul},
    {"matmul shared transposed",
     NM_OP_MATMUL,
     {REAL(S3(3, 5, 7), -1, 1), REAL(S3(1, 4, 7), -1, 1)},
     build_matmul_transposed,
     naive_matmul},
    {"matmul shared",
     NM_OP_MATMUL,
     {REAL(S3(2, 5, 3), -1, 1), REAL(S3(1, 3, 4), -1, 1)},
     build_matmul,
     naive_matmul},
    CONV("conv", NM_OP_CONV1D, 9, 5, 3, 5, 7, build_conv, naive_plain),
    CONV("conv, short", NM_OP_CONV1D, 1, 5, 3, 5, 7, build_conv, naive_plain),
    CONV("conv, long", NM_OP_CONV1D, 150, 2, 3, 2, 3, build_conv, naive_plain),
    CONV("conv strided", NM_OP_CONV1D, 10, 3, 5, 3, 4, build_strided, naive_strided),
    CONV_BARE("conv dilated", NM_OP_CONV1D, 12, 3, 3, 3, 4, build_dilated, naive_dilated),
    CONV("conv grouped", NM_OP_CONV1D, 9, 6, 5, 3, 4, build_grouped, naive_grouped),
    CONV("conv odd", NM_OP_CONV1D, 11, 4, 3, 2, 6, build_odd, naive_odd),
    CONV("depthwise", NM_OP_CONV1D_DEPTHWISE, 13, 6, 7, 1, 6, build_depth, naive_depth),
    CONV("depthwise, short", NM_OP_CONV1D_DEPTHWISE, 2, 6, 7, 1, 6, build_depth, naive_depth),
    CONV_BARE("depthwise odd", NM_OP_CONV1D_DEPTHWISE, 13, 6, 3, 1, 6, build_depth_odd, naive_depth_odd),
    CONV("transpose", NM_OP_CONV1D_TRANSPOSE, 6, 5, 4, 5, 3, build_up, naive_up),
    CONV_BARE("transpose dilated", NM_OP_CONV1D_TRANSPOSE, 5, 2, 3, 2, 4, build_up_dilated, naive_up_dilated),
    {"sq_dist",
     NM_OP_SQ_DIST,
     {REAL(S3(3, 5, 7), -1, 1), REAL(S3(3, 4, 7), -1, 1)},
     build_sq_dist,
     naive_sq_dist},
    {"lstm",
     NM_OP_LSTM,
     {REAL(S3(3, 5, 4), -1, 1), REAL(S2(4, 12), -1, 1), REAL(S2(3, 12), -1, 1), REAL(S1(12), -1, 1)},
     build_lstm,
     naive_lstm},
    {"lstm reverse",
     NM_OP_LSTM,
     {REAL(S3(2, 4, 3), -1, 1), REAL(S2(3, 8), -1, 1), REAL(S2(2, 8), -1, 1), REAL(S1(8), -1, 1)},
     build_lstm_reverse,
     naive_lstm}};

NmOpCases nm_op_cases_matrices(void)
{
  return (NmOpCases){cases, sizeof cases / sizeof *cases};
}
