// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/even.h"

#include <math.h>

enum {
  N_BANDS = NM_ACOUSTIC_N_BANDS,
  EDGE = 4,  // frames at the ends of a vowel that belong to its neighbours as well
  REACH = 4, // of the smoothing, to each side
};
static const float gain_low = -.7f, gain_high = 1.3f; // ln: -6 to 11 dB

// ln of the root of the summed power.
static float loudness(const float *bands)
{
  float sum = 0;
  for (int b = 0; b < N_BANDS; ++b) sum += expf(2 * bands[b]);
  return .5f * logf(sum + 1e-12f);
}

// Frames of a vowel that are surely its own: [*first, *end).
static void find_inside(int32_t n_frames, int32_t *first, int32_t *end)
{
  const int32_t edge = n_frames / 3 < EDGE ? n_frames / 3 : EDGE;
  *first = edge;
  *end = n_frames - edge;
}

// Fills gains with the loudness inside vowels; its mean. *n_inside counts frames.
static double measure(const NmVoicePhone *phones, int32_t n, const float *envelope, float *gains,
                      int64_t *n_inside)
{
  double sum = 0;
  int64_t t = 0;
  *n_inside = 0;
  for (int32_t k = 0; k < n; t += phones[k++].n_frames) {
    int32_t first, end;
    find_inside(phones[k].n_frames, &first, &end);
    for (int32_t i = first; i < end && nm_phone_is_vowel(phones[k].phone); ++i) {
      gains[t + i] = loudness(envelope + (t + i) * N_BANDS);
      sum += gains[t + i];
      ++*n_inside;
    }
  }
  return *n_inside ? sum / (double)*n_inside : 0;
}

// Straight lines over what is not inside a vowel, in frames [from, to) between known neighbours.
static void bridge(float *gains, int64_t from, int64_t to, int64_t T)
{
  const float a = from > 0 ? gains[from - 1] : to < T ? gains[to] : 0, b = to < T ? gains[to] : a;
  for (int64_t t = from; t < to; ++t) gains[t] = a + (b - a) * (float)(t - from + 1) / (float)(to - from + 1);
}

// What each frame lacks.
static void find_gains(const NmVoicePhone *phones, int32_t n, int64_t T, float share, float target,
                       float *gains)
{
  int64_t t = 0, known = 0; // frames before `known` have their gain
  for (int32_t k = 0; k < n; t += phones[k++].n_frames) {
    int32_t first, end;
    if (!nm_phone_is_vowel(phones[k].phone)) continue;
    find_inside(phones[k].n_frames, &first, &end);
    for (int32_t i = first; i < end; ++i)
      gains[t + i] = share * fminf(fmaxf(target - gains[t + i], gain_low), gain_high);
    bridge(gains, known, t + first, T);
    known = t + end;
  }
  bridge(gains, known, T, known);
}

static void apply(const float *gains, int64_t T, float *envelope)
{
  for (int64_t t = 0; t < T; ++t) {
    const int64_t first = t > REACH ? t - REACH : 0, last = t + REACH < T ? t + REACH : T - 1;
    float sum = 0;
    for (int64_t i = first; i <= last; ++i) sum += gains[i];
    const float gain = sum / (float)(last - first + 1);
    for (int b = 0; b < N_BANDS; ++b) envelope[t * N_BANDS + b] += gain;
  }
}

void nm_even_levels(const NmVoicePhone *phones, int32_t n, int64_t T, float share, float *envelope,
                    float *gains)
{
  int64_t n_inside;
  const double mean = measure(phones, n, envelope, gains, &n_inside);
  if (n_inside == 0 || share <= 0) return;
  find_gains(phones, n, T, share, (float)mean, gains);
  apply(gains, T, envelope);
}
