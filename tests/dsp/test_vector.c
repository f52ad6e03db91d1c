// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>

#include "dsp/vector.h"

static void test_log(void **state)
{
  enum { N = 37 };
  float x[N], y[N];
  for (double e = -86; e < 88; e += 0.0137) {
    for (int i = 0; i < N; ++i) x[i] = (float)exp(e + 0.0137 * i / N);
    nm_vector_log(x, y, N);
    for (int i = 0; i < N; ++i) {
      const double expected = log(x[i]);
      assert_true(fabs(y[i] - expected) <= 2e-7 * fmax(fabs(expected), 0.5));
    }
  }
  x[0] = 1;
  x[1] = FLT_MIN;
  x[2] = FLT_MAX;
  nm_vector_log(x, y, 3);
  assert_true(y[0] == 0);
  assert_true(fabs(y[1] - log(FLT_MIN)) < 2e-5 && fabs(y[2] - log(FLT_MAX)) < 2e-5);
}

static void test_exp(void **state)
{
  enum { N = 37 };
  float x[N], y[N];
  for (double e = -87; e < 87 - 0.02; e += 0.0137) {
    for (int i = 0; i < N; ++i) x[i] = (float)(e + 0.0137 * i / N);
    nm_vector_exp(x, y, N);
    for (int i = 0; i < N; ++i) assert_true(fabs(y[i] / exp(x[i]) - 1) <= 3e-7);
  }
  x[0] = 0;
  nm_vector_exp(x, x, 1);
  assert_true(x[0] == 1);
}

static void test_dot(void **state)
{
  float a[100], b[100];
  for (int i = 0; i < 100; ++i) {
    a[i] = (float)(i % 7 - 3);
    b[i] = (float)(i % 5 - 2);
  }
  for (int n = 0; n <= 100; ++n) {
    double expected = 0;
    for (int i = 0; i < n; ++i) expected += a[i] * b[i];
    assert_true(nm_vector_dot(a, b, n) == (float)expected);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_log),
      cmocka_unit_test(test_exp),
      cmocka_unit_test(test_dot),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
