// SPDX-License-Identifier: GPL-3.0-or-later
// The limiter: nothing above the ceiling, between samples hardly; nothing changed below it; any block size.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "dsp/limiter.h"
#include "tests/support/fail_alloc.h"

enum { N = 48000 };

// Noise, low and high tones, sudden steps.
static float *make_sound(double level)
{
  NmRng rng;
  nm_rng_init(&rng, 8);
  float *x = malloc(2 * N * sizeof *x);
  assert_non_null(x);
  for (int i = 0; i < N; ++i) {
    const double loud = i / 4800 % 3 == 0 ? level : .2 * level;
    x[2 * i] = (float)(loud * sin(.7 * i + 1) + .1 * level * nm_rng_normal(&rng));
    x[2 * i + 1] = (float)(loud * sin(.02 * i));
  }
  return x;
}

static float *limit(const float *x, double ceiling, int64_t n_block)
{
  NmLimiter *limiter = nm_limiter_new(48000, ceiling);
  assert_non_null(limiter);
  const int64_t delay = nm_limiter_get_delay(limiter), n = N + delay;
  float *y = calloc((size_t)(2 * n), sizeof *y);
  assert_non_null(y);
  memcpy(y, x, 2 * N * sizeof *y);
  nm_alloc_guard_begin();
  for (int64_t i = 0; i < n; i += n_block)
    nm_limiter_process(limiter, y + 2 * i, n - i < n_block ? n - i : n_block);
  assert_int_equal(nm_alloc_guard_end(), 0);
  for (int64_t i = 0; i < 2 * delay; ++i) assert_true(y[i] == 0);
  memmove(y, y + 2 * delay, 2 * N * sizeof *y);
  nm_limiter_free(limiter);
  return y;
}

static void test_ceiling(void **state)
{
  float *x = make_sound(2.5), *y = limit(x, .5, 512);
  double most = 0, between = 0;
  for (int i = 0; i < 2 * N; ++i) most = fmax(most, fabs(y[i]));
  for (int i = 40; i < N - 40; ++i)
    for (int k = 1; k < 8; ++k) {
      double sum = 0;
      for (int j = -32; j < 32; ++j) {
        const double t = j - k / 8.;
        sum += y[2 * (i + j)] * sin(M_PI * t) / (M_PI * t) * (.5 + .5 * cos(M_PI * t / 32));
      }
      between = fmax(between, fabs(sum));
    }
  assert_true(most <= .5 * (1 + 1e-6));
  assert_true(most > .45);
  if (!(between <= .5 * 1.08)) fail_msg("%g between samples", between);
  free(x);
  free(y);
}

static void test_quiet_is_untouched(void **state)
{
  float *x = make_sound(.3), *y = limit(x, .5, 512);
  assert_memory_equal(x, y, 2 * N * sizeof *x);
  free(x);
  free(y);
}

// Both channels move together, and the gain comes back.
static void test_gain(void **state)
{
  float *x = calloc(2 * N, sizeof *x);
  for (int i = 0; i < N; ++i) x[2 * i] = x[2 * i + 1] = .25f;
  for (int i = 10000; i < 10100; ++i) x[2 * i] = 1;
  float *y = limit(x, .5, 100);
  assert_true(fabs(y[2 * 10050 + 1] - .125) < .015);
  assert_true(y[2 * 9500 + 1] == .25f);
  assert_true(fabs(y[2 * 40000 + 1] - .25) < 1e-4);
  for (int i = 1; i < N; ++i) assert_true(fabs(y[2 * i + 1] - y[2 * i - 1]) < .002);
  free(x);
  free(y);
}

static void test_any_block(void **state)
{
  static const int64_t blocks[] = {1, 7, 333, 4096};
  float *x = make_sound(2), *y = limit(x, .5, 512);
  for (int i = 0; i < 4; ++i) {
    float *z = limit(x, .5, blocks[i]);
    assert_memory_equal(y, z, 2 * N * sizeof *y);
    free(z);
  }
  free(x);
  free(y);
}

static bool make(void *context)
{
  NmLimiter *limiter = nm_limiter_new(48000, 1);
  nm_limiter_free(limiter);
  return limiter;
}

static void test_no_memory(void **state)
{
  assert_int_equal(nm_fail_alloc_each(make, NULL, false), 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ceiling),   cmocka_unit_test(test_quiet_is_untouched),
      cmocka_unit_test(test_gain),      cmocka_unit_test(test_any_block),
      cmocka_unit_test(test_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
