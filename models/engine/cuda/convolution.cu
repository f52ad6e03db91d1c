// SPDX-License-Identifier: GPL-3.0-or-later
// Convolution in time, channels last, as products of gathered columns: the K taps of every output row side by
// side.
#include "models/engine/cuda/cuda.cuh"

struct Conv {
  int64_t B, T, Ci, To, Co, K, stride, dilation, pad, groups, gi, go;
};

static Conv make(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  Conv c = {dst->shape.dim[0],
            src[0]->shape.dim[1],
            src[0]->shape.dim[2],
            dst->shape.dim[1],
            dst->shape.dim[2],
            src[1]->shape.dim[0],
            args->i[0],
            args->i[1],
            args->i[2],
            args->i[4],
            0,
            0};
  c.gi = c.Ci / c.groups;
  c.go = c.Co / c.groups;
  return c;
}

// columns [B To, K, gi] of one group: zeros outside of the input.
static __global__ void gather(Conv c, int64_t group, const float *x, float *columns)
{
  NM_CUDA_FOR(i, c.B * c.To * c.K * c.gi)
  {
    const int64_t channel = i % c.gi, k = i / c.gi % c.K, row = i / c.gi / c.K, b = row / c.To;
    const int64_t t = row % c.To * c.stride - c.pad + k * c.dilation;
    columns[i] = t >= 0 && t < c.T ? x[(b * c.T + t) * c.Ci + group * c.gi + channel] : 0.0f;
  }
}

// Adds to each input what the columns that saw it hold.
static __global__ void collect(Conv c, int64_t group, const float *columns, float *dx)
{
  NM_CUDA_FOR(i, c.B * c.T * c.gi)
  {
    const int64_t channel = i % c.gi, t = i / c.gi % c.T, b = i / c.gi / c.T;
    float sum = 0;
    for (int64_t k = 0; k < c.K; ++k) {
      const int64_t from = t + c.pad - k * c.dilation, to = from / c.stride;
      if (from >= 0 && from % c.stride == 0 && to < c.To)
        sum += columns[((b * c.To + to) * c.K + k) * c.gi + channel];
    }
    dx[(b * c.T + t) * c.Ci + group * c.gi + channel] += sum;
  }
}

// A kernel of one tap at step 1 has its columns in place.
static const float *columns_of(const NmKernelRun *run, const Conv &c, int64_t group, const float *x)
{
  if (c.K == 1 && c.stride == 1 && c.groups == 1 && c.pad == 0 && c.To == c.T) return x;
  float *columns = (float *)run->scratch;
  NM_CUDA_LAUNCH(run, gather, nm_cuda_blocks(c.B * c.To * c.K * c.gi), NM_CUDA_BLOCK, 0, c, group, x,
                 columns);
  return columns;
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  const Conv c = make(args, src, dst);
  float *y = (float *)dst->value;
  if (src[2]) nm_cuda_fill_bias(run, y, (const float *)src[2]->value, c.B * c.To, c.Co);
  for (int64_t g = 0; g < c.groups; ++g) {
    const float *columns = columns_of(run, c, g, (const float *)src[0]->value);
    nm_cuda_gemm(nm_cuda_of(run), false, false, c.B * c.To, c.go, c.K * c.gi, 1, columns, c.K * c.gi,
                 (const float *)src[1]->value + g * c.go, c.Co, src[2] ? 1 : 0, y + g * c.go, c.Co);
  }
}

static void backward_input(const NmKernelRun *run, const Conv &c, int64_t g, const float *w, const float *dy,
                           float *dx)
{
  float *columns = (float *)run->scratch;
  nm_cuda_gemm(nm_cuda_of(run), false, true, c.B * c.To, c.K * c.gi, c.go, 1, dy + g * c.go, c.Co,
               w + g * c.go, c.Co, 0, columns, c.K * c.gi);
  NM_CUDA_LAUNCH(run, collect, nm_cuda_blocks(c.B * c.T * c.gi), NM_CUDA_BLOCK, 0, c, g,
                 (const float *)columns, dx);
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  const Conv c = make(args, src, dst);
  const float *dy = (const float *)dst->grad;
  for (int64_t g = 0; g < c.groups; ++g) {
    if (src[0]->grad) backward_input(run, c, g, (const float *)src[1]->value, dy, (float *)src[0]->grad);
    if (!src[1]->grad) continue;
    const float *columns = columns_of(run, c, g, (const float *)src[0]->value);
    nm_cuda_gemm(nm_cuda_of(run), true, false, c.K * c.gi, c.go, c.B * c.To, 1, columns, c.K * c.gi,
                 dy + g * c.go, c.Co, 1, (float *)src[1]->grad + g * c.go, c.Co);
  }
  if (src[2] && src[2]->grad)
    nm_cuda_sum_rows(run, c.B * c.To, c.Co, dy, (float *)src[2]->grad, run->scratch);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const Conv c = make(args, src, dst);
  const size_t columns = (size_t)(c.B * c.To * c.K * c.gi) * sizeof(float);
  const size_t sums = nm_cuda_sum_rows_scratch(c.B * c.To, c.Co);
  return columns > sums ? columns : sums;
}

const NmKernelRow nm_cuda_conv1d = {forward, backward, size_scratch, NULL};
