// SPDX-License-Identifier: GPL-3.0-or-later
// Sums over one axis, or over everything: x seen as [outer, len, inner], summed over len.
#include "models/engine/cuda/reduce.cuh"
#include "models/engine/cuda/walk.cuh"

struct Sum {
  const float *x;
  float *y;
  int64_t outer, len, inner;

  __device__ int64_t start(int64_t m) const
  {
    const int64_t i = nm_cuda_split(&m, inner);
    return m * len * inner + i;
  }
  __device__ float term(int64_t start, int64_t r) const { return x[start + r * inner]; }
  __device__ void put(int64_t m, float sum) const { y[m] = sum; }
};

static Sum make(const NmOpArgs *args, const NmTensor *x)
{
  Sum s = {NULL, NULL, 1, 1, 1};
  const int axis = (int)args->i[0];
  s.len = axis < 0 ? nm_shape_count(x->shape) : x->shape.dim[axis];
  for (int i = 0; i < axis; ++i) s.outer *= x->shape.dim[i];
  for (int i = axis + 1; axis >= 0 && i < x->shape.n_dims; ++i) s.inner *= x->shape.dim[i];
  return s;
}

enum { LEN_WARP_ROW = 16 }; // shorter rows are not worth a warp

static void sum(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src, NmTensor *dst)
{
  Sum s = make(args, src[0]);
  s.x = (const float *)src[0]->value;
  s.y = (float *)dst->value;
  nm_cuda_reduce(run, s, s.outer * s.inner, s.len, s.inner == 1 && s.len >= LEN_WARP_ROW, run->scratch);
}

static __global__ void spread(Sum s, const float *dy, NmCudaGrad dx)
{
  NM_CUDA_FOR(i, s.outer * s.len * s.inner)
  {
    int64_t row = i;
    const int64_t c = nm_cuda_split(&row, s.inner);
    nm_cuda_split(&row, s.len);
    nm_cuda_give(dx, i, dy[row * s.inner + c]);
  }
}

static void sum_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  const Sum s = make(args, src[0]);
  if (src[0]->grad)
    NM_CUDA_LAUNCH(run, spread, nm_cuda_blocks(s.outer * s.len * s.inner), NM_CUDA_BLOCK, 0, s,
                   (const float *)dst->grad, nm_cuda_grad(src[0]));
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  return nm_cuda_reduce_scratch();
}

const NmKernelRow nm_cuda_sum = {
    .forward = sum, .backward = sum_back, .size_scratch = size_scratch, .sets_fresh = true};
