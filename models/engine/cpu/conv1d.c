// SPDX-License-Identifier: GPL-3.0-or-later
// Convolution in time, channels last, as products of gathered columns: the K taps of each output row side by
// side, [rows, K Ci], times w [K Ci, Co]. Items of the batch and stretches of rows are gathered and
// multiplied in parallel.
#include <cblas.h>
#include <string.h>

#include "models/engine/cpu/half.h"

enum { ROWS = 128 }; // output rows of one piece

typedef struct {
  int64_t B, T, Ci, To, Co, K, stride, dilation, pad, groups;
  int64_t gi, go; // channels of a group, in and out
  int64_t pieces; // of an item
  const NmTensor *x, *w, *b, *y;
  real *scratch; // [n_threads, ROWS, K gi]
  real *parts;   // [n_parts, K gi, go] or NULL
  int64_t group, n_parts;
} Conv;

static Conv make(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  Conv c = {.B = dst->shape.dim[0],
            .T = src[0]->shape.dim[1],
            .Ci = src[0]->shape.dim[2],
            .To = dst->shape.dim[1],
            .Co = dst->shape.dim[2],
            .K = src[1]->shape.dim[0],
            .stride = args->i[0],
            .dilation = args->i[1],
            .pad = args->i[2],
            .groups = args->i[4],
            .x = src[0],
            .w = src[1],
            .b = src[2],
            .y = dst};
  c.gi = c.Ci / c.groups;
  c.go = c.Co / c.groups;
  c.pieces = (c.To + ROWS - 1) / ROWS;
  return c;
}

static int64_t rows_of(const Conv *c, int64_t piece)
{
  return c->To - piece * ROWS < ROWS ? c->To - piece * ROWS : ROWS;
}

// Columns of output rows [first, first + n) of an item: zeros outside of the input.
static void gather(const Conv *c, const real *x, int64_t first, int64_t n, real *columns)
{
  const size_t size = (size_t)c->gi * sizeof(real);
  for (int64_t r = 0; r < n; ++r)
    for (int64_t k = 0; k < c->K; ++k) {
      const int64_t t = (first + r) * c->stride - c->pad + k * c->dilation;
      real *to = columns + (r * c->K + k) * c->gi;
      if (t >= 0 && t < c->T)
        memcpy(to, x + t * c->Ci + c->group * c->gi, size);
      else
        memset(to, 0, size);
    }
}

// Adds columns back to where they came from.
static void scatter(const Conv *c, real *dx, int64_t first, int64_t n, const real *columns)
{
  for (int64_t r = 0; r < n; ++r)
    for (int64_t k = 0; k < c->K; ++k) {
      const int64_t t = (first + r) * c->stride - c->pad + k * c->dilation;
      if (t < 0 || t >= c->T) continue;
      const real *from = columns + (r * c->K + k) * c->gi;
      real *to = dx + t * c->Ci + c->group * c->gi;
#pragma omp simd
      for (int64_t i = 0; i < c->gi; ++i) to[i] += from[i];
    }
}

static real *own_scratch(const Conv *c, int worker)
{
  return c->scratch + (int64_t)worker * ROWS * c->K * c->gi;
}

// Weights of one group as [K gi, go]: rows of w [K, gi, Co] have the stride Co.
static void forward_piece(void *ctx, int64_t chunk, int worker)
{
  const Conv *c = ctx;
  const int64_t item = chunk / c->pieces, piece = chunk % c->pieces, n = rows_of(c, piece);
  const real *x = (const real *)c->x->value + item * c->T * c->Ci,
             *w = (const real *)c->w->value + c->group * c->go;
  real *y = (real *)c->y->value + (item * c->To + piece * ROWS) * c->Co + c->group * c->go,
       *columns = own_scratch(c, worker);
  const real *b = c->b ? (const real *)c->b->value + c->group * c->go : NULL;
  for (int64_t r = 0; r < n && b; ++r) memcpy(y + r * c->Co, b, (size_t)c->go * sizeof *y);
  gather(c, x, piece * ROWS, n, columns);
  NM_BLAS(gemm)
  (CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)c->go, (int)(c->K * c->gi), 1, columns,
   (int)(c->K * c->gi), w, (int)c->Co, b ? 1 : 0, y, (int)c->Co);
}

// At step 1 the taps of neighbouring rows overlap in memory.
static NmHalfProduct make_half(const Conv *c)
{
  return (NmHalfProduct){.x = c->x->value,
                         .n_items = c->B,
                         .n_values = c->T * c->Ci,
                         .n_before = c->pad * c->Ci,
                         .M = c->To,
                         .K = c->K * c->Ci,
                         .N = c->Co,
                         .step = c->stride * c->Ci,
                         .packed = c->w->packed,
                         .b = c->b ? c->b->value : NULL,
                         .y = c->y->value,
                         .rounded_y = c->y->rounded};
}

static size_t size_packed(const NmOpArgs *args, NmTensor *const *src)
{
  const NmShape w = src[1]->shape;
  const bool fits = args->i[1] == 1 && args->i[4] == 1;
  return fits && nm_cpu_half_can() ? nm_cpu_half_size_packed(w.dim[0] * w.dim[1], w.dim[2]) : 0;
}

static void pack(NmPool *pool, NmTensor *const *src, const void *half, void *packed)
{
  const NmShape w = src[1]->shape;
  nm_cpu_half_pack(pool, half, w.dim[0] * w.dim[1], w.dim[2], packed);
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Conv c = make(args, src, dst);
  if (src[1]->packed) {
    NmHalfProduct product = make_half(&c);
    product.then = run->then;
    nm_cpu_half_product(run->pool, &product, run->scratch);
    return;
  }
  c.scratch = run->scratch;
  for (c.group = 0; c.group < c.groups; ++c.group) nm_pool_run(run->pool, c.B * c.pieces, forward_piece, &c);
}

// Pieces of one item overlap in dx, so an item is one task.
static void input_item(void *ctx, int64_t item, int worker)
{
  const Conv *c = ctx;
  const real *w = (const real *)c->w->value + c->group * c->go;
  real *dx = (real *)c->x->grad + item * c->T * c->Ci, *columns = own_scratch(c, worker);
  for (int64_t piece = 0; piece < c->pieces; ++piece) {
    const int64_t n = rows_of(c, piece);
    const real *dy = (const real *)c->y->grad + (item * c->To + piece * ROWS) * c->Co + c->group * c->go;
    NM_BLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)(c->K * c->gi), (int)c->go, 1, dy, (int)c->Co, w,
     (int)c->Co, 0, columns, (int)(c->K * c->gi));
    scatter(c, dx, piece * ROWS, n, columns);
  }
}

// Weight gradients of a fixed share of the pieces.
static void weight_part(void *ctx, int64_t part, int worker)
{
  const Conv *c = ctx;
  const int64_t total = c->B * c->pieces, KI = c->K * c->gi;
  real *dw = c->parts + part * KI * c->go, *columns = own_scratch(c, worker);
  memset(dw, 0, (size_t)(KI * c->go) * sizeof *dw);
  for (int64_t q = total * part / c->n_parts; q < total * (part + 1) / c->n_parts; ++q) {
    const int64_t item = q / c->pieces, piece = q % c->pieces, n = rows_of(c, piece);
    const real *dy = (const real *)c->y->grad + (item * c->To + piece * ROWS) * c->Co + c->group * c->go;
    gather(c, (const real *)c->x->value + item * c->T * c->Ci, piece * ROWS, n, columns);
    NM_BLAS(gemm)
    (CblasRowMajor, CblasTrans, CblasNoTrans, (int)KI, (int)c->go, (int)n, 1, columns, (int)KI, dy,
     (int)c->Co, 1, dw, (int)c->go);
  }
}

static void fold_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Conv *c = ctx;
  const int64_t KI = c->K * c->gi;
  for (int64_t m = first; m < last; ++m) {
    real *dw = (real *)c->w->grad + m * c->Co + c->group * c->go;
    for (int64_t part = 0; part < c->n_parts; ++part) {
      const real *x = c->parts + (part * KI + m) * c->go;
#pragma omp simd
      for (int64_t n = 0; n < c->go; ++n) dw[n] += x[n];
    }
  }
}

static int64_t count_parts(const Conv *c)
{
  const int64_t n = c->B * c->pieces;
  return n < 16 ? n : 16;
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  Conv c = make(args, src, dst);
  const int n_threads = nm_pool_get_n_threads(run->pool);
  c.scratch = run->scratch;
  c.parts = c.scratch + (int64_t)n_threads * ROWS * c.K * c.gi;
  c.n_parts = count_parts(&c);
  for (c.group = 0; c.group < c.groups; ++c.group) {
    if (src[0]->grad) nm_pool_run(run->pool, c.B, input_item, &c);
    if (!src[1]->grad) continue;
    nm_pool_run(run->pool, c.n_parts, weight_part, &c);
    NM_FN(nm_cpu_for)(run->pool, c.K * c.gi, 32, fold_rows, &c);
  }
  if (src[2] && src[2]->grad)
    NM_FN(nm_cpu_sum_rows)(run->pool, c.B * c.To, c.Co, dst->grad, src[2]->grad, c.scratch);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const Conv c = make(args, src, dst);
  if (src[1]->packed) {
    const NmHalfProduct product = make_half(&c);
    return nm_cpu_half_scratch(&product);
  }
  const size_t KI = (size_t)(c.K * c.gi);
  const size_t n =
      ((size_t)n_threads * ROWS * KI + (size_t)count_parts(&c) * KI * (size_t)c.go) * sizeof(real);
  const size_t sums = NM_FN(nm_cpu_sum_rows_scratch)(c.Co);
  return n > sums ? n : sums;
}

const NmKernelRow NM_FN(nm_cpu_conv1d) = {.forward = forward,
                                          .backward = backward,
                                          .size_scratch = size_scratch,
                                          .size_packed = size_packed,
                                          .pack = pack,
                                          .writes_rounded = true};
