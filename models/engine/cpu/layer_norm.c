// SPDX-License-Identifier: GPL-3.0-or-later
// Layer normalisation over the last dimension. Forward works in place.
#include <math.h>
#include <string.h>

#include "models/engine/cpu/cpu.h"

enum { N_PARTS = 32 };

typedef struct {
  const NmTensor *x, *gain, *bias, *y;
  real *moments; // [rows, 2] mean and 1 / deviation, NULL in inference
  real *parts;   // [N_PARTS, 2, C] gradients of gain and bias
  int64_t n_rows, C;
  real eps;
} Job;

// Sums by lanes, in two turns, then the lanes by halves: an order that does not wait for every single
// addition.
enum { LANES = 16 };
typedef real Lanes __attribute__((vector_size(LANES * sizeof(real)), aligned(sizeof(real))));
typedef real Half __attribute__((vector_size(LANES / 2 * sizeof(real)), aligned(sizeof(real))));
typedef real Quarter __attribute__((vector_size(LANES / 4 * sizeof(real)), aligned(sizeof(real))));
#define NM_INLINE static inline __attribute__((always_inline))

NM_INLINE real add_lanes(const Lanes *sum)
{
  Half half[2];
  Quarter quarter[2];
  memcpy(half, sum, sizeof half);
  half[0] += half[1];
  memcpy(quarter, half, sizeof quarter);
  quarter[0] += quarter[1];
  return (quarter[0][0] + quarter[0][2]) + (quarter[0][1] + quarter[0][3]);
}

// The sum of x - mean, or of its square.
NM_INLINE real add_up(const real *x, int64_t C, real mean, const bool squared)
{
  Lanes sum[2] = {{0}, {0}};
  real rest = 0;
  int64_t i = 0;
  for (; i + 2 * LANES <= C; i += 2 * LANES)
    for (int k = 0; k < 2; ++k) {
      const Lanes d = *(const Lanes *)(x + i + k * LANES) - mean;
      sum[k] += squared ? d * d : d;
    }
  for (; i < C; ++i) rest += squared ? (x[i] - mean) * (x[i] - mean) : x[i] - mean;
  sum[0] += sum[1];
  return add_lanes(&sum[0]) + rest;
}

NM_CLONES static void normalise(real *y, const real *x, const real *gain, const real *bias, int64_t C,
                                real eps, real *mean, real *scale)
{
  const real mu = add_up(x, C, 0, false) / (real)C;
  const real s = 1 / (real)sqrt(add_up(x, C, mu, true) / (real)C + eps);
#pragma omp simd
  for (int64_t i = 0; i < C; ++i) y[i] = (x[i] - mu) * s * gain[i] + bias[i];
  *mean = mu;
  *scale = s;
}

static void forward_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  const real *x = j->x->value, *gain = j->gain->value, *bias = j->bias->value;
  real *y = j->y->value;
  for (int64_t r = first; r < last; ++r) {
    real m[2];
    normalise(y + r * j->C, x + r * j->C, gain, bias, j->C, j->eps, &m[0], &m[1]);
    if (j->moments) memcpy(j->moments + 2 * r, m, sizeof m);
  }
}

static Job make(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  return (Job){.x = src[0],
               .gain = src[1],
               .bias = src[2],
               .y = dst,
               .moments = run->saved,
               .parts = run->scratch,
               .n_rows = nm_shape_rows(dst->shape),
               .C = nm_shape_channels(dst->shape),
               .eps = (real)args->r[0]};
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Job j = make(run, args, src, dst);
  NM_FN(nm_cpu_for)(run->pool, j.n_rows, nm_cpu_chunk_rows(j.C) / 4 + 1, forward_rows, &j);
}

// dx = scale (g - mean(g) - z mean(g z)), g = dy gain, z the normalised x; the parts gather dy z and dy.
NM_CLONES static void backward_row(real *dx, real *dgain, real *dbias, const real *dy, const real *x,
                                   const real *gain, int64_t C, real mean, real scale)
{
  real sum = 0, product = 0;
#pragma omp simd reduction(+ : sum, product)
  for (int64_t i = 0; i < C; ++i) {
    const real z = (x[i] - mean) * scale, g = dy[i] * gain[i];
    sum += g;
    product += g * z;
  }
  sum /= (real)C;
  product /= (real)C;
#pragma omp simd
  for (int64_t i = 0; i < C; ++i) {
    const real z = (x[i] - mean) * scale;
    dgain[i] += dy[i] * z;
    dbias[i] += dy[i];
  }
  if (!dx) return;
#pragma omp simd
  for (int64_t i = 0; i < C; ++i) dx[i] += scale * (dy[i] * gain[i] - sum - (x[i] - mean) * scale * product);
}

static void backward_part(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  const real *x = j->x->value, *dy = j->y->grad;
  real *dx = j->x->grad;
  for (int64_t part = first; part < last; ++part) {
    real *sums = j->parts + part * 2 * j->C;
    memset(sums, 0, (size_t)(2 * j->C) * sizeof *sums);
    for (int64_t r = j->n_rows * part / N_PARTS; r < j->n_rows * (part + 1) / N_PARTS; ++r)
      backward_row(dx ? dx + r * j->C : NULL, sums, sums + j->C, dy + r * j->C, x + r * j->C, j->gain->value,
                   j->C, j->moments[2 * r], j->moments[2 * r + 1]);
  }
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  Job j = make(run, args, src, dst);
  real *const grads[2] = {src[1]->grad, src[2]->grad};
  NM_FN(nm_cpu_for)(run->pool, N_PARTS, 1, backward_part, &j);
  for (int part = 0; part < N_PARTS; ++part)
    for (int g = 0; g < 2; ++g)
      for (int64_t i = 0; grads[g] && i < j.C; ++i) grads[g][i] += j.parts[(2 * part + g) * j.C + i];
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  return (size_t)N_PARTS * 2 * (size_t)nm_shape_channels(dst->shape) * sizeof(real);
}

static size_t size_saved(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                         int n_threads)
{
  return (size_t)nm_shape_rows(dst->shape) * 2 * sizeof(real);
}

const NmKernelRow NM_FN(nm_cpu_layer_norm) = {
    .forward = forward, .backward = backward, .size_scratch = size_scratch, .size_saved = size_saved};
