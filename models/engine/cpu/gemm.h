// SPDX-License-Identifier: GPL-3.0-or-later
// How matrix products are cut into blocks: fixed by the shapes alone, so that the result does not depend on
// the number of threads.
#ifndef NM_ENGINE_CPU_GEMM_H
#define NM_ENGINE_CPU_GEMM_H

#include "models/engine/cpu/cpu.h"

// A matrix of `n_row` x `n_col` blocks of `size_row` x `size_col`; the last of each may be smaller.
typedef struct {
  int64_t size_row, n_row, size_col, n_col;
} NmCpuBlocks;

// Blocks for n_outer products [M, depth] [depth, N]: enough tasks to keep 16 threads busy, none so small that
// handing it out costs more than doing it.
NmCpuBlocks NM_FN(nm_cpu_blocks)(int64_t n_outer, int64_t M, int64_t N, int64_t depth);

// nm_cpu_gemm on the calling thread, in one block.
void NM_FN(nm_cpu_gemm_block)(bool transpose_a, bool transpose_b, int64_t M, int64_t N, int64_t K, real alpha,
                              const real *A, int64_t lda, const real *B, int64_t ldb, real beta, real *C,
                              int64_t ldc);

static inline int64_t nm_cpu_min(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

static inline int64_t nm_cpu_max(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

// a / b rounded up, for b > 0 and a of any sign.
static inline int64_t nm_cpu_ceil_div(int64_t a, int64_t b)
{
  return a > 0 ? (a + b - 1) / b : -(-a / b);
}

static inline int64_t nm_cpu_clamp(int64_t x, int64_t low, int64_t high)
{
  return x < low ? low : x > high ? high : x;
}

// Bytes of `n` reals, rounded up to a whole cache line.
static inline size_t nm_cpu_size_reals(int64_t n)
{
  return ((size_t)n * sizeof(real) + 63) / 64 * 64;
}

#endif
