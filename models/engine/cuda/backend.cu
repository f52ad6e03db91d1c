// SPDX-License-Identifier: GPL-3.0-or-later
// The CUDA backend: its row table, its one context, memory, and the optimiser's arithmetic.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "models/engine/cuda/cuda.cuh"

extern "C" {
#include "dsp/base/log.h"
#include "models/engine/cuda/backend.h"
}

enum { N_SUMS = 512, SIZE_WORKSPACE = 64 << 20, SIZE_STAGE = 64 << 20 };

static NmCuda cuda;   // the card is one, and so is the context
static double *sums;  // [N_SUMS] on the card
static char *stage;   // [SIZE_STAGE] host memory that the card reads by itself
static size_t staged; // of it, what copies under way may still read

void nm_cuda_note(NmCuda *c, const char *what, const char *cause)
{
  if (c->failure[0]) return;
  snprintf(c->failure, sizeof c->failure, "CUDA: %s: %s", what, cause);
  nm_log(NM_LOG_ERROR, "%s", c->failure);
}

static NmStatus check(void *context, NmError *err)
{
  const NmCuda *c = (const NmCuda *)context;
  return c->failure[0] ? nm_error_set(err, NM_ERR_IO, "%s", c->failure) : NM_OK;
}

static NmStatus open_card(NmError *err)
{
  int n = 0;
  if (cuda.stream) return NM_OK;
  if (cudaGetDeviceCount(&n) != cudaSuccess || n == 0)
    return nm_error_set(err, NM_ERR_UNSUPPORTED,
                        "there is no graphics card that CUDA can use, or no driver for it");
  if (cudaStreamCreate(&cuda.stream) != cudaSuccess || cublasCreate(&cuda.blas) != CUBLAS_STATUS_SUCCESS ||
      cudaMalloc(&cuda.workspace, SIZE_WORKSPACE) != cudaSuccess ||
      cudaMalloc((void **)&sums, N_SUMS * sizeof *sums) != cudaSuccess ||
      cudaMallocHost((void **)&stage, SIZE_STAGE) != cudaSuccess)
    return nm_error_set(err, NM_ERR_IO, "CUDA: %s", cudaGetErrorString(cudaGetLastError()));
  cublasSetStream(cuda.blas, cuda.stream);
  cuda.size_workspace = SIZE_WORKSPACE;
  cublasSetWorkspace(cuda.blas, cuda.workspace, cuda.size_workspace);
  cublasSetMathMode(cuda.blas, CUBLAS_TF32_TENSOR_OP_MATH);
  return NM_OK;
}

static void *context_new(void)
{
  return &cuda;
}

static void context_free(void *context)
{
  cudaStreamSynchronize(cuda.stream);
}

static void *memory_alloc(void *context, size_t size)
{
  void *memory = NULL;
  if (cudaMalloc(&memory, size ? size : 1) == cudaSuccess) return memory;
  cudaGetLastError(); // the caller reports what could not be had
  return NULL;
}

static void memory_free(void *context, void *memory)
{
  if (memory) nm_cuda_check(&cuda, cudaFree(memory), "cudaFree");
}

static void memory_zero(void *context, void *memory, size_t size)
{
  nm_cuda_check(&cuda, cudaMemsetAsync(memory, 0, size, cuda.stream), "cudaMemset");
}

static void wait_for_card(void)
{
  nm_cuda_check(&cuda, cudaStreamSynchronize(cuda.stream), "a kernel");
  staged = 0;
}

// The caller's memory is his again on return, and the copy waits for its turn.
static void upload(void *to, const void *from, size_t size)
{
  for (size_t n; size; size -= n) {
    if (staged == SIZE_STAGE) wait_for_card();
    n = size < SIZE_STAGE - staged ? size : SIZE_STAGE - staged;
    memcpy(stage + staged, from, n);
    nm_cuda_check(&cuda, cudaMemcpyAsync(to, stage + staged, n, cudaMemcpyHostToDevice, cuda.stream),
                  "copying to the card");
    staged += n;
    to = (char *)to + n;
    from = (const char *)from + n;
  }
}

static void upload_real(void *context, void *to, const float *from, int64_t n)
{
  upload(to, from, (size_t)n * sizeof *from);
}

static void upload_int(void *context, void *to, const int32_t *from, int64_t n)
{
  upload(to, from, (size_t)n * sizeof *from);
}

static void download(void *to, const void *from, size_t size)
{
  nm_cuda_check(&cuda, cudaMemcpyAsync(to, from, size, cudaMemcpyDeviceToHost, cuda.stream),
                "copying from the card");
  wait_for_card();
}

static void download_real(void *context, float *to, const void *from, int64_t n)
{
  download(to, from, (size_t)n * sizeof *to);
}

static __global__ void add_squares(const float *x, int64_t n, double *out)
{
  __shared__ double parts[NM_CUDA_BLOCK];
  double sum = 0;
  NM_CUDA_FOR(i, n) sum += (double)x[i] * (double)x[i];
  parts[threadIdx.x] = sum;
  for (int half = NM_CUDA_BLOCK / 2; half; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) parts[threadIdx.x] += parts[threadIdx.x + half];
  }
  if (threadIdx.x == 0) out[blockIdx.x] = parts[0];
}

static double sum_squares(void *context, NmPool *pool, const void *x, int64_t n)
{
  double host[N_SUMS], total = 0;
  add_squares<<<N_SUMS, NM_CUDA_BLOCK, 0, cuda.stream>>>((const float *)x, n, sums);
  nm_cuda_check(&cuda, cudaGetLastError(), "sum of squares");
  download(host, sums, sizeof host);
  for (int i = 0; i < N_SUMS; ++i) total += host[i];
  return total;
}

struct Adam {
  float lr, beta1, beta2, eps, decay, scale, unbias1, unbias2;
  bool round;
};

static __device__ float round_moment(float x, bool round)
{
  const uint32_t bits = __float_as_uint(x);
  return round ? __uint_as_float((bits + 0x7fffu + (bits >> 16 & 1)) & 0xffff0000u) : x;
}

static __global__ void adam_step(Adam a, float *value, const float *grad, float *m, float *v, int64_t n)
{
  NM_CUDA_FOR(i, n)
  {
    const float g = grad[i] * a.scale;
    const float mi = m[i] = round_moment(a.beta1 * m[i] + (1 - a.beta1) * g, a.round);
    const float vi = v[i] = round_moment(a.beta2 * v[i] + (1 - a.beta2) * g * g, a.round);
    const float update = mi * a.unbias1 / (sqrtf(vi * a.unbias2) + a.eps);
    value[i] -= a.lr * (update + a.decay * value[i]);
  }
}

static void adam(void *context, NmPool *pool, const NmAdamStep *s, void *value, const void *grad, void *m,
                 void *v, int64_t n)
{
  const Adam a = {(float)s->lr,
                  (float)s->beta1,
                  (float)s->beta2,
                  (float)s->eps,
                  (float)s->weight_decay,
                  (float)s->scale_gradient,
                  (float)(1 / (1 - pow(s->beta1, (double)s->step))),
                  (float)(1 / (1 - pow(s->beta2, (double)s->step))),
                  s->moments_16};
  adam_step<<<nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, cuda.stream>>>(a, (float *)value, (const float *)grad,
                                                                  (float *)m, (float *)v, n);
  nm_cuda_check(&cuda, cudaGetLastError(), "adam");
}

static __global__ void mix(float *y, const float *x, float keep, float take, int64_t n)
{
  NM_CUDA_FOR(i, n) y[i] = keep * y[i] + take * x[i];
}

static void average(void *context, NmPool *pool, void *y, const void *x, double decay, int64_t n)
{
  mix<<<nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, cuda.stream>>>((float *)y, (const float *)x, (float)decay,
                                                            (float)(1 - decay), n);
  nm_cuda_check(&cuda, cudaGetLastError(), "moving average");
}

static const NmKernelRow *rows[NM_N_OPS]; // filled once

static const NmBackend backend = {.name = "cuda",
                                  .size_real = sizeof(float),
                                  .rows = rows,
                                  .context_new = context_new,
                                  .context_free = context_free,
                                  .memory_alloc = memory_alloc,
                                  .memory_free = memory_free,
                                  .memory_zero = memory_zero,
                                  .upload_real = upload_real,
                                  .download_real = download_real,
                                  .upload_int = upload_int,
                                  .sum_squares = sum_squares,
                                  .adam = adam,
                                  .average = average,
                                  .check = check};

const NmBackend *nm_backend_cuda(NmError *err)
{
#define ENTRY(OP, name) rows[NM_OP_##OP] = &nm_cuda_##name;
  NM_OP_KERNELS(ENTRY)
#undef ENTRY
  return open_card(err) == NM_OK ? &backend : NULL;
}
