// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "dsp/pitch.h"
#include "tests/support/compare.h"
#include "tests/support/fail_alloc.h"

enum { RATE = 24000, HOP = 256, N_MAX = 20 * RATE, T_MAX = N_MAX / HOP + 1 };

static float x[N_MAX], f0[T_MAX], truth[T_MAX], strength[T_MAX];

static NmPitch *pitch_in(double floor_hz, double ceiling_hz)
{
  NmPitchOptions options = nm_pitch_defaults();
  options.floor_hz = floor_hz;
  options.ceiling_hz = ceiling_hz;
  NmPitch *pitch = nm_pitch_new(&options);
  assert_non_null(pitch);
  return pitch;
}

typedef double (*Curve)(double t); // Hz at second t

// Harmonics with a spectrum falling by 6 dB per octave under two formants, and the frames' true f0.
static void sing(Curve curve, int64_t n)
{
  double phase = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double f = curve((double)i / RATE);
    double sum = 0;
    phase += 2 * M_PI * f / RATE;
    for (int h = 1; h * f < 5000; ++h)
      sum += (1 / (1 + pow((h * f - 600) / 200, 2)) + 0.1) / h * cos(h * phase + h * 1.7);
    x[i] = (float)(0.1 * sum);
    if (i % HOP == 0) truth[i / HOP] = (float)f;
  }
}

static void add_noise(double level, int64_t n)
{
  NmRng rng;
  nm_rng_init(&rng, 21);
  for (int64_t i = 0; i < n; ++i) x[i] += (float)(level * nm_rng_normal(&rng));
}

static double cents(double a, double b)
{
  return 1200 * log2(a / b);
}

// All frames but the outermost two are voiced and within `limit` of the truth.
static void check_voice(NmPitch *pitch, int64_t n, double limit)
{
  const int64_t n_frames = n / HOP + 1;
  nm_pitch_run(pitch, x, n, n_frames, f0, strength);
  for (int64_t t = 2; t < n_frames - 2; ++t) {
    if (!(fabs(cents(f0[t], truth[t])) <= limit))
      fail_msg("frame %d: %g Hz, not %g", (int)t, f0[t], truth[t]);
    assert_true(strength[t] > 0.8f && strength[t] <= 1);
  }
}

static double constant_hz;

static double constant(double t)
{
  return constant_hz;
}

static double glide(double t)
{
  return 90 * pow(2, t); // an octave each second
}

static double vibrato(double t)
{
  return 400 * pow(2, 0.5 / 12 * sin(2 * M_PI * 5.5 * t));
}

static void test_steady_tones(void **state)
{
  NmPitch *speech = pitch_in(75, 600), *song = pitch_in(60, 1000);
  for (constant_hz = 78; constant_hz < 590; constant_hz *= 1.0931) {
    sing(constant, RATE / 4);
    check_voice(speech, RATE / 4, 1);
  }
  for (constant_hz = 62; constant_hz < 990; constant_hz *= 1.0931) {
    sing(constant, RATE / 4);
    check_voice(song, RATE / 4, 1);
  }
  nm_pitch_free(speech);
  nm_pitch_free(song);
}

static void test_sines(void **state)
{
  NmPitch *pitch = pitch_in(60, 1000);
  for (double f = 70; f < 950; f *= 1.31) {
    for (int i = 0; i < RATE / 4; ++i) x[i] = (float)(0.3 * sin(2 * M_PI * f * i / RATE));
    for (int t = 0; t <= RATE / 4 / HOP; ++t) truth[t] = (float)f;
    check_voice(pitch, RATE / 4, 3); // the window sees few periods of the lowest
  }
  nm_pitch_free(pitch);
}

static void test_glide_and_vibrato(void **state)
{
  NmPitch *pitch = pitch_in(60, 1000);
  sing(glide, 2 * RATE);
  check_voice(pitch, 2 * RATE, 8);
  sing(vibrato, RATE);
  check_voice(pitch, RATE, 12);
  nm_pitch_free(pitch);
}

static void test_noisy_voice(void **state)
{
  NmPitch *pitch = pitch_in(75, 600);
  constant_hz = 151;
  sing(constant, RATE);
  add_noise(0.01, RATE);
  check_voice(pitch, RATE, 10);
  nm_pitch_free(pitch);
}

// A missing fundamental is still the pitch.
static void test_telephone_band(void **state)
{
  NmPitch *pitch = pitch_in(75, 600);
  for (int i = 0; i < RATE / 2; ++i) {
    x[i] = 0;
    for (int h = 3; h <= 20; ++h) x[i] += (float)(0.02 * cos(2 * M_PI * 120.0 * h * i / RATE + h));
  }
  for (int t = 0; t <= RATE / 2 / HOP; ++t) truth[t] = 120;
  check_voice(pitch, RATE / 2, 1);
  nm_pitch_free(pitch);
}

static void test_noise_and_silence_are_unvoiced(void **state)
{
  NmPitch *pitch = pitch_in(75, 600);
  int n_voiced = 0;
  memset(x, 0, sizeof x);
  nm_pitch_run(pitch, x, RATE, RATE / HOP + 1, f0, strength);
  for (int t = 0; t <= RATE / HOP; ++t) assert_true(f0[t] == 0 && strength[t] == 0);
  add_noise(0.1, 10 * RATE);
  nm_pitch_run(pitch, x, 10 * RATE, 10 * RATE / HOP + 1, f0, NULL);
  for (int t = 0; t <= 10 * RATE / HOP; ++t) n_voiced += f0[t] > 0;
  assert_true(n_voiced < 10 * RATE / HOP / 50);
  nm_pitch_free(pitch);
}

// Voice, pause with faint noise, voice: the borders are found within two frames.
static void test_borders(void **state)
{
  NmPitch *pitch = pitch_in(75, 600);
  constant_hz = 200;
  sing(constant, 3 * RATE / 2);
  memset(x + RATE / 2, 0, RATE / 2 * sizeof *x);
  add_noise(0.0005, 3 * RATE / 2);
  nm_pitch_run(pitch, x, 3 * RATE / 2, 3 * RATE / 2 / HOP + 1, f0, NULL);
  for (int t = 1; t < 3 * RATE / 2 / HOP; ++t) {
    const bool voiced = t < 47 || t > 94;
    if (abs(t - 47) > 2 && abs(t - 94) > 2) assert_int_equal(f0[t] > 0, voiced);
  }
  nm_pitch_free(pitch);
}

// Longer than the lattice of 1024 frames: the path is decided in parts and must not break at their borders.
static void test_long_signal(void **state)
{
  const int64_t n = N_MAX;
  NmPitch *pitch = pitch_in(75, 600);
  sing(vibrato, n);
  check_voice(pitch, n, 12);
  memcpy(truth, f0, sizeof f0); // twice gives the same bytes
  nm_pitch_run(pitch, x, n, T_MAX, f0, NULL);
  assert_memory_equal(f0, truth, sizeof f0);
  nm_pitch_free(pitch);
}

// A weak voice in noise, whose path depends on what follows: where it is decided in parts must not matter.
// The whole and what is left of it after a cut at a frame agree but for the beginning.
static void test_parts_do_not_show(void **state)
{
  static float rest[T_MAX];
  NmPitch *pitch = pitch_in(75, 600);
  sing(vibrato, N_MAX);
  for (int64_t i = 0; i < N_MAX; ++i) x[i] *= 0.5f + 0.5f * (float)sin(2 * M_PI * 3.1 * (double)i / RATE);
  add_noise(0.035, N_MAX);
  x[N_MAX - 5000] = 1; // the same peak for all
  nm_pitch_run(pitch, x, N_MAX, T_MAX, f0, NULL);
  for (int64_t cut = 30; cut < 800; cut += 70) {
    const int64_t n = N_MAX - cut * HOP;
    int64_t n_voiced = 0;
    nm_pitch_run(pitch, x + cut * HOP, n, n / HOP + 1, rest, NULL);
    for (int64_t t = 60; t < n / HOP; ++t) {
      assert_true(fabsf(rest[t] - f0[cut + t]) < 1e-3f);
      n_voiced += rest[t] > 0;
    }
    assert_true(n_voiced > 200 && n_voiced < n / HOP - 200);
  }
  nm_pitch_free(pitch);
}

static void test_costs_have_effect(void **state)
{
  NmPitchOptions options = nm_pitch_defaults();
  constant_hz = 400;
  sing(constant, RATE / 2);
  options.octave_cost = -0.1f; // now low candidates are better ones
  NmPitch *pitch = nm_pitch_new(&options);
  nm_pitch_run(pitch, x, RATE / 2, RATE / 2 / HOP + 1, f0, NULL);
  for (int t = 3; t < RATE / 2 / HOP - 3; ++t) assert_true(f0[t] < 205);
  nm_pitch_free(pitch);
  options = nm_pitch_defaults();
  options.voicing_change_cost = 100; // one decision for all
  memset(x + RATE / 4, 0, RATE / 40 * sizeof *x);
  add_noise(0.0005, RATE / 2);
  pitch = nm_pitch_new(&options);
  nm_pitch_run(pitch, x, RATE / 2, RATE / 2 / HOP + 1, f0, NULL);
  for (int t = 0; t < RATE / 2 / HOP; ++t) assert_true((f0[t] > 0) == (f0[0] > 0));
  nm_pitch_free(pitch);
}

// A lone click of a few ringing periods is no voice.
static void test_click(void **state)
{
  NmPitch *pitch = pitch_in(75, 600);
  memset(x, 0, sizeof x);
  add_noise(0.001, RATE / 2);
  for (int i = 0; i < 150; ++i)
    x[RATE / 4 + i] += (float)(0.5 * exp(-i / 200.0) * sin(2 * M_PI * 580.0 * i / RATE));
  nm_pitch_run(pitch, x, RATE / 2, RATE / 2 / HOP + 1, f0, strength);
  for (int t = 0; t <= RATE / 2 / HOP; ++t) assert_true(f0[t] == 0 && strength[t] == 0);
  nm_pitch_free(pitch);
}

static void test_short_signals(void **state)
{
  NmPitch *pitch = pitch_in(75, 600);
  constant_hz = 200;
  sing(constant, 3000);
  for (int64_t n = 1; n < 2000; n += 13) {
    nm_pitch_run(pitch, x, n, n / HOP + 1, f0, strength);
    for (int64_t t = 0; t < n / HOP + 1; ++t)
      assert_true(f0[t] == 0 || (f0[t] >= 75 && f0[t] <= 600 && strength[t] > 0));
  }
  nm_pitch_free(pitch);
}

static void test_level_does_not_matter(void **state)
{
  static float quiet[T_MAX];
  NmPitch *pitch = pitch_in(75, 600);
  sing(vibrato, RATE);
  nm_pitch_run(pitch, x, RATE, RATE / HOP + 1, f0, NULL);
  for (int i = 0; i < RATE; ++i) x[i] *= 0x1p-12f;
  nm_pitch_run(pitch, x, RATE, RATE / HOP + 1, quiet, NULL);
  assert_memory_equal(f0, quiet, (RATE / HOP + 1) * sizeof *f0);
  nm_pitch_free(pitch);
}

static void test_interpolation(void **state)
{
  float f[] = {0, 0, 100, 0, 0, 0, 200, 150, 0};
  const double expected[] = {100, 100, 100, 118.9207, 141.4214, 168.1793, 200, 150, 150};
  nm_f0_interpolate(f, 9, 1);
  for (int i = 0; i < 9; ++i) assert_true(fabs(f[i] - expected[i]) < 1e-3);
  float none[] = {0, 0, 0};
  nm_f0_interpolate(none, 3, 160);
  for (int i = 0; i < 3; ++i) assert_true(none[i] == 160);
  nm_f0_interpolate(none, 0, 160);
}

static void test_options_not_allowed(void **state)
{
  NmPitchOptions options = nm_pitch_defaults();
  options.floor_hz = 10;
  assert_null(nm_pitch_new(&options));
  options.floor_hz = 600;
  assert_null(nm_pitch_new(&options));
  options = nm_pitch_defaults();
  options.ceiling_hz = 7000;
  assert_null(nm_pitch_new(&options));
  options = nm_pitch_defaults();
  options.len_hop = 0;
  assert_null(nm_pitch_new(&options));
  options = nm_pitch_defaults();
  options.rate_hz = NAN;
  assert_null(nm_pitch_new(&options));
  nm_pitch_free(NULL);
}

static bool make(void *ctx)
{
  const NmPitchOptions options = nm_pitch_defaults();
  NmPitch *pitch = nm_pitch_new(&options);
  nm_pitch_free(pitch);
  return pitch != NULL;
}

static void test_memory(void **state)
{
  assert_true(nm_fail_alloc_each(make, NULL, false) >= 8);
  NmPitch *pitch = pitch_in(75, 600);
  nm_alloc_guard_begin();
  nm_pitch_run(pitch, x, RATE, RATE / HOP + 1, f0, strength);
  assert_int_equal(nm_alloc_guard_end(), 0);
  nm_pitch_free(pitch);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_steady_tones),
      cmocka_unit_test(test_sines),
      cmocka_unit_test(test_glide_and_vibrato),
      cmocka_unit_test(test_noisy_voice),
      cmocka_unit_test(test_telephone_band),
      cmocka_unit_test(test_noise_and_silence_are_unvoiced),
      cmocka_unit_test(test_borders),
      cmocka_unit_test(test_long_signal),
      cmocka_unit_test(test_parts_do_not_show),
      cmocka_unit_test(test_costs_have_effect),
      cmocka_unit_test(test_click),
      cmocka_unit_test(test_short_signals),
      cmocka_unit_test(test_level_does_not_matter),
      cmocka_unit_test(test_interpolation),
      cmocka_unit_test(test_options_not_allowed),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
