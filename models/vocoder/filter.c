// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/vocoder/filter.h"

#include <stdlib.h>
#include <string.h>

#include "dsp/fft.h"
#include "dsp/mel.h"
#include "dsp/stft.h"
#include "models/engine/cpu/vmath.h"

enum { N = NM_VOCODER_N_FFT, N_BINS = NM_VOCODER_N_BINS };

struct NmFilter {
  NmFft *fft;
  int32_t band[N_BINS]; // the base of bin k lies `weight` of the way from this band to the next
  float weight[N_BINS];
  float window[N], window_out[N]; // the second also undoes the overlap of squared windows
  _Alignas(64) float log_h[N_BINS], log_n[N_BINS], phase[N_BINS], sine[N_BINS], cosine[N_BINS];
  _Alignas(64) float time[N], spectrum[2 * N_BINS], sum[2 * N_BINS];
};

void nm_filter_free(NmFilter *filter)
{
  if (!filter) return;
  nm_fft_free(filter->fft);
  free(filter);
}

static void fill_taps(NmFilter *f)
{
  NmMelTap taps[N_BINS];
  nm_mel_interpolation(taps);
  for (int k = 0; k < N_BINS; ++k) f->band[k] = taps[k].band, f->weight[k] = taps[k].weight;
}

NmFilter *nm_filter_new(void)
{
  NmFilter *f = aligned_alloc(64, (sizeof *f + 63) / 64 * 64);
  if (!f) return NULL;
  memset(f, 0, sizeof *f);
  f->fft = nm_fft_new(N);
  if (!f->fft) {
    nm_filter_free(f);
    return NULL;
  }
  fill_taps(f);
  nm_window_fill(NM_WINDOW_HANN, f->window, N);
  for (int i = 0; i < N; ++i) f->window_out[i] = f->window[i] / 1.5f; // four Hann windows squared sum to 3/2
  return f;
}

static float clamp(float x, float low, float high)
{
  return x < low ? low : x > high ? high : x;
}

NM_CLONES static void log_filters(NmFilter *f, const float *envelope, const float *heads)
{
#pragma omp simd
  for (int k = 0; k < N_BINS; ++k) {
    const float low = envelope[f->band[k]], high = envelope[f->band[k] + 1];
    const float base = low + f->weight[k] * (high - low);
    const float log_gain = base - NM_VOCODER_LOG_WINDOW;
    f->log_h[k] = clamp(log_gain + heads[k], NM_VOCODER_LOG_MIN, NM_VOCODER_LOG_MAX);
    f->log_n[k] =
        clamp(log_gain + NM_VOCODER_NOISE_OFFSET + heads[N_BINS + k], NM_VOCODER_LOG_MIN, NM_VOCODER_LOG_MAX);
  }
}

// Minimum phase of log_h by the folded cepstrum.
static void min_phase(NmFilter *f)
{
  for (int k = 0; k < N_BINS; ++k) f->spectrum[2 * k] = f->log_h[k], f->spectrum[2 * k + 1] = 0;
  nm_fft_inverse(f->fft, f->spectrum, f->time);
  for (int i = 1; i < N / 2; ++i) f->time[i] *= 2;
  memset(f->time + N / 2 + 1, 0, (N / 2 - 1) * sizeof(float));
  nm_fft_forward(f->fft, f->time, f->spectrum);
  for (int k = 0; k < N_BINS; ++k) f->phase[k] = f->spectrum[2 * k + 1];
}

NM_CLONES static void multiply(float *restrict y, const float *restrict a, const float *restrict b)
{
#pragma omp simd
  for (int i = 0; i < N; ++i) y[i] = a[i] * b[i];
}

NM_CLONES static void add_residual(float *restrict phase, const float *restrict residual)
{
#pragma omp simd
  for (int k = 0; k < N_BINS; ++k) phase[k] += NM_VOCODER_PHASE_SCALE * residual[k];
}

// The breath: noise times a real filter.
NM_CLONES static void filter_noise(NmFilter *f)
{
#pragma omp simd
  for (int k = 0; k < N_BINS; ++k) {
    f->sum[2 * k] = f->log_n[k] * f->spectrum[2 * k];
    f->sum[2 * k + 1] = f->log_n[k] * f->spectrum[2 * k + 1];
  }
}

// The voice: pulses times a filter in polar form.
NM_CLONES static void filter_pulses(NmFilter *f)
{
#pragma omp simd
  for (int k = 0; k < N_BINS; ++k) {
    const float a = f->log_h[k] * f->cosine[k], b = f->log_h[k] * f->sine[k];
    const float re = f->spectrum[2 * k], im = f->spectrum[2 * k + 1];
    f->sum[2 * k] += a * re - b * im;
    f->sum[2 * k + 1] += a * im + b * re;
  }
}

static void transform(NmFilter *f, const float *source)
{
  multiply(f->time, source, f->window);
  nm_fft_forward(f->fft, f->time, f->spectrum);
}

static void add_voiced(NmFilter *f, const float *residual, const float *pulses)
{
  min_phase(f);
  add_residual(f->phase, residual);
  nm_cpu_sincos_f32(f->sine, f->cosine, f->phase, N_BINS);
  nm_cpu_exp_f32(f->log_h, f->log_h, N_BINS);
  transform(f, pulses);
  filter_pulses(f);
}

void nm_filter_frame(NmFilter *f, const float *envelope, const float *heads, const float *pulses,
                     const float *noise, float *out)
{
  log_filters(f, envelope, heads);
  nm_cpu_exp_f32(f->log_n, f->log_n, N_BINS);
  transform(f, noise);
  filter_noise(f);
  if (pulses) add_voiced(f, heads + 2 * N_BINS, pulses);
  nm_fft_inverse(f->fft, f->sum, f->time);
  multiply(out, f->time, f->window_out);
}

void nm_filter_noise(uint64_t seed, int64_t n, float *samples)
{
  for (int64_t i = 0; i < n; ++i) samples[i] = (nm_rng_uniform_at(seed, (uint64_t)i) - 0.5f) * 3.4641016f;
}
