// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/breath.h"

#include <math.h>

#include "dsp/base/rng.h"
#include "models/speech/voice.h"

// A resonance: two poles (Klatt 1980, equation 2).
typedef struct {
  double a, b, c, y1, y2;
} Resonance;

static Resonance make_resonance(double hz, double width_hz)
{
  const double r = exp(-M_PI * width_hz / NM_VOICE_RATE_HZ);
  const double b = 2 * r * cos(2 * M_PI * hz / NM_VOICE_RATE_HZ), c = -r * r;
  return (Resonance){.a = 1 - b - c, .b = b, .c = c};
}

static double resonate(Resonance *r, double x)
{
  const double y = r->a * x + r->b * r->y1 + r->c * r->y2;
  r->y2 = r->y1;
  r->y1 = y;
  return y;
}

// Rises over two thirds, falls faster.
static double shape(double x)
{
  const double place = x < .65 ? x / .65 : (1 - x) / .35;
  return .5 - .5 * cos(M_PI * place);
}

void nm_sung_breath_add(uint64_t seed, float level_db, float *samples, int64_t n)
{
  // Formants of an open, unrounded vocal tract; the last two are broad, as the narrow glottis hisses.
  Resonance throat[] = {make_resonance(1150, 500), make_resonance(2500, 700), make_resonance(4200, 1200),
                        make_resonance(7000, 3000)};
  static const double share[] = {1, .9, .6, .5};
  const double gain = pow(10, level_db / 20);
  for (int64_t i = 0; i < n; ++i) {
    const double noise = 2 * nm_rng_uniform_at(seed ^ 0x62726561, (uint64_t)i) - 1;
    double sum = 0;
    for (int k = 0; k < 4; ++k) sum += share[k] * resonate(&throat[k], noise);
    samples[i] += (float)(gain * shape((double)i / (double)n) * sum);
  }
}
