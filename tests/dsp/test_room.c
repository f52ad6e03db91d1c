// SPDX-License-Identifier: GPL-3.0-or-later
// The room: it dies away as fast as asked, is linear, does not care how it is cut.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "dsp/room.h"
#include "tests/support/compare.h"
#include "tests/support/fail_alloc.h"

enum { N = 96000 };

static float *answer(const float *x, int64_t n_block)
{
  const NmRoomConfig config = nm_room_defaults();
  NmRoom *room = nm_room_new(&config);
  float *y = calloc(2 * N, sizeof *y);
  assert_true(room && y);
  nm_alloc_guard_begin();
  for (int64_t i = 0; i < N; i += n_block)
    nm_room_process(room, x + 2 * i, 1, y + 2 * i, N - i < n_block ? N - i : n_block);
  assert_int_equal(nm_alloc_guard_end(), 0);
  nm_room_free(room);
  return y;
}

static double get_db(const float *y, int64_t from, int64_t n)
{
  double sum = 0;
  for (int64_t i = 2 * from; i < 2 * (from + n); ++i) sum += (double)y[i] * y[i];
  return 10 * log10(sum / (double)n);
}

static void test_decay(void **state)
{
  float *x = calloc(2 * N, sizeof *x);
  for (int i = 0; i < 2 * 4800; ++i) x[i] = (float)sin(.01 * (i / 2)); // 76 Hz
  float *y = answer(x, 512);
  const int64_t before = (int64_t)(.018 * 48000) + 1433;
  for (int64_t i = 0; i < 2 * before; ++i) assert_true(fabs(y[i]) < 1e-15);
  assert_true(get_db(y, before, 4800) > -20);
  const double fallen = get_db(y, 24000, 4800) - get_db(y, 48000, 4800);
  if (!(fabs(fallen - 60 * .5 / 1.1) < 5)) fail_msg("%g dB in half a second", fallen);
  free(x);
  free(y);
}

static float *make_noise(uint64_t seed)
{
  NmRng rng;
  nm_rng_init(&rng, seed);
  float *x = malloc(2 * N * sizeof *x);
  for (int i = 0; i < 2 * N; ++i) x[i] = (float)(.2 * nm_rng_normal(&rng));
  return x;
}

static void test_linear(void **state)
{
  float *a = make_noise(1), *b = make_noise(2), *sum = malloc(2 * N * sizeof *sum);
  for (int i = 0; i < 2 * N; ++i) sum[i] = a[i] + b[i];
  float *ya = answer(a, 512), *yb = answer(b, 512), *y = answer(sum, 512);
  for (int i = 0; i < 2 * N; ++i) ya[i] += yb[i];
  assert_true(nm_snr_f32_db(y, ya, 2 * N) > 100);
  free(a);
  free(b);
  free(sum);
  free(ya);
  free(yb);
  free(y);
}

static void test_any_block(void **state)
{
  static const int64_t blocks[] = {1, 13, 1000, 4096};
  float *x = make_noise(3), *y = answer(x, 512);
  for (int i = 0; i < 4; ++i) {
    float *z = answer(x, blocks[i]);
    assert_memory_equal(y, z, 2 * N * sizeof *y);
    free(z);
  }
  free(x);
  free(y);
}

static bool make(void *context)
{
  const NmRoomConfig config = nm_room_defaults();
  NmRoom *room = nm_room_new(&config);
  nm_room_free(room);
  return room;
}

static void test_limits(void **state)
{
  NmRoomConfig config = nm_room_defaults();
  config.decay_s = 0;
  assert_null(nm_room_new(&config));
  nm_room_free(NULL);
  assert_int_equal(nm_fail_alloc_each(make, NULL, false), 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_decay),
      cmocka_unit_test(test_linear),
      cmocka_unit_test(test_any_block),
      cmocka_unit_test(test_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
