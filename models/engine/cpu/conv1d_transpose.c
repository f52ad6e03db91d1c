// SPDX-License-Identifier: GPL-3.0-or-later
// Transposed convolution in time: every input row adds w[k] x to output row t stride + k dilation - pad.
#include <cblas.h>
#include <string.h>

#include "models/engine/cpu/cpu.h"

enum { N_PARTS = 16 };

typedef struct {
  int64_t B, T, Ci, To, Co, K, stride, dilation, pad;
  const NmTensor *x, *w, *b, *y;
  real *scratch; // [n_threads, T, Co]
  real *parts;   // [N_PARTS, K, Ci, Co]
} Conv;

static Conv make(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  return (Conv){.B = dst->shape.dim[0],
                .T = src[0]->shape.dim[1],
                .Ci = src[0]->shape.dim[2],
                .To = dst->shape.dim[1],
                .Co = dst->shape.dim[2],
                .K = src[1]->shape.dim[0],
                .stride = args->i[0],
                .dilation = args->i[1],
                .pad = args->i[2],
                .x = src[0],
                .w = src[1],
                .b = src[2],
                .y = dst};
}

static int64_t target(const Conv *c, int64_t t, int64_t k)
{
  return t * c->stride + k * c->dilation - c->pad;
}

static void forward_item(void *ctx, int64_t item, int worker)
{
  const Conv *c = ctx;
  const real *x = (const real *)c->x->value + item * c->T * c->Ci, *w = c->w->value;
  real *y = (real *)c->y->value + item * c->To * c->Co, *rows = c->scratch + (int64_t)worker * c->T * c->Co;
  for (int64_t t = 0; t < c->To; ++t)
    for (int64_t i = 0; i < c->Co; ++i) y[t * c->Co + i] = c->b ? ((const real *)c->b->value)[i] : 0;
  for (int64_t k = 0; k < c->K; ++k) {
    NM_BLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)c->T, (int)c->Co, (int)c->Ci, 1, x, (int)c->Ci,
     w + k * c->Ci * c->Co, (int)c->Co, 0, rows, (int)c->Co);
    for (int64_t t = 0; t < c->T; ++t) {
      const int64_t at = target(c, t, k);
      for (int64_t i = 0; at >= 0 && at < c->To && i < c->Co; ++i) y[at * c->Co + i] += rows[t * c->Co + i];
    }
  }
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Conv c = make(args, src, dst);
  c.scratch = run->scratch;
  nm_pool_run(run->pool, c.B, forward_item, &c);
}

// dy where tap k of each input row went, zeros outside: [T, Co].
static void collect(const Conv *c, const real *dy, int64_t k, real *rows)
{
  for (int64_t t = 0; t < c->T; ++t) {
    const int64_t at = target(c, t, k);
    if (at >= 0 && at < c->To)
      memcpy(rows + t * c->Co, dy + at * c->Co, (size_t)c->Co * sizeof *rows);
    else
      memset(rows + t * c->Co, 0, (size_t)c->Co * sizeof *rows);
  }
}

static void backward_part(void *ctx, int64_t part, int worker)
{
  const Conv *c = ctx;
  const real *w = c->w->value;
  real *rows = c->scratch + (int64_t)worker * c->T * c->Co, *dw = c->parts + part * c->K * c->Ci * c->Co;
  memset(dw, 0, (size_t)(c->K * c->Ci * c->Co) * sizeof *dw);
  for (int64_t item = c->B * part / N_PARTS; item < c->B * (part + 1) / N_PARTS; ++item) {
    const real *x = (const real *)c->x->value + item * c->T * c->Ci,
               *dy = (const real *)c->y->grad + item * c->To * c->Co;
    for (int64_t k = 0; k < c->K; ++k) {
      collect(c, dy, k, rows);
      if (c->x->grad) NM_BLAS(gemm)
      (CblasRowMajor, CblasNoTrans, CblasTrans, (int)c->T, (int)c->Ci, (int)c->Co, 1, rows, (int)c->Co,
       w + k * c->Ci * c->Co, (int)c->Co, 1, (real *)c->x->grad + item * c->T * c->Ci, (int)c->Ci);
      NM_BLAS(gemm)
      (CblasRowMajor, CblasTrans, CblasNoTrans, (int)c->Ci, (int)c->Co, (int)c->T, 1, x, (int)c->Ci, rows,
       (int)c->Co, 1, dw + k * c->Ci * c->Co, (int)c->Co);
    }
  }
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  Conv c = make(args, src, dst);
  const int64_t n = c.K * c.Ci * c.Co;
  c.scratch = run->scratch;
  c.parts = c.scratch + nm_pool_get_n_threads(run->pool) * c.T * c.Co;
  nm_pool_run(run->pool, N_PARTS, backward_part, &c);
  real *dw = src[1]->grad;
  for (int64_t part = 0; dw && part < N_PARTS; ++part)
    for (int64_t i = 0; i < n; ++i) dw[i] += c.parts[part * n + i];
  if (src[2] && src[2]->grad)
    NM_FN(nm_cpu_sum_rows)(run->pool, c.B * c.To, c.Co, dst->grad, src[2]->grad, run->scratch);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const Conv c = make(args, src, dst);
  const size_t n = (size_t)(n_threads * c.T * c.Co + N_PARTS * c.K * c.Ci * c.Co) * sizeof(real);
  const size_t sums = NM_FN(nm_cpu_sum_rows_scratch)(c.Co);
  return n > sums ? n : sums;
}

const NmKernelRow NM_FN(nm_cpu_conv1d_transpose) = {
    .forward = forward, .backward = backward, .size_scratch = size_scratch};
