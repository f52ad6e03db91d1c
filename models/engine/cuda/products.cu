// SPDX-License-Identifier: GPL-3.0-or-later
// Products of matrices on cuBLAS. It counts columns first: it sees every row-major matrix transposed, and
// C' = op(B)' op(A)'.
#include <cublasLt.h>

#include "models/engine/cuda/lanes.cuh"

enum { N_PLANS = 512, ALIGNMENT = 16 };

static void note(NmCuda *cuda, cublasStatus_t status)
{
  if (status != CUBLAS_STATUS_SUCCESS) nm_cuda_note(cuda, "a matrix product", cublasGetStatusString(status));
}

static cublasOperation_t operation(bool transpose)
{
  return transpose ? CUBLAS_OP_T : CUBLAS_OP_N;
}

void nm_cuda_gemm(NmCuda *cuda, bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
                  float alpha, const float *A, int64_t lda, const float *B, int64_t ldb, float beta, float *C,
                  int64_t ldc)
{
  if (M < 1 || N < 1) return;
  note(cuda, cublasSgemm(cuda->blas, operation(transpose_b), operation(transpose_a), (int)N, (int)M, (int)K,
                         &alpha, B, (int)ldb, A, (int)lda, &beta, C, (int)ldc));
}

void nm_cuda_gemm_batched(NmCuda *cuda, bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
                          float alpha, const float *A, int64_t lda, int64_t stride_a, const float *B,
                          int64_t ldb, int64_t stride_b, float beta, float *C, int64_t ldc, int64_t stride_c,
                          int64_t n)
{
  if (M < 1 || N < 1 || n < 1) return;
  note(cuda, cublasSgemmStridedBatched(cuda->blas, operation(transpose_b), operation(transpose_a), (int)N,
                                       (int)M, (int)K, &alpha, B, (int)ldb, stride_b, A, (int)lda, stride_a,
                                       &beta, C, (int)ldc, stride_c, (int)n));
}

// How C = A B + bias is done for one set of sizes, as cublasLt advised when it was first asked.
struct Plan {
  int64_t M, N, K, lda, ldb, ldc;
  bool known, possible;
  cublasLtMatmulAlgo_t algorithm;
};

// cublasLt's words for a product of these sizes.
struct Words {
  cublasLtMatmulDescOpaque_t product;
  cublasLtMatrixLayoutOpaque_t a, b, c;
};

static bool describe(Words *w, const Plan *p, const float *bias)
{
  const cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_BIAS;
  return !cublasLtMatmulDescInit(&w->product, CUBLAS_COMPUTE_32F_FAST_TF32, CUDA_R_32F) &&
         !cublasLtMatmulDescSetAttribute(&w->product, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue,
                                         sizeof epilogue) &&
         !cublasLtMatmulDescSetAttribute(&w->product, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias,
                                         sizeof bias) &&
         !cublasLtMatrixLayoutInit(&w->a, CUDA_R_32F, p->K, p->M, p->lda) &&
         !cublasLtMatrixLayoutInit(&w->b, CUDA_R_32F, p->N, p->K, p->ldb) &&
         !cublasLtMatrixLayoutInit(&w->c, CUDA_R_32F, p->N, p->M, p->ldc);
}

static bool prefer(cublasLtMatmulPreferenceOpaque_t *preference, size_t size_workspace)
{
  static const cublasLtMatmulPreferenceAttributes_t aligned[] = {
      CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
      CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES};
  const uint32_t alignment = ALIGNMENT;
  const uint64_t size = size_workspace;
  bool good = !cublasLtMatmulPreferenceInit(preference) &&
              !cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                    &size, sizeof size);
  for (int i = 0; good && i < 4; ++i)
    good = !cublasLtMatmulPreferenceSetAttribute(preference, aligned[i], &alignment, sizeof alignment);
  return good;
}

static void advise(NmCuda *cuda, Plan *p, Words *w)
{
  cublasLtMatmulPreferenceOpaque_t preference;
  cublasLtMatmulHeuristicResult_t found;
  int n = 0;
  p->known = true;
  p->possible = prefer(&preference, cuda->size_workspace) &&
                !cublasLtMatmulAlgoGetHeuristic((cublasLtHandle_t)cuda->blas, &w->product, &w->b, &w->a,
                                                &w->c, &w->c, &preference, 1, &found, &n) &&
                n > 0;
  if (p->possible) p->algorithm = found.algo;
}

static Plan *plan_of(const Plan *sizes)
{
  static Plan plans[N_PLANS]; // a new set of sizes takes the place of an old one
  const uint64_t hash =
      (((uint64_t)sizes->M * 31 + (uint64_t)sizes->N) * 1000003 + (uint64_t)sizes->K) * 0x9e3779b97f4a7c15u;
  Plan *p = &plans[hash >> 55];
  static_assert(N_PLANS == 1 << (64 - 55));
  if (p->M != sizes->M || p->N != sizes->N || p->K != sizes->K || p->lda != sizes->lda ||
      p->ldb != sizes->ldb || p->ldc != sizes->ldc)
    *p = *sizes;
  return p;
}

static bool is_aligned(const void *p)
{
  return (uintptr_t)p % ALIGNMENT == 0;
}

// In one go; false when cublasLt cannot.
static bool multiply_and_shift(NmCuda *cuda, const Plan *sizes, const float *A, const float *B,
                               const float *bias, float *C)
{
  const float one = 1, zero = 0;
  Words w;
  Plan *p = plan_of(sizes);
  if (!is_aligned(A) || !is_aligned(B) || !is_aligned(bias) || !is_aligned(C) || !describe(&w, p, bias))
    return false;
  if (!p->known) advise(cuda, p, &w);
  if (!p->possible) return false;
  p->possible =
      !cublasLtMatmul((cublasLtHandle_t)cuda->blas, &w.product, &one, B, &w.b, A, &w.a, &zero, C, &w.c, C,
                      &w.c, &p->algorithm, cuda->workspace, cuda->size_workspace, cuda->stream);
  return p->possible;
}

static __global__ void fill_bias(float *y, const float *b, int64_t n, int64_t C, int64_t ldy)
{
  NM_CUDA_FOR(i, n)
  {
    int64_t row = i;
    const int64_t channel = nm_cuda_split(&row, C);
    y[row * ldy + channel] = b[channel];
  }
}

void nm_cuda_gemm_bias(const NmKernelRun *run, int64_t M, int64_t N, int64_t K, const float *A, int64_t lda,
                       const float *B, int64_t ldb, const float *bias, float *C, int64_t ldc)
{
  NmCuda *cuda = nm_cuda_of(run);
  const Plan sizes = {M, N, K, lda, ldb, ldc};
  if (bias && multiply_and_shift(cuda, &sizes, A, B, bias, C)) return;
  if (bias) NM_CUDA_LAUNCH(run, fill_bias, nm_cuda_blocks(M * N), NM_CUDA_BLOCK, 0, C, bias, M * N, N, ldc);
  nm_cuda_gemm(cuda, false, false, M, N, K, 1, A, lda, B, ldb, bias ? 1 : 0, C, ldc);
}
