// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix products on OpenBLAS, cut into blocks of the result that depend on its shape alone.
#include <cblas.h>

#include "models/engine/cpu/cpu.h"

enum { BLOCK_M = 128, BLOCK_N = 512 };

void openblas_set_num_threads(int n) __attribute__((weak));

typedef struct {
  bool ta, tb;
  int64_t M, N, K, lda, ldb, ldc, n_blocks_n;
  const real *A, *B;
  real *C, alpha, beta;
} Job;

static void block(void *ctx, int64_t chunk, int worker)
{
  const Job *j = ctx;
  const int64_t m = chunk / j->n_blocks_n * BLOCK_M, n = chunk % j->n_blocks_n * BLOCK_N;
  const int64_t M = j->M - m < BLOCK_M ? j->M - m : BLOCK_M, N = j->N - n < BLOCK_N ? j->N - n : BLOCK_N;
  NM_BLAS(gemm)
  (CblasRowMajor, j->ta ? CblasTrans : CblasNoTrans, j->tb ? CblasTrans : CblasNoTrans, (int)M, (int)N,
   (int)j->K, j->alpha, j->A + (j->ta ? m : m * j->lda), (int)j->lda, j->B + (j->tb ? n * j->ldb : n),
   (int)j->ldb, j->beta, j->C + m * j->ldc + n, (int)j->ldc);
}

void NM_FN(nm_cpu_gemm)(NmPool *pool, bool ta, bool tb, int64_t M, int64_t N, int64_t K, real alpha,
                        const real *A, int64_t lda, const real *B, int64_t ldb, real beta, real *C,
                        int64_t ldc)
{
  static _Atomic bool single; // OpenBLAS keeps to the calling thread: the pool is ours
  if (!single) {
    if (openblas_set_num_threads) openblas_set_num_threads(1);
    single = true;
  }
  Job job = {ta, tb, M, N, K, lda, ldb, ldc, (N + BLOCK_N - 1) / BLOCK_N, A, B, C, alpha, beta};
  if (M > 0 && N > 0) nm_pool_run(pool, (M + BLOCK_M - 1) / BLOCK_M * job.n_blocks_n, block, &job);
}

// C += A^T B for tall A [K, M], B [K, N] and a small C: fixed slices of K summed on their own, then in order.
typedef struct {
  const real *A, *B;
  real *parts; // [n_parts, M, N]
  int64_t M, N, K, lda, ldb, n_parts;
} Tall;

static void tall_part(void *ctx, int64_t part, int worker)
{
  const Tall *t = ctx;
  const int64_t first = t->K * part / t->n_parts, last = t->K * (part + 1) / t->n_parts;
  NM_BLAS(gemm)
  (CblasRowMajor, CblasTrans, CblasNoTrans, (int)t->M, (int)t->N, (int)(last - first), 1,
   t->A + first * t->lda, (int)t->lda, t->B + first * t->ldb, (int)t->ldb, 0, t->parts + part * t->M * t->N,
   (int)t->N);
}

typedef struct {
  const Tall *tall;
  real *C;
  int64_t ldc;
} Fold;

static void fold_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Fold *f = ctx;
  const int64_t N = f->tall->N;
  for (int64_t m = first; m < last; ++m)
    for (int64_t part = 0; part < f->tall->n_parts; ++part) {
      const real *x = f->tall->parts + (part * f->tall->M + m) * N;
      real *y = f->C + m * f->ldc;
#pragma omp simd
      for (int64_t n = 0; n < N; ++n) y[n] += x[n];
    }
}

static int64_t count_parts(int64_t M, int64_t N, int64_t K)
{
  const int64_t blocks = ((M + BLOCK_M - 1) / BLOCK_M) * ((N + BLOCK_N - 1) / BLOCK_N);
  int64_t n = blocks >= 16 ? 1 : 16 / blocks;
  if (n > K / 256) n = K / 256;
  return n > 1 ? n : 1;
}

size_t NM_FN(nm_cpu_gemm_tall_scratch)(int64_t M, int64_t N, int64_t K)
{
  const int64_t n = count_parts(M, N, K);
  return n > 1 ? (size_t)(n * M * N) * sizeof(real) : 0;
}

void NM_FN(nm_cpu_gemm_tall)(NmPool *pool, int64_t M, int64_t N, int64_t K, const real *A, int64_t lda,
                             const real *B, int64_t ldb, real *C, int64_t ldc, void *scratch)
{
  const Tall t = {A, B, scratch, M, N, K, lda, ldb, count_parts(M, N, K)};
  if (t.n_parts == 1) {
    NM_FN(nm_cpu_gemm)(pool, true, false, M, N, K, 1, A, lda, B, ldb, 1, C, ldc);
    return;
  }
  Fold fold = {&t, C, ldc};
  nm_pool_run(pool, t.n_parts, tall_part, (void *)(uintptr_t)&t);
  NM_FN(nm_cpu_for)(pool, M, 16, fold_rows, &fold);
}
