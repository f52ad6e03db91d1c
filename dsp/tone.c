// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/tone.h"

#include <math.h>
#include <stdbool.h>

enum { N_PARTIALS = 8, N_SEGMENT = 64 };
static const double slope = 1.6, decay_s = 1.6, nyquist_part = .45;

// A partial as a phasor that turns and shrinks sample by sample.
typedef struct {
  double re, im;           // at the segment's sample that is next
  double turn_re, turn_im; // by which it is multiplied
} Partial;

static int64_t count_samples(double seconds, double rate_hz)
{
  const int64_t n = llround(seconds * rate_hz);
  return n > 0 ? n : 1;
}

int64_t nm_tone_get_len(const NmTone *tone)
{
  return tone->n_held + count_samples(NM_TONE_RELEASE_S, tone->rate_hz);
}

static double get_envelope(const NmTone *tone, int64_t t)
{
  const int64_t n_attack = count_samples(NM_TONE_ATTACK_S, tone->rate_hz);
  const int64_t n_release = count_samples(NM_TONE_RELEASE_S, tone->rate_hz);
  double envelope = 1;
  if (t < n_attack) envelope = .5 - .5 * cos(M_PI * (double)t / (double)n_attack);
  if (t >= tone->n_held)
    envelope *= .5 + .5 * cos(M_PI * (double)(t - tone->n_held + 1) / (double)(n_release + 1));
  return envelope;
}

// The partials at sample t; answers how many there are.
static int set_partials(const NmTone *tone, int64_t t, Partial partials[N_PARTIALS])
{
  double sum = 0;
  int n = 0;
  for (int k = 1; k <= N_PARTIALS && (n == 0 || k * tone->f0_hz < nyquist_part * tone->rate_hz); ++k, ++n)
    sum += pow(k, -slope);
  for (int i = 0; i < n; ++i) {
    const int k = i + 1;
    const double turn = 2 * M_PI * k * tone->f0_hz / tone->rate_hz, shrink = k / (decay_s * tone->rate_hz);
    const double size = tone->peak / sum * pow(k, -slope) * exp(-shrink * (double)t);
    const double phase = fmod(turn * (double)t, 2 * M_PI);
    partials[i] =
        (Partial){size * cos(phase), size * sin(phase), exp(-shrink) * cos(turn), exp(-shrink) * sin(turn)};
  }
  return n;
}

static double step(Partial *partials, int n)
{
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    Partial *p = &partials[i];
    const double re = p->re * p->turn_re - p->im * p->turn_im;
    sum += p->im;
    p->im = p->re * p->turn_im + p->im * p->turn_re;
    p->re = re;
  }
  return sum;
}

void nm_tone_add(const NmTone *tone, int64_t from, float *out, int64_t n)
{
  const int64_t len = nm_tone_get_len(tone), first = from > 0 ? from : 0;
  const int64_t end = from + n < len ? from + n : len;
  Partial partials[N_PARTIALS];
  int n_partials = 0;
  // Phasors start anew at multiples of N_SEGMENT, so that cuts make no difference.
  for (int64_t t = first / N_SEGMENT * N_SEGMENT; t < end; ++t) {
    if (t % N_SEGMENT == 0) n_partials = set_partials(tone, t, partials);
    const double sample = step(partials, n_partials);
    if (t >= first) out[t - from] += (float)(sample * get_envelope(tone, t));
  }
}
