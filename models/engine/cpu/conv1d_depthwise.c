// SPDX-License-Identifier: GPL-3.0-or-later
// Depthwise convolution in time: every channel with its own kernel, w [K, 1, C]. Vectorised over channels.
#include <string.h>

#include "models/engine/cpu/cpu.h"

enum { N_PARTS = 16 };

typedef struct {
  int64_t B, T, To, C, K, stride, dilation, pad;
  const NmTensor *x, *w, *b, *y;
  real *parts; // [N_PARTS, K, C]
} Conv;

static Conv make(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  return (Conv){.B = dst->shape.dim[0],
                .T = src[0]->shape.dim[1],
                .To = dst->shape.dim[1],
                .C = dst->shape.dim[2],
                .K = src[1]->shape.dim[0],
                .stride = args->i[0],
                .dilation = args->i[1],
                .pad = args->i[2],
                .x = src[0],
                .w = src[1],
                .b = src[2],
                .y = dst,
                .parts = run->scratch};
}

NM_CLONES static void multiply_add(real *restrict y, const real *restrict x, const real *restrict w,
                                   int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] += x[i] * w[i];
}

// Seven taps at once: the inner rows of the commonest kernel.
NM_CLONES static void seven_taps(real *restrict y, const real *restrict x, const real *restrict w, int64_t C,
                                 int64_t step)
{
#pragma omp simd
  for (int64_t i = 0; i < C; ++i)
    y[i] += x[i] * w[i] + x[i + step] * w[i + C] + x[i + 2 * step] * w[i + 2 * C] +
            x[i + 3 * step] * w[i + 3 * C] + x[i + 4 * step] * w[i + 4 * C] + x[i + 5 * step] * w[i + 5 * C] +
            x[i + 6 * step] * w[i + 6 * C];
}

static void forward_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Conv *c = ctx;
  const real *w = c->w->value;
  for (int64_t r = first; r < last; ++r) {
    const real *x = (const real *)c->x->value + r / c->To * c->T * c->C;
    real *y = (real *)c->y->value + r * c->C;
    const int64_t start = r % c->To * c->stride - c->pad;
    if (c->b)
      memcpy(y, c->b->value, (size_t)c->C * sizeof *y);
    else
      memset(y, 0, (size_t)c->C * sizeof *y);
    if (c->K == 7 && start >= 0 && start + 6 * c->dilation < c->T) {
      seven_taps(y, x + start * c->C, w, c->C, c->dilation * c->C);
      continue;
    }
    for (int64_t k = 0; k < c->K; ++k) {
      const int64_t t = start + k * c->dilation;
      if (t >= 0 && t < c->T) multiply_add(y, x + t * c->C, w + k * c->C, c->C);
    }
  }
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Conv c = make(run, args, src, dst);
  NM_FN(nm_cpu_for)(run->pool, c.B * c.To, nm_cpu_chunk_rows(c.C * c.K) / 2 + 1, forward_rows, &c);
}

// dx[t] gathers from the outputs that saw x[t].
static void input_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Conv *c = ctx;
  const real *w = c->w->value;
  for (int64_t r = first; r < last; ++r) {
    const real *dy = (const real *)c->y->grad + r / c->T * c->To * c->C;
    real *dx = (real *)c->x->grad + r * c->C;
    for (int64_t k = 0; k < c->K; ++k) {
      const int64_t from = r % c->T + c->pad - k * c->dilation, t = from / c->stride;
      if (from >= 0 && from % c->stride == 0 && t < c->To)
        multiply_add(dx, dy + t * c->C, w + k * c->C, c->C);
    }
  }
}

static void weight_part(void *ctx, int64_t part, int worker)
{
  const Conv *c = ctx;
  real *dw = c->parts + part * c->K * c->C;
  const int64_t n = c->B * c->To;
  memset(dw, 0, (size_t)(c->K * c->C) * sizeof *dw);
  for (int64_t r = n * part / N_PARTS; r < n * (part + 1) / N_PARTS; ++r) {
    const real *x = (const real *)c->x->value + r / c->To * c->T * c->C,
               *dy = (const real *)c->y->grad + r * c->C;
    for (int64_t k = 0; k < c->K; ++k) {
      const int64_t t = r % c->To * c->stride - c->pad + k * c->dilation;
      if (t >= 0 && t < c->T) multiply_add(dw + k * c->C, x + t * c->C, dy, c->C);
    }
  }
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  Conv c = make(run, args, src, dst);
  if (src[0]->grad)
    NM_FN(nm_cpu_for)(run->pool, c.B * c.T, nm_cpu_chunk_rows(c.C * c.K) / 2 + 1, input_rows, &c);
  if (src[1]->grad) {
    real *dw = src[1]->grad;
    nm_pool_run(run->pool, N_PARTS, weight_part, &c);
    for (int part = 0; part < N_PARTS; ++part)
      for (int64_t i = 0; i < c.K * c.C; ++i) dw[i] += c.parts[part * c.K * c.C + i];
  }
  if (src[2] && src[2]->grad)
    NM_FN(nm_cpu_sum_rows)(run->pool, c.B * c.To, c.C, dst->grad, src[2]->grad, run->scratch);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const size_t n = (size_t)N_PARTS * (size_t)nm_shape_count(src[1]->shape) * sizeof(real);
  const size_t sums = NM_FN(nm_cpu_sum_rows_scratch)(nm_shape_channels(dst->shape));
  return n > sums ? n : sums;
}

const NmKernelRow NM_FN(nm_cpu_conv1d_depthwise) = {
    .forward = forward, .backward = backward, .size_scratch = size_scratch};
