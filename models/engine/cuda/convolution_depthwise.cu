// SPDX-License-Identifier: GPL-3.0-or-later
// Depthwise convolution in time: every channel with its own kernel, w [K, 1, C]. A thread a value.
#include "models/engine/cuda/cuda.cuh"

enum { N_PARTS = 128, COLUMNS = 32, ROWS = 8 };

struct Conv {
  int64_t B, T, To, C, K, stride, dilation, pad;
};

static Conv make(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  return {dst->shape.dim[0],    src[0]->shape.dim[1], dst->shape.dim[1], dst->shape.dim[2],
          src[1]->shape.dim[0], args->i[0],           args->i[1],        args->i[2]};
}

static __global__ void convolve(Conv c, const float *x, const float *w, const float *b, float *y)
{
  NM_CUDA_FOR(i, c.B * c.To * c.C)
  {
    const int64_t channel = i % c.C, row = i / c.C, item = row / c.To, start = row % c.To * c.stride - c.pad;
    float sum = b ? b[channel] : 0.0f;
    for (int64_t k = 0; k < c.K; ++k) {
      const int64_t t = start + k * c.dilation;
      if (t >= 0 && t < c.T) sum += x[(item * c.T + t) * c.C + channel] * w[k * c.C + channel];
    }
    y[i] = sum;
  }
}

static __global__ void convolve_back(Conv c, const float *dy, const float *w, float *dx)
{
  NM_CUDA_FOR(i, c.B * c.T * c.C)
  {
    const int64_t channel = i % c.C, row = i / c.C, item = row / c.T;
    float sum = 0;
    for (int64_t k = 0; k < c.K; ++k) {
      const int64_t from = row % c.T + c.pad - k * c.dilation, t = from / c.stride;
      if (from >= 0 && from % c.stride == 0 && t < c.To)
        sum += dy[(item * c.To + t) * c.C + channel] * w[k * c.C + channel];
    }
    dx[i] += sum;
  }
}

// Gradient of tap blockIdx.z over part blockIdx.y of the rows: parts [N_PARTS, K, C].
static __global__ void weigh_part(Conv c, const float *x, const float *dy, float *parts)
{
  __shared__ float tile[ROWS][COLUMNS];
  const int64_t channel = (int64_t)blockIdx.x * COLUMNS + threadIdx.x, k = blockIdx.z, n = c.B * c.To;
  const int64_t last = n * (blockIdx.y + 1) / N_PARTS;
  float sum = 0;
  for (int64_t r = n * blockIdx.y / N_PARTS + threadIdx.y; channel < c.C && r < last; r += ROWS) {
    const int64_t t = r % c.To * c.stride - c.pad + k * c.dilation;
    if (t >= 0 && t < c.T) sum += x[(r / c.To * c.T + t) * c.C + channel] * dy[r * c.C + channel];
  }
  tile[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y || channel >= c.C) return;
  for (int i = 1; i < ROWS; ++i) sum += tile[i][threadIdx.x];
  parts[(blockIdx.y * c.K + k) * c.C + channel] = sum;
}

static __global__ void add_parts(const float *parts, int64_t n, float *dw)
{
  NM_CUDA_FOR(i, n)
  {
    float sum = 0;
    for (int p = 0; p < N_PARTS; ++p) sum += parts[p * n + i];
    dw[i] += sum;
  }
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  const Conv c = make(args, src, dst);
  NM_CUDA_LAUNCH(run, convolve, nm_cuda_blocks(c.B * c.To * c.C), NM_CUDA_BLOCK, 0, c,
                 (const float *)src[0]->value, (const float *)src[1]->value,
                 src[2] ? (const float *)src[2]->value : NULL, (float *)dst->value);
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  const Conv c = make(args, src, dst);
  const float *dy = (const float *)dst->grad;
  if (src[0]->grad)
    NM_CUDA_LAUNCH(run, convolve_back, nm_cuda_blocks(c.B * c.T * c.C), NM_CUDA_BLOCK, 0, c, dy,
                   (const float *)src[1]->value, (float *)src[0]->grad);
  if (src[1]->grad) {
    const dim3 blocks((unsigned)((c.C + COLUMNS - 1) / COLUMNS), N_PARTS, (unsigned)c.K),
        threads(COLUMNS, ROWS);
    float *parts = (float *)run->scratch;
    NM_CUDA_LAUNCH(run, weigh_part, blocks, threads, 0, c, (const float *)src[0]->value, dy, parts);
    NM_CUDA_LAUNCH(run, add_parts, nm_cuda_blocks(c.K * c.C), NM_CUDA_BLOCK, 0, (const float *)parts,
                   c.K * c.C, (float *)src[1]->grad);
  }
  if (src[2] && src[2]->grad) nm_cuda_sum_rows(run, c.B * c.To, c.C, dy, (float *)src[2]->grad, run->scratch);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const Conv c = make(args, src, dst);
  const size_t parts = (size_t)(N_PARTS * c.K * c.C) * sizeof(float);
  const size_t sums = nm_cuda_sum_rows_scratch(c.B * c.To, c.C);
  return parts > sums ? parts : sums;
}

const NmKernelRow nm_cuda_conv1d_depthwise = {forward, backward, size_scratch, NULL};
