// SPDX-License-Identifier: GPL-3.0-or-later
// Squared distances of all pairs: |q|^2 + |k|^2 - 2 q k.
#include <cblas.h>

#include "models/engine/cpu/cpu.h"

typedef struct {
  const NmTensor *q, *k, *y;
  int64_t T, K, C;
} Job;

static Job make(NmTensor *const *src, const NmTensor *dst)
{
  return (Job){src[0], src[1], dst, dst->shape.dim[1], dst->shape.dim[2], src[0]->shape.dim[2]};
}

static real square(const real *x, int64_t n)
{
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
  return sum;
}

static void forward_item(void *ctx, int64_t b, int worker)
{
  const Job *j = ctx;
  const real *q = (const real *)j->q->value + b * j->T * j->C,
             *k = (const real *)j->k->value + b * j->K * j->C;
  real *y = (real *)j->y->value + b * j->T * j->K;
  for (int64_t i = 0; i < j->K; ++i) y[i] = square(k + i * j->C, j->C);
  for (int64_t t = j->T - 1; t >= 0; --t) {
    const real qq = square(q + t * j->C, j->C);
    for (int64_t i = 0; i < j->K; ++i) y[t * j->K + i] = y[i] + qq; // row 0 last: it holds |k|^2
  }
  NM_BLAS(gemm)
  (CblasRowMajor, CblasNoTrans, CblasTrans, (int)j->T, (int)j->K, (int)j->C, -2, q, (int)j->C, k, (int)j->C,
   1, y, (int)j->K);
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Job j = make(src, dst);
  nm_pool_run(run->pool, dst->shape.dim[0], forward_item, &j);
}

// dq_t = 2 (sum_k dy) q_t - 2 sum_k dy k, and likewise for k.
static void backward_item(void *ctx, int64_t b, int worker)
{
  const Job *j = ctx;
  const real *q = (const real *)j->q->value + b * j->T * j->C,
             *k = (const real *)j->k->value + b * j->K * j->C;
  const real *dy = (const real *)j->y->grad + b * j->T * j->K;
  real *dq = j->q->grad ? (real *)j->q->grad + b * j->T * j->C : NULL,
       *dk = j->k->grad ? (real *)j->k->grad + b * j->K * j->C : NULL;
  for (int64_t i = 0; i < j->K && dk; ++i) {
    real sum = 0;
    for (int64_t t = 0; t < j->T; ++t) sum += 2 * dy[t * j->K + i];
    for (int64_t c = 0; c < j->C; ++c) dk[i * j->C + c] += sum * k[i * j->C + c];
  }
  for (int64_t t = 0; t < j->T && dq; ++t) {
    real sum = 0;
    for (int64_t i = 0; i < j->K; ++i) sum += 2 * dy[t * j->K + i];
    for (int64_t c = 0; c < j->C; ++c) dq[t * j->C + c] += sum * q[t * j->C + c];
  }
  if (dq) NM_BLAS(gemm)
  (CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)j->T, (int)j->C, (int)j->K, -2, dy, (int)j->K, k,
   (int)j->C, 1, dq, (int)j->C);
  if (dk) NM_BLAS(gemm)
  (CblasRowMajor, CblasTrans, CblasNoTrans, (int)j->K, (int)j->C, (int)j->T, -2, dy, (int)j->K, q, (int)j->C,
   1, dk, (int)j->C);
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  Job j = make(src, dst);
  nm_pool_run(run->pool, dst->shape.dim[0], backward_item, &j);
}

const NmKernelRow NM_FN(nm_cpu_sq_dist) = {.forward = forward, .backward = backward};
