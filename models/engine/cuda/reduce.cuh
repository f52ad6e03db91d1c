// SPDX-License-Identifier: GPL-3.0-or-later
// Sums of R terms for each of M results, in an order that depends on the sizes alone. Whoever sums says what
// a term is and where a result goes:
//
//   struct F {
//     __device__ Start start(int64_t m) const;            // of a result, once
//     __device__ float term(Start start, int64_t r) const; // 0 <= r < R
//     __device__ void put(int64_t m, float sum) const;     // once per result
//   };
//
// When results are few, the terms are cut into P parts that are summed apart and then together, in double.
#ifndef NM_ENGINE_CUDA_REDUCE_CUH
#define NM_ENGINE_CUDA_REDUCE_CUH

#include "models/engine/cuda/walk.cuh"

// Warps over n rows, one each; `lane` is the thread's place in its warp. blockDim.x is a multiple of 32.
#define NM_CUDA_FOR_WARPS(row, lane, n)                                                                      \
  for (int64_t row = ((int64_t)blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;         \
       row < (n); row += (int64_t)gridDim.x * blockDim.x / 32)

static __device__ inline float nm_cuda_warp_max(float x)
{
  for (int step = 16; step; step >>= 1) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, step));
  return x;
}

enum { NM_CUDA_REDUCE_PARTS = 65536 }; // the most partial sums of a reduction
static inline size_t nm_cuda_reduce_scratch(void)
{
  return NM_CUDA_REDUCE_PARTS * sizeof(float);
}

struct NmCudaReduce {
  int64_t M, R, P;
  float *parts; // [P, M] when P > 1
};

// Where part `part` of the terms begins.
static __device__ inline int64_t nm_cuda_reduce_begin(const NmCudaReduce &size, int64_t part)
{
  return size.P > 1 ? size.R * part / size.P : size.R * part;
}

template <class F>
static __device__ inline void nm_cuda_reduce_put(const F &f, const NmCudaReduce &size, int64_t job, float sum)
{
  if (size.P > 1)
    size.parts[job] = sum;
  else
    f.put(job, sum);
}

// A thread per sum: neighbouring results read neighbouring terms.
template <class F> static __global__ void nm_cuda_reduce_columns(F f, NmCudaReduce size)
{
  NM_CUDA_FOR(job, size.P * size.M)
  {
    int64_t part = job;
    const int64_t m = nm_cuda_split(&part, size.M), last = nm_cuda_reduce_begin(size, part + 1);
    const auto start = f.start(m);
    float sum = 0;
#pragma unroll 4
    for (int64_t r = nm_cuda_reduce_begin(size, part); r < last; ++r) sum += f.term(start, r);
    nm_cuda_reduce_put(f, size, job, sum);
  }
}

// A warp per sum: the terms of a result are neighbours.
template <class F> static __global__ void nm_cuda_reduce_rows(F f, NmCudaReduce size)
{
  NM_CUDA_FOR_WARPS(job, lane, size.P * size.M)
  {
    int64_t part = job;
    const int64_t m = nm_cuda_split(&part, size.M), last = nm_cuda_reduce_begin(size, part + 1);
    const auto start = f.start(m);
    float sum = 0;
#pragma unroll 4
    for (int64_t r = nm_cuda_reduce_begin(size, part) + lane; r < last; r += 32) sum += f.term(start, r);
    sum = nm_cuda_warp_sum(sum);
    if (lane == 0) nm_cuda_reduce_put(f, size, job, sum);
  }
}

// 32 results a block, 8 threads each.
template <class F> static __global__ void nm_cuda_reduce_parts(F f, NmCudaReduce size)
{
  __shared__ double sums[NM_CUDA_BLOCK / 32][32];
  const int column = threadIdx.x % 32, share = threadIdx.x / 32, n_shares = NM_CUDA_BLOCK / 32;
  for (int64_t first = (int64_t)blockIdx.x * 32; first < size.M; first += (int64_t)gridDim.x * 32) {
    const int64_t m = first + column;
    double sum = 0;
    for (int64_t part = share; m < size.M && part < size.P; part += n_shares)
      sum += (double)size.parts[part * size.M + m];
    sums[share][column] = sum;
    __syncthreads();
    for (int i = 1; share == 0 && i < n_shares; ++i) sum += sums[i][column];
    if (share == 0 && m < size.M) f.put(m, (float)sum);
    __syncthreads();
  }
}

static inline int64_t nm_cuda_least(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

// by_rows: the R terms of a result are neighbours in memory; otherwise the M results are. scratch:
// nm_cuda_reduce_scratch bytes.
template <class F>
static inline void nm_cuda_reduce(const NmKernelRun *run, const F &f, int64_t M, int64_t R, bool by_rows,
                                  void *scratch)
{
  const int64_t cut = by_rows ? nm_cuda_least(nm_cuda_least(R / 256, 1024), 8192 / M)
                              : nm_cuda_least(R / 32, NM_CUDA_REDUCE_PARTS / M);
  const NmCudaReduce size = {M, R, cut > 1 ? cut : 1, (float *)scratch};
  const int64_t n = size.P * M;
  if (by_rows)
    NM_CUDA_LAUNCH(run, nm_cuda_reduce_rows, nm_cuda_blocks(32 * n), NM_CUDA_BLOCK, 0, f, size);
  else
    NM_CUDA_LAUNCH(run, nm_cuda_reduce_columns, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, f, size);
  if (size.P > 1) NM_CUDA_LAUNCH(run, nm_cuda_reduce_parts, nm_cuda_blocks(8 * M), NM_CUDA_BLOCK, 0, f, size);
}

#endif
