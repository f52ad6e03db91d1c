// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/melody_sound.h"

#include <math.h>
#include <stdlib.h>

float *make_melody_sound(int rate_hz, int n_channels, int64_t *n)
{
  *n = (int64_t)NM_MELODY_SOUND_SECONDS * rate_hz + 77;
  float *x = malloc((size_t)(*n * n_channels) * sizeof *x);
  for (int64_t i = 0; i < *n; ++i) {
    const double t = (double)i / rate_hz, hz = 220 * pow(2, floor(fmod(t * 2, 8)) / 12);
    for (int c = 0; c < n_channels; ++c)
      x[i * n_channels + c] =
          (float)((t < 20 ? .1 : .8) * exp(-4 * fmod(t, .5)) * sin(2 * M_PI * hz * t + c));
  }
  return x;
}
