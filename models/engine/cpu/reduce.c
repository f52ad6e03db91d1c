// SPDX-License-Identifier: GPL-3.0-or-later
// Sums over one axis, or over everything.
#include <string.h>

#include "models/engine/cpu/cpu.h"

enum { CHUNK = 16384 };

typedef struct {
  real *x, *y; // values, or gradients
  int64_t outer, len, inner, n;
  real *parts;
} Job;

static Job make(const NmOpArgs *args, const NmTensor *x)
{
  Job j = {.outer = 1, .inner = 1, .n = nm_shape_count(x->shape)};
  const int axis = (int)args->i[0];
  j.len = axis < 0 ? j.n : x->shape.dim[axis];
  for (int i = 0; i < axis; ++i) j.outer *= x->shape.dim[i];
  for (int i = axis + 1; axis >= 0 && i < x->shape.n_dims; ++i) j.inner *= x->shape.dim[i];
  return j;
}

NM_CLONES static real sum_run(const real *x, int64_t n)
{
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  return sum;
}

static void sum_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t o = first; o < last; ++o) {
    const real *x = j->x + o * j->len * j->inner;
    real *y = j->y + o * j->inner;
    if (j->inner == 1) {
      *y = sum_run(x, j->len);
      continue;
    }
    memcpy(y, x, (size_t)j->inner * sizeof *y);
    for (int64_t k = 1; k < j->len; ++k)
      for (int64_t i = 0; i < j->inner; ++i) y[i] += x[k * j->inner + i];
  }
}

static void sum_piece(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  j->parts[first / CHUNK] = sum_run(j->x + first, last - first);
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Job j = make(args, src[0]);
  j.x = src[0]->value;
  j.y = dst->value;
  j.parts = run->scratch;
  if (args->i[0] >= 0) {
    NM_FN(nm_cpu_for)(run->pool, j.outer, nm_cpu_chunk_rows(j.len * j.inner), sum_rows, &j);
    return;
  }
  double total = 0;
  NM_FN(nm_cpu_for)(run->pool, j.n, CHUNK, sum_piece, &j);
  for (int64_t i = 0; i * CHUNK < j.n; ++i) total += (double)j.parts[i];
  *j.y = (real)total;
}

static void spread_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx; // x is dx, y is dy
  for (int64_t o = first; o < last; ++o)
    for (int64_t k = 0; k < j->len; ++k) {
      real *dx = j->x + (o * j->len + k) * j->inner;
      const real *dy = j->y + o * j->inner;
      for (int64_t i = 0; i < j->inner; ++i) dx[i] += dy[i];
    }
}

static void spread_piece(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  const real dy = *j->y;
  for (int64_t i = first; i < last; ++i) j->x[i] += dy;
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  Job j = make(args, src[0]);
  j.x = src[0]->grad;
  j.y = dst->grad;
  if (!j.x) return;
  if (args->i[0] >= 0)
    NM_FN(nm_cpu_for)(run->pool, j.outer, nm_cpu_chunk_rows(j.len * j.inner), spread_rows, &j);
  else
    NM_FN(nm_cpu_for)(run->pool, j.n, CHUNK, spread_piece, &j);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  return (size_t)(nm_shape_count(src[0]->shape) / CHUNK + 1) * sizeof(real);
}

const NmKernelRow NM_FN(nm_cpu_sum) = {
    .forward = forward, .backward = backward, .size_scratch = size_scratch};
