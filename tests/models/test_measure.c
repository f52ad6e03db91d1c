// SPDX-License-Identifier: GPL-3.0-or-later
// The measure of sound on vowels made here, whose level, pitch and voicing are known.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "dsp/mel.h"
#include "models/speech/measure.h"
#include "tests/support/fail_alloc.h"

enum { N = 48 * NM_LEN_HOP, N_FRAMES = N / NM_LEN_HOP, N_HARMONICS = 24 };

// Fails for what is not a number, too.
static void expect_near(double got, double wanted, double tolerance)
{
  if (!(fabs(got - wanted) <= tolerance)) fail_msg("%g is not %g", got, wanted);
}

// A vowel: harmonics under one formant, over a little noise that keeps every band above the floor.
static void make_vowel(float *x, double f0_hz, double formant_hz, double level)
{
  for (int64_t i = 0; i < N; ++i) {
    double sum = .02 * (2 * (double)nm_rng_uniform_at(5, (uint64_t)i) - 1);
    for (int h = 1; h <= N_HARMONICS; ++h) {
      const double away = (h * f0_hz - formant_hz) / 900;
      sum += .05 / (1 + away * away) * sin(2 * M_PI * h * f0_hz * (double)i / NM_RATE_HZ + h);
    }
    x[i] = (float)(level * sum);
  }
}

static void make_noise(float *x, int64_t first, int64_t n)
{
  for (int64_t i = first; i < first + n; ++i) x[i] = .1f * (2 * nm_rng_uniform_at(9, (uint64_t)i) - 1);
}

static NmSoundDistance compare(const float *recording, const float *sound, const bool *spoken)
{
  NmMeasure *measure = nm_measure_new();
  assert_non_null(measure);
  assert_int_equal(nm_measure_add(measure, recording, sound, N, spoken), NM_OK);
  const NmSoundDistance d = nm_measure_get(measure);
  nm_measure_free(measure);
  return d;
}

static void test_a_sound_is_itself(void **state)
{
  static float x[N];
  make_vowel(x, 190, 900, 1);
  const NmSoundDistance d = compare(x, x, NULL);
  assert_int_equal(d.n_frames, N_FRAMES);
  expect_near(d.distortion_db, 0, 0);
  expect_near(d.f0_cents, 0, 0);
  expect_near(d.f0_cents_median, 0, 0);
  expect_near(d.f0_gross, 0, 0);
  expect_near(d.voicing_error, 0, 0);
  expect_near(d.stft_convergence, 0, 0);
  expect_near(d.stft_log, 0, 0);
}

// A level is the cepstrum's coefficient 0, which the distortion leaves out.
static void test_a_change_of_level_is_no_distortion(void **state)
{
  static float x[N], louder[N];
  make_vowel(x, 190, 900, 1);
  make_vowel(louder, 190, 900, 2);
  const NmSoundDistance d = compare(x, louder, NULL);
  assert_true(d.distortion_db < 1e-3);
  assert_true(d.f0_cents < .1);
  expect_near(d.stft_convergence, 1, 1e-4);
  assert_true(d.stft_log > .5 && d.stft_log < log(2));
}

static void test_another_vowel_is_distorted(void **state)
{
  static float x[N], y[N];
  make_vowel(x, 190, 700, 1);
  make_vowel(y, 190, 2300, 1);
  const NmSoundDistance d = compare(x, y, NULL);
  assert_true(d.distortion_db > 3);
  assert_true(d.f0_cents < 3);
}

static void test_pitch_is_told_in_cents(void **state)
{
  static const double cents[] = {10, -35, 120};
  static float x[N], y[N];
  make_vowel(x, 190, 900, 1);
  for (int i = 0; i < 3; ++i) {
    make_vowel(y, 190 * exp2(cents[i] / 1200), 900, 1);
    const NmSoundDistance d = compare(x, y, NULL);
    expect_near(d.f0_cents, fabs(cents[i]), 2);
    expect_near(d.f0_cents_median, fabs(cents[i]), 2);
    expect_near(d.f0_gross, 0, 0);
  }
}

// 200 cents and more are counted, not averaged; the median sees them.
static void test_gross_errors_are_counted(void **state)
{
  static float x[N], y[N];
  make_vowel(x, 190, 900, 1);
  make_vowel(y, 190 * exp2(300 / 1200.), 900, 1);
  const NmSoundDistance d = compare(x, y, NULL);
  expect_near(d.f0_gross, 1, 0);
  expect_near(d.f0_cents, 0, 0);
  expect_near(d.f0_cents_median, 300, 3);
}

static void test_voicing_of_one_alone_is_an_error(void **state)
{
  static float x[N], y[N];
  make_vowel(x, 190, 900, 1);
  memcpy(y, x, sizeof y);
  make_noise(y, N / 2, N / 2);
  const NmSoundDistance d = compare(x, y, NULL);
  expect_near(d.voicing_error, .5, .06);
  assert_true(d.f0_gross < .1);
}

static void test_frames_that_are_not_spoken_do_not_count(void **state)
{
  static float x[N], y[N];
  bool spoken[N_FRAMES];
  make_vowel(x, 190, 900, 1);
  memcpy(y, x, sizeof y);
  make_noise(y, N / 2, N / 2);
  for (int t = 0; t < N_FRAMES; ++t) spoken[t] = t < N_FRAMES / 2 - 2;
  const NmSoundDistance d = compare(x, y, spoken);
  assert_int_equal(d.n_frames, N_FRAMES / 2 - 2);
  expect_near(d.distortion_db, 0, 0);
}

static void test_sounds_add_up(void **state)
{
  static float x[N], y[N];
  NmMeasure *measure = nm_measure_new();
  make_vowel(x, 190, 900, 1);
  make_vowel(y, 190, 900, 2);
  assert_int_equal(nm_measure_add(measure, x, x, N, NULL), NM_OK);
  assert_int_equal(nm_measure_add(measure, x, y, N, NULL), NM_OK);
  assert_int_equal(nm_measure_add(measure, x, y, 0, NULL), NM_OK);
  const NmSoundDistance d = nm_measure_get(measure);
  assert_int_equal(d.n_frames, 2 * N_FRAMES);
  expect_near(d.stft_convergence, .5, 1e-4);
  nm_measure_free(measure);
}

static void test_nothing_is_no_distance(void **state)
{
  NmMeasure *measure = nm_measure_new();
  const NmSoundDistance d = nm_measure_get(measure);
  assert_int_equal(d.n_frames, 0);
  expect_near(d.distortion_db, 0, 0);
  expect_near(d.f0_cents_median, 0, 0);
  nm_measure_free(measure);
  nm_measure_free(NULL);
}

static bool measure_once(void *x)
{
  enum { N_SHORT = 4 * NM_LEN_HOP };
  NmMeasure *measure = nm_measure_new();
  const bool good = measure && nm_measure_add(measure, x, x, N_SHORT, NULL) == NM_OK;
  nm_measure_free(measure);
  return good;
}

static void test_memory_may_run_out(void **state)
{
  static float x[N];
  make_vowel(x, 190, 900, 1);
  assert_true(nm_fail_alloc_each(measure_once, x, false) > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_sound_is_itself),
      cmocka_unit_test(test_a_change_of_level_is_no_distortion),
      cmocka_unit_test(test_another_vowel_is_distorted),
      cmocka_unit_test(test_pitch_is_told_in_cents),
      cmocka_unit_test(test_gross_errors_are_counted),
      cmocka_unit_test(test_voicing_of_one_alone_is_an_error),
      cmocka_unit_test(test_frames_that_are_not_spoken_do_not_count),
      cmocka_unit_test(test_sounds_add_up),
      cmocka_unit_test(test_nothing_is_no_distance),
      cmocka_unit_test(test_memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
