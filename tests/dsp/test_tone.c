// SPDX-License-Identifier: GPL-3.0-or-later
// The plain tone against its formula, however it is cut, and without clicks.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "dsp/tone.h"

enum { RATE = 24000, HELD = 6000 };

static NmTone make_tone(double f0_hz)
{
  return (NmTone){.rate_hz = RATE, .f0_hz = f0_hz, .peak = .5, .n_held = HELD};
}

// Every partial by itself, in the open.
static double naive(const NmTone *tone, int64_t t)
{
  const double attack = NM_TONE_ATTACK_S * RATE, release = NM_TONE_RELEASE_S * RATE, s = (double)t / RATE;
  double sum = 0, all = 0;
  for (int k = 1; k <= 8; ++k) {
    if (k > 1 && k * tone->f0_hz >= .45 * RATE) break;
    all += pow(k, -1.6);
    sum += pow(k, -1.6) * exp(-s * k / 1.6) * sin(2 * M_PI * k * tone->f0_hz * s);
  }
  double envelope = (double)t < attack ? .5 - .5 * cos(M_PI * (double)t / attack) : 1;
  if (t >= HELD) envelope *= .5 + .5 * cos(M_PI * (double)(t - HELD + 1) / (release + 1));
  return .5 * sum / all * envelope;
}

static void test_formula(void **state)
{
  static const double pitches[] = {40, 261.6, 440, 2093, 9000};
  for (int p = 0; p < 5; ++p) {
    const NmTone tone = make_tone(pitches[p]);
    const int64_t n = nm_tone_get_len(&tone);
    float *out = calloc((size_t)n, sizeof *out);
    assert_non_null(out);
    nm_tone_add(&tone, 0, out, n);
    double signal = 0, noise = 0;
    for (int64_t t = 0; t < n; ++t) {
      const double wanted = naive(&tone, t), error = out[t] - wanted;
      signal += wanted * wanted, noise += error * error;
      assert_true(fabsf(out[t]) <= .5f);
    }
    if (!(10 * log10(signal / noise) >= 100))
      fail_msg("%g Hz: %g dB", pitches[p], 10 * log10(signal / noise));
    free(out);
  }
}

static void test_cuts(void **state)
{
  const NmTone tone = make_tone(330);
  const int64_t n = nm_tone_get_len(&tone) + 100;
  float *whole = calloc((size_t)n, sizeof *whole), *parts = calloc((size_t)n, sizeof *parts);
  assert_true(whole && parts);
  NmRng rng;
  nm_rng_init(&rng, 1);
  nm_tone_add(&tone, 0, whole, n);
  for (int64_t at = 0, size; at < n; at += size) {
    size = 1 + (int64_t)nm_rng_below(&rng, 300);
    if (size > n - at) size = n - at;
    nm_tone_add(&tone, at, parts + at, size);
  }
  assert_memory_equal(whole, parts, (size_t)n * sizeof *whole);
  for (int64_t t = n - 100; t < n; ++t) assert_true(whole[t] == 0);
  free(whole);
  free(parts);
}

// Neither end steps further than the tone itself does.
static void test_no_clicks(void **state)
{
  for (int64_t held = 0; held < 2000; held += 37) {
    NmTone tone = make_tone(220);
    tone.n_held = held;
    float out[4000] = {0};
    nm_tone_add(&tone, -10, out, 4000);
    for (int t = 0; t < 11; ++t) assert_true(fabsf(out[t]) < 1e-6f);
    const int64_t end = 10 + nm_tone_get_len(&tone);
    assert_true(fabsf(out[end - 1]) < 1e-5f);
    for (int t = 1; t < 4000; ++t) assert_true(fabsf(out[t] - out[t - 1]) < .1f);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formula),
      cmocka_unit_test(test_cuts),
      cmocka_unit_test(test_no_clicks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
