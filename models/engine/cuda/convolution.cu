// SPDX-License-Identifier: GPL-3.0-or-later
// Convolution in time, channels last, as products of gathered columns: the K taps of every output row side by
// side.
#include "models/engine/cuda/lanes.cuh"

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

// The same with channels counted in V.
template <class V> static Conv count_lanes(Conv c)
{
  const int64_t n = sizeof(V) / sizeof(float);
  c.Ci /= n;
  c.gi /= n;
  return c;
}

// columns [B To, K, gi] of one group: zeros outside of the input.
template <class V> static __global__ void gather(Conv c, int64_t group, const V *x, V *columns)
{
  NM_CUDA_FOR(i, c.B * c.To * c.K * c.gi)
  {
    int64_t item = i;
    const int64_t channel = nm_cuda_split(&item, c.gi), k = nm_cuda_split(&item, c.K),
                  row = nm_cuda_split(&item, c.To), t = row * c.stride - c.pad + k * c.dilation;
    columns[i] = t >= 0 && t < c.T ? x[(item * c.T + t) * c.Ci + group * c.gi + channel] : V{};
  }
}

// Adds to each input what the columns that saw it hold.
template <class V> static __global__ void collect(Conv c, int64_t group, const V *columns, V *dx, bool add)
{
  NM_CUDA_FOR(i, c.B * c.T * c.gi)
  {
    int64_t item = i, row;
    const int64_t channel = nm_cuda_split(&item, c.gi), t = nm_cuda_split(&item, c.T);
    V *to = &dx[(item * c.T + t) * c.Ci + group * c.gi + channel], sum = add ? *to : V{};
    for (int64_t k = 0; k < c.K; ++k)
      if (nm_cuda_row_of_tap(t + c.pad - k * c.dilation, c.stride, c.To, &row))
        nm_cuda_add(&sum, columns[((item * c.To + row) * c.K + k) * c.gi + channel]);
    *to = sum;
  }
}

template <class V>
static void launch_gather(const NmKernelRun *run, const Conv &conv, int64_t group, const float *x)
{
  const Conv c = count_lanes<V>(conv);
  NM_CUDA_LAUNCH(run, gather<V>, nm_cuda_blocks(c.B * c.To * c.K * c.gi), NM_CUDA_BLOCK, 0, c, group,
                 (const V *)x, (V *)run->scratch);
}

template <class V>
static void launch_collect(const NmKernelRun *run, const Conv &conv, int64_t group, const NmTensor *x)
{
  const Conv c = count_lanes<V>(conv);
  NM_CUDA_LAUNCH(run, collect<V>, nm_cuda_blocks(c.B * c.T * c.gi), NM_CUDA_BLOCK, 0, c, group,
                 (const V *)run->scratch, (V *)x->grad, !x->fresh);
}

// A kernel of one tap at step 1 has its columns in place.
static const float *columns_of(const NmKernelRun *run, const Conv &c, int64_t group, const float *x)
{
  if (c.K == 1 && c.stride == 1 && c.groups == 1 && c.pad == 0 && c.To == c.T) return x;
  if (nm_cuda_has_lanes(c.gi))
    launch_gather<float4>(run, c, group, x);
  else
    launch_gather<float>(run, c, group, x);
  return (const float *)run->scratch;
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  const Conv c = make(args, src, dst);
  const float *w = (const float *)src[1]->value, *b = src[2] ? (const float *)src[2]->value : NULL;
  float *y = (float *)dst->value;
  for (int64_t g = 0; g < c.groups; ++g) {
    const float *columns = columns_of(run, c, g, (const float *)src[0]->value);
    nm_cuda_gemm_bias(run, c.B * c.To, c.go, c.K * c.gi, columns, c.K * c.gi, w + g * c.go, c.Co,
                      b ? b + g * c.go : NULL, y + g * c.go, c.Co);
  }
}

static void backward_input(const NmKernelRun *run, const Conv &c, int64_t g, const float *w, const float *dy,
                           const NmTensor *x)
{
  nm_cuda_gemm(nm_cuda_of(run), false, true, c.B * c.To, c.K * c.gi, c.go, 1, dy + g * c.go, c.Co,
               w + g * c.go, c.Co, 0, (float *)run->scratch, c.K * c.gi);
  if (nm_cuda_has_lanes(c.gi))
    launch_collect<float4>(run, c, g, x);
  else
    launch_collect<float>(run, c, g, x);
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  const Conv c = make(args, src, dst);
  const float *dy = (const float *)dst->grad;
  for (int64_t g = 0; g < c.groups; ++g) {
    if (src[0]->grad) backward_input(run, c, g, (const float *)src[1]->value, dy, src[0]);
    if (!src[1]->grad) continue;
    const float *columns = columns_of(run, c, g, (const float *)src[0]->value);
    nm_cuda_gemm(nm_cuda_of(run), true, false, c.K * c.gi, c.go, c.B * c.To, 1, columns, c.K * c.gi,
                 dy + g * c.go, c.Co, nm_cuda_beta(src[1]), (float *)src[1]->grad + g * c.go, c.Co);
  }
  if (src[2] && src[2]->grad) nm_cuda_sum_rows(run, c.B * c.To, c.Co, dy, nm_cuda_grad(src[2]), run->scratch);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const Conv c = make(args, src, dst);
  const size_t columns = (size_t)(c.B * c.To * c.K * c.gi) * sizeof(float);
  const size_t sums = nm_cuda_sum_rows_scratch(c.B * c.To, c.Co);
  return columns > sums ? columns : sums;
}

const NmKernelRow nm_cuda_conv1d = {
    .forward = forward, .backward = backward, .size_scratch = size_scratch, .sets_fresh = true};
