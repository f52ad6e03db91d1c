// SPDX-License-Identifier: GPL-3.0-or-later
// Softmax and its logarithm over the last dimension, and the cross-entropy of logits. Softmax works in place.
#include "models/engine/cpu/vmath.h"

typedef struct {
  const NmTensor *x, *y;
  const int32_t *targets;
  int64_t C;
  bool logarithm;
  real smoothing;
  real *log_sum; // [rows]
} Job;

// max + ln sum exp(x - max).
NM_CLONES static real log_sum_exp(const real *x, int64_t n)
{
  real top = x[0], sum = 0;
#pragma omp simd reduction(max : top)
  for (int64_t i = 1; i < n; ++i) top = x[i] > top ? x[i] : top;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += nm_vexp(x[i] - top);
  return top + nm_vlog(sum);
}

NM_CLONES static void softmax_row(real *y, const real *x, int64_t n, bool logarithm)
{
  const real z = log_sum_exp(x, n);
  if (logarithm) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) y[i] = x[i] - z;
  } else {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) y[i] = nm_vexp(x[i] - z);
  }
}

static void softmax_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t r = first; r < last; ++r)
    softmax_row((real *)j->y->value + r * j->C, (const real *)j->x->value + r * j->C, j->C, j->logarithm);
}

NM_CLONES static void softmax_row_back(real *dx, const real *dy, const real *y, int64_t n, bool logarithm)
{
  real sum = 0;
  if (logarithm) {
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; ++i) sum += dy[i];
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) dx[i] += dy[i] - nm_vexp(y[i]) * sum;
  } else {
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; ++i) sum += dy[i] * y[i];
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) dx[i] += y[i] * (dy[i] - sum);
  }
}

static void softmax_rows_back(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t r = first; r < last; ++r)
    softmax_row_back((real *)j->x->grad + r * j->C, (const real *)j->y->grad + r * j->C,
                     (const real *)j->y->value + r * j->C, j->C, j->logarithm);
}

static void softmax(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Job j = {.x = src[0], .y = dst, .C = nm_shape_channels(dst->shape), .logarithm = args->i[0]};
  NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(j.C) / 8 + 1, softmax_rows, &j);
}

static void softmax_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                         NmTensor *dst)
{
  Job j = {.x = src[0], .y = dst, .C = nm_shape_channels(dst->shape), .logarithm = args->i[0]};
  if (src[0]->grad) NM_FN(nm_cpu_for)
  (run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(j.C) / 8 + 1, softmax_rows_back, &j);
}

const NmKernelRow NM_FN(nm_cpu_softmax) = {.forward = softmax, .backward = softmax_back};

// -(1 - s) ln p[target] - s mean ln p.
static void entropy_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t r = first; r < last; ++r) {
    const real *x = (const real *)j->x->value + r * j->C, z = log_sum_exp(x, j->C);
    const int32_t target = j->targets[r];
    real sum = 0;
    for (int64_t i = 0; i < j->C && j->smoothing > 0; ++i) sum += z - x[i];
    if (j->log_sum) j->log_sum[r] = z;
    ((real *)j->y->value)[r] = target < 0 || target >= j->C
                                   ? 0
                                   : (1 - j->smoothing) * (z - x[target]) + j->smoothing * sum / (real)j->C;
  }
}

NM_CLONES static void entropy_row_back(real *dx, const real *x, int64_t n, real z, real dy, real each)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) dx[i] += dy * (nm_vexp(x[i] - z) - each);
}

static void entropy_rows_back(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t r = first; r < last; ++r) {
    const int32_t target = j->targets[r];
    const real dy = ((const real *)j->y->grad)[r];
    real *dx = (real *)j->x->grad + r * j->C;
    if (target < 0 || target >= j->C) continue;
    entropy_row_back(dx, (const real *)j->x->value + r * j->C, j->C, j->log_sum[r], dy,
                     j->smoothing / (real)j->C);
    dx[target] -= dy * (1 - j->smoothing);
  }
}

static Job make_entropy(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src,
                        const NmTensor *dst)
{
  return (Job){.x = src[0],
               .y = dst,
               .targets = src[1]->value,
               .C = nm_shape_channels(src[0]->shape),
               .smoothing = (real)args->r[0],
               .log_sum = run->saved};
}

static void entropy(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Job j = make_entropy(run, args, src, dst);
  NM_FN(nm_cpu_for)(run->pool, nm_shape_count(dst->shape), nm_cpu_chunk_rows(j.C) / 8 + 1, entropy_rows, &j);
}

static void entropy_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                         NmTensor *dst)
{
  Job j = make_entropy(run, args, src, dst);
  if (src[0]->grad) NM_FN(nm_cpu_for)
  (run->pool, nm_shape_count(dst->shape), nm_cpu_chunk_rows(j.C) / 8 + 1, entropy_rows_back, &j);
}

static size_t size_saved(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                         int n_threads)
{
  return (size_t)nm_shape_count(dst->shape) * sizeof(real);
}

const NmKernelRow NM_FN(nm_cpu_cross_entropy) = {
    .forward = entropy, .backward = entropy_back, .size_saved = size_saved};
