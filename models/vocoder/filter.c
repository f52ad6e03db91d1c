// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/vocoder/filter.h"

#include <stdlib.h>
#include <string.h>

#include "dsp/fft_lanes.h"
#include "dsp/mel.h"
#include "dsp/stft.h"
#include "models/engine/cpu/vmath.h"

enum {
  L = NM_LANES,
  N = NM_VOCODER_N_FFT,
  N_BINS = NM_VOCODER_N_BINS,
  N_BANDS = NM_VOCODER_N_BANDS,
  HOP = NM_VOCODER_HOP,
  LEN_ROW = N + 16, // of a filtered frame: rows a power of two apart would share their places in the cache
};

_Static_assert((int)NM_FILTER_N == (int)NM_LANES && (int)N == (int)NM_LANES_N,
               "a frame is a lane of the transform");
_Static_assert(N_BANDS % L == 0 && (N_BINS - 1) % L == 0, "rows are turned in squares");

// Rows of sixteen frames: row k holds bin (or sample) k of all of them.
struct NmFilter {
  NmLanesFft fft;
  int32_t band[N_BINS]; // the base of bin k lies `weight` of the way from this band to the next
  float weight[N_BINS];
  float window[N], window_out[N]; // the second also undoes the transform's scale and the overlap of windows
  _Alignas(64) float envelope[N_BANDS * L];
  _Alignas(64) float log_h[N_BINS * L], log_n[N_BINS * L], phase[N_BINS * L];
  _Alignas(64) float re[N_BINS * L], im[N_BINS * L], sum_re[N_BINS * L], sum_im[N_BINS * L];
  _Alignas(64) float sine[N_BINS * L], cosine[N_BINS * L];
  _Alignas(64) float time[N * L], work[N * L];
  float frames[L][LEN_ROW];
};

void nm_filter_free(NmFilter *filter)
{
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
  nm_lanes_fft_init(&f->fft);
  fill_taps(f);
  nm_window_fill(NM_WINDOW_HANN, f->window, N);
  for (int i = 0; i < N; ++i) f->window_out[i] = f->window[i] / (1.5f * N); // four windows squared sum to 3/2
  return f;
}

// Every frame's n values, `stride` apart from frame to frame, into rows; lanes without a frame get the last.
static void load_rows(const NmFilterFrames *frames, const float *x, int64_t stride, int n, float *rows)
{
  const float *from[L];
  for (int l = 0; l < L; ++l) from[l] = x + (l < frames->n ? l : frames->n - 1) * stride;
  nm_lanes_load(from, n, rows);
}

// One of the heads; its last bin is left over by the squares.
static void load_head(const NmFilterFrames *frames, int which, float *rows)
{
  const float *head = frames->heads + which * N_BINS;
  load_rows(frames, head, 3 * N_BINS, N_BINS - 1, rows);
  for (int l = 0; l < L; ++l)
    rows[(N_BINS - 1) * L + l] = head[(l < frames->n ? l : frames->n - 1) * 3 * N_BINS + N_BINS - 1];
}

static inline float clamp(float x, float low, float high)
{
  return x < low ? low : x > high ? high : x;
}

// The envelope plus its correction, in place.
NM_CLONES static void shape_filter(const NmFilter *f, float offset, float *correction)
{
  for (int k = 0; k < N_BINS; ++k) {
    const float *low = f->envelope + f->band[k] * L, weight = f->weight[k];
#pragma omp simd
    for (int l = 0; l < L; ++l) {
      const float base = low[l] + weight * (low[L + l] - low[l]);
      correction[k * L + l] =
          clamp(base + offset + correction[k * L + l], NM_VOCODER_LOG_MIN, NM_VOCODER_LOG_MAX);
    }
  }
}

NM_CLONES static void apply_window(float *rows, const float *window)
{
  for (int i = 0; i < N; ++i)
#pragma omp simd
    for (int l = 0; l < L; ++l) rows[i * L + l] *= window[i];
}

static void transform(NmFilter *f, const NmFilterFrames *frames, const float *source)
{
  load_rows(frames, source, HOP, N, f->time);
  apply_window(f->time, f->window);
  nm_lanes_fft_forward(&f->fft, f->time, f->work, f->re, f->im);
}

// The breath: noise times a real filter.
NM_CLONES static void filter_noise(NmFilter *f)
{
#pragma omp simd
  for (int i = 0; i < N_BINS * L; ++i) {
    f->sum_re[i] = f->log_n[i] * f->re[i];
    f->sum_im[i] = f->log_n[i] * f->im[i];
  }
}

// The cepstrum of a minimum-phase filter from that of its log magnitude: folded onto positive time.
NM_CLONES static void fold(float *rows)
{
  for (int i = 0; i <= N / 2; ++i) {
    const float scale = (i == 0 || i == N / 2 ? 1.0f : 2.0f) / N;
#pragma omp simd
    for (int l = 0; l < L; ++l) rows[i * L + l] *= scale;
  }
  memset(rows + (N / 2 + 1) * L, 0, (N / 2 - 1) * L * sizeof *rows);
}

// Adds the minimum phase of log_h to NM_VOCODER_PHASE_SCALE times the residual in f->phase.
NM_CLONES static void add_min_phase(NmFilter *f)
{
  memset(f->im, 0, sizeof f->im);
  nm_lanes_fft_inverse(&f->fft, f->log_h, f->im, f->work, f->time);
  fold(f->time);
  nm_lanes_fft_forward(&f->fft, f->time, f->work, f->re, f->im);
#pragma omp simd
  for (int i = 0; i < N_BINS * L; ++i) f->phase[i] = f->im[i] + NM_VOCODER_PHASE_SCALE * f->phase[i];
}

// The voice: pulses times a filter in polar form, where they are heard.
NM_CLONES static void filter_pulses(NmFilter *f, const float *heard)
{
  for (int k = 0; k < N_BINS * L; k += L)
#pragma omp simd
    for (int l = 0; l < L; ++l) {
      const float gain = heard[l] * f->log_h[k + l];
      const float a = gain * f->cosine[k + l], b = gain * f->sine[k + l];
      const float re = f->re[k + l], im = f->im[k + l];
      f->sum_re[k + l] += a * re - b * im;
      f->sum_im[k + l] += a * im + b * re;
    }
}

static void add_voiced(NmFilter *f, const NmFilterFrames *frames)
{
  float heard[L];
  for (int l = 0; l < L; ++l) heard[l] = l < frames->n && frames->voiced[l];
  load_head(frames, 0, f->log_h);
  load_head(frames, 2, f->phase);
  shape_filter(f, -NM_VOCODER_LOG_WINDOW, f->log_h);
  add_min_phase(f);
  nm_cpu_sincos_f32(f->sine, f->cosine, f->phase, N_BINS * L);
  nm_cpu_exp_f32(f->log_h, f->log_h, N_BINS * L);
  transform(f, frames, frames->pulses);
  filter_pulses(f, heard);
}

static bool any_voiced(const NmFilterFrames *frames)
{
  bool any = false;
  for (int i = 0; i < frames->n; ++i) any |= frames->voiced[i];
  return any;
}

NM_CLONES static void overlap_add(const NmFilter *f, int n, float *out)
{
  for (int t = 0; t < n; ++t)
#pragma omp simd
    for (int i = 0; i < N; ++i) out[t * HOP + i] += f->frames[t][i];
}

static void sound(NmFilter *f, int n, float *out)
{
  float *to[L];
  for (int l = 0; l < L; ++l) to[l] = f->frames[l];
  nm_lanes_fft_inverse(&f->fft, f->sum_re, f->sum_im, f->work, f->time);
  apply_window(f->time, f->window_out);
  nm_lanes_store(f->time, N, to);
  overlap_add(f, n, out);
}

void nm_filter_run(NmFilter *f, const NmFilterFrames *frames, float *out)
{
  load_rows(frames, frames->envelope, N_BANDS, N_BANDS, f->envelope);
  load_head(frames, 1, f->log_n);
  shape_filter(f, NM_VOCODER_NOISE_OFFSET - NM_VOCODER_LOG_WINDOW, f->log_n);
  nm_cpu_exp_f32(f->log_n, f->log_n, N_BINS * L);
  transform(f, frames, frames->noise);
  filter_noise(f);
  if (any_voiced(frames)) add_voiced(f, frames);
  sound(f, frames->n, out);
}

void nm_filter_noise(uint64_t seed, int64_t n, float *samples)
{
  for (int64_t i = 0; i < n; ++i) samples[i] = (nm_rng_uniform_at(seed, (uint64_t)i) - 0.5f) * 3.4641016f;
}
