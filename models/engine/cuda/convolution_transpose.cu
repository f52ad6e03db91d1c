// SPDX-License-Identifier: GPL-3.0-or-later
// Transposed convolution in time: every input row adds w[k] x to output row t stride + k dilation - pad.
// Columns are [K, B T, Co]: tap by tap, so that each tap is one product.
#include "models/engine/cuda/lanes.cuh"

struct Conv {
  int64_t B, T, Ci, To, Co, K, stride, dilation, pad;
};

static Conv make(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  return {dst->shape.dim[0], src[0]->shape.dim[1], src[0]->shape.dim[2],
          dst->shape.dim[1], dst->shape.dim[2],    src[1]->shape.dim[0],
          args->i[0],        args->i[1],           args->i[2]};
}

static __global__ void collect(Conv c, const float *columns, const float *b, float *y)
{
  NM_CUDA_FOR(i, c.B * c.To * c.Co)
  {
    int64_t item = i, t;
    const int64_t channel = nm_cuda_split(&item, c.Co), at = nm_cuda_split(&item, c.To);
    float sum = b ? b[channel] : 0.0f;
    for (int64_t k = 0; k < c.K; ++k)
      if (nm_cuda_row_of_tap(at + c.pad - k * c.dilation, c.stride, c.T, &t))
        sum += columns[((k * c.B + item) * c.T + t) * c.Co + channel];
    y[i] = sum;
  }
}

// dy where each tap of each input row went, zeros outside.
static __global__ void spread(Conv c, const float *dy, float *columns)
{
  NM_CUDA_FOR(i, c.K * c.B * c.T * c.Co)
  {
    int64_t k = i;
    const int64_t channel = nm_cuda_split(&k, c.Co), t = nm_cuda_split(&k, c.T),
                  item = nm_cuda_split(&k, c.B), at = t * c.stride + k * c.dilation - c.pad;
    columns[i] = at >= 0 && at < c.To ? dy[(item * c.To + at) * c.Co + channel] : 0.0f;
  }
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  const Conv c = make(args, src, dst);
  float *columns = (float *)run->scratch;
  nm_cuda_gemm_batched(nm_cuda_of(run), false, false, c.B * c.T, c.Co, c.Ci, 1, (const float *)src[0]->value,
                       c.Ci, 0, (const float *)src[1]->value, c.Co, c.Ci * c.Co, 0, columns, c.Co,
                       c.B * c.T * c.Co, c.K);
  NM_CUDA_LAUNCH(run, collect, nm_cuda_blocks(c.B * c.To * c.Co), NM_CUDA_BLOCK, 0, c, (const float *)columns,
                 src[2] ? (const float *)src[2]->value : NULL, (float *)dst->value);
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  const Conv c = make(args, src, dst);
  const float *w = (const float *)src[1]->value, *dy = (const float *)dst->grad;
  const int64_t n = c.B * c.T;
  float *columns = (float *)run->scratch;
  NmCuda *cuda = nm_cuda_of(run);
  NM_CUDA_LAUNCH(run, spread, nm_cuda_blocks(c.K * n * c.Co), NM_CUDA_BLOCK, 0, c, dy, columns);
  for (int64_t k = 0; src[0]->grad && k < c.K; ++k)
    nm_cuda_gemm(cuda, false, true, n, c.Ci, c.Co, 1, columns + k * n * c.Co, c.Co, w + k * c.Ci * c.Co, c.Co,
                 k > 0 ? 1 : nm_cuda_beta(src[0]), (float *)src[0]->grad, c.Ci);
  if (src[1]->grad)
    nm_cuda_gemm_batched(cuda, true, false, c.Ci, c.Co, n, 1, (const float *)src[0]->value, c.Ci, 0, columns,
                         c.Co, n * c.Co, nm_cuda_beta(src[1]), (float *)src[1]->grad, c.Co, c.Ci * c.Co, c.K);
  if (src[2] && src[2]->grad) nm_cuda_sum_rows(run, c.B * c.To, c.Co, dy, nm_cuda_grad(src[2]), run->scratch);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const Conv c = make(args, src, dst);
  const size_t columns = (size_t)(c.K * c.B * c.T * c.Co) * sizeof(float);
  const size_t sums = nm_cuda_sum_rows_scratch(c.B * c.To, c.Co);
  return columns > sums ? columns : sums;
}

const NmKernelRow nm_cuda_conv1d_transpose = {
    .forward = forward, .backward = backward, .size_scratch = size_scratch, .sets_fresh = true};
