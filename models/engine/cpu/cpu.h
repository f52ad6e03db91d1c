// SPDX-License-Identifier: GPL-3.0-or-later
// What CPU kernels share. Every file of this folder is compiled twice, with `real` float and with `real`
// double; all external names go through NM_FN, so that both live in one program.
//
// A kernel file defines its row: `const NmKernelRow NM_FN(nm_cpu_linear) = {.forward = ..., ...};` and
// table.c lists it.
#ifndef NM_ENGINE_CPU_H
#define NM_ENGINE_CPU_H

#include "dsp/base/clones.h"
#include "models/engine/backend.h"

#ifdef NM_REAL_IS_DOUBLE
typedef double real;
#define NM_FN(name) name##_f64
#define NM_BLAS(name) nm_blas_d##name
#else
typedef float real;
#define NM_FN(name) name##_f32
#define NM_BLAS(name) nm_blas_s##name
#endif

// cblas_sgemm and so on, from any number of threads at once; order and transposes are cblas.h's constants.
// Never call cblas itself: some builds of OpenBLAS give wrong products then (blas.c).
void NM_BLAS(gemm)(int order, int transpose_a, int transpose_b, int M, int N, int K, real alpha,
                   const real *A, int lda, const real *B, int ldb, real beta, real *C, int ldc);
void NM_BLAS(gemv)(int order, int transpose, int M, int N, real alpha, const real *A, int lda, const real *x,
                   int step_x, real beta, real *y, int step_y);

// Rows [first, last) of a loop; worker tells which per-worker scratch to use.
typedef void (*NmCpuRowsFn)(void *ctx, int64_t first, int64_t last, int worker);

// Runs fn over [0, n) in chunks of `size_chunk` (the last may be shorter). The chunks do not depend on the
// number of threads. One chunk runs on the calling thread.
void NM_FN(nm_cpu_for)(NmPool *pool, int64_t n, int64_t size_chunk, NmCpuRowsFn fn, void *ctx);

// Rows per chunk so that a chunk touches about 64 Ki reals: large enough to be worth a thread, small enough
// to balance.
static inline int64_t nm_cpu_chunk_rows(int64_t reals_per_row)
{
  const int64_t rows = 65536 / (reals_per_row > 0 ? reals_per_row : 1);
  return rows > 1 ? rows : 1;
}

// C = alpha op(A) op(B) + beta C, row-major, op(A) [M, K], op(B) [K, N], C [M, N], with leading dimensions.
// Cut into fixed blocks of C over the pool, OpenBLAS single-threaded in each: same bytes for any number of
// threads.
void NM_FN(nm_cpu_gemm)(NmPool *pool, bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K,
                        real alpha, const real *A, int64_t lda, const real *B, int64_t ldb, real beta,
                        real *C, int64_t ldc);

// C [M, N] += A^T B for long K, A [K, M], B [K, N]: weight gradients. `scratch`: nm_cpu_gemm_tall_scratch
// bytes.
size_t NM_FN(nm_cpu_gemm_tall_scratch)(int64_t M, int64_t N, int64_t K);
void NM_FN(nm_cpu_gemm_tall)(NmPool *pool, int64_t M, int64_t N, int64_t K, const real *A, int64_t lda,
                             const real *B, int64_t ldb, real *C, int64_t ldc, void *scratch);

// y [C] += the sum of x [n, C] over rows, by fixed parts in order. `scratch`: nm_cpu_sum_rows_scratch bytes.
size_t NM_FN(nm_cpu_sum_rows_scratch)(int64_t C);
void NM_FN(nm_cpu_sum_rows)(NmPool *pool, int64_t n, int64_t C, const real *x, real *y, void *scratch);

#endif
