// SPDX-License-Identifier: GPL-3.0-or-later
// Depthwise convolution in time: every channel with its own kernel, w [K, 1, C].
#include "models/engine/cuda/lanes.cuh"

enum { N_PARTS = 128, COLUMNS = 32, ROWS = 8, TAPS = 8 };

struct Conv {
  int64_t B, T, To, C, K, stride, dilation, pad;
};

static Conv make(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  return {dst->shape.dim[0],    src[0]->shape.dim[1], dst->shape.dim[1], dst->shape.dim[2],
          src[1]->shape.dim[0], args->i[0],           args->i[1],        args->i[2]};
}

template <class V> static __global__ void convolve(Conv c, const V *x, const V *w, const V *b, V *y)
{
  NM_CUDA_FOR(i, c.B * c.To * c.C)
  {
    int64_t item = i;
    const int64_t channel = nm_cuda_split(&item, c.C), start = nm_cuda_split(&item, c.To) * c.stride - c.pad;
    V sum = b ? b[channel] : V{};
    for (int64_t k = 0; k < c.K; ++k) {
      const int64_t t = start + k * c.dilation;
      if (t >= 0 && t < c.T)
        nm_cuda_add_product(&sum, x[(item * c.T + t) * c.C + channel], w[k * c.C + channel]);
    }
    y[i] = sum;
  }
}

template <class V> static __global__ void convolve_back(Conv c, const V *dy, const V *w, V *dx, bool add)
{
  NM_CUDA_FOR(i, c.B * c.T * c.C)
  {
    int64_t item = i, row;
    const int64_t channel = nm_cuda_split(&item, c.C), t = nm_cuda_split(&item, c.T) + c.pad;
    V sum = add ? dx[i] : V{};
    for (int64_t k = 0; k < c.K; ++k)
      if (nm_cuda_row_of_tap(t - k * c.dilation, c.stride, c.To, &row))
        nm_cuda_add_product(&sum, dy[(item * c.To + row) * c.C + channel], w[k * c.C + channel]);
    dx[i] = sum;
  }
}

// Adds what output row `row` of an item says about TAPS taps from k0 on. x, dy: the item's, at the channel.
static __device__ inline void weigh_row(const Conv &c, const float *x, const float *dy, int64_t row,
                                        int64_t k0, float *sums)
{
  const float d = dy[row * c.C];
  const int64_t start = row * c.stride - c.pad + k0 * c.dilation;
#pragma unroll
  for (int k = 0; k < TAPS; ++k) {
    const int64_t t = start + k * c.dilation;
    if (k0 + k < c.K && t >= 0 && t < c.T) sums[k] += d * x[t * c.C];
  }
}

// Gradient of TAPS taps from blockIdx.z on over part blockIdx.y of the rows: parts [N_PARTS, K, C].
static __global__ void weigh_part(Conv c, const float *x, const float *dy, float *parts)
{
  __shared__ float tile[ROWS][COLUMNS];
  const int64_t channel = (int64_t)blockIdx.x * COLUMNS + threadIdx.x, k0 = (int64_t)blockIdx.z * TAPS;
  const int64_t n = c.B * c.To, first = n * blockIdx.y / N_PARTS + threadIdx.y;
  const int64_t last = channel < c.C ? n * (blockIdx.y + 1) / N_PARTS : 0;
  int64_t item = first, row = nm_cuda_split(&item, c.To);
  float sums[TAPS] = {};
  for (int64_t r = first; r < last; r += ROWS, row += ROWS) {
    for (; row >= c.To; row -= c.To) ++item;
    weigh_row(c, x + item * c.T * c.C + channel, dy + item * c.To * c.C + channel, row, k0, sums);
  }
#pragma unroll
  for (int k = 0; k < TAPS; ++k) {
    __syncthreads();
    tile[threadIdx.y][threadIdx.x] = sums[k];
    __syncthreads();
    float sum = 0;
    for (int i = 0; i < ROWS; ++i) sum += tile[i][threadIdx.x];
    if (threadIdx.y == 0 && channel < c.C && k0 + k < c.K)
      parts[(blockIdx.y * c.K + k0 + k) * c.C + channel] = sum;
  }
}

// The same with channels counted in V.
template <class V> static Conv count_lanes(Conv c)
{
  c.C /= sizeof(V) / sizeof(float);
  return c;
}

template <class V>
static void launch_convolve(const NmKernelRun *run, const Conv &conv, NmTensor *const *src, NmTensor *dst)
{
  const Conv c = count_lanes<V>(conv);
  NM_CUDA_LAUNCH(run, convolve<V>, nm_cuda_blocks(c.B * c.To * c.C), NM_CUDA_BLOCK, 0, c,
                 (const V *)src[0]->value, (const V *)src[1]->value, src[2] ? (const V *)src[2]->value : NULL,
                 (V *)dst->value);
}

template <class V>
static void launch_back(const NmKernelRun *run, const Conv &conv, NmTensor *const *src, NmTensor *dst)
{
  const Conv c = count_lanes<V>(conv);
  NM_CUDA_LAUNCH(run, convolve_back<V>, nm_cuda_blocks(c.B * c.T * c.C), NM_CUDA_BLOCK, 0, c,
                 (const V *)dst->grad, (const V *)src[1]->value, (V *)src[0]->grad, !src[0]->fresh);
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  const Conv c = make(args, src, dst);
  if (nm_cuda_has_lanes(c.C))
    launch_convolve<float4>(run, c, src, dst);
  else
    launch_convolve<float>(run, c, src, dst);
}

static void backward_input(const NmKernelRun *run, const Conv &c, NmTensor *const *src, NmTensor *dst)
{
  if (nm_cuda_has_lanes(c.C))
    launch_back<float4>(run, c, src, dst);
  else
    launch_back<float>(run, c, src, dst);
}

// scratch: the parts, then what their sum needs.
static void backward_kernel(const NmKernelRun *run, const Conv &c, const float *x, const float *dy,
                            NmCudaGrad dw)
{
  const dim3 blocks((unsigned)((c.C + COLUMNS - 1) / COLUMNS), N_PARTS, (unsigned)((c.K + TAPS - 1) / TAPS)),
      threads(COLUMNS, ROWS);
  float *parts = (float *)run->scratch;
  NM_CUDA_LAUNCH(run, weigh_part, blocks, threads, 0, c, x, dy, parts);
  nm_cuda_sum_rows(run, N_PARTS, c.K * c.C, parts, dw, parts + N_PARTS * c.K * c.C);
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  const Conv c = make(args, src, dst);
  const float *dy = (const float *)dst->grad;
  if (src[0]->grad) backward_input(run, c, src, dst);
  if (src[1]->grad) backward_kernel(run, c, (const float *)src[0]->value, dy, nm_cuda_grad(src[1]));
  if (src[2] && src[2]->grad) nm_cuda_sum_rows(run, c.B * c.To, c.C, dy, nm_cuda_grad(src[2]), run->scratch);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const Conv c = make(args, src, dst);
  const size_t parts =
      (size_t)(N_PARTS * c.K * c.C) * sizeof(float) + nm_cuda_sum_rows_scratch(N_PARTS, c.K * c.C);
  const size_t sums = nm_cuda_sum_rows_scratch(c.B * c.To, c.C);
  return parts > sums ? parts : sums;
}

const NmKernelRow nm_cuda_conv1d_depthwise = {
    .forward = forward, .backward = backward, .size_scratch = size_scratch, .sets_fresh = true};
