// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/loudness.h"

#include <math.h>
#include <string.h>

static const double floor_lufs = -70, bin_lu = .1, gate_lu = 10;

// The filters of BS.1770-4, annex 1, for any rate: the analogue prototypes that give its coefficients at 48
// kHz, through the bilinear transform.
static void set_shelf(double c[5], double rate_hz)
{
  const double f0 = 1681.974450955533, gain_db = 3.999843853973347, q = .7071752369554196;
  const double k = tan(M_PI * f0 / rate_hz), vh = pow(10, gain_db / 20), vb = pow(vh, .4996667741545416);
  const double a0 = 1 + k / q + k * k;
  c[0] = (vh + vb * k / q + k * k) / a0;
  c[1] = 2 * (k * k - vh) / a0;
  c[2] = (vh - vb * k / q + k * k) / a0;
  c[3] = 2 * (k * k - 1) / a0;
  c[4] = (1 - k / q + k * k) / a0;
}

static void set_highpass(double c[5], double rate_hz)
{
  const double f0 = 38.13547087602444, q = .5003270373238773, k = tan(M_PI * f0 / rate_hz);
  const double a0 = 1 + k / q + k * k;
  c[0] = 1;
  c[1] = -2;
  c[2] = 1;
  c[3] = 2 * (k * k - 1) / a0;
  c[4] = (1 - k / q + k * k) / a0;
}

void nm_loudness_init(NmLoudness *loudness, double rate_hz, int n_channels)
{
  memset(loudness, 0, sizeof *loudness);
  loudness->n_channels = n_channels;
  loudness->n_step = (int32_t)lrint(rate_hz / 10);
  set_shelf(loudness->filters[0], rate_hz);
  set_highpass(loudness->filters[1], rate_hz);
}

// One sample through a filter in transposed direct form II.
static double filter(const double c[5], double state[2], double x)
{
  const double y = c[0] * x + state[0];
  state[0] = c[1] * x - c[3] * y + state[1];
  state[1] = c[2] * x - c[4] * y;
  return y;
}

static double to_lufs(double energy)
{
  return -.691 + 10 * log10(energy);
}

static void end_step(NmLoudness *loudness)
{
  loudness->n_in_step = 0;
  if (++loudness->n_steps >= 4) {
    double energy = 0;
    for (int i = 0; i < 4; ++i) energy += loudness->steps[i] / (4. * loudness->n_step);
    const double bin = energy > 0 ? (to_lufs(energy) - floor_lufs) / bin_lu : -1;
    if (bin >= 0) {
      const int i = bin < NM_LOUDNESS_BINS - 1 ? (int)bin : NM_LOUDNESS_BINS - 1;
      ++loudness->counts[i];
      loudness->energies[i] += energy;
    }
  }
  loudness->steps[loudness->n_steps % 4] = 0;
}

void nm_loudness_process(NmLoudness *loudness, const float *frames, int64_t n)
{
  for (int64_t i = 0; i < n; ++i) {
    double energy = 0;
    for (int c = 0; c < loudness->n_channels; ++c) {
      double *state = loudness->states[c];
      const double x = filter(loudness->filters[0], state, frames[i * loudness->n_channels + c]);
      const double y = filter(loudness->filters[1], state + 2, x);
      energy += y * y;
    }
    loudness->steps[loudness->n_steps % 4] += energy;
    if (++loudness->n_in_step == loudness->n_step) end_step(loudness);
  }
}

static double get_mean(const NmLoudness *loudness, int from)
{
  double sum = 0;
  int64_t n = 0;
  for (int i = from; i < NM_LOUDNESS_BINS; ++i) {
    n += loudness->counts[i];
    sum += loudness->energies[i];
  }
  return n ? sum / (double)n : 0;
}

double nm_loudness_get_lufs(const NmLoudness *loudness)
{
  const double all = get_mean(loudness, 0);
  if (!(all > 0)) return -INFINITY;
  const double gate = (to_lufs(all) - gate_lu - floor_lufs) / bin_lu;
  const double mean = get_mean(loudness, gate > 0 ? (int)gate : 0);
  return to_lufs(mean);
}
