// SPDX-License-Identifier: GPL-3.0-or-later
// Spectra: rows of N real parts, then N imaginary parts. Threads take bins.
#include "models/engine/cuda/walk.cuh"

// Where bin i of n = rows N stands among spectra; its imaginary part is N further on.
static __device__ int64_t place(int64_t i, int64_t N)
{
  int64_t row = i;
  nm_cuda_split(&row, N);
  return i + row * N;
}

static __global__ void abs_bins(int64_t n, int64_t N, const float *x, float eps, float *y)
{
  NM_CUDA_FOR(i, n)
  {
    const float re = x[place(i, N)], im = x[place(i, N) + N];
    y[i] = sqrtf(re * re + im * im + eps);
  }
}

static __global__ void abs_bins_back(int64_t n, int64_t N, const float *x, const float *y, const float *dy,
                                     NmCudaGrad dx)
{
  NM_CUDA_FOR(i, n)
  {
    const int64_t at = place(i, N);
    const float g = y[i] > 0 ? dy[i] / y[i] : 0.0f;
    nm_cuda_give(dx, at, g * x[at]);
    nm_cuda_give(dx, at + N, g * x[at + N]);
  }
}

static __global__ void mul_bins(int64_t n, int64_t N, const float *a, const float *b, float *y)
{
  NM_CUDA_FOR(i, n)
  {
    const int64_t re = place(i, N), im = re + N;
    y[re] = a[re] * b[re] - a[im] * b[im];
    y[im] = a[re] * b[im] + a[im] * b[re];
  }
}

// d += dy times the conjugate of o.
static __device__ void add_conjugate(const NmCudaGrad &d, const float *o, float dy_re, float dy_im,
                                     int64_t re, int64_t im)
{
  nm_cuda_give(d, re, dy_re * o[re] + dy_im * o[im]);
  nm_cuda_give(d, im, dy_im * o[re] - dy_re * o[im]);
}

// da and db may be the same.
static __global__ void mul_bins_back(int64_t n, int64_t N, const float *a, const float *b, const float *dy,
                                     NmCudaGrad da, NmCudaGrad db)
{
  NM_CUDA_FOR(i, n)
  {
    const int64_t re = place(i, N), im = re + N;
    if (da.at) add_conjugate(da, b, dy[re], dy[im], re, im);
    if (db.at) add_conjugate(db, a, dy[re], dy[im], re, im);
  }
}

static __global__ void polar_bins(int64_t n, int64_t N, const float *log_magnitude, const float *phase,
                                  float *y)
{
  NM_CUDA_FOR(i, n)
  {
    const float size = expf(log_magnitude[i]);
    float sine, cosine;
    sincosf(phase[i], &sine, &cosine);
    y[place(i, N)] = size * cosine;
    y[place(i, N) + N] = size * sine;
  }
}

static __global__ void polar_bins_back(int64_t n, int64_t N, const float *y, const float *dy,
                                       NmCudaGrad d_log_magnitude, NmCudaGrad d_phase)
{
  NM_CUDA_FOR(i, n)
  {
    const int64_t re = place(i, N), im = re + N;
    if (d_log_magnitude.at) nm_cuda_give(d_log_magnitude, i, dy[re] * y[re] + dy[im] * y[im]);
    if (d_phase.at) nm_cuda_give(d_phase, i, dy[im] * y[re] - dy[re] * y[im]);
  }
}

static void absolute(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  const int64_t n = nm_shape_count(dst->shape);
  NM_CUDA_LAUNCH(run, abs_bins, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, n, nm_shape_channels(dst->shape),
                 (const float *)src[0]->value, (float)args->r[0], (float *)dst->value);
}

static void absolute_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                          NmTensor *dst)
{
  const int64_t n = nm_shape_count(dst->shape);
  if (!src[0]->grad) return;
  NM_CUDA_LAUNCH(run, abs_bins_back, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, n, nm_shape_channels(dst->shape),
                 (const float *)src[0]->value, (const float *)dst->value, (const float *)dst->grad,
                 nm_cuda_grad(src[0]));
}

static void multiply(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  const int64_t n = nm_shape_count(dst->shape) / 2;
  NM_CUDA_LAUNCH(run, mul_bins, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, n, nm_shape_channels(dst->shape) / 2,
                 (const float *)src[0]->value, (const float *)src[1]->value, (float *)dst->value);
}

static void multiply_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                          NmTensor *dst)
{
  const int64_t n = nm_shape_count(dst->shape) / 2;
  NM_CUDA_LAUNCH(run, mul_bins_back, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, n,
                 nm_shape_channels(dst->shape) / 2, (const float *)src[0]->value,
                 (const float *)src[1]->value, (const float *)dst->grad, nm_cuda_grad(src[0]),
                 nm_cuda_grad(src[1]));
}

static void polar(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                  NmTensor *dst)
{
  const int64_t n = nm_shape_count(dst->shape) / 2;
  NM_CUDA_LAUNCH(run, polar_bins, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, n, nm_shape_channels(dst->shape) / 2,
                 (const float *)src[0]->value, (const float *)src[1]->value, (float *)dst->value);
}

static void polar_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                       NmTensor *dst)
{
  const int64_t n = nm_shape_count(dst->shape) / 2;
  NM_CUDA_LAUNCH(run, polar_bins_back, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, n,
                 nm_shape_channels(dst->shape) / 2, (const float *)dst->value, (const float *)dst->grad,
                 nm_cuda_grad(src[0]), nm_cuda_grad(src[1]));
}

extern "C" const NmKernelRow nm_cuda_complex_abs = {
    .forward = absolute, .backward = absolute_back, .sets_fresh = true};
extern "C" const NmKernelRow nm_cuda_complex_mul = {
    .forward = multiply, .backward = multiply_back, .sets_fresh = true};
extern "C" const NmKernelRow nm_cuda_polar = {.forward = polar, .backward = polar_back, .sets_fresh = true};
