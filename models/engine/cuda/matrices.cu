// SPDX-License-Identifier: GPL-3.0-or-later
// Linear layers, products in batches, and sums over rows.
#include "models/engine/cuda/cuda.cuh"

enum { SUM_PARTS = 64, SUM_COLUMNS = 32, SUM_ROWS = 8 };

// Part blockIdx.y of the rows, 32 columns a block: y [parts, C].
static __global__ void sum_part(const float *x, int64_t n, int64_t C, NmCudaGrad y)
{
  __shared__ float tile[SUM_ROWS][SUM_COLUMNS];
  const int64_t c = (int64_t)blockIdx.x * SUM_COLUMNS + threadIdx.x, n_parts = gridDim.y;
  const int64_t last = n * (blockIdx.y + 1) / n_parts;
  float sum = 0;
#pragma unroll 4
  for (int64_t r = n * blockIdx.y / n_parts + threadIdx.y; r < last; r += SUM_ROWS)
    sum += c < C ? x[r * C + c] : 0.0f;
  tile[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y || c >= C) return;
  for (int i = 1; i < SUM_ROWS; ++i) sum += tile[i][threadIdx.x];
  nm_cuda_give(y, blockIdx.y * C + c, sum);
}

static unsigned count_parts(int64_t n)
{
  return n > 4 * SUM_PARTS ? SUM_PARTS : 1;
}

size_t nm_cuda_sum_rows_scratch(int64_t n, int64_t C)
{
  return count_parts(n) > 1 ? (size_t)(SUM_PARTS * C) * sizeof(float) : 0;
}

void nm_cuda_sum_rows(const NmKernelRun *run, int64_t n, int64_t C, const float *x, NmCudaGrad y,
                      void *scratch)
{
  const unsigned n_parts = count_parts(n), n_columns = (unsigned)((C + SUM_COLUMNS - 1) / SUM_COLUMNS);
  const dim3 threads(SUM_COLUMNS, SUM_ROWS);
  const NmCudaGrad parts = {(float *)scratch, true};
  NM_CUDA_LAUNCH(run, sum_part, dim3(n_columns, n_parts), threads, 0, x, n, C, n_parts > 1 ? parts : y);
  if (n_parts > 1)
    NM_CUDA_LAUNCH(run, sum_part, dim3(n_columns, 1), threads, 0, (const float *)parts.at, (int64_t)n_parts,
                   C, y);
}

static void linear(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                   NmTensor *dst)
{
  const int64_t n = nm_shape_rows(dst->shape), I = src[1]->shape.dim[0], O = src[1]->shape.dim[1];
  nm_cuda_gemm_bias(run, n, O, I, (const float *)src[0]->value, I, (const float *)src[1]->value, O,
                    src[2] ? (const float *)src[2]->value : NULL, (float *)dst->value, O);
}

static void linear_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                        NmTensor *dst)
{
  const int64_t n = nm_shape_rows(dst->shape), I = src[1]->shape.dim[0], O = src[1]->shape.dim[1];
  const float *dy = (const float *)dst->grad;
  NmCuda *cuda = nm_cuda_of(run);
  if (src[0]->grad)
    nm_cuda_gemm(cuda, false, true, n, I, O, 1, dy, O, (const float *)src[1]->value, O, nm_cuda_beta(src[0]),
                 (float *)src[0]->grad, I);
  if (src[1]->grad)
    nm_cuda_gemm(cuda, true, false, I, O, n, 1, (const float *)src[0]->value, I, dy, O, nm_cuda_beta(src[1]),
                 (float *)src[1]->grad, O);
  if (src[2] && src[2]->grad) nm_cuda_sum_rows(run, n, O, dy, nm_cuda_grad(src[2]), run->scratch);
}

static size_t linear_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                             int n_threads)
{
  return nm_cuda_sum_rows_scratch(nm_shape_rows(dst->shape), nm_shape_channels(dst->shape));
}

const NmKernelRow nm_cuda_linear = {
    .forward = linear, .backward = linear_back, .size_scratch = linear_scratch, .sets_fresh = true};

// Sizes of a batched product, and the step of b from item to item. With a shared b the items of a are rows of
// one product.
struct Matmul {
  int64_t B, M, N, K, step_b;
  bool tb;
};

static Matmul make_matmul(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  Matmul m = {dst->shape.dim[0], dst->shape.dim[1], dst->shape.dim[2], src[0]->shape.dim[2], 0,
              args->i[0] != 0};
  m.step_b = m.N * m.K;
  if (src[1]->shape.dim[0] > 1) return m;
  m.M *= m.B;
  m.B = 1;
  return m;
}

static void matmul(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                   NmTensor *dst)
{
  const Matmul m = make_matmul(args, src, dst);
  nm_cuda_gemm_batched(nm_cuda_of(run), false, m.tb, m.M, m.N, m.K, 1, (const float *)src[0]->value, m.K,
                       m.M * m.K, (const float *)src[1]->value, m.tb ? m.K : m.N, m.step_b, 0,
                       (float *)dst->value, m.N, m.M * m.N, m.B);
}

static void matmul_back_b(NmCuda *cuda, const Matmul *m, const float *a, const float *dy, const NmTensor *b)
{
  if (m->tb)
    nm_cuda_gemm_batched(cuda, true, false, m->N, m->K, m->M, 1, dy, m->N, m->M * m->N, a, m->K, m->M * m->K,
                         nm_cuda_beta(b), (float *)b->grad, m->K, m->step_b, m->B);
  else
    nm_cuda_gemm_batched(cuda, true, false, m->K, m->N, m->M, 1, a, m->K, m->M * m->K, dy, m->N, m->M * m->N,
                         nm_cuda_beta(b), (float *)b->grad, m->N, m->step_b, m->B);
}

static void matmul_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                        NmTensor *dst)
{
  const Matmul m = make_matmul(args, src, dst);
  const float *a = (const float *)src[0]->value, *b = (const float *)src[1]->value,
              *dy = (const float *)dst->grad;
  NmCuda *cuda = nm_cuda_of(run);
  if (src[0]->grad)
    nm_cuda_gemm_batched(cuda, false, !m.tb, m.M, m.K, m.N, 1, dy, m.N, m.M * m.N, b, m.tb ? m.K : m.N,
                         m.step_b, nm_cuda_beta(src[0]), (float *)src[0]->grad, m.K, m.M * m.K, m.B);
  if (src[1]->grad) matmul_back_b(cuda, &m, a, dy, src[1]);
}

const NmKernelRow nm_cuda_matmul = {.forward = matmul, .backward = matmul_back, .sets_fresh = true};
