// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/resample.h"
#include "tests/support/compare.h"
#include "tests/support/fail_alloc.h"

enum { N_MAX = 200000 };

static float x[N_MAX], y[N_MAX], z[N_MAX];

static const double rates[][2] = {{48000, 24000}, {44100, 24000}, {22050, 24000}, {16000, 24000},
                                  {8000, 24000},  {24000, 24000}, {96000, 24000}, {192000, 24000},
                                  {24000, 44100}, {24000, 48000}, {11025, 24000}, {32000, 24000}};
enum { N_RATES = sizeof rates / sizeof *rates };

static void test_exact_length(void **state)
{
  for (int r = 0; r < N_RATES; ++r) {
    NmResampler *rs = nm_resampler_new(rates[r][0], rates[r][1], NM_RESAMPLE_MEDIUM);
    for (int64_t n = 1; n < 3000; n += 171) {
      const int64_t n_out = nm_resampler_get_n_out(rs, n);
      assert_int_equal(n_out, llrint((double)n * rates[r][1] / rates[r][0]));
      y[n_out] = 12345;
      nm_resampler_run(rs, x, n, y);
      assert_true(y[n_out] == 12345);
    }
    nm_resampler_free(rs);
  }
}

// A tone comes out as the same tone, in phase: no delay, no drift.
static void check_tone(double rate_in, double rate_out, double f, NmResampleQuality quality, double snr_db)
{
  const int64_t n = (int64_t)(rate_in * 0.5);
  NmResampler *rs = nm_resampler_new(rate_in, rate_out, quality);
  const int64_t n_out = nm_resampler_get_n_out(rs, n), n_edge = n_out / 8;
  for (int64_t i = 0; i < n; ++i) x[i] = (float)sin(2 * M_PI * f * (double)i / rate_in);
  nm_resampler_run(rs, x, n, y);
  for (int64_t i = 0; i < n_out; ++i) z[i] = (float)sin(2 * M_PI * f * (double)i / rate_out);
  const double snr = nm_snr_f32_db(y + n_edge, z + n_edge, n_out - 2 * n_edge);
  if (!(snr >= snr_db)) fail_msg("%g to %g Hz, tone of %g Hz: %g dB", rate_in, rate_out, f, snr);
  nm_resampler_free(rs);
}

static void test_tones(void **state)
{
  for (int r = 0; r < N_RATES; ++r)
    for (double part = 0.01; part < 0.43; part += 0.1) {
      const double f = part * fmin(rates[r][0], rates[r][1]);
      check_tone(rates[r][0], rates[r][1], f, NM_RESAMPLE_MEDIUM, 90);
      check_tone(rates[r][0], rates[r][1], f, NM_RESAMPLE_BEST, 100);
    }
}

// What the new rate cannot hold vanishes.
static void test_no_aliasing(void **state)
{
  NmResampler *rs = nm_resampler_new(48000, 24000, NM_RESAMPLE_MEDIUM);
  for (int i = 0; i < 24000; ++i) x[i] = (float)sin(2 * M_PI * 14000.0 * i / 48000);
  nm_resampler_run(rs, x, 24000, y);
  for (int i = 500; i < 11500; ++i) assert_true(fabsf(y[i]) < 1e-4f);
  nm_resampler_free(rs);
}

static void test_blocks_give_the_same(void **state)
{
  static const int64_t blocks[] = {1, 7, 100, 1024, 4096};
  enum { N = 6000 };
  for (int i = 0; i < N; ++i) x[i] = (float)sin(0.05 * i + 1e-5 * i * i);
  for (int r = 0; r < N_RATES; ++r) {
    NmResampler *rs = nm_resampler_new(rates[r][0], rates[r][1], NM_RESAMPLE_MEDIUM);
    const int64_t n_out = nm_resampler_get_n_out(rs, N);
    nm_resampler_run(rs, x, N, y);
    for (int b = 0; b < 5; ++b) {
      int64_t k = 0, n_more;
      for (int64_t i = 0, n_taken; i < N; i += n_taken)
        k += nm_resampler_push(rs, x + i, N - i < blocks[b] ? N - i : blocks[b], &n_taken, z + k,
                               blocks[4 - b]);
      while ((n_more = nm_resampler_finish(rs, z + k, blocks[4 - b])) > 0) k += n_more;
      assert_int_equal(k, n_out);
      assert_true(nm_max_difference(y, z, n_out) <= 1e-6);
    }
    nm_resampler_free(rs);
  }
}

static void test_arguments_not_allowed(void **state)
{
  assert_null(nm_resampler_new(0, 24000, NM_RESAMPLE_MEDIUM));
  assert_null(nm_resampler_new(24000, NAN, NM_RESAMPLE_MEDIUM));
  assert_null(nm_resampler_new(1, 24000, NM_RESAMPLE_MEDIUM));
  assert_false(nm_resampler_allows(24000, 24000 * 300));
  nm_resampler_free(NULL);
}

static bool make(void *ctx)
{
  NmResampler *rs = nm_resampler_new(48000, 24000, NM_RESAMPLE_MEDIUM);
  nm_resampler_free(rs);
  return rs != NULL;
}

static void test_memory_out(void **state)
{
  assert_true(nm_fail_alloc_each(make, NULL, false) >= 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exact_length),          cmocka_unit_test(test_tones),
      cmocka_unit_test(test_no_aliasing),           cmocka_unit_test(test_blocks_give_the_same),
      cmocka_unit_test(test_arguments_not_allowed), cmocka_unit_test(test_memory_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
