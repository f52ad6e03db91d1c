// SPDX-License-Identifier: GPL-3.0-or-later
// Ops that move elements: permute, concat, slice, pad.
#include <string.h>

#include "models/engine/cpu/cpu.h"

static void add_run(real *y, const real *x, int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] += x[i];
}

// Permute: rows of the output's last dimension, read with a stride.
typedef struct {
  const NmShape *y;
  int64_t stride[NM_MAX_DIMS]; // in x, of each dimension of y
  const real *from;
  real *to;
} Permute;

static Permute make_permute(const NmOpArgs *args, NmTensor *x, NmTensor *y)
{
  Permute p = {.y = &y->shape};
  int64_t stride[NM_MAX_DIMS], step = 1;
  for (int i = x->shape.n_dims - 1; i >= 0; --i) {
    stride[i] = step;
    step *= x->shape.dim[i];
  }
  for (int i = 0; i < y->shape.n_dims; ++i) p.stride[i] = stride[args->i[i]];
  return p;
}

static int64_t source_of_row(const Permute *p, int64_t row)
{
  int64_t at = 0;
  for (int i = p->y->n_dims - 2; i >= 0; --i) {
    at += row % p->y->dim[i] * p->stride[i];
    row /= p->y->dim[i];
  }
  return at;
}

static void permute_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Permute *p = ctx;
  const int64_t n = nm_shape_channels(*p->y), step = p->stride[p->y->n_dims - 1];
  for (int64_t r = first; r < last; ++r) {
    const real *x = p->from + source_of_row(p, r);
    for (int64_t i = 0; i < n; ++i) p->to[r * n + i] = x[i * step];
  }
}

static void permute_back_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Permute *p = ctx; // `to` is dx, `from` dy
  const int64_t n = nm_shape_channels(*p->y), step = p->stride[p->y->n_dims - 1];
  for (int64_t r = first; r < last; ++r) {
    real *x = p->to + source_of_row(p, r);
    for (int64_t i = 0; i < n; ++i) x[i * step] += p->from[r * n + i];
  }
}

static void permute(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Permute p = make_permute(args, src[0], dst);
  p.from = src[0]->value;
  p.to = dst->value;
  const int64_t n = nm_shape_channels(dst->shape);
  NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(n), permute_rows, &p);
}

static void permute_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                         NmTensor *dst)
{
  Permute p = make_permute(args, src[0], dst);
  p.from = dst->grad;
  p.to = src[0]->grad;
  const int64_t n = nm_shape_channels(dst->shape);
  if (p.to)
    NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(n), permute_back_rows, &p);
}

const NmKernelRow NM_FN(nm_cpu_permute) = {.forward = permute, .backward = permute_back};

// A block of one tensor inside another along one axis: `outer` runs of `len` reals, placed at `offset` in the
// larger rows.
typedef struct {
  real *large, *small;
  int64_t outer, len_large, len_small, offset;
  enum { COPY_IN, COPY_OUT, ADD_IN, ADD_OUT } what;
} Block;

static Block make_block(const NmShape *large, const NmShape *small, int axis, int64_t start)
{
  Block b = {.outer = 1};
  int64_t inner = 1;
  for (int i = 0; i < axis; ++i) b.outer *= large->dim[i];
  for (int i = axis + 1; i < large->n_dims; ++i) inner *= large->dim[i];
  b.len_large = large->dim[axis] * inner;
  b.len_small = small->dim[axis] * inner;
  b.offset = start * inner;
  return b;
}

static void block_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Block *b = ctx;
  const size_t size = (size_t)b->len_small * sizeof(real);
  for (int64_t r = first; r < last; ++r) {
    real *large = b->large + r * b->len_large + b->offset, *small = b->small + r * b->len_small;
    switch (b->what) {
    case COPY_IN: memcpy(large, small, size); break;
    case COPY_OUT: memcpy(small, large, size); break;
    case ADD_IN: add_run(large, small, b->len_small); break;
    case ADD_OUT: add_run(small, large, b->len_small); break;
    }
  }
}

static void run_block(NmPool *pool, Block b, void *large, void *small, int what)
{
  b.large = large;
  b.small = small;
  b.what = what;
  NM_FN(nm_cpu_for)(pool, b.outer, nm_cpu_chunk_rows(b.len_small), block_rows, &b);
}

static void concat(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                   NmTensor *dst)
{
  const int axis = (int)args->i[0];
  for (int64_t i = 0, at = 0; i < n_src; at += src[i++]->shape.dim[axis])
    run_block(run->pool, make_block(&dst->shape, &src[i]->shape, axis, at), dst->value, src[i]->value,
              COPY_IN);
}

static void concat_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                        NmTensor *dst)
{
  const int axis = (int)args->i[0];
  for (int64_t i = 0, at = 0; i < n_src; at += src[i++]->shape.dim[axis])
    if (src[i]->grad)
      run_block(run->pool, make_block(&dst->shape, &src[i]->shape, axis, at), dst->grad, src[i]->grad,
                ADD_OUT);
}

const NmKernelRow NM_FN(nm_cpu_concat) = {.forward = concat, .backward = concat_back};

static void slice(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                  NmTensor *dst)
{
  run_block(run->pool, make_block(&src[0]->shape, &dst->shape, (int)args->i[0], args->i[1]), src[0]->value,
            dst->value, COPY_OUT);
}

static void slice_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                       NmTensor *dst)
{
  if (src[0]->grad)
    run_block(run->pool, make_block(&src[0]->shape, &dst->shape, (int)args->i[0], args->i[1]), src[0]->grad,
              dst->grad, ADD_IN);
}

const NmKernelRow NM_FN(nm_cpu_slice) = {.forward = slice, .backward = slice_back};

static void pad(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src, NmTensor *dst)
{
  memset(dst->value, 0, (size_t)nm_shape_count(dst->shape) * sizeof(real));
  run_block(run->pool, make_block(&dst->shape, &src[0]->shape, (int)args->i[0], args->i[1]), dst->value,
            src[0]->value, COPY_IN);
}

static void pad_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  if (src[0]->grad)
    run_block(run->pool, make_block(&dst->shape, &src[0]->shape, (int)args->i[0], args->i[1]), dst->grad,
              src[0]->grad, ADD_OUT);
}

const NmKernelRow NM_FN(nm_cpu_pad) = {.forward = pad, .backward = pad_back};
