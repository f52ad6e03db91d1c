// SPDX-License-Identifier: GPL-3.0-or-later
// The way to OpenBLAS from the pool's threads.
#include <cblas.h>
#include <pthread.h>

#include "models/engine/cpu/cpu.h"

extern int openblas_get_parallel(void) __attribute__((weak));
extern void openblas_set_num_threads(int n) __attribute__((weak));

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// Debian's openblas-serial hands the same buffer to two threads that ask at once (its buffers are guarded
// only in the threaded builds) and their products come out wrong: there, one at a time. The threaded builds
// are safe, and are held to the calling thread; in the OpenMP build that is a setting of each thread.
static bool enter(void)
{
  static _Thread_local bool known, serial;
  if (!known) {
    serial = openblas_get_parallel && openblas_get_parallel() == 0;
    if (!serial && openblas_set_num_threads) openblas_set_num_threads(1);
    known = true;
  }
  if (serial) pthread_mutex_lock(&lock);
  return serial;
}

static void leave(bool locked)
{
  if (locked) pthread_mutex_unlock(&lock);
}

#ifdef NM_REAL_IS_DOUBLE
#define GEMM cblas_dgemm
#define GEMV cblas_dgemv
#else
#define GEMM cblas_sgemm
#define GEMV cblas_sgemv
#endif

void NM_BLAS(gemm)(int order, int transpose_a, int transpose_b, int M, int N, int K, real alpha,
                   const real *A, int lda, const real *B, int ldb, real beta, real *C, int ldc)
{
  const bool locked = enter();
  GEMM((CBLAS_ORDER)order, (CBLAS_TRANSPOSE)transpose_a, (CBLAS_TRANSPOSE)transpose_b, M, N, K, alpha, A, lda,
       B, ldb, beta, C, ldc);
  leave(locked);
}

void NM_BLAS(gemv)(int order, int transpose, int M, int N, real alpha, const real *A, int lda, const real *x,
                   int step_x, real beta, real *y, int step_y)
{
  const bool locked = enter();
  GEMV((CBLAS_ORDER)order, (CBLAS_TRANSPOSE)transpose, M, N, alpha, A, lda, x, step_x, beta, y, step_y);
  leave(locked);
}
