// SPDX-License-Identifier: GPL-3.0-or-later
// Channels side by side: kernels that walk along channels are written once for V = float, one channel, and
// V = float4, four where the channels are a multiple of four. Sizes and indices are then counted in V.
#ifndef NM_ENGINE_CUDA_LANES_CUH
#define NM_ENGINE_CUDA_LANES_CUH

#include "models/engine/cuda/walk.cuh"

enum { NM_CUDA_LANES = 4 };

static inline bool nm_cuda_has_lanes(int64_t n_channels)
{
  return n_channels % NM_CUDA_LANES == 0;
}

static __device__ inline void nm_cuda_add(float *sum, float x)
{
  *sum += x;
}

static __device__ inline void nm_cuda_add(float4 *sum, float4 x)
{
  sum->x += x.x;
  sum->y += x.y;
  sum->z += x.z;
  sum->w += x.w;
}

static __device__ inline void nm_cuda_add_product(float *sum, float a, float b)
{
  *sum += a * b;
}

static __device__ inline void nm_cuda_add_product(float4 *sum, float4 a, float4 b)
{
  sum->x += a.x * b.x;
  sum->y += a.y * b.y;
  sum->z += a.z * b.z;
  sum->w += a.w * b.w;
}

// The row, of n, whose tap stands `from` = stride * row before; false when there is none.
static __device__ inline bool nm_cuda_row_of_tap(int64_t from, int64_t stride, int64_t n, int64_t *row)
{
  *row = from;
  return from >= 0 && (stride == 1 || nm_cuda_split(row, stride) == 0) && *row < n;
}

#endif
