// SPDX-License-Identifier: GPL-3.0-or-later
// The forward algorithm over monotonic paths (Graves et al. 2006 for skippable states; Badlani et al. 2022
// for alignment), in the log domain, one item of the batch a task. Forward keeps the table of partial sums
// for backward.
#include <math.h>
#include <string.h>

#include "models/engine/cpu/cpu.h"

#define NEVER ((real)-1e30)

typedef struct {
  const NmTensor *p, *y;
  const int32_t *skip, *len_t, *len_k;
  int64_t T, K;
  real *alpha; // [B, T, K]
  real *beta;  // per worker [2, K]
} Job;

static Job make(const NmKernelRun *run, NmTensor *const *src, const NmTensor *dst)
{
  const int64_t B = src[0]->shape.dim[0], T = src[0]->shape.dim[1], K = src[0]->shape.dim[2];
  Job j = {.p = src[0],
           .y = dst,
           .skip = src[1]->value,
           .len_t = src[2]->value,
           .len_k = src[3]->value,
           .T = T,
           .K = K};
  j.beta = (real *)run->scratch + B * T * K;
  j.alpha = run->saved ? run->saved : run->scratch;
  return j;
}

static real add_logs(real a, real b)
{
  const real high = a > b ? a : b, low = a > b ? b : a;
  return low <= NEVER / 2 ? high : high + (real)log1p(exp((double)(low - high)));
}

// Lengths of an item, within the tensor.
static void lengths(const Job *j, int64_t b, int64_t *T, int64_t *K)
{
  *T = j->len_t[b] < 0 ? 0 : j->len_t[b] > j->T ? j->T : j->len_t[b];
  *K = j->len_k[b] < 0 ? 0 : j->len_k[b] > j->K ? j->K : j->len_k[b];
}

static real end_sum(const real *last, const int32_t *skip, int64_t K)
{
  return K > 1 && skip[K - 1] ? add_logs(last[K - 1], last[K - 2]) : last[K - 1];
}

static void forward_item(void *ctx, int64_t b, int worker)
{
  const Job *j = ctx;
  int64_t T, K;
  lengths(j, b, &T, &K);
  const real *p = (const real *)j->p->value + b * j->T * j->K;
  const int32_t *skip = j->skip + b * j->K;
  real *alpha = j->alpha + b * j->T * j->K, *y = (real *)j->y->value + b;
  *y = 0;
  if (T < 1 || K < 1) return;
  for (int64_t k = 0; k < K; ++k) alpha[k] = k == 0 || (k == 1 && skip[0]) ? p[k] : NEVER;
  for (int64_t t = 1; t < T; ++t) {
    const real *before = alpha + (t - 1) * j->K;
    real *now = alpha + t * j->K;
    for (int64_t k = 0; k < K; ++k) {
      real sum = before[k];
      if (k > 0) sum = add_logs(sum, before[k - 1]);
      if (k > 1 && skip[k - 1]) sum = add_logs(sum, before[k - 2]);
      now[k] = sum <= NEVER / 2 ? NEVER : sum + p[t * j->K + k];
    }
  }
  const real total = end_sum(alpha + (T - 1) * j->K, skip, K);
  *y = total <= NEVER / 2 ? 0 : -total;
}

// d(-ln Z) / d p[t, k] = -exp(alpha + beta - ln Z), beta without p[t, k].
static void backward_item(void *ctx, int64_t b, int worker)
{
  const Job *j = ctx;
  int64_t T, K;
  lengths(j, b, &T, &K);
  const real *p = (const real *)j->p->value + b * j->T * j->K, dy = ((const real *)j->y->grad)[b];
  const int32_t *skip = j->skip + b * j->K;
  const real *alpha = j->alpha + b * j->T * j->K;
  real *dp = (real *)j->p->grad + b * j->T * j->K, *now = j->beta + 2 * (int64_t)worker * j->K,
       *after = now + j->K;
  if (T < 1 || K < 1) return;
  const real total = end_sum(alpha + (T - 1) * j->K, skip, K);
  if (total <= NEVER / 2) return;
  for (int64_t k = 0; k < K; ++k) now[k] = k == K - 1 || (k == K - 2 && skip[K - 1]) ? 0 : NEVER;
  for (int64_t t = T - 1; t >= 0; --t) {
    if (t < T - 1) {
      real *swap = now;
      now = after;
      after = swap; // beta of t + 1, with p[t + 1] added
      for (int64_t k = 0; k < K; ++k)
        after[k] = after[k] <= NEVER / 2 ? NEVER : after[k] + p[(t + 1) * j->K + k];
      for (int64_t k = 0; k < K; ++k) {
        real sum = after[k];
        if (k + 1 < K) sum = add_logs(sum, after[k + 1]);
        if (k + 2 < K && skip[k + 1]) sum = add_logs(sum, after[k + 2]);
        now[k] = sum;
      }
    }
    for (int64_t k = 0; k < K; ++k) {
      const real log_share = alpha[t * j->K + k] + now[k] - total;
      if (log_share > -80) dp[t * j->K + k] -= dy * (real)exp((double)log_share);
    }
  }
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Job j = make(run, src, dst);
  nm_pool_run(run->pool, dst->shape.dim[0], forward_item, &j);
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  Job j = make(run, src, dst);
  if (src[0]->grad) nm_pool_run(run->pool, dst->shape.dim[0], backward_item, &j);
}

static size_t size_saved(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                         int n_threads)
{
  return (size_t)nm_shape_count(src[0]->shape) * sizeof(real);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  return ((size_t)nm_shape_count(src[0]->shape) + 2 * (size_t)src[0]->shape.dim[2] * (size_t)n_threads) *
         sizeof(real);
}

const NmKernelRow NM_FN(nm_cpu_forward_sum) = {
    .forward = forward, .backward = backward, .size_scratch = size_scratch, .size_saved = size_saved};
