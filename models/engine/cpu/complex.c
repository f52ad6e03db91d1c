// SPDX-License-Identifier: GPL-3.0-or-later
// Spectra: rows of N real parts, then N imaginary parts.
#include "models/engine/cpu/vmath.h"

typedef struct {
  const NmTensor *a, *b, *y;
  int64_t N; // bins of a row
  real eps;
} Job;

static real *row_of(void *memory, int64_t row, int64_t len)
{
  return memory ? (real *)memory + row * len : NULL;
}

NM_CLONES static void abs_row(real *restrict y, const real *restrict x, int64_t N, real eps)
{
#pragma omp simd
  for (int64_t i = 0; i < N; ++i) {
    const real p = x[i] * x[i] + x[N + i] * x[N + i] + eps;
    y[i] = sizeof(real) == 4 ? (real)sqrtf((float)p) : (real)sqrt((double)p);
  }
}

NM_CLONES static void abs_row_back(real *restrict dx, const real *restrict dy, const real *restrict x,
                                   const real *restrict y, int64_t N)
{
#pragma omp simd
  for (int64_t i = 0; i < N; ++i) {
    const real g = y[i] > 0 ? dy[i] / y[i] : 0;
    dx[i] += g * x[i];
    dx[N + i] += g * x[N + i];
  }
}

static void abs_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t r = first; r < last; ++r)
    abs_row(row_of(j->y->value, r, j->N), row_of(j->a->value, r, 2 * j->N), j->N, j->eps);
}

static void abs_rows_back(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t r = first; r < last; ++r)
    abs_row_back(row_of(j->a->grad, r, 2 * j->N), row_of(j->y->grad, r, j->N),
                 row_of(j->a->value, r, 2 * j->N), row_of(j->y->value, r, j->N), j->N);
}

static void absolute(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  Job j = {.a = src[0], .y = dst, .N = nm_shape_channels(dst->shape), .eps = (real)args->r[0]};
  NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(2 * j.N), abs_rows, &j);
}

static void absolute_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                          NmTensor *dst)
{
  Job j = {.a = src[0], .y = dst, .N = nm_shape_channels(dst->shape)};
  if (src[0]->grad)
    NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(2 * j.N), abs_rows_back, &j);
}

const NmKernelRow NM_FN(nm_cpu_complex_abs) = {.forward = absolute, .backward = absolute_back};

NM_CLONES static void mul_row(real *restrict y, const real *restrict a, const real *restrict b, int64_t N)
{
#pragma omp simd
  for (int64_t i = 0; i < N; ++i) {
    y[i] = a[i] * b[i] - a[N + i] * b[N + i];
    y[N + i] = a[i] * b[N + i] + a[N + i] * b[i];
  }
}

// d += dy times the conjugate of o.
NM_CLONES static void mul_row_back(real *restrict d, const real *restrict dy, const real *restrict o,
                                   int64_t N)
{
#pragma omp simd
  for (int64_t i = 0; i < N; ++i) {
    d[i] += dy[i] * o[i] + dy[N + i] * o[N + i];
    d[N + i] += dy[N + i] * o[i] - dy[i] * o[N + i];
  }
}

static void mul_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t r = first; r < last; ++r)
    mul_row(row_of(j->y->value, r, 2 * j->N), row_of(j->a->value, r, 2 * j->N),
            row_of(j->b->value, r, 2 * j->N), j->N);
}

static void mul_rows_back(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t r = first; r < last; ++r) {
    const real *dy = row_of(j->y->grad, r, 2 * j->N);
    if (j->a->grad) mul_row_back(row_of(j->a->grad, r, 2 * j->N), dy, row_of(j->b->value, r, 2 * j->N), j->N);
    if (j->b->grad) mul_row_back(row_of(j->b->grad, r, 2 * j->N), dy, row_of(j->a->value, r, 2 * j->N), j->N);
  }
}

static Job make_two(NmTensor *const *src, const NmTensor *dst)
{
  return (Job){.a = src[0], .b = src[1], .y = dst, .N = nm_shape_channels(dst->shape) / 2};
}

static void multiply(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  Job j = make_two(src, dst);
  NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(2 * j.N), mul_rows, &j);
}

static void multiply_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                          NmTensor *dst)
{
  Job j = make_two(src, dst);
  NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(2 * j.N), mul_rows_back, &j);
}

const NmKernelRow NM_FN(nm_cpu_complex_mul) = {.forward = multiply, .backward = multiply_back};

NM_CLONES static void polar_row(real *restrict y, const real *restrict m, const real *restrict p, int64_t N)
{
#pragma omp simd
  for (int64_t i = 0; i < N; ++i) {
    real s, c;
    nm_vsincos(p[i], &s, &c);
    const real g = nm_vexp(m[i]);
    y[i] = g * c;
    y[N + i] = g * s;
  }
}

NM_CLONES static void polar_row_back(real *restrict dm, real *restrict dp, const real *restrict dy,
                                     const real *restrict y, int64_t N)
{
#pragma omp simd
  for (int64_t i = 0; i < N; ++i) {
    dm[i] += dy[i] * y[i] + dy[N + i] * y[N + i];
    dp[i] += dy[N + i] * y[i] - dy[i] * y[N + i];
  }
}

static void polar_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t r = first; r < last; ++r)
    polar_row(row_of(j->y->value, r, 2 * j->N), row_of(j->a->value, r, j->N), row_of(j->b->value, r, j->N),
              j->N);
}

static void polar_rows_back(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  for (int64_t r = first; r < last; ++r) {
    real *dm = row_of(j->a->grad, r, j->N), *dp = row_of(j->b->grad, r, j->N);
    const real *dy = row_of(j->y->grad, r, 2 * j->N), *y = row_of(j->y->value, r, 2 * j->N);
    if (dm && dp) {
      polar_row_back(dm, dp, dy, y, j->N);
      continue;
    }
    for (int64_t i = 0; i < j->N; ++i) {
      if (dm) dm[i] += dy[i] * y[i] + dy[j->N + i] * y[j->N + i];
      if (dp) dp[i] += dy[j->N + i] * y[i] - dy[i] * y[j->N + i];
    }
  }
}

static void polar(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                  NmTensor *dst)
{
  Job j = make_two(src, dst);
  NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(4 * j.N), polar_rows, &j);
}

static void polar_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                       NmTensor *dst)
{
  Job j = make_two(src, dst);
  NM_FN(nm_cpu_for)(run->pool, nm_shape_rows(dst->shape), nm_cpu_chunk_rows(2 * j.N), polar_rows_back, &j);
}

const NmKernelRow NM_FN(nm_cpu_polar) = {.forward = polar, .backward = polar_back};
