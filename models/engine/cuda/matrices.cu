// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix products on cuBLAS, linear layers, and sums over rows.
#include "models/engine/cuda/cuda.cuh"

enum { SUM_PARTS = 64, SUM_COLUMNS = 32, SUM_ROWS = 8 };

static void note(NmCuda *cuda, cublasStatus_t status)
{
  if (status != CUBLAS_STATUS_SUCCESS) nm_cuda_note(cuda, "a matrix product", cublasGetStatusString(status));
}

// cuBLAS counts columns first: it sees every row-major matrix transposed, and C' = op(B)' op(A)'.
void nm_cuda_gemm(NmCuda *cuda, bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
                  float alpha, const float *A, int64_t lda, const float *B, int64_t ldb, float beta, float *C,
                  int64_t ldc)
{
  if (M < 1 || N < 1) return;
  note(cuda, cublasSgemm(cuda->blas, transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                         transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, (int)N, (int)M, (int)K, &alpha, B, (int)ldb,
                         A, (int)lda, &beta, C, (int)ldc));
}

void nm_cuda_gemm_batched(NmCuda *cuda, bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
                          float alpha, const float *A, int64_t lda, int64_t stride_a, const float *B,
                          int64_t ldb, int64_t stride_b, float beta, float *C, int64_t ldc, int64_t stride_c,
                          int64_t n)
{
  if (M < 1 || N < 1 || n < 1) return;
  note(cuda, cublasSgemmStridedBatched(cuda->blas, transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N,
                                       transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N, (int)N, (int)M, (int)K,
                                       &alpha, B, (int)ldb, stride_b, A, (int)lda, stride_a, &beta, C,
                                       (int)ldc, stride_c, (int)n));
}

// Part blockIdx.y of the rows, 32 columns a block: parts [SUM_PARTS, C].
static __global__ void sum_part(const float *x, int64_t n, int64_t C, float *parts)
{
  __shared__ float tile[SUM_ROWS][SUM_COLUMNS];
  const int64_t c = (int64_t)blockIdx.x * SUM_COLUMNS + threadIdx.x;
  const int64_t first = n * blockIdx.y / SUM_PARTS, last = n * (blockIdx.y + 1) / SUM_PARTS;
  float sum = 0;
  for (int64_t r = first + threadIdx.y; c < C && r < last; r += SUM_ROWS) sum += x[r * C + c];
  tile[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y || c >= C) return;
  for (int i = 1; i < SUM_ROWS; ++i) sum += tile[i][threadIdx.x];
  parts[blockIdx.y * C + c] = sum;
}

static __global__ void add_parts(const float *parts, int64_t C, float *y)
{
  NM_CUDA_FOR(c, C)
  {
    float sum = 0;
    for (int p = 0; p < SUM_PARTS; ++p) sum += parts[p * C + c];
    y[c] += sum;
  }
}

size_t nm_cuda_sum_rows_scratch(int64_t n, int64_t C)
{
  return (size_t)(SUM_PARTS * C) * sizeof(float);
}

void nm_cuda_sum_rows(const NmKernelRun *run, int64_t n, int64_t C, const float *x, float *y, void *scratch)
{
  const dim3 blocks((unsigned)((C + SUM_COLUMNS - 1) / SUM_COLUMNS), SUM_PARTS),
      threads(SUM_COLUMNS, SUM_ROWS);
  NM_CUDA_LAUNCH(run, sum_part, blocks, threads, 0, x, n, C, (float *)scratch);
  NM_CUDA_LAUNCH(run, add_parts, nm_cuda_blocks(C), NM_CUDA_BLOCK, 0, (const float *)scratch, C, y);
}

static __global__ void fill_bias(float *y, const float *b, int64_t n, int64_t C)
{
  NM_CUDA_FOR(i, n) y[i] = b[i % C];
}

void nm_cuda_fill_bias(const NmKernelRun *run, float *y, const float *b, int64_t n_rows, int64_t C)
{
  NM_CUDA_LAUNCH(run, fill_bias, nm_cuda_blocks(n_rows * C), NM_CUDA_BLOCK, 0, y, b, n_rows * C, C);
}

static void linear(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                   NmTensor *dst)
{
  const int64_t n = nm_shape_rows(dst->shape), I = src[1]->shape.dim[0], O = src[1]->shape.dim[1];
  float *y = (float *)dst->value;
  if (src[2]) nm_cuda_fill_bias(run, y, (const float *)src[2]->value, n, O);
  nm_cuda_gemm(nm_cuda_of(run), false, false, n, O, I, 1, (const float *)src[0]->value, I,
               (const float *)src[1]->value, O, src[2] ? 1 : 0, y, O);
}

static void linear_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                        NmTensor *dst)
{
  const int64_t n = nm_shape_rows(dst->shape), I = src[1]->shape.dim[0], O = src[1]->shape.dim[1];
  const float *dy = (const float *)dst->grad;
  NmCuda *cuda = nm_cuda_of(run);
  if (src[0]->grad)
    nm_cuda_gemm(cuda, false, true, n, I, O, 1, dy, O, (const float *)src[1]->value, O, 1,
                 (float *)src[0]->grad, I);
  if (src[1]->grad)
    nm_cuda_gemm(cuda, true, false, I, O, n, 1, (const float *)src[0]->value, I, dy, O, 1,
                 (float *)src[1]->grad, O);
  if (src[2] && src[2]->grad) nm_cuda_sum_rows(run, n, O, dy, (float *)src[2]->grad, run->scratch);
}

static size_t linear_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                             int n_threads)
{
  return nm_cuda_sum_rows_scratch(nm_shape_rows(dst->shape), nm_shape_channels(dst->shape));
}

const NmKernelRow nm_cuda_linear = {linear, linear_back, linear_scratch, NULL};

// Sizes of a batched product, and the step of b from item to item (0: shared).
struct Matmul {
  int64_t B, M, N, K, step_b;
  bool tb;
};

static Matmul make_matmul(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  Matmul m = {dst->shape.dim[0], dst->shape.dim[1], dst->shape.dim[2], src[0]->shape.dim[2], 0,
              args->i[0] != 0};
  m.step_b = src[1]->shape.dim[0] == 1 ? 0 : m.N * m.K;
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

// db of `n` items from `first` on; a shared b takes the items one after the other.
static void matmul_back_b(NmCuda *cuda, const Matmul *m, const float *a, const float *dy, float *db,
                          int64_t first, int64_t n)
{
  a += first * m->M * m->K;
  dy += first * m->M * m->N;
  if (m->tb)
    nm_cuda_gemm_batched(cuda, true, false, m->N, m->K, m->M, 1, dy, m->N, m->M * m->N, a, m->K, m->M * m->K,
                         1, db, m->K, m->step_b, n);
  else
    nm_cuda_gemm_batched(cuda, true, false, m->K, m->N, m->M, 1, a, m->K, m->M * m->K, dy, m->N, m->M * m->N,
                         1, db, m->N, m->step_b, n);
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
                         m.step_b, 1, (float *)src[0]->grad, m.K, m.M * m.K, m.B);
  if (!src[1]->grad) return;
  if (m.step_b || m.B == 1) return matmul_back_b(cuda, &m, a, dy, (float *)src[1]->grad, 0, m.B);
  for (int64_t i = 0; i < m.B; ++i) matmul_back_b(cuda, &m, a, dy, (float *)src[1]->grad, i, 1);
}

const NmKernelRow nm_cuda_matmul = {matmul, matmul_back, NULL, NULL};
