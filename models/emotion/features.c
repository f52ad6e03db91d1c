// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/features.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/fft.h"
#include "dsp/stft.h"
#include "models/emotion/tonal.h"

enum {
  PATCH_FRAMES = 48,
  AROUND = 384, // frames of the four seconds around a step
  N_FRAMES_MAX = 1024,
  N_FRAMES_KEPT = 512,
  N_CEPSTRUM = 20,
  CEPSTRUM_LAG = 4,
  N_GROUPS = 10, // of bands, for modulation
  N_RATES = 9,
  N_FFT_ONSETS = 1024,
  N_FFT_MODULATION = 512,
  LAG_FIRST = 20,
  LAG_STEP = 10,
  N_LAGS = 17,
  N_CHROMA_MAX = 128,
  N_CHROMA_KEPT = 64,
  CHROMA_AROUND = 3,
  BLOCK = 4096 // samples taken at once
};

static const int rate_edges[N_RATES + 1] = {2, 4, 6, 9, 14, 22, 34, 55, 90, 160};

// A front-end frame and what is derived from it alone, or with those before it.
typedef struct {
  float mel[NM_N_MELS], change[NM_N_MELS];
  float cepstrum[N_CEPSTRUM], cepstrum_change[N_CEPSTRUM];
  float group[N_GROUPS];
  float onset, energy;
} Frame;

struct NmEmotionFeatures {
  NmFrontend *frontend;
  NmStft *stft;
  NmFft *fft_onsets, *fft_modulation;
  Frame frames[N_FRAMES_MAX]; // from frame `frame_first` on
  int64_t frame_first, n_frames;
  float chroma[N_CHROMA_MAX][NM_STEP_CHROMA];
  int64_t chroma_first, n_chroma;
  float cosines[N_CEPSTRUM][NM_N_MELS];
  NmChromaMap map;
  float spectrum[2 * NM_CHROMA_N_BINS];
  float samples[N_FFT_ONSETS], power[2 * (N_FFT_ONSETS / 2 + 1)];
  float hann[AROUND];
  int64_t n_samples, step; // taken, and steps given
};

static void fill_tables(NmEmotionFeatures *f)
{
  for (int i = 0; i < N_CEPSTRUM; ++i)
    for (int b = 0; b < NM_N_MELS; ++b)
      f->cosines[i][b] = (float)(cos(M_PI * i * (b + .5) / NM_N_MELS) / (NM_N_MELS / 2));
  for (int i = 0; i < AROUND; ++i) f->hann[i] = (float)(.5 - .5 * cos(2 * M_PI * i / (AROUND - 1)));
  nm_chroma_map_fill(&f->map);
}

NmEmotionFeatures *nm_emotion_features_new(void)
{
  NmEmotionFeatures *f = calloc(1, sizeof *f);
  if (!f) return NULL;
  f->frontend = nm_frontend_new();
  f->stft = nm_stft_new(NM_CHROMA_N_FFT, NM_CHROMA_HOP, NM_WINDOW_HANN);
  f->fft_onsets = nm_fft_new(N_FFT_ONSETS);
  f->fft_modulation = nm_fft_new(N_FFT_MODULATION);
  fill_tables(f);
  if (f->frontend && f->stft && f->fft_onsets && f->fft_modulation) return f;
  nm_emotion_features_free(f);
  return NULL;
}

void nm_emotion_features_free(NmEmotionFeatures *f)
{
  if (!f) return;
  nm_frontend_free(f->frontend);
  nm_stft_free(f->stft);
  nm_fft_free(f->fft_onsets);
  nm_fft_free(f->fft_modulation);
  free(f);
}

static void forget(NmEmotionFeatures *f)
{
  f->frame_first = f->n_frames = f->chroma_first = f->n_chroma = f->n_samples = f->step = 0;
}

void nm_emotion_features_reset(NmEmotionFeatures *f)
{
  nm_frontend_reset(f->frontend);
  nm_stft_reset(f->stft);
  forget(f);
}

int64_t nm_emotion_features_get_n(int64_t n_samples)
{
  const int64_t n = (n_samples + NM_FEATURES_STEP / 2) / NM_FEATURES_STEP;
  return n_samples > 0 && n == 0 ? 1 : n;
}

static Frame *frame_at(NmEmotionFeatures *f, int64_t t)
{
  return &f->frames[t - f->frame_first];
}

// Completes frame t from its log-mel.
static void derive(NmEmotionFeatures *f, int64_t t)
{
  Frame *now = frame_at(f, t);
  const Frame *before = t > 0 ? frame_at(f, t - 1) : now;
  float rise = 0, sum = 0;
  memset(now->group, 0, sizeof now->group);
  for (int b = 0; b < NM_N_MELS; ++b) {
    now->change[b] = now->mel[b] - before->mel[b];
    rise += fmaxf(now->change[b], 0);
    sum += expf(now->mel[b]);
    now->group[b * N_GROUPS / NM_N_MELS] += now->mel[b] * ((float)N_GROUPS / NM_N_MELS);
  }
  now->onset = rise / NM_N_MELS;
  now->energy = logf(sum + 1e-4f);
  const Frame *past = t >= CEPSTRUM_LAG ? frame_at(f, t - CEPSTRUM_LAG) : NULL;
  for (int i = 0; i < N_CEPSTRUM; ++i) {
    float c = 0;
    for (int b = 0; b < NM_N_MELS; ++b) c += f->cosines[i][b] * now->mel[b];
    now->cepstrum[i] = c;
    now->cepstrum_change[i] = past ? c - past->cepstrum[i] : 0;
  }
}

static void make_room(NmEmotionFeatures *f)
{
  const int64_t n = f->n_frames - f->frame_first;
  if (n == N_FRAMES_MAX) {
    memmove(f->frames, f->frames + n - N_FRAMES_KEPT, N_FRAMES_KEPT * sizeof *f->frames);
    f->frame_first = f->n_frames - N_FRAMES_KEPT;
  }
  const int64_t m = f->n_chroma - f->chroma_first;
  if (m == N_CHROMA_MAX) {
    memmove(f->chroma, f->chroma + m - N_CHROMA_KEPT, N_CHROMA_KEPT * sizeof *f->chroma);
    f->chroma_first = f->n_chroma - N_CHROMA_KEPT;
  }
}

// --- a step ---

// The middle frame of step k, and its first: frames are 256 samples apart.
static int64_t step_start(int64_t k)
{
  return k * NM_FEATURES_STEP / NM_LEN_HOP;
}

static int64_t step_middle(int64_t k)
{
  return step_start(k) + PATCH_FRAMES / 2;
}

typedef struct {
  double sum, sum2;
} Moments;

static float moments_mean(Moments m, int64_t n)
{
  return (float)(m.sum / (double)n);
}

static float moments_deviation(Moments m, int64_t n)
{
  const double mean = m.sum / (double)n;
  return (float)sqrt(fmax(m.sum2 / (double)n - mean * mean, 0));
}

static void moments_add(Moments *m, double x)
{
  m->sum += x;
  m->sum2 += x * x;
}

static void measure_bands(NmEmotionFeatures *f, int64_t first, int64_t n, float *row)
{
  for (int b = 0; b < NM_N_MELS; ++b) {
    Moments level = {0};
    float flux = 0, rise = 0;
    for (int64_t t = first; t < first + n; ++t) {
      const Frame *frame = frame_at(f, t);
      moments_add(&level, frame->mel[b]);
      flux += fabsf(frame->change[b]);
      rise += fmaxf(frame->change[b], 0);
    }
    row[NM_STEP_MEAN + b] = moments_mean(level, n);
    row[NM_STEP_SPREAD + b] = moments_deviation(level, n);
    row[NM_STEP_FLUX + b / 4] += flux / (float)(4 * n);
    row[NM_STEP_RISE + b / 4] += rise / (float)(4 * n);
  }
}

static void measure_shape(NmEmotionFeatures *f, int64_t first, int64_t n, float *row)
{
  for (int i = 0; i < N_CEPSTRUM; ++i) {
    Moments change = {0};
    for (int64_t t = first; t < first + n; ++t) moments_add(&change, frame_at(f, t)->cepstrum_change[i]);
    row[NM_STEP_SHAPE + i] = moments_deviation(change, n);
  }
  Moments energy = {0};
  float low = INFINITY, high = -INFINITY;
  for (int64_t t = first; t < first + n; ++t) {
    const float e = frame_at(f, t)->energy;
    moments_add(&energy, e);
    low = fminf(low, e);
    high = fmaxf(high, e);
  }
  row[NM_STEP_ENERGY] = moments_mean(energy, n);
  row[NM_STEP_ENERGY + 1] = moments_deviation(energy, n);
  row[NM_STEP_ENERGY + 2] = low;
  row[NM_STEP_ENERGY + 3] = high;
}

static float window_at(const NmEmotionFeatures *f, int64_t i, int64_t n)
{
  if (n == AROUND) return f->hann[i];
  return n > 1 ? (float)(.5 - .5 * cos(2 * M_PI * (double)i / (double)(n - 1))) : 1;
}

static void measure_modulation(NmEmotionFeatures *f, int64_t first, int64_t n, float *row)
{
  for (int g = 0; g < N_GROUPS; ++g) {
    double mean = 0;
    for (int64_t i = 0; i < n; ++i) mean += frame_at(f, first + i)->group[g];
    mean /= (double)n;
    memset(f->samples, 0, N_FFT_MODULATION * sizeof(float));
    for (int64_t i = 0; i < n; ++i)
      f->samples[i] = (frame_at(f, first + i)->group[g] - (float)mean) * window_at(f, i, n);
    nm_fft_power(f->fft_modulation, f->samples, f->power);
    for (int r = 0; r < N_RATES; ++r) {
      float sum = 0;
      for (int k = rate_edges[r]; k < rate_edges[r + 1]; ++k) sum += sqrtf(f->power[k]);
      row[NM_STEP_MODULATION + r * N_GROUPS + g] =
          logf(sum / (float)(rate_edges[r + 1] - rate_edges[r]) + 1e-2f);
    }
  }
}

// The autocorrelation of f->samples [n], zero beyond, in place.
static void correlate(NmEmotionFeatures *f)
{
  nm_fft_forward(f->fft_onsets, f->samples, f->power);
  for (int k = 0; k <= N_FFT_ONSETS / 2; ++k) {
    f->power[2 * k] = f->power[2 * k] * f->power[2 * k] + f->power[2 * k + 1] * f->power[2 * k + 1];
    f->power[2 * k + 1] = 0;
  }
  nm_fft_inverse(f->fft_onsets, f->power, f->samples);
}

static void measure_rhythm(NmEmotionFeatures *f, int64_t first, int64_t n, float *row)
{
  Moments onset = {0};
  int n_peaks = 0;
  for (int64_t i = 0; i < n; ++i) moments_add(&onset, frame_at(f, first + i)->onset);
  const float mean = moments_mean(onset, n), deviation = moments_deviation(onset, n);
  memset(f->samples, 0, sizeof f->samples);
  for (int64_t i = 0; i < n; ++i) f->samples[i] = frame_at(f, first + i)->onset - mean;
  for (int64_t i = 1; i + 1 < n; ++i)
    n_peaks +=
        f->samples[i] > f->samples[i - 1] && f->samples[i] > f->samples[i + 1] && f->samples[i] > deviation;
  row[NM_STEP_ONSETS] = deviation;
  row[NM_STEP_ONSETS + 1] = (float)n_peaks / ((float)n * NM_LEN_HOP / NM_RATE_HZ);
  correlate(f);
  const float scale = 1 / (f->samples[0] + 1e-9f);
  for (int i = 0; i < N_LAGS; ++i) {
    float most = -INFINITY;
    for (int k = 0; k < LAG_STEP; ++k) most = fmaxf(most, f->samples[LAG_FIRST + i * LAG_STEP + k]);
    row[NM_STEP_RHYTHM + i] = most * scale;
  }
}

static void measure_harmony(NmEmotionFeatures *f, float *row)
{
  const int64_t sample = f->step * NM_FEATURES_STEP + NM_FEATURES_STEP / 2;
  const int64_t last = f->n_chroma - 1;
  int64_t middle = (sample + NM_CHROMA_HOP / 2) / NM_CHROMA_HOP;
  if (middle > last) middle = last;
  const int64_t low = middle > CHROMA_AROUND ? middle - CHROMA_AROUND : 0;
  const int64_t high = middle + CHROMA_AROUND < last ? middle + CHROMA_AROUND : last;
  float *chroma = row + NM_STEP_PITCH_CLASSES, change = 0;
  for (int64_t t = low; t <= high; ++t) {
    const float *c = f->chroma[t - f->chroma_first];
    float moved = 0;
    for (int i = 0; i < NM_STEP_CHROMA; ++i) {
      chroma[i] += c[i] / (float)(high - low + 1);
      if (t > low) moved += (c[i] - c[i - NM_STEP_CHROMA]) * (c[i] - c[i - NM_STEP_CHROMA]);
    }
    change += sqrtf(moved);
  }
  NmTonal tonal;
  nm_tonal_measure(chroma, &tonal);
  float *out = row + NM_STEP_HARMONY;
  memcpy(out, tonal.sorted, sizeof tonal.sorted);
  memcpy(out + 12, tonal.fourier, sizeof tonal.fourier);
  out[18] = tonal.major;
  out[19] = tonal.minor;
  out[20] = high > low ? change / (float)(high - low) : 0;
}

static void fill_patch(NmEmotionFeatures *f, int64_t first, int64_t n, float *patch)
{
  memset(patch, 0, NM_PATCH * sizeof *patch);
  for (int64_t i = 0; i < PATCH_FRAMES; ++i) {
    const Frame *frame = frame_at(f, first + (i < n ? i : n - 1));
    float *to = patch + i * NM_PATCH_TIMES / PATCH_FRAMES * NM_N_MELS;
    for (int b = 0; b < NM_N_MELS; ++b) to[b] += frame->mel[b] * ((float)NM_PATCH_TIMES / PATCH_FRAMES);
  }
}

static void finish_step(NmEmotionFeatures *f, float *patch, float *row)
{
  const int64_t T = f->n_frames, middle = step_middle(f->step);
  int64_t first = step_start(f->step);
  if (first >= T) first = T - 1;
  const int64_t n = first + PATCH_FRAMES <= T ? PATCH_FRAMES : T - first;
  int64_t low = middle > AROUND / 2 ? middle - AROUND / 2 : 0;
  const int64_t high = low + AROUND < T ? low + AROUND : T;
  low = high > AROUND ? high - AROUND : 0;
  memset(row, 0, NM_STEP * sizeof *row);
  fill_patch(f, first, n, patch);
  measure_bands(f, first, n, row);
  measure_shape(f, first, n, row);
  measure_modulation(f, low, high - low, row);
  measure_rhythm(f, low, high - low, row);
  measure_harmony(f, row);
  f->step += 1;
}

// --- streaming ---

static void push_chroma(NmEmotionFeatures *f)
{
  make_room(f);
  nm_chroma_fold(&f->map, f->spectrum, f->chroma[f->n_chroma - f->chroma_first]);
  f->n_chroma += 1;
}

static bool is_step_complete(const NmEmotionFeatures *f)
{
  return step_middle(f->step) + AROUND / 2 <= f->n_frames && f->n_frames >= AROUND;
}

// Takes a part of the n samples that completes at most one frame; returns how many.
static int64_t take(NmEmotionFeatures *f, const float *x, int64_t n)
{
  int64_t n_taken, n_used;
  make_room(f);
  const int64_t n_new = nm_frontend_push(f->frontend, x, n < NM_LEN_HOP ? n : NM_LEN_HOP, &n_taken,
                                         frame_at(f, f->n_frames)->mel, 1);
  if (n_new) derive(f, f->n_frames++);
  for (int64_t i = 0; i < n_taken; i += n_used)
    if (nm_stft_push(f->stft, x + i, n_taken - i, &n_used, f->spectrum, 1)) push_chroma(f);
  f->n_samples += n_taken;
  return n_taken;
}

int64_t nm_emotion_features_push(NmEmotionFeatures *f, const float *x, int64_t n, int64_t *n_taken,
                                 float *patches, float *rows, int64_t capacity)
{
  int64_t n_steps = 0, i = 0;
  for (;;) {
    for (; n_steps < capacity && is_step_complete(f); ++n_steps)
      finish_step(f, patches + n_steps * NM_PATCH, rows + n_steps * NM_STEP);
    if (i == n || n_steps == capacity) break;
    i += take(f, x + i, n - i);
  }
  *n_taken = i;
  return n_steps;
}

// The frames that were waiting for what came after them.
static void flush(NmEmotionFeatures *f)
{
  for (make_room(f); nm_frontend_finish(f->frontend, frame_at(f, f->n_frames)->mel, 1) > 0; make_room(f))
    derive(f, f->n_frames++);
  while (nm_stft_finish(f->stft, f->spectrum, 1) > 0) push_chroma(f);
}

int64_t nm_emotion_features_finish(NmEmotionFeatures *f, float *patches, float *rows, int64_t capacity)
{
  const int64_t n = nm_emotion_features_get_n(f->n_samples);
  int64_t n_steps = 0;
  if (f->step < n && capacity > 0) flush(f);
  for (; n_steps < capacity && f->step < n; ++n_steps)
    finish_step(f, patches + n_steps * NM_PATCH, rows + n_steps * NM_STEP);
  if (n_steps == 0) nm_emotion_features_reset(f);
  return n_steps;
}
