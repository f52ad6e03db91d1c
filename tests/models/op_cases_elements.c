// SPDX-License-Identifier: GPL-3.0-or-later
// Cases of ops on elements: shapes, arithmetic, functions, reductions, norm, tables.
#include <math.h>
#include <string.h>

#include "dsp/base/rng.h"
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
#define S4 NM_SHAPE4

typedef const double *const *Reals;
typedef const int32_t *const *Ints;

static int64_t count(const NmOpCase *c, int i)
{
  return nm_shape_count(c->in[i].shape);
}

static void copy(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  memcpy(out, x[0], (size_t)nm_shape_count(y) * sizeof *out);
}

static NmVar build_reshape(NmGraph *g, const NmVar *in)
{
  return nm_reshape(g, in[0], S2(6, 5));
}

static NmVar build_permute(NmGraph *g, const NmVar *in)
{
  return nm_permute(g, in[0], (int[]){2, 0, 3, 1});
}

static void naive_permute(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t *d = c->in[0].shape.dim;
  for (int64_t a = 0; a < d[0]; ++a)
    for (int64_t b = 0; b < d[1]; ++b)
      for (int64_t e = 0; e < d[2]; ++e)
        for (int64_t f = 0; f < d[3]; ++f)
          out[((e * d[0] + a) * d[3] + f) * d[1] + b] = x[0][((a * d[1] + b) * d[2] + e) * d[3] + f];
}

static NmVar build_concat(NmGraph *g, const NmVar *in)
{
  return nm_concat(g, in, 3, 1);
}

static void naive_concat(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  for (int64_t o = 0; o < y.dim[0]; ++o)
    for (int s = 0; s < 3; ++s)
      for (int64_t k = 0; k < c->in[s].shape.dim[1] * y.dim[2]; ++k)
        *out++ = x[s][o * c->in[s].shape.dim[1] * y.dim[2] + k];
}

static NmVar build_slice(NmGraph *g, const NmVar *in)
{
  return nm_slice(g, in[0], 1, 2, 3);
}

static void naive_slice(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  for (int64_t o = 0; o < y.dim[0]; ++o)
    for (int64_t t = 0; t < 3; ++t)
      for (int64_t k = 0; k < y.dim[2]; ++k) *out++ = x[0][(o * 7 + 2 + t) * y.dim[2] + k];
}

static NmVar build_pad(NmGraph *g, const NmVar *in)
{
  return nm_pad(g, in[0], 1, 2, 1);
}

static void naive_pad(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  memset(out, 0, (size_t)nm_shape_count(y) * sizeof *out);
  for (int64_t o = 0; o < y.dim[0]; ++o)
    for (int64_t t = 0; t < 4; ++t)
      for (int64_t k = 0; k < y.dim[2]; ++k)
        out[(o * 7 + 2 + t) * y.dim[2] + k] = x[0][(o * 4 + t) * y.dim[2] + k];
}

static NmVar build_add(NmGraph *g, const NmVar *in)
{
  return nm_add(g, in[0], in[1]);
}
static NmVar build_sub(NmGraph *g, const NmVar *in)
{
  return nm_sub(g, in[0], in[1]);
}
static NmVar build_mul(NmGraph *g, const NmVar *in)
{
  return nm_mul(g, in[0], in[1]);
}
static NmVar build_div(NmGraph *g, const NmVar *in)
{
  return nm_div(g, in[0], in[1]);
}

static double apply(char op, double a, double b)
{
  return op == 'a' ? a + b : op == 's' ? a - b : op == 'm' ? a * b : a / b;
}

static int64_t broadcast_index(NmShape s, NmShape y, int64_t i)
{
  int64_t at = 0, step = 1;
  for (int k = 1; k <= y.n_dims; ++k) {
    const int64_t pos = i % y.dim[y.n_dims - k];
    i /= y.dim[y.n_dims - k];
    if (k > s.n_dims) continue;
    if (s.dim[s.n_dims - k] > 1) at += pos * step;
    step *= s.dim[s.n_dims - k];
  }
  return at;
}

// The first letter of the case's name tells the operation.
static void naive_binary(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  for (int64_t i = 0; i < nm_shape_count(y); ++i)
    out[i] = apply(c->name[0], x[0][broadcast_index(c->in[0].shape, y, i)],
                   x[1][broadcast_index(c->in[1].shape, y, i)]);
}

#define UNARY(name, kind, r0, r1, expression)                                                                \
  static NmVar build_##name(NmGraph *g, const NmVar *in)                                                     \
  {                                                                                                          \
    return nm_unary(g, kind, in[0], r0, r1);                                                                 \
  }                                                                                                          \
  static void naive_##name(const NmOpCase *c, Reals reals, Ints ints, NmShape y, double *out)                \
  {                                                                                                          \
    for (int64_t i = 0; i < nm_shape_count(y); ++i) {                                                        \
      const double x = reals[0][i];                                                                          \
      out[i] = expression;                                                                                   \
    }                                                                                                        \
  }

UNARY(relu, NM_RELU, 0, 0, x > 0 ? x : 0)
UNARY(leaky, NM_LEAKY_RELU, .1, 0, x > 0 ? x : .1 * x)
UNARY(gelu, NM_GELU, 0, 0, .5 * x * (1 + tanh(sqrt(2 / 3.14159265358979) * (x + .044715 * x * x * x))))
UNARY(silu, NM_SILU, 0, 0, x / (1 + exp(-x)))
UNARY(tanh, NM_TANH, 0, 0, tanh(x))
UNARY(sigmoid, NM_SIGMOID, 0, 0, 1 / (1 + exp(-x)))
UNARY(softplus, NM_SOFTPLUS, 0, 0, log1p(exp(x)))
UNARY(exp, NM_EXP, 0, 0, exp(x))
UNARY(log, NM_LOG, .2, 0, log(fmax(x, .2)))
UNARY(sqrt, NM_SQRT, .5, 0, sqrt(x + .5))
UNARY(square, NM_SQUARE, 0, 0, x *x)
UNARY(abs, NM_ABS, 0, 0, fabs(x))
UNARY(sin, NM_SIN, 0, 0, sin(x))
UNARY(cos, NM_COS, 0, 0, cos(x))
UNARY(affine, NM_AFFINE, -1.5, .25, -1.5 * x + .25)
UNARY(clamp, NM_CLAMP, -.5, .75, fmin(fmax(x, -.5), .75))

static NmVar build_sum_all(NmGraph *g, const NmVar *in)
{
  return nm_sum(g, in[0], -1);
}
static NmVar build_sum_0(NmGraph *g, const NmVar *in)
{
  return nm_sum(g, in[0], 0);
}
static NmVar build_sum_1(NmGraph *g, const NmVar *in)
{
  return nm_sum(g, in[0], 1);
}
static NmVar build_mean_2(NmGraph *g, const NmVar *in)
{
  return nm_mean(g, in[0], 2);
}

static void naive_sum(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const NmShape s = c->in[0].shape;
  memset(out, 0, (size_t)nm_shape_count(y) * sizeof *out);
  for (int64_t i = 0; i < nm_shape_count(s); ++i)
    out[y.n_dims == 1 ? 0 : broadcast_index(y, s, i)] += x[0][i];
  for (int64_t i = 0; c->name[0] == 'm' && i < nm_shape_count(y); ++i) out[i] /= (double)s.dim[2];
}

static NmVar build_layer_norm(NmGraph *g, const NmVar *in)
{
  return nm_layer_norm(g, in[0], in[1], in[2], 1e-5);
}

static void naive_layer_norm(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t C = nm_shape_channels(y);
  for (int64_t r = 0; r < nm_shape_rows(y); ++r) {
    double mean = 0, var = 0;
    for (int64_t i = 0; i < C; ++i) mean += x[0][r * C + i] / (double)C;
    for (int64_t i = 0; i < C; ++i) var += pow(x[0][r * C + i] - mean, 2) / (double)C;
    for (int64_t i = 0; i < C; ++i)
      out[r * C + i] = (x[0][r * C + i] - mean) / sqrt(var + 1e-5) * x[1][i] + x[2][i];
  }
}

static NmVar build_dropout(NmGraph *g, const NmVar *in)
{
  return nm_dropout(g, in[0], .3);
}

static void naive_dropout(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const uint64_t seed = nm_rng_mix(5u ^ ((uint64_t)1 << 40)); // the node after the input, seed 5 of the test
  for (int64_t i = 0; i < nm_shape_count(y); ++i)
    out[i] = nm_rng_uniform_at(seed, (uint64_t)i) >= .3f ? x[0][i] / .7 : 0;
}

static NmVar build_embedding(NmGraph *g, const NmVar *in)
{
  return nm_embedding(g, in[0], in[1]);
}
static NmVar build_gather_rows(NmGraph *g, const NmVar *in)
{
  return nm_gather_rows(g, in[0], in[1]);
}
static NmVar build_gather_last(NmGraph *g, const NmVar *in)
{
  return nm_gather_last(g, in[0], in[1], -7);
}
static NmVar build_mask_rows(NmGraph *g, const NmVar *in)
{
  return nm_mask_rows(g, in[0], in[1]);
}

static void naive_embedding(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t V = c->in[0].shape.dim[0], C = c->in[0].shape.dim[1];
  for (int64_t i = 0; i < count(c, 1); ++i)
    for (int64_t k = 0; k < C; ++k)
      out[i * C + k] = ints[1][i] >= 0 && ints[1][i] < V ? x[0][ints[1][i] * C + k] : 0;
}

static void naive_gather_rows(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t K = c->in[0].shape.dim[1], T = y.dim[1], C = y.dim[2];
  for (int64_t i = 0; i < y.dim[0] * T; ++i)
    for (int64_t k = 0; k < C; ++k)
      out[i * C + k] = ints[1][i] >= 0 && ints[1][i] < K ? x[0][(i / T * K + ints[1][i]) * C + k] : 0;
}

static void naive_gather_last(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t T = y.dim[1], K = y.dim[2], V = c->in[0].shape.dim[2];
  for (int64_t i = 0; i < y.dim[0] * T; ++i)
    for (int64_t k = 0; k < K; ++k) {
      const int32_t at = ints[1][i / T * K + k];
      out[i * K + k] = at >= 0 && at < V ? x[0][i * V + at] : -7;
    }
}

static void naive_mask_rows(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t T = y.dim[1], C = y.dim[2];
  for (int64_t i = 0; i < nm_shape_count(y); ++i) out[i] = i / C % T < ints[1][i / C / T] ? x[0][i] : 0;
}

static NmVar build_softmax(NmGraph *g, const NmVar *in)
{
  return nm_softmax(g, in[0]);
}
static NmVar build_log_softmax(NmGraph *g, const NmVar *in)
{
  return nm_log_softmax(g, in[0]);
}

static void naive_softmax(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t C = nm_shape_channels(y);
  for (int64_t r = 0; r < nm_shape_rows(y); ++r) {
    double sum = 0;
    for (int64_t i = 0; i < C; ++i) sum += exp(x[0][r * C + i]);
    for (int64_t i = 0; i < C; ++i) {
      const double p = exp(x[0][r * C + i]) / sum;
      out[r * C + i] = c->name[0] == 'l' ? log(p) : p;
    }
  }
}

static NmVar build_entropy(NmGraph *g, const NmVar *in)
{
  return nm_cross_entropy(g, in[0], in[1], .1);
}

static void naive_entropy(const NmOpCase *c, Reals x, Ints ints, NmShape y, double *out)
{
  const int64_t V = c->in[0].shape.dim[2];
  for (int64_t r = 0; r < nm_shape_count(y); ++r) {
    double sum = 0, mean = 0;
    for (int64_t i = 0; i < V; ++i) sum += exp(x[0][r * V + i]);
    for (int64_t i = 0; i < V; ++i) mean -= (x[0][r * V + i] - log(sum)) / (double)V;
    out[r] = ints[1][r] < 0 ? 0 : .9 * (log(sum) - x[0][r * V + ints[1][r]]) + .1 * mean;
  }
}

#define UNARY_CASE(name, low, high)                                                                          \
  {                                                                                                          \
#name, NM_OP_UNARY, {REAL(S2(7, 131), low, high) }, build_##name, naive_##name                           \
  }

static const NmOpCase cases[] = {
    {"reshape", NM_OP_RESHAPE, {REAL(S3(2, 3, 5), -1, 1)}, build_reshape, copy},
    {"permute", NM_OP_PERMUTE, {REAL(S4(3, 4, 5, 7), -1, 1)}, build_permute, naive_permute},
    {"concat",
     NM_OP_CONCAT,
     {REAL(S3(3, 2, 5), -1, 1), REAL(S3(3, 1, 5), -1, 1), REAL(S3(3, 4, 5), -1, 1)},
     build_concat,
     naive_concat},
    {"slice", NM_OP_SLICE, {REAL(S3(3, 7, 5), -1, 1)}, build_slice, naive_slice},
    {"pad", NM_OP_PAD, {REAL(S3(3, 4, 5), -1, 1)}, build_pad, naive_pad},
    {"add equal", NM_OP_BINARY, {REAL(S2(5, 33), -1, 1), REAL(S2(5, 33), -1, 1)}, build_add, naive_binary},
    {"add row", NM_OP_BINARY, {REAL(S3(9, 40, 7), -1, 1), REAL(S1(7), -1, 1)}, build_add, naive_binary},
    {"sub row, left", NM_OP_BINARY, {REAL(S1(7), -1, 1), REAL(S3(3, 4, 7), -1, 1)}, build_sub, naive_binary},
    {"mul column",
     NM_OP_BINARY,
     {REAL(S3(3, 4, 7), -1, 1), REAL(S3(3, 4, 1), -1, 1)},
     build_mul,
     naive_binary},
    {"mul scalar", NM_OP_BINARY, {REAL(S3(3, 4, 7), -1, 1), REAL(S1(1), -1, 1)}, build_mul, naive_binary},
    {"add middle",
     NM_OP_BINARY,
     {REAL(S3(3, 4, 7), -1, 1), REAL(S3(3, 1, 7), -1, 1)},
     build_add,
     naive_binary},
    {"div both ways",
     NM_OP_BINARY,
     {REAL(S3(3, 1, 7), -1, 1), REAL(S2(4, 1), .5, 2)},
     build_div,
     naive_binary},
    {"div equal", NM_OP_BINARY, {REAL(S2(3, 50), -1, 1), REAL(S2(3, 50), .5, 2)}, build_div, naive_binary},
    {"sub one", NM_OP_BINARY, {REAL(S1(1), -1, 1), REAL(S1(1), -1, 1)}, build_sub, naive_binary},
    {"add long row",
     NM_OP_BINARY,
     {REAL(S3(2, 3, 1100), -1, 1), REAL(S1(1100), -1, 1)},
     build_add,
     naive_binary},
    UNARY_CASE(relu, -2, 2),
    UNARY_CASE(leaky, -2, 2),
    UNARY_CASE(gelu, -6, 6),
    UNARY_CASE(silu, -6, 6),
    UNARY_CASE(tanh, -6, 6),
    UNARY_CASE(sigmoid, -9, 9),
    UNARY_CASE(softplus, -9, 9),
    UNARY_CASE(exp, -4, 4),
    UNARY_CASE(log, .21, 4),
    UNARY_CASE(sqrt, 0, 4),
    UNARY_CASE(square, -2, 2),
    UNARY_CASE(abs, -2, 2),
    UNARY_CASE(sin, -20, 20),
    UNARY_CASE(cos, -20, 20),
    UNARY_CASE(affine, -2, 2),
    UNARY_CASE(clamp, -2, 2),
    {"sum all", NM_OP_SUM, {REAL(S3(3, 4, 7), -1, 1)}, build_sum_all, naive_sum},
    {"sum axis 0", NM_OP_SUM, {REAL(S3(3, 4, 7), -1, 1)}, build_sum_0, naive_sum},
    {"sum axis 1", NM_OP_SUM, {REAL(S3(3, 4, 7), -1, 1)}, build_sum_1, naive_sum},
    {"mean axis 2", NM_OP_SUM, {REAL(S3(3, 4, 7), -1, 1)}, build_mean_2, naive_sum},
    {"layer norm",
     NM_OP_LAYER_NORM,
     {REAL(S3(3, 11, 19), -1, 2), REAL(S1(19), .5, 1.5), REAL(S1(19), -1, 1)},
     build_layer_norm,
     naive_layer_norm,
     4e-6},
    {"dropout", NM_OP_DROPOUT, {REAL(S2(9, 71), -1, 1)}, build_dropout, naive_dropout},
    {"embedding",
     NM_OP_EMBEDDING,
     {REAL(S2(11, 5), -1, 1), INT(S2(3, 9), -2, 13)},
     build_embedding,
     naive_embedding},
    {"gather rows",
     NM_OP_GATHER_ROWS,
     {REAL(S3(3, 4, 7), -1, 1), INT(S2(3, 9), -1, 6)},
     build_gather_rows,
     naive_gather_rows},
    {"gather last",
     NM_OP_GATHER_LAST,
     {REAL(S3(3, 4, 7), -1, 1), INT(S2(3, 9), -1, 8)},
     build_gather_last,
     naive_gather_last},
    {"mask rows",
     NM_OP_MASK_ROWS,
     {REAL(S3(3, 5, 7), -1, 1), INT(S1(3), 0, 7)},
     build_mask_rows,
     naive_mask_rows},
    {"softmax", NM_OP_SOFTMAX, {REAL(S3(3, 4, 37), -3, 3)}, build_softmax, naive_softmax},
    {"log softmax", NM_OP_SOFTMAX, {REAL(S3(3, 4, 37), -3, 3)}, build_log_softmax, naive_softmax},
    {"cross entropy",
     NM_OP_CROSS_ENTROPY,
     {REAL(S3(3, 4, 17), -3, 3), INT(S2(3, 4), -2, 17)},
     build_entropy,
     naive_entropy}};

NmOpCases nm_op_cases_elements(void)
{
  return (NmOpCases){cases, sizeof cases / sizeof *cases};
}
