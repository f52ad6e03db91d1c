// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/cpu/gemm.h"

#include <cblas.h>

// Tasks that a product is cut into when it is large enough, and the least work (multiply-adds) of one.
enum { N_TASKS = 48, MIN_TASK = 300000 };
// Below this many multiply-adds OpenBLAS multiplies without packing, which is faster for few rows.
enum { SMALL_PRODUCT = 1000000, SMALL_ROWS = 96 };

#ifndef NM_REAL_IS_DOUBLE
extern void openblas_set_num_threads(int n) __attribute__((weak));

__attribute__((constructor)) static void hold_blas_to_one_thread(void)
{
  if (openblas_set_num_threads) openblas_set_num_threads(1);
}
#endif

// n cut into `parts` nearly equal pieces, each a multiple of 16.
static int64_t piece(int64_t n, int64_t parts)
{
  return nm_cpu_ceil_div(nm_cpu_ceil_div(n, parts), 16) * 16;
}

NmCpuBlocks NM_FN(nm_cpu_blocks)(int64_t n_outer, int64_t M, int64_t N, int64_t depth)
{
  NmCpuBlocks b;
  const int64_t rows = nm_cpu_max(128, MIN_TASK / nm_cpu_max(N * depth, 1));
  b.size_row = piece(M, nm_cpu_max(nm_cpu_ceil_div(M, rows), 1));
  b.n_row = nm_cpu_ceil_div(M, nm_cpu_max(b.size_row, 1));
  const int64_t tasks = nm_cpu_max(n_outer * b.n_row, 1);
  const int64_t most = nm_cpu_min(nm_cpu_ceil_div(N, 64), nm_cpu_min(b.size_row, M) * N * depth / MIN_TASK);
  const int64_t least = nm_cpu_ceil_div(N, 1024);
  const int64_t parts = nm_cpu_max(nm_cpu_min(nm_cpu_ceil_div(N_TASKS, tasks), most), nm_cpu_max(least, 1));
  b.size_col = piece(N, parts);
  b.n_col = nm_cpu_ceil_div(N, nm_cpu_max(b.size_col, 1));
  return b;
}

static void multiply(bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K, real alpha,
                     const real *A, int64_t lda, const real *B, int64_t ldb, real beta, real *C, int64_t ldc)
{
  NM_BLAS(gemm)
  (CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, (int)M,
   (int)N, (int)K, alpha, A, (int)lda, B, (int)ldb, beta, C, (int)ldc);
}

static void scale(int64_t M, int64_t N, real beta, real *C, int64_t ldc)
{
  for (int64_t i = 0; i < M; ++i)
    for (int64_t j = 0; j < N; ++j) C[i * ldc + j] = beta == 0 ? 0 : beta * C[i * ldc + j];
}

void NM_FN(nm_cpu_gemm_block)(bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K, real alpha,
                              const real *A, int64_t lda, const real *B, int64_t ldb, real beta, real *C,
                              int64_t ldc)
{
  if (M <= 0 || N <= 0) return;
  if (K <= 0) {
    scale(M, N, beta, C, ldc);
    return;
  }
  int64_t depth = K;
  if (!transpose_a && !transpose_b && M <= SMALL_ROWS && M * N * K > SMALL_PRODUCT)
    depth = nm_cpu_ceil_div(K, nm_cpu_ceil_div(M * N * K, SMALL_PRODUCT));
  if (depth < 96) depth = K;
  for (int64_t k = 0; k < K; k += depth)
    multiply(transpose_a, transpose_b, M, N, nm_cpu_min(depth, K - k), alpha, A + (transpose_a ? k * lda : k),
             lda, B + (transpose_b ? k : k * ldb), ldb, k ? 1 : beta, C, ldc);
}

typedef struct {
  bool transpose_a, transpose_b;
  int64_t M, N, K, lda, ldb, ldc;
  real alpha, beta;
  const real *A, *B;
  real *C;
  NmCpuBlocks blocks;
} Product;

static void do_blocks(void *ctx, int64_t first, int64_t last, int worker)
{
  const Product *p = ctx;
  for (int64_t i = first; i < last; ++i) {
    const int64_t m = i / p->blocks.n_col * p->blocks.size_row, n = i % p->blocks.n_col * p->blocks.size_col;
    NM_FN(nm_cpu_gemm_block)
    (p->transpose_a, p->transpose_b, nm_cpu_min(p->blocks.size_row, p->M - m),
     nm_cpu_min(p->blocks.size_col, p->N - n), p->K, p->alpha, p->A + (p->transpose_a ? m : m * p->lda), p->lda,
     p->B + (p->transpose_b ? n * p->ldb : n), p->ldb, p->beta, p->C + m * p->ldc + n, p->ldc);
  }
}

void NM_FN(nm_cpu_gemm)(NmPool *pool, bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
                        real alpha, const real *A, int64_t lda, const real *B, int64_t ldb, real beta,
                        real *C, int64_t ldc)
{
  if (M <= 0 || N <= 0) return;
  Product p = {transpose_a, transpose_b, M, N, K, lda, ldb, ldc, alpha, beta, A, B, C,
               NM_FN(nm_cpu_blocks)(1, M, N, K)};
  NM_FN(nm_cpu_for)(pool, p.blocks.n_row * p.blocks.n_col, 1, do_blocks, &p);
}
