// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "dsp/base/rng.h"

// SplitMix64 from state 0, as its authors' reference implementation gives it.
static void test_known_sequence(void **state)
{
  NmRng rng = {.state = 0};
  assert_true(nm_rng_next(&rng) == 0xe220a8397b1dcdafu);
  assert_true(nm_rng_next(&rng) == 0x6e789e6aa1b965f4u);
  assert_true(nm_rng_next(&rng) == 0x06c45d188009454fu);
}

static void test_seed_and_fork(void **state)
{
  NmRng a, b, c;
  nm_rng_init(&a, 7);
  nm_rng_init(&b, 7);
  nm_rng_init(&c, 8);
  for (int i = 0; i < 10; ++i) assert_true(nm_rng_next(&a) == nm_rng_next(&b));
  assert_true(nm_rng_next(&a) != nm_rng_next(&c));
  NmRng fork = a;
  assert_true(nm_rng_next(&fork) == nm_rng_next(&a));
}

static void test_uniform(void **state)
{
  enum { N = 200000 };
  NmRng rng;
  double sum = 0, squares = 0;
  nm_rng_init(&rng, 1);
  for (int i = 0; i < N; ++i) {
    const double u = nm_rng_uniform(&rng);
    assert_true(u >= 0 && u < 1);
    sum += u;
    squares += u * u;
  }
  assert_true(fabs(sum / N - 0.5) < 0.003);
  assert_true(fabs(squares / N - 1.0 / 3) < 0.003);
}

static void test_normal(void **state)
{
  enum { N = 200000 };
  NmRng rng;
  double moments[5] = {0};
  nm_rng_init(&rng, 2);
  for (int i = 0; i < N; ++i) {
    const double z = nm_rng_normal(&rng);
    for (int m = 1; m < 5; ++m) moments[m] += pow(z, m) / N;
  }
  assert_true(fabs(moments[1]) < 0.01);
  assert_true(fabs(moments[2] - 1) < 0.02);
  assert_true(fabs(moments[3]) < 0.04);
  assert_true(fabs(moments[4] - 3) < 0.1);
}

static void test_below_and_at(void **state)
{
  NmRng rng;
  int counts[7] = {0};
  nm_rng_init(&rng, 3);
  for (int i = 0; i < 70000; ++i) {
    const uint64_t k = nm_rng_below(&rng, 7);
    assert_true(k < 7);
    ++counts[k];
  }
  for (int k = 0; k < 7; ++k) assert_true(counts[k] > 9500 && counts[k] < 10500);
  double sum = 0;
  for (uint64_t i = 0; i < 100000; ++i) {
    const float u = nm_rng_uniform_at(5, i);
    assert_true(u >= 0 && u < 1);
    sum += u;
  }
  assert_true(fabs(sum / 100000 - 0.5) < 0.005);
  assert_true(nm_rng_uniform_at(5, 9) == nm_rng_uniform_at(5, 9));
  assert_true(nm_rng_uniform_at(5, 9) != nm_rng_uniform_at(6, 9));
}

static void test_pick_follows_the_weights(void **state)
{
  static const double cumulated[] = {1, 1, 4, 10};
  NmRng rng;
  int counts[4] = {0};
  nm_rng_init(&rng, 6);
  for (int i = 0; i < 100000; ++i) ++counts[nm_rng_pick(&rng, cumulated, 4)];
  assert_true(counts[0] > 9500 && counts[0] < 10500);
  assert_int_equal(counts[1], 0);
  assert_true(counts[2] > 29000 && counts[2] < 31000);
  assert_int_equal(counts[0] + counts[2] + counts[3], 100000);
  assert_int_equal(nm_rng_pick(&rng, (double[]){.5}, 1), 0);
}

static void test_shuffle_permutes(void **state)
{
  int32_t values[50], seen[50] = {0}, n_moved = 0;
  NmRng rng;
  nm_rng_init(&rng, 4);
  for (int i = 0; i < 50; ++i) values[i] = i;
  nm_rng_shuffle_i32(&rng, values, 50);
  for (int i = 0; i < 50; ++i) {
    ++seen[values[i]];
    n_moved += values[i] != i;
  }
  for (int i = 0; i < 50; ++i) assert_int_equal(seen[i], 1);
  assert_true(n_moved > 40);
  nm_rng_shuffle_i32(&rng, values, 0);
}

// Where each of three items goes must be equally likely: all six orders.
static void test_shuffle_is_fair(void **state)
{
  int counts[27] = {0};
  NmRng rng;
  nm_rng_init(&rng, 5);
  for (int i = 0; i < 60000; ++i) {
    int32_t v[3] = {0, 1, 2};
    nm_rng_shuffle_i32(&rng, v, 3);
    ++counts[v[0] * 9 + v[1] * 3 + v[2]];
  }
  for (int i = 0; i < 27; ++i) assert_true(counts[i] == 0 || (counts[i] > 9500 && counts[i] < 10500));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known_sequence),   cmocka_unit_test(test_seed_and_fork),
      cmocka_unit_test(test_uniform),          cmocka_unit_test(test_normal),
      cmocka_unit_test(test_below_and_at),     cmocka_unit_test(test_pick_follows_the_weights),
      cmocka_unit_test(test_shuffle_permutes), cmocka_unit_test(test_shuffle_is_fair),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
