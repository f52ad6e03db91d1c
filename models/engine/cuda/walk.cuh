// SPDX-License-Identifier: GPL-3.0-or-later
// A dense index taken apart into the dimensions of a shape, and the places it has in arrays of other strides:
// what broadcasting, permuting and partial sums share. Neighbouring dimensions that every array walks through
// evenly are one dimension, so that equal shapes cost no division, a row vector or a scalar per row one.
#ifndef NM_ENGINE_CUDA_WALK_CUH
#define NM_ENGINE_CUDA_WALK_CUH

#include "models/engine/cuda/cuda.cuh"

enum { NM_CUDA_WALK_ARRAYS = 3 };

// Slowest dimension first; n_dims 0: the only index is 0.
struct NmCudaWalk {
  int n_dims;
  int64_t dim[NM_MAX_DIMS];
  int64_t stride[NM_MAX_DIMS][NM_CUDA_WALK_ARRAYS];
};

struct NmCudaPlace {
  int64_t at[NM_CUDA_WALK_ARRAYS];
};

// Adds a dimension inside the ones before it, with the step of each array along it.
static inline void nm_cuda_walk_add(NmCudaWalk *walk, int64_t dim, int64_t s0, int64_t s1, int64_t s2)
{
  const int64_t stride[NM_CUDA_WALK_ARRAYS] = {s0, s1, s2};
  if (dim == 1) return;
  bool even = walk->n_dims > 0;
  for (int i = 0; even && i < NM_CUDA_WALK_ARRAYS; ++i)
    even = walk->stride[walk->n_dims - 1][i] == dim * stride[i];
  if (!even) walk->dim[walk->n_dims++] = 1;
  walk->dim[walk->n_dims - 1] *= dim;
  for (int i = 0; i < NM_CUDA_WALK_ARRAYS; ++i) walk->stride[walk->n_dims - 1][i] = stride[i];
}

static inline int64_t nm_cuda_walk_count(const NmCudaWalk *walk)
{
  int64_t n = 1;
  for (int i = 0; i < walk->n_dims; ++i) n *= walk->dim[i];
  return n;
}

// i becomes i / n; the remainder returns. In 32 bits where that is enough: much faster.
static __device__ inline int64_t nm_cuda_split(int64_t *i, int64_t n)
{
  const int64_t whole = *i;
  *i = ((whole | n) >> 32) == 0 ? (int64_t)((uint32_t)whole / (uint32_t)n) : whole / n;
  return whole - *i * n;
}

static __device__ inline NmCudaPlace nm_cuda_walk_place(const NmCudaWalk &walk, int64_t i)
{
  NmCudaPlace place = {};
  for (int k = walk.n_dims - 1; k >= 0; --k) {
    const int64_t step = k > 0 ? nm_cuda_split(&i, walk.dim[k]) : i;
    for (int a = 0; a < NM_CUDA_WALK_ARRAYS; ++a) place.at[a] += step * walk.stride[k][a];
  }
  return place;
}

#endif
