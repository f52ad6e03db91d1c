// SPDX-License-Identifier: GPL-3.0-or-later
// Softmax and its logarithm over the last dimension, and the cross-entropy of logits: a warp per row.
#include "models/engine/cuda/reduce.cuh"

// max + ln sum exp(x - max), in every lane.
static __device__ float log_sum_exp(const float *x, int64_t n, int64_t lane)
{
  float top = -INFINITY, sum = 0;
  for (int64_t i = lane; i < n; i += 32) top = fmaxf(top, x[i]);
  top = nm_cuda_warp_max(top);
  for (int64_t i = lane; i < n; i += 32) sum += expf(x[i] - top);
  return top + logf(nm_cuda_warp_sum(sum));
}

static __global__ void softmax_rows(const float *x, float *y, int64_t n_rows, int64_t C, bool logarithm)
{
  NM_CUDA_FOR_WARPS(r, lane, n_rows)
  {
    const float z = log_sum_exp(x + r * C, C, lane);
    for (int64_t i = r * C + lane; i < (r + 1) * C; i += 32) y[i] = logarithm ? x[i] - z : expf(x[i] - z);
  }
}

static __global__ void softmax_rows_back(const float *y, const float *dy, NmCudaGrad dx, int64_t n_rows,
                                         int64_t C, bool logarithm)
{
  NM_CUDA_FOR_WARPS(r, lane, n_rows)
  {
    float sum = 0;
    for (int64_t i = r * C + lane; i < (r + 1) * C; i += 32) sum += logarithm ? dy[i] : dy[i] * y[i];
    sum = nm_cuda_warp_sum(sum);
    for (int64_t i = r * C + lane; i < (r + 1) * C; i += 32)
      nm_cuda_give(dx, i, logarithm ? dy[i] - expf(y[i]) * sum : y[i] * (dy[i] - sum));
  }
}

static void softmax(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  const int64_t n_rows = nm_shape_rows(dst->shape);
  NM_CUDA_LAUNCH(run, softmax_rows, nm_cuda_blocks(32 * n_rows), NM_CUDA_BLOCK, 0,
                 (const float *)src[0]->value, (float *)dst->value, n_rows, nm_shape_channels(dst->shape),
                 args->i[0] != 0);
}

static void softmax_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                         NmTensor *dst)
{
  const int64_t n_rows = nm_shape_rows(dst->shape);
  if (src[0]->grad)
    NM_CUDA_LAUNCH(run, softmax_rows_back, nm_cuda_blocks(32 * n_rows), NM_CUDA_BLOCK, 0,
                   (const float *)dst->value, (const float *)dst->grad, nm_cuda_grad(src[0]), n_rows,
                   nm_shape_channels(dst->shape), args->i[0] != 0);
}

const NmKernelRow nm_cuda_softmax = {.forward = softmax, .backward = softmax_back, .sets_fresh = true};

struct Entropy {
  const float *x;
  const int32_t *targets;
  float *log_sum; // [rows], NULL in inference
  int64_t n_rows, C;
  float smoothing;
};

static Entropy make(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src)
{
  return {(const float *)src[0]->value, (const int32_t *)src[1]->value,   (float *)run->saved,
          nm_shape_rows(src[0]->shape), nm_shape_channels(src[0]->shape), (float)args->r[0]};
}

// -(1 - s) ln p[target] - s mean ln p.
static __global__ void entropy_rows(Entropy e, float *y)
{
  NM_CUDA_FOR_WARPS(r, lane, e.n_rows)
  {
    const float *x = e.x + r * e.C, z = log_sum_exp(x, e.C, lane);
    const int32_t target = e.targets[r];
    float sum = 0;
    for (int64_t i = lane; e.smoothing > 0 && i < e.C; i += 32) sum += z - x[i];
    sum = nm_cuda_warp_sum(sum);
    if (lane != 0) continue;
    if (e.log_sum) e.log_sum[r] = z;
    y[r] = target < 0 || target >= e.C ? 0.0f
                                       : (1 - e.smoothing) * (z - x[target]) + e.smoothing * sum / (float)e.C;
  }
}

static __global__ void entropy_rows_back(Entropy e, const float *dy, NmCudaGrad dx)
{
  NM_CUDA_FOR_WARPS(r, lane, e.n_rows)
  {
    const float *x = e.x + r * e.C, z = e.log_sum[r], each = e.smoothing / (float)e.C;
    const int32_t target = e.targets[r];
    const float g = target < 0 || target >= e.C ? 0.0f : dy[r];
    for (int64_t i = lane; i < e.C; i += 32)
      nm_cuda_give(dx, r * e.C + i, g * (expf(x[i] - z) - each - (i == target ? 1 - e.smoothing : 0)));
  }
}

static void cross_entropy(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                          NmTensor *dst)
{
  const Entropy e = make(run, args, src);
  NM_CUDA_LAUNCH(run, entropy_rows, nm_cuda_blocks(32 * e.n_rows), NM_CUDA_BLOCK, 0, e, (float *)dst->value);
}

static void cross_entropy_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                               NmTensor *dst)
{
  const Entropy e = make(run, args, src);
  if (src[0]->grad)
    NM_CUDA_LAUNCH(run, entropy_rows_back, nm_cuda_blocks(32 * e.n_rows), NM_CUDA_BLOCK, 0, e,
                   (const float *)dst->grad, nm_cuda_grad(src[0]));
}

static size_t size_saved(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                         int n_threads)
{
  return (size_t)nm_shape_count(dst->shape) * sizeof(float);
}

const NmKernelRow nm_cuda_cross_entropy = {
    .forward = cross_entropy, .backward = cross_entropy_back, .size_saved = size_saved, .sets_fresh = true};
