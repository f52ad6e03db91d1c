// SPDX-License-Identifier: GPL-3.0-or-later
// Short-time Fourier transforms: stft and its least-squares inverse, each with its adjoint. A block of
// threads transforms a frame; overlapping frames are gathered by the sample.
#include "models/engine/cuda/fft.cuh"

typedef struct {
  int n, hop, bins;
  int64_t B, L, F; // L samples and F frames of an item
} Shape;

static Shape shape_of(const NmOpArgs *args, const NmTensor *sound, const NmTensor *spectra)
{
  const int n = (int)args->i[0];
  return Shape{
      n, (int)args->i[1], n / 2 + 1, sound->shape.dim[0], sound->shape.dim[1], spectra->shape.dim[1]};
}

static bool fits(const NmKernelRun *run, const Shape &s)
{
  if (s.n <= NM_FFT_MAX) return true;
  nm_cuda_note(nm_cuda_of(run), "stft", "the transform is longer than 4096 samples");
  return false;
}

static __device__ float hann(int i, int n)
{
  return 0.5f - 0.5f * cospif(2.0f * (float)i / (float)n);
}

// The index that reflection at both ends leads to; L > n / 2 makes one reflection enough.
static __device__ int64_t reflect(int64_t i, int64_t L)
{
  if (i < 0) i = -i;
  return i >= L ? 2 * (L - 1) - i : i;
}

// Frames [first, last] that hold sample t, which may lie beyond either end.
static __device__ void covering(const Shape &s, int64_t t, int64_t *first, int64_t *last)
{
  const int64_t begin = t - s.n / 2, end = t + s.n / 2;
  *first = begin < 0 ? 0 : begin / s.hop + 1;
  *last = end < 0 ? -1 : end / s.hop < s.F ? end / s.hop : s.F - 1;
}

static __device__ float squares_at(const Shape &s, int64_t t)
{
  int64_t first, last;
  float sum = 0;
  covering(s, t, &first, &last);
  for (int64_t f = first; f <= last; ++f) {
    const float w = hann((int)(t - f * s.hop) + s.n / 2, s.n);
    sum += w * w;
  }
  return fmaxf(sum, 1e-8f);
}

// frames: those of one item.
static __device__ float sum_frames(const Shape &s, const float *frames, int64_t t)
{
  int64_t first, last;
  float sum = 0;
  covering(s, t, &first, &last);
  for (int64_t f = first; f <= last; ++f) sum += frames[f * s.n + t - f * s.hop + s.n / 2];
  return sum;
}

static __global__ void transform_frames(Shape s, const float *sound, float *spectra)
{
  extern __shared__ float2 memory[];
  float *time = (float *)memory, *row = spectra + (int64_t)blockIdx.x * 2 * s.bins;
  const float *x = sound + blockIdx.x / s.F * s.L;
  const int64_t start = blockIdx.x % s.F * s.hop - s.n / 2;
  for (int i = threadIdx.x; i < s.n; i += blockDim.x) time[i] = x[reflect(start + i, s.L)] * hann(i, s.n);
  const float2 *bins = nm_fft_forward(memory, memory + s.bins, s.n);
  for (int k = threadIdx.x; k < s.bins; k += blockDim.x) {
    row[k] = bins[k].x;
    row[s.bins + k] = bins[k].y;
  }
}

// Windowed inverse transforms, frames [B, F, n]; the first and the last bin are scaled by `edge`, the others
// by `inner`.
static __global__ void invert_frames(Shape s, const float *spectra, float edge, float inner, float *frames)
{
  extern __shared__ float2 memory[];
  const float *row = spectra + (int64_t)blockIdx.x * 2 * s.bins;
  float *frame = frames + (int64_t)blockIdx.x * s.n;
  for (int k = threadIdx.x; k < s.bins; k += blockDim.x) {
    const float scale = k == 0 || k == s.bins - 1 ? edge : inner;
    memory[k] = make_float2(scale * row[k], scale * row[s.bins + k]);
  }
  const float *time = nm_fft_inverse(memory, memory + s.bins, s.n);
  for (int i = threadIdx.x; i < s.n; i += blockDim.x) frame[i] = time[i] * hann(i, s.n);
}

// A sample takes what fell on it and what was reflected there.
static __global__ void gather_reflected(Shape s, const float *frames, NmCudaGrad d_sound)
{
  NM_CUDA_FOR(at, s.B * s.L)
  {
    const int64_t t = at % s.L;
    const float *item = frames + at / s.L * s.F * s.n;
    float sum = sum_frames(s, item, t);
    if (t > 0) sum += sum_frames(s, item, -t);
    if (t < s.L - 1) sum += sum_frames(s, item, 2 * (s.L - 1) - t);
    nm_cuda_give(d_sound, at, sum);
  }
}

static __global__ void gather_scaled(Shape s, const float *frames, float *sound)
{
  NM_CUDA_FOR(at, s.B * s.L)
  {
    const int64_t t = at % s.L;
    sound[at] = sum_frames(s, frames + at / s.L * s.F * s.n, t) / squares_at(s, t);
  }
}

// The adjoint of both: the forward transform over n, inner bins twice.
static __global__ void spread_scaled(Shape s, const float *d_sound, NmCudaGrad d_spectra)
{
  extern __shared__ float2 memory[];
  float *time = (float *)memory;
  const int64_t row = (int64_t)blockIdx.x * 2 * s.bins;
  const float *g = d_sound + blockIdx.x / s.F * s.L;
  const int64_t start = blockIdx.x % s.F * s.hop - s.n / 2;
  for (int i = threadIdx.x; i < s.n; i += blockDim.x) {
    const int64_t t = start + i;
    time[i] = t >= 0 && t < s.L ? g[t] / squares_at(s, t) * hann(i, s.n) : 0.0f;
  }
  const float2 *bins = nm_fft_forward(memory, memory + s.bins, s.n);
  for (int k = threadIdx.x; k < s.bins; k += blockDim.x) {
    const bool edge = k == 0 || k == s.bins - 1;
    const float scale = (edge ? 1.0f : 2.0f) / (float)s.n;
    nm_cuda_give(d_spectra, row + k, scale * bins[k].x);
    nm_cuda_give(d_spectra, row + s.bins + k, edge ? 0.0f : scale * bins[k].y);
  }
}

static void stft(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src, NmTensor *dst)
{
  const Shape s = shape_of(args, src[0], dst);
  if (!fits(run, s)) return;
  NM_CUDA_LAUNCH(run, transform_frames, (unsigned)(s.B * s.F), nm_fft_threads(s.n), nm_fft_size_shared(s.n),
                 s, (const float *)src[0]->value, (float *)dst->value);
}

static void stft_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                      NmTensor *dst)
{
  const Shape s = shape_of(args, src[0], dst);
  float *frames = (float *)run->scratch;
  if (!src[0]->grad || !fits(run, s)) return;
  NM_CUDA_LAUNCH(run, invert_frames, (unsigned)(s.B * s.F), nm_fft_threads(s.n), nm_fft_size_shared(s.n), s,
                 (const float *)dst->grad, 1.0f, 0.5f, frames);
  NM_CUDA_LAUNCH(run, gather_reflected, nm_cuda_blocks(s.B * s.L), NM_CUDA_BLOCK, 0, s, frames,
                 nm_cuda_grad(src[0]));
}

static void istft(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                  NmTensor *dst)
{
  const Shape s = shape_of(args, dst, src[0]);
  float *frames = (float *)run->scratch;
  if (!fits(run, s)) return;
  NM_CUDA_LAUNCH(run, invert_frames, (unsigned)(s.B * s.F), nm_fft_threads(s.n), nm_fft_size_shared(s.n), s,
                 (const float *)src[0]->value, 1.0f / (float)s.n, 1.0f / (float)s.n, frames);
  NM_CUDA_LAUNCH(run, gather_scaled, nm_cuda_blocks(s.B * s.L), NM_CUDA_BLOCK, 0, s, frames,
                 (float *)dst->value);
}

static void istft_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                       NmTensor *dst)
{
  const Shape s = shape_of(args, dst, src[0]);
  if (!src[0]->grad || !fits(run, s)) return;
  NM_CUDA_LAUNCH(run, spread_scaled, (unsigned)(s.B * s.F), nm_fft_threads(s.n), nm_fft_size_shared(s.n), s,
                 (const float *)dst->grad, nm_cuda_grad(src[0]));
}

// All frames.
static size_t stft_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  return (size_t)(nm_shape_rows(dst->shape) * args->i[0]) * sizeof(float);
}

static size_t istft_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                            int n_threads)
{
  return (size_t)(nm_shape_rows(src[0]->shape) * args->i[0]) * sizeof(float);
}

extern "C" const NmKernelRow nm_cuda_stft = {
    .forward = stft, .backward = stft_back, .size_scratch = stft_scratch, .sets_fresh = true};
extern "C" const NmKernelRow nm_cuda_istft = {
    .forward = istft, .backward = istft_back, .size_scratch = istft_scratch, .sets_fresh = true};
