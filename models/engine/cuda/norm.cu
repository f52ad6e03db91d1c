// SPDX-License-Identifier: GPL-3.0-or-later
// Layer normalisation over the last dimension, a warp per row. Forward keeps the mean and 1 / deviation of
// every row for backward.
#include "models/engine/cuda/reduce.cuh"

static __global__ void normalise(const float *x, const float *gain, const float *bias, float *y,
                                 float *moments, int64_t n_rows, int64_t C, float eps)
{
  NM_CUDA_FOR_WARPS(r, lane, n_rows)
  {
    const float *row = x + r * C;
    float sum = 0, squares = 0;
    for (int64_t i = lane; i < C; i += 32) sum += row[i];
    const float mean = nm_cuda_warp_sum(sum) / (float)C;
    for (int64_t i = lane; i < C; i += 32) squares += (row[i] - mean) * (row[i] - mean);
    const float scale = 1 / sqrtf(nm_cuda_warp_sum(squares) / (float)C + eps);
    for (int64_t i = lane; i < C; i += 32) y[r * C + i] = (row[i] - mean) * scale * gain[i] + bias[i];
    if (moments && lane < 2) moments[2 * r + lane] = lane == 0 ? mean : scale;
  }
}

static void layer_norm(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                       NmTensor *dst)
{
  const int64_t n_rows = nm_shape_rows(dst->shape);
  NM_CUDA_LAUNCH(run, normalise, nm_cuda_blocks(32 * n_rows), NM_CUDA_BLOCK, 0, (const float *)src[0]->value,
                 (const float *)src[1]->value, (const float *)src[2]->value, (float *)dst->value,
                 (float *)run->saved, n_rows, nm_shape_channels(dst->shape), (float)args->r[0]);
}

// dx += scale (g - mean(g) - z mean(g z)), g = dy gain, z the normalised x.
static __global__ void normalise_back(const float *x, const float *gain, const float *dy, NmCudaGrad dx,
                                      const float *moments, int64_t n_rows, int64_t C)
{
  NM_CUDA_FOR_WARPS(r, lane, n_rows)
  {
    const float mean = moments[2 * r], scale = moments[2 * r + 1];
    const float *row = x + r * C, *dy_row = dy + r * C;
    float sum = 0, product = 0;
    for (int64_t i = lane; i < C; i += 32) {
      const float g = dy_row[i] * gain[i];
      sum += g;
      product += g * (row[i] - mean) * scale;
    }
    sum = nm_cuda_warp_sum(sum) / (float)C;
    product = nm_cuda_warp_sum(product) / (float)C;
    for (int64_t i = lane; i < C; i += 32)
      nm_cuda_give(dx, r * C + i, scale * (dy_row[i] * gain[i] - sum - (row[i] - mean) * scale * product));
  }
}

// Results 0 to C - 1 are the gradients of the gain, dy z; C to 2 C - 1 those of the bias, dy.
struct Affine {
  const float *x, *dy, *moments;
  NmCudaGrad dgain, dbias;
  int64_t C;

  __device__ int64_t start(int64_t m) const { return m; }
  __device__ float term(int64_t m, int64_t r) const
  {
    if (m >= C) return dy[r * C + m - C];
    return dy[r * C + m] * (x[r * C + m] - moments[2 * r]) * moments[2 * r + 1];
  }
  __device__ void put(int64_t m, float sum) const
  {
    const NmCudaGrad &d = m < C ? dgain : dbias;
    if (d.at) nm_cuda_give(d, m < C ? m : m - C, sum);
  }
};

static void layer_norm_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                            NmTensor *dst)
{
  const int64_t n_rows = nm_shape_rows(dst->shape), C = nm_shape_channels(dst->shape);
  const Affine affine = {(const float *)src[0]->value, (const float *)dst->grad, (const float *)run->saved,
                         nm_cuda_grad(src[1]),         nm_cuda_grad(src[2]),     C};
  if (src[0]->grad)
    NM_CUDA_LAUNCH(run, normalise_back, nm_cuda_blocks(32 * n_rows), NM_CUDA_BLOCK, 0, affine.x,
                   (const float *)src[1]->value, affine.dy, nm_cuda_grad(src[0]), affine.moments, n_rows, C);
  if (affine.dgain.at || affine.dbias.at) nm_cuda_reduce(run, affine, 2 * C, n_rows, false, run->scratch);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  return nm_cuda_reduce_scratch();
}

static size_t size_saved(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                         int n_threads)
{
  return (size_t)nm_shape_rows(dst->shape) * 2 * sizeof(float);
}

const NmKernelRow nm_cuda_layer_norm = {.forward = layer_norm,
                                        .backward = layer_norm_back,
                                        .size_scratch = size_scratch,
                                        .size_saved = size_saved,
                                        .sets_fresh = true};
