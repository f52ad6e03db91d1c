// SPDX-License-Identifier: GPL-3.0-or-later
// Real Fourier transforms of even length n by one block of threads in its shared memory. As FFTW's, neither
// direction is scaled: the inverse of the forward transform is n times what went in. Powers of two go through
// a complex transform of n / 2 (Stockham's radix 2), other lengths through the sums of the definition.
#ifndef NM_ENGINE_FFT_CUH
#define NM_ENGINE_FFT_CUH

#include "models/engine/cuda/cuda.cuh"

enum { NM_FFT_MAX = 4096 }; // the longest transform

// Shared memory: two buffers of n / 2 + 1 complex numbers.
static inline size_t nm_fft_size_shared(int n)
{
  return 2 * (size_t)(n / 2 + 1) * sizeof(float2);
}

static inline unsigned nm_fft_threads(int n)
{
  return n >= 1024 ? 256 : n <= 128 ? 32 : (unsigned)(n / 4 + 31) / 32 * 32;
}

static __device__ inline float2 nm_fft_turn(float2 z, float cosine, float sine)
{
  return make_float2(z.x * cosine - z.y * sine, z.x * sine + z.y * cosine);
}

// Complex numbers x [m], m a power of two; y is the other buffer. Returns the one with the result.
static __device__ inline float2 *nm_fft_complex(float2 *x, float2 *y, int m, float sign)
{
  for (int half = 1; half < m; half *= 2) {
    for (int t = threadIdx.x; t < m / 2; t += blockDim.x) {
      const int j = t & (half - 1);
      float sine, cosine;
      sincospif(sign * (float)j / (float)half, &sine, &cosine);
      const float2 a = x[t], b = nm_fft_turn(x[t + m / 2], cosine, sine);
      y[2 * t - j] = make_float2(a.x + b.x, a.y + b.y);
      y[2 * t - j + half] = make_float2(a.x - b.x, a.y - b.y);
    }
    __syncthreads();
    float2 *const result = y;
    y = x;
    x = result;
  }
  return x;
}

// Bins [m + 1] of the reals from the transform z [m] of pairs of neighbours.
static __device__ inline void nm_fft_part(const float2 *z, float2 *bins, int m)
{
  for (int k = threadIdx.x; k <= m; k += blockDim.x) {
    const float2 a = z[k == m ? 0 : k], b = z[k == 0 ? 0 : m - k];
    const float2 even = make_float2(0.5f * (a.x + b.x), 0.5f * (a.y - b.y));
    const float2 odd = make_float2(0.5f * (a.y + b.y), 0.5f * (b.x - a.x));
    float sine, cosine;
    sincospif((float)k / (float)m, &sine, &cosine);
    const float2 turned = nm_fft_turn(odd, cosine, -sine);
    bins[k] = make_float2(even.x + turned.x, even.y + turned.y);
  }
  __syncthreads();
}

static __device__ inline float2 nm_fft_bin(const float2 *bins, int m, int k)
{
  return k == 0 || k == m ? make_float2(bins[k].x, 0.0f) : bins[k];
}

// What nm_fft_part undoes, twice as large.
static __device__ inline void nm_fft_join(const float2 *bins, float2 *z, int m)
{
  for (int k = threadIdx.x; k < m; k += blockDim.x) {
    const float2 a = nm_fft_bin(bins, m, k), b = nm_fft_bin(bins, m, m - k);
    float sine, cosine;
    sincospif((float)k / (float)m, &sine, &cosine);
    const float2 odd = nm_fft_turn(make_float2(a.x - b.x, a.y + b.y), cosine, sine);
    z[k] = make_float2(a.x + b.x - odd.y, a.y - b.y + odd.x);
  }
  __syncthreads();
}

static __device__ inline void nm_fft_sum_bins(const float *x, float2 *bins, int n)
{
  for (int k = threadIdx.x; k <= n / 2; k += blockDim.x) {
    float2 sum = make_float2(0.0f, 0.0f);
    for (int i = 0, turns = 0; i < n; ++i, turns = (turns + k) % n) {
      float sine, cosine;
      sincospif(2.0f * (float)turns / (float)n, &sine, &cosine);
      sum.x += x[i] * cosine;
      sum.y -= x[i] * sine;
    }
    bins[k] = sum;
  }
  __syncthreads();
}

static __device__ inline void nm_fft_sum_samples(const float2 *bins, float *x, int n)
{
  for (int i = threadIdx.x; i < n; i += blockDim.x) {
    float sum = bins[0].x + (i % 2 ? -bins[n / 2].x : bins[n / 2].x);
    for (int k = 1, turns = i; k < n / 2; ++k, turns = (turns + i) % n) {
      float sine, cosine;
      sincospif(2.0f * (float)turns / (float)n, &sine, &cosine);
      sum += 2.0f * (bins[k].x * cosine - bins[k].y * sine);
    }
    x[i] = sum;
  }
  __syncthreads();
}

static __device__ inline bool nm_fft_is_power(int n)
{
  return (n & (n - 1)) == 0;
}

// From n reals in one buffer to n / 2 + 1 bins in the buffer that is returned. All threads call it; what they
// wrote before is seen, and what it leaves is seen by all.
static __device__ inline float2 *nm_fft_forward(float2 *x, float2 *y, int n)
{
  __syncthreads();
  if (!nm_fft_is_power(n)) {
    nm_fft_sum_bins((const float *)x, y, n);
    return y;
  }
  float2 *const z = nm_fft_complex(x, y, n / 2, -1.0f), *const bins = z == x ? y : x;
  nm_fft_part(z, bins, n / 2);
  return bins;
}

// From bins to reals, likewise. The imaginary parts of the first and the last bin are taken to be 0.
static __device__ inline float *nm_fft_inverse(float2 *x, float2 *y, int n)
{
  __syncthreads();
  if (!nm_fft_is_power(n)) {
    nm_fft_sum_samples(x, (float *)y, n);
    return (float *)y;
  }
  nm_fft_join(x, y, n / 2);
  return (float *)nm_fft_complex(y, x, n / 2, 1.0f);
}

#endif
