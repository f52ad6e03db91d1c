// SPDX-License-Identifier: GPL-3.0-or-later
// Rows and elements chosen by integers: embedding, gather_rows, gather_last, mask_rows.
#include <string.h>

#include "models/engine/cpu/cpu.h"

static void add_run(real *y, const real *x, int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] += x[i];
}

// Rows of `from` [B, K, C] to rows of `to` [B, T, C] by index [B, T]; an embedding has B = 1.
typedef struct {
  real *rows, *chosen;
  const int32_t *index;
  int64_t B, K, T, C;
} Gather;

static void gather_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Gather *g = ctx;
  for (int64_t r = first; r < last; ++r) {
    const int32_t k = g->index[r];
    real *y = g->chosen + r * g->C;
    if (k >= 0 && k < g->K)
      memcpy(y, g->rows + (r / g->T * g->K + k) * g->C, (size_t)g->C * sizeof *y);
    else
      memset(y, 0, (size_t)g->C * sizeof *y);
  }
}

// Columns [first, last) of all rows, in order: the same sums for any number of threads.
static void scatter_columns(void *ctx, int64_t first, int64_t last, int worker)
{
  const Gather *g = ctx;
  for (int64_t r = 0; r < g->B * g->T; ++r) {
    const int32_t k = g->index[r];
    if (k >= 0 && k < g->K)
      add_run(g->rows + (r / g->T * g->K + k) * g->C + first, g->chosen + r * g->C + first, last - first);
  }
}

static Gather make_embedding(NmTensor *const *src, const NmTensor *dst)
{
  return (Gather){.index = src[1]->value,
                  .B = 1,
                  .K = src[0]->shape.dim[0],
                  .T = nm_shape_rows(dst->shape),
                  .C = src[0]->shape.dim[1]};
}

static Gather make_gather(NmTensor *const *src, const NmTensor *dst)
{
  return (Gather){.index = src[1]->value,
                  .B = dst->shape.dim[0],
                  .K = src[0]->shape.dim[1],
                  .T = dst->shape.dim[1],
                  .C = dst->shape.dim[2]};
}

static void gather(const NmKernelRun *run, Gather g, void *rows, void *chosen)
{
  g.rows = rows;
  g.chosen = chosen;
  NM_FN(nm_cpu_for)(run->pool, g.B * g.T, nm_cpu_chunk_rows(g.C), gather_rows, &g);
}

static void scatter(const NmKernelRun *run, Gather g, void *rows, void *chosen)
{
  g.rows = rows;
  g.chosen = chosen;
  if (rows) NM_FN(nm_cpu_for)(run->pool, g.C, 32, scatter_columns, &g);
}

static void embedding(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                      NmTensor *dst)
{
  gather(run, make_embedding(src, dst), src[0]->value, dst->value);
}

static void embedding_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                           NmTensor *dst)
{
  scatter(run, make_embedding(src, dst), src[0]->grad, dst->grad);
}

static void rows(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src, NmTensor *dst)
{
  gather(run, make_gather(src, dst), src[0]->value, dst->value);
}

static void rows_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                      NmTensor *dst)
{
  scatter(run, make_gather(src, dst), src[0]->grad, dst->grad);
}

const NmKernelRow NM_FN(nm_cpu_embedding) = {.forward = embedding, .backward = embedding_back};
const NmKernelRow NM_FN(nm_cpu_gather_rows) = {.forward = rows, .backward = rows_back};

// gather_last: x [B, T, V] by index [B, K].
typedef struct {
  real *x, *y;
  const int32_t *index;
  int64_t T, V, K;
  real fill;
} Last;

static void last_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Last *g = ctx;
  for (int64_t r = first; r < last; ++r) {
    const int32_t *index = g->index + r / g->T * g->K;
    for (int64_t k = 0; k < g->K; ++k)
      g->y[r * g->K + k] = index[k] >= 0 && index[k] < g->V ? g->x[r * g->V + index[k]] : g->fill;
  }
}

static void last_rows_back(void *ctx, int64_t first, int64_t last, int worker)
{
  const Last *g = ctx;
  for (int64_t r = first; r < last; ++r) {
    const int32_t *index = g->index + r / g->T * g->K;
    for (int64_t k = 0; k < g->K; ++k)
      if (index[k] >= 0 && index[k] < g->V) g->x[r * g->V + index[k]] += g->y[r * g->K + k];
  }
}

static Last make_last(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  return (Last){.index = src[1]->value,
                .T = dst->shape.dim[1],
                .V = src[0]->shape.dim[2],
                .K = dst->shape.dim[2],
                .fill = (real)args->r[0]};
}

static void last(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src, NmTensor *dst)
{
  Last g = make_last(args, src, dst);
  g.x = src[0]->value;
  g.y = dst->value;
  NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(g.K), last_rows, &g);
}

static void last_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                      NmTensor *dst)
{
  Last g = make_last(args, src, dst);
  g.x = src[0]->grad;
  g.y = dst->grad;
  if (g.x)
    NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(g.K), last_rows_back, &g);
}

const NmKernelRow NM_FN(nm_cpu_gather_last) = {.forward = last, .backward = last_back};

// mask_rows: rows of C reals, T of them in each of B items. Forward works in place.
typedef struct {
  const real *from;
  real *to;
  const int32_t *len;
  int64_t T, C;
  bool add;
} Mask;

static void mask_some(void *ctx, int64_t first, int64_t last_row, int worker)
{
  const Mask *m = ctx;
  for (int64_t r = first; r < last_row; ++r) {
    const bool kept = r % m->T < m->len[r / m->T];
    real *y = m->to + r * m->C;
    const real *x = m->from + r * m->C;
    if (m->add && kept) add_run(y, x, m->C);
    if (m->add) continue;
    if (!kept)
      memset(y, 0, (size_t)m->C * sizeof *y);
    else if (x != y)
      memcpy(y, x, (size_t)m->C * sizeof *y);
  }
}

static void mask(const NmKernelRun *run, NmTensor *const *src, const NmTensor *dst, const void *from,
                 void *to, bool add)
{
  const int64_t n_rows = dst->shape.dim[0] * dst->shape.dim[1];
  Mask m = {from, to, src[1]->value, dst->shape.dim[1], nm_shape_count(dst->shape) / n_rows, add};
  NM_FN(nm_cpu_for)(run->pool, n_rows, nm_cpu_chunk_rows(m.C), mask_some, &m);
}

static void mask_forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                         NmTensor *dst)
{
  mask(run, src, dst, src[0]->value, dst->value, false);
}

static void mask_backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                          NmTensor *dst)
{
  if (src[0]->grad) mask(run, src, dst, dst->grad, src[0]->grad, true);
}

const NmKernelRow NM_FN(nm_cpu_mask_rows) = {.forward = mask_forward, .backward = mask_backward};
