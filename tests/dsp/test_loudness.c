// SPDX-License-Identifier: GPL-3.0-or-later
// Loudness against the values that BS.1770-4 and EBU Tech 3341 state.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dsp/loudness.h"

static float *make_sine(double rate_hz, int n_channels, double peak_db, int64_t n)
{
  float *x = malloc((size_t)(n * n_channels) * sizeof *x);
  assert_non_null(x);
  const double peak = pow(10, peak_db / 20);
  for (int64_t i = 0; i < n; ++i)
    for (int c = 0; c < n_channels; ++c)
      x[i * n_channels + c] = (float)(peak * sin(2 * M_PI * 997 * (double)i / rate_hz));
  return x;
}

static void expect_lufs(NmLoudness *loudness, double expected, double within)
{
  const double lufs = nm_loudness_get_lufs(loudness);
  if (!(fabs(lufs - expected) <= within)) fail_msg("%.3f LUFS, not %.3f", lufs, expected);
}

// A sine of 997 Hz at full scale is -3.01 LUFS in one channel and 0 in two.
static void test_sines(void **state)
{
  static const double rates[] = {24000, 44100, 48000};
  for (int i = 0; i < 3; ++i)
    for (int n_channels = 1; n_channels <= 2; ++n_channels) {
      const int64_t n = (int64_t)(5 * rates[i]);
      float *x = make_sine(rates[i], n_channels, -20, n);
      NmLoudness loudness;
      nm_loudness_init(&loudness, rates[i], n_channels);
      nm_loudness_process(&loudness, x, n);
      expect_lufs(&loudness, n_channels == 1 ? -23.01 : -20, .04);
      free(x);
    }
}

// Tech 3341, case 3: 10 s at -36, 60 s at -23, 10 s at -36 LUFS are -23; silence does not count either.
static void test_gate(void **state)
{
  static const double levels[] = {-36, -23, -36, -200};
  static const int seconds[] = {10, 60, 10, 20};
  NmLoudness loudness;
  nm_loudness_init(&loudness, 48000, 2);
  for (int i = 0; i < 4; ++i) {
    const int64_t n = seconds[i] * 48000;
    float *x = make_sine(48000, 2, levels[i], n);
    nm_loudness_process(&loudness, x, n);
    free(x);
  }
  expect_lufs(&loudness, -23, .1);
}

static void test_silence(void **state)
{
  static const float silence[48000];
  NmLoudness loudness;
  nm_loudness_init(&loudness, 48000, 1);
  assert_true(isinf(nm_loudness_get_lufs(&loudness)));
  nm_loudness_process(&loudness, silence, 48000);
  assert_true(isinf(nm_loudness_get_lufs(&loudness)));
}

static void test_any_block(void **state)
{
  float *x = make_sine(48000, 2, -12, 60000);
  NmLoudness whole, parts;
  nm_loudness_init(&whole, 48000, 2);
  nm_loudness_init(&parts, 48000, 2);
  nm_loudness_process(&whole, x, 60000);
  for (int64_t i = 0; i < 60000; i += 77)
    nm_loudness_process(&parts, x + 2 * i, 60000 - i < 77 ? 60000 - i : 77);
  assert_true(nm_loudness_get_lufs(&whole) == nm_loudness_get_lufs(&parts));
  free(x);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sines),
      cmocka_unit_test(test_gate),
      cmocka_unit_test(test_silence),
      cmocka_unit_test(test_any_block),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
