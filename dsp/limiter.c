// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/limiter.h"

#include <math.h>
#include <stdlib.h>

enum { PHASES = 4, TAPS = 24, HALF = TAPS / 2 };
static const double attack_s = .005, release_s = .08;

// A gain and the frame it is wanted at.
typedef struct {
  int64_t frame;
  double gain;
} Wanted;

struct NmLimiter {
  double ceiling, release; // part of the way back to 1 in a frame
  int64_t n_window;        // frames of look-ahead
  int64_t at;              // frames taken so far
  float *past;             // [n_past, 2] ring of what is not given out yet
  int64_t n_past;
  float recent[2][2 * TAPS]; // the last TAPS samples, twice, so that they lie in a row
  float taps[PHASES][TAPS];
  Wanted *least; // [n_window] ring: rising gains, the least of the window first
  int64_t first, n_least;
  double *smooth; // [n_window] ring of gains to be averaged
  double gain, sum;
};

// The samples between two samples: a sinc under a Hann window, each phase with a sum of one.
static void make_taps(NmLimiter *limiter)
{
  for (int p = 0; p < PHASES; ++p) {
    double sum = 0, taps[TAPS];
    for (int k = 0; k < TAPS; ++k) {
      const double t = k - (HALF - 1) - (double)p / PHASES;
      const double x = M_PI * t, window = .5 + .5 * cos(x / HALF);
      taps[k] = fabs(t) >= HALF ? 0 : (fabs(t) < 1e-9 ? 1 : sin(x) / x) * window;
      sum += taps[k];
    }
    for (int k = 0; k < TAPS; ++k) limiter->taps[p][k] = (float)(taps[k] / sum);
  }
}

NmLimiter *nm_limiter_new(double rate_hz, double ceiling)
{
  NmLimiter *limiter = calloc(1, sizeof *limiter);
  if (!limiter) return NULL;
  limiter->ceiling = ceiling;
  limiter->release = 1 - exp(-1 / (release_s * rate_hz));
  limiter->n_window = (int64_t)ceil(attack_s * rate_hz);
  limiter->n_past = 2 * limiter->n_window + TAPS;
  limiter->past = calloc((size_t)limiter->n_past * 2, sizeof *limiter->past);
  limiter->least = malloc((size_t)limiter->n_window * sizeof *limiter->least);
  limiter->smooth = malloc((size_t)limiter->n_window * sizeof *limiter->smooth);
  if (!limiter->past || !limiter->least || !limiter->smooth) {
    nm_limiter_free(limiter);
    return NULL;
  }
  make_taps(limiter);
  limiter->gain = 1;
  for (int64_t i = 0; i < limiter->n_window; ++i) limiter->smooth[i] = 1;
  limiter->sum = (double)limiter->n_window;
  return limiter;
}

void nm_limiter_free(NmLimiter *limiter)
{
  if (!limiter) return;
  free(limiter->past);
  free(limiter->least);
  free(limiter->smooth);
  free(limiter);
}

// A sample's peak is known HALF later, the least of a window is that of its last frame, and so is their mean.
int64_t nm_limiter_get_delay(const NmLimiter *limiter)
{
  return limiter->n_window - 1 + HALF;
}

// The largest value at and behind the sample HALF before the newest.
static double find_peak(NmLimiter *limiter, const float *frame)
{
  const int place = (int)(limiter->at % TAPS);
  float peak = 0;
  for (int c = 0; c < 2; ++c) {
    limiter->recent[c][place] = limiter->recent[c][place + TAPS] = frame[c];
    const float *x = &limiter->recent[c][place + 1];
    for (int p = 0; p < PHASES; ++p) {
      float sum = 0;
      for (int k = 0; k < TAPS; ++k) sum += limiter->taps[p][k] * x[k];
      if (fabsf(sum) > peak) peak = fabsf(sum);
    }
  }
  return peak;
}

// The least gain wanted by the last n_window frames.
static double find_least(NmLimiter *limiter, double wanted)
{
  const int64_t n = limiter->n_window, frame = limiter->at;
  while (limiter->n_least && limiter->least[(limiter->first + limiter->n_least - 1) % n].gain >= wanted)
    --limiter->n_least;
  if (limiter->n_least && limiter->least[limiter->first % n].frame <= frame - n) {
    ++limiter->first;
    --limiter->n_least;
  }
  limiter->least[(limiter->first + limiter->n_least++) % n] = (Wanted){frame, wanted};
  return limiter->least[limiter->first % n].gain;
}

// Falls at once, rises slowly; the mean over the window makes a ramp of the fall that ends in time.
static double smooth(NmLimiter *limiter, double least)
{
  const double risen = limiter->gain + (1 - limiter->gain) * limiter->release;
  limiter->gain = least < risen ? least : risen > 1 - 1e-9 ? 1 : risen;
  double *oldest = &limiter->smooth[limiter->at % limiter->n_window];
  limiter->sum += limiter->gain - *oldest;
  *oldest = limiter->gain;
  const double mean = limiter->sum / (double)limiter->n_window;
  return mean < 1 - 1e-7 ? mean : 1; // sums of doubles do not quite come back to where they were
}

void nm_limiter_process(NmLimiter *limiter, float *frames, int64_t n)
{
  const int64_t delay = nm_limiter_get_delay(limiter);
  for (int64_t i = 0; i < n; ++i) {
    float *frame = &frames[2 * i], *kept = &limiter->past[limiter->at % limiter->n_past * 2];
    kept[0] = frame[0];
    kept[1] = frame[1];
    const double peak = find_peak(limiter, frame);
    const double wanted = peak > limiter->ceiling ? limiter->ceiling / peak : 1;
    const double gain = smooth(limiter, find_least(limiter, wanted));
    const int64_t from = limiter->at - delay;
    const float *old = &limiter->past[(from + limiter->n_past) % limiter->n_past * 2];
    frame[0] = from < 0 ? 0 : (float)(old[0] * gain);
    frame[1] = from < 0 ? 0 : (float)(old[1] * gain);
    ++limiter->at;
  }
}
