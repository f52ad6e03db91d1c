// SPDX-License-Identifier: GPL-3.0-or-later
// Minimum phase: the imaginary part of the transform of the folded cepstrum. A block of threads takes a row.
#include "models/engine/cuda/fft.cuh"

// Of time [n], samples 1 to n / 2 - 1 times `scale`, samples 0 and n / 2 times `ends`, the second half 0.
static __device__ void fold(float *time, int n, float ends, float scale)
{
  for (int i = threadIdx.x; i < n; i += blockDim.x)
    time[i] *= i > n / 2 ? 0.0f : i == 0 || i == n / 2 ? ends : scale;
}

static __global__ void phase_rows(int n, const float *log_magnitude, float *phase)
{
  extern __shared__ float2 memory[];
  const int bins = n / 2 + 1;
  const float *x = log_magnitude + (int64_t)blockIdx.x * bins;
  float *y = phase + (int64_t)blockIdx.x * bins;
  for (int k = threadIdx.x; k < bins; k += blockDim.x) memory[k] = make_float2(x[k], 0.0f);
  float *time = nm_fft_inverse(memory, memory + bins, n);
  fold(time, n, 1.0f / (float)n, 2.0f / (float)n);
  float2 *const held = (float2 *)time, *const spare = held == memory ? memory + bins : memory;
  const float2 *spectrum = nm_fft_forward(held, spare, n);
  for (int k = threadIdx.x; k < bins; k += blockDim.x) y[k] = spectrum[k].y;
}

// The adjoint: y_k = -sum_i w_i c_i sin(2 pi i k / n) and c_i = (x_0 + (-1)^i x_N + 2 sum x_k cos) / n,
// turned around. The inverse transform of i dy / 2 is minus the sum over inner bins of dy_k sin.
static __global__ void phase_rows_back(int n, const float *d_phase, NmCudaGrad d_log_magnitude)
{
  extern __shared__ float2 memory[];
  const int bins = n / 2 + 1;
  const float *dy = d_phase + (int64_t)blockIdx.x * bins;
  for (int k = threadIdx.x; k < bins; k += blockDim.x) memory[k] = make_float2(0.0f, 0.5f * dy[k]);
  float *time = nm_fft_inverse(memory, memory + bins, n);
  fold(time, n, 0.0f, 2.0f);
  float2 *const held = (float2 *)time, *const spare = held == memory ? memory + bins : memory;
  const float2 *spectrum = nm_fft_forward(held, spare, n);
  for (int k = threadIdx.x; k < bins; k += blockDim.x)
    nm_cuda_give(d_log_magnitude, (int64_t)blockIdx.x * bins + k,
                 spectrum[k].x * (k == 0 || k == bins - 1 ? 1.0f : 2.0f) / (float)n);
}

static int length_of(const NmKernelRun *run, const NmTensor *x)
{
  const int64_t n = 2 * (nm_shape_channels(x->shape) - 1);
  if (n <= NM_FFT_MAX) return (int)n;
  nm_cuda_note(nm_cuda_of(run), "min_phase", "the transform is longer than 4096 samples");
  return 0;
}

static void min_phase(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                      NmTensor *dst)
{
  const int n = length_of(run, dst);
  if (!n) return;
  NM_CUDA_LAUNCH(run, phase_rows, (unsigned)nm_shape_rows(dst->shape), nm_fft_threads(n),
                 nm_fft_size_shared(n), n, (const float *)src[0]->value, (float *)dst->value);
}

static void min_phase_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                           NmTensor *dst)
{
  const int n = length_of(run, dst);
  if (!n || !src[0]->grad) return;
  NM_CUDA_LAUNCH(run, phase_rows_back, (unsigned)nm_shape_rows(dst->shape), nm_fft_threads(n),
                 nm_fft_size_shared(n), n, (const float *)dst->grad, nm_cuda_grad(src[0]));
}

extern "C" const NmKernelRow nm_cuda_min_phase = {
    .forward = min_phase, .backward = min_phase_back, .sets_fresh = true};
