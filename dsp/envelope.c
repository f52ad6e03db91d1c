// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/envelope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/fft.h"
#include "dsp/stft.h"
#include "dsp/vector.h"

#define BIN_HZ ((float)NM_RATE_HZ / NM_LEN_FRAME)
#define POWER_MIN 1e-12f
#define LOG_WINDOW_ROOT 2.9753213f // ln sqrt(384): the front end's window has power 384

enum { CENTRE = NM_LEN_FRAME / 2, N_MIRROR = 40 };

struct NmEnvelope {
  NmFft *fft;
  NmMel *mel;
  float frame[NM_LEN_FRAME];
  float half_window[CENTRE + 1]; // w(0), w(1)...
  float power[NM_N_BINS + 1];    // one more, so that interpolation may read beyond the last
  float corrected[NM_N_BINS];
  float lifter[NM_N_BINS];
  float log_power[NM_N_BINS];
  double sums[NM_N_BINS + 2 * N_MIRROR + 1];
};

NmEnvelope *nm_envelope_new(void)
{
  NmEnvelope *env = calloc(1, sizeof *env);
  if (!env) return NULL;
  env->fft = nm_fft_new(NM_LEN_FRAME);
  env->mel = nm_mel_new(NM_RATE_HZ, NM_LEN_FRAME, NM_N_MELS, 0, NM_MEL_MAX_HZ);
  if (env->fft && env->mel) return env;
  nm_envelope_free(env);
  return NULL;
}

void nm_envelope_free(NmEnvelope *env)
{
  if (!env) return;
  nm_fft_free(env->fft);
  nm_mel_free(env->mel);
  free(env);
}

// w(n) = 1/2 + 1/2 cos(pi n f0 / (1.5 rate)) for |n| <= 1.5 rate / f0, by Chebyshev's recurrence. Returns the
// last n that is not 0.
static int fill_window(NmEnvelope *env, float f0)
{
  const double half_len = 1.5 * NM_RATE_HZ / f0;
  const int n_last = half_len < CENTRE ? (int)half_len : CENTRE;
  const double twice = 2 * cos(M_PI / half_len);
  double before = twice / 2, now = 1;
  for (int i = 0; i <= n_last; ++i) {
    env->half_window[i] = (float)(0.5 + 0.5 * now);
    const double next = twice * now - before;
    before = now;
    now = next;
  }
  return n_last;
}

// Windows the frame in place and makes its mean 0 in the window's own shape. Returns the window's power.
static float window_frame(NmEnvelope *env, int n_last)
{
  float *x = env->frame, sum_x = 0, sum_w = 0, power = 0;
  const int first = CENTRE - n_last,
            last = CENTRE + n_last < NM_LEN_FRAME ? CENTRE + n_last : NM_LEN_FRAME - 1;
  memset(x, 0, (size_t)first * sizeof *x);
  memset(x + last + 1, 0, (size_t)(NM_LEN_FRAME - 1 - last) * sizeof *x);
  for (int i = first; i <= last; ++i) {
    const float w = env->half_window[abs(i - CENTRE)];
    x[i] *= w;
    sum_x += x[i];
    sum_w += w;
    power += w * w;
  }
  const float mean = sum_x / sum_w;
  for (int i = first; i <= last; ++i) x[i] -= env->half_window[abs(i - CENTRE)] * mean;
  return power;
}

// Below f0, power(f) + power(f0 - f).
static void correct_dc(NmEnvelope *env, float f0)
{
  const float f0_bins = f0 / BIN_HZ;
  memcpy(env->corrected, env->power, sizeof env->corrected);
  for (int k = 0; (float)k < f0_bins; ++k) {
    const float q = f0_bins - (float)k, a = q - floorf(q);
    const int i = (int)q;
    env->corrected[k] += env->power[i] * (1 - a) + env->power[i + 1] * a;
  }
}

// Running sums of the power, mirrored at both ends: sums[i] is the sum of all before bin i - N_MIRROR.
static void fill_sums(NmEnvelope *env)
{
  const float *p = env->corrected;
  double sum = 0, *out = env->sums;
  *out++ = 0;
  for (int k = N_MIRROR; k > 0; --k) *out++ = sum += p[k];
  for (int k = 0; k < NM_N_BINS; ++k) *out++ = sum += p[k];
  for (int k = NM_N_BINS - 2; k >= NM_N_BINS - 1 - N_MIRROR; --k) *out++ = sum += p[k];
}

// log_power[k]: ln of the mean power within f0 / 3 of bin k. The two limits have the same fraction in every
// bin.
static void smooth(NmEnvelope *env, float f0)
{
  const double reach = (double)f0 / 3 / BIN_HZ, high = N_MIRROR + 0.5 + reach, low = N_MIRROR + 0.5 - reach;
  const int i_high = (int)high, i_low = (int)low;
  const double a_high = high - i_high, a_low = low - i_low, scale = 1 / (2 * reach);
  const double *h = env->sums + i_high, *l = env->sums + i_low;
#pragma omp simd
  for (int k = 0; k < NM_N_BINS; ++k) {
    const double upper = h[k] + (h[k + 1] - h[k]) * a_high, lower = l[k] + (l[k + 1] - l[k]) * a_low;
    env->log_power[k] = fmaxf((float)((upper - lower) * scale), POWER_MIN);
  }
  nm_vector_log(env->log_power, env->log_power, NM_N_BINS);
}

// lifter(i) = sin(a) / a * (1 - 2 q1 + 2 q1 cos 2a) with a = pi f0 i / rate and q1 = -0.15, which is
// sin(a) / a * (1 + 0.6 sin^2 a); and 1 / NM_LEN_FRAME for the pair of unscaled transforms.
static void fill_lifter(NmEnvelope *env, float f0)
{
  const double step = M_PI * f0 / NM_RATE_HZ, twice = 2 * cos(step);
  double before = 0, now = sin(step);
  env->lifter[0] = 1.0f / NM_LEN_FRAME;
  for (int i = 1; i < NM_N_BINS; ++i) {
    env->lifter[i] = (float)(now / (i * step) * (1 + 0.6 * now * now) / NM_LEN_FRAME);
    const double next = twice * now - before;
    before = now;
    now = next;
  }
}

void nm_envelope_frame(NmEnvelope *env, const float *x, int64_t n, int64_t t, float f0_hz, float *log_power)
{
  const float f0 = fminf(fmaxf(f0_hz, NM_ENVELOPE_F0_MIN_HZ), NM_ENVELOPE_F0_MAX_HZ);
  nm_reflect_copy(x, n, t * NM_LEN_HOP - CENTRE, NM_LEN_FRAME, env->frame);
  const float scale = 1 / window_frame(env, fill_window(env, f0));
  nm_fft_power(env->fft, env->frame, env->power);
  for (int k = 0; k < NM_N_BINS; ++k) env->power[k] *= scale;
  correct_dc(env, f0);
  fill_sums(env);
  smooth(env, f0);
  fill_lifter(env, f0);
  nm_fft_even(env->fft, env->log_power, log_power);
  for (int k = 0; k < NM_N_BINS; ++k) log_power[k] *= env->lifter[k];
  nm_fft_even(env->fft, log_power, log_power);
}

void nm_envelope_run(NmEnvelope *env, const float *x, int64_t n, const float *f0_hz, int64_t n_frames,
                     float *log_env)
{
  float *magnitude = env->log_power;
  for (int64_t t = 0; t < n_frames; ++t) {
    nm_envelope_frame(env, x, n, t, f0_hz[t], magnitude);
    for (int k = 0; k < NM_N_BINS; ++k) magnitude[k] = 0.5f * magnitude[k] + LOG_WINDOW_ROOT;
    nm_vector_exp(magnitude, magnitude, NM_N_BINS);
    nm_mel_apply_log(env->mel, magnitude, log_env + t * NM_N_MELS);
  }
}
