// SPDX-License-Identifier: GPL-3.0-or-later
// What CUDA kernels share (C++ as nvcc compiles it, used as C with kernels). The backend is for training:
// float values, one stream, one arena of device memory; matrices on cuBLAS in tf32, everything else in float.
//
// A kernel file defines its rows, `const NmKernelRow nm_cuda_linear = {linear, linear_back, ...};`, declared
// below; backend.cu lists them. The contract of a row is in models/engine/backend.h; the CPU folder is the
// reference: forward writes dst->value entirely, backward ADDS to gradients that are not NULL, or sets those
// that are fresh (nm_cuda_grad). All pointers
// in tensors, scratch and saved are device memory. Results are the same bytes in every run: no floating-point
// atomics.
#ifndef NM_ENGINE_CUDA_CUH
#define NM_ENGINE_CUDA_CUH

#include <cublas_v2.h>
#include <cuda_runtime.h>

extern "C" {
#include "models/engine/backend.h"
}

// One per process, shared by all graphs and parameter sets (backend.cu). Everything runs in order on one
// stream.
struct NmCuda {
  cudaStream_t stream;
  cublasHandle_t blas;
  void *workspace; // of products, on the card
  size_t size_workspace;
  char failure[256]; // the first error; empty while all is well
};

static inline NmCuda *nm_cuda_of(const NmKernelRun *run)
{
  return (NmCuda *)run->context;
}

// Notes the first error of the process; what runs after it is undefined, and nm_backend check reports it.
void nm_cuda_note(NmCuda *cuda, const char *what, const char *cause);
static inline void nm_cuda_check(NmCuda *cuda, cudaError_t error, const char *what)
{
  if (error != cudaSuccess) nm_cuda_note(cuda, what, cudaGetErrorString(error));
}

enum { NM_CUDA_BLOCK = 256 };

// Blocks of NM_CUDA_BLOCK threads for n items, one each; kernels loop with NM_CUDA_FOR so that any grid is
// right.
static inline unsigned nm_cuda_blocks(int64_t n)
{
  const int64_t blocks = (n + NM_CUDA_BLOCK - 1) / NM_CUDA_BLOCK, most = 65535;
  return (unsigned)(blocks < 1 ? 1 : blocks > most ? most : blocks);
}

#define NM_CUDA_FOR(i, n)                                                                                    \
  for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < (n);                                  \
       i += (int64_t)gridDim.x * blockDim.x)

// NM_CUDA_LAUNCH(run, kernel, blocks, threads, shared bytes, arguments...): on the stream, errors noted.
#define NM_CUDA_LAUNCH(run, kernel, blocks, threads, shared, ...)                                            \
  do {                                                                                                       \
    NmCuda *cuda_ = nm_cuda_of(run);                                                                         \
    kernel<<<(blocks), (threads), (shared), cuda_->stream>>>(__VA_ARGS__);                                   \
    nm_cuda_check(cuda_, cudaGetLastError(), #kernel);                                                       \
  } while (0)

// Sums over a block or warp, the same order every time. All threads call it; the result is in every thread.
// blockDim.x is a multiple of 32.
static __device__ inline float nm_cuda_warp_sum(float x)
{
  for (int step = 16; step; step >>= 1) x += __shfl_xor_sync(0xffffffffu, x, step);
  return x;
}

static __device__ inline float nm_cuda_block_sum(float x)
{
  __shared__ float parts[32];
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, n_warps = blockDim.x / 32;
  x = nm_cuda_warp_sum(x);
  __syncthreads();
  if (lane == 0) parts[warp] = x;
  __syncthreads();
  return nm_cuda_warp_sum(lane < n_warps ? parts[lane] : 0.0f);
}

// Where the gradient of a tensor goes: it is set where it is fresh, else added to.
struct NmCudaGrad {
  float *at; // NULL: not wanted
  bool fresh;
};

static inline NmCudaGrad nm_cuda_grad(const NmTensor *x)
{
  return {(float *)x->grad, x->fresh};
}

static __device__ inline void nm_cuda_give(const NmCudaGrad &grad, int64_t i, float x)
{
  grad.at[i] = grad.fresh ? x : grad.at[i] + x;
}

// The share of what is there that a product keeps when it gives a gradient.
static inline float nm_cuda_beta(const NmTensor *x)
{
  return x->fresh ? 0.0f : 1.0f;
}

// C = alpha op(A) op(B) + beta C, row-major, as nm_cpu_gemm; tf32 (products.cu).
void nm_cuda_gemm(NmCuda *cuda, bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
                  float alpha, const float *A, int64_t lda, const float *B, int64_t ldb, float beta, float *C,
                  int64_t ldc);
// The same for `n` products a stride apart.
void nm_cuda_gemm_batched(NmCuda *cuda, bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
                          float alpha, const float *A, int64_t lda, int64_t stride_a, const float *B,
                          int64_t ldb, int64_t stride_b, float beta, float *C, int64_t ldc, int64_t stride_c,
                          int64_t n);
// C = A B + bias in every row, bias [N] or NULL (products.cu).
void nm_cuda_gemm_bias(const NmKernelRun *run, int64_t M, int64_t N, int64_t K, const float *A, int64_t lda,
                       const float *B, int64_t ldb, const float *bias, float *C, int64_t ldc);
// y [C] is given the sum of x [n, C] over rows (matrices.cu). scratch: nm_cuda_sum_rows_scratch bytes.
size_t nm_cuda_sum_rows_scratch(int64_t n, int64_t C);
void nm_cuda_sum_rows(const NmKernelRun *run, int64_t n, int64_t C, const float *x, NmCudaGrad y,
                      void *scratch);

#define NM_CUDA_DECLARE(OP, name) extern "C" const NmKernelRow nm_cuda_##name;
NM_OP_KERNELS(NM_CUDA_DECLARE)
#undef NM_CUDA_DECLARE

#endif
