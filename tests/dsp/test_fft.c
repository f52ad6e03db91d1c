// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "dsp/fft.h"
#include "tests/support/compare.h"
#include "tests/support/fail_alloc.h"

static void fill_noise(float *x, int n, uint64_t seed)
{
  NmRng rng;
  nm_rng_init(&rng, seed);
  for (int i = 0; i < n; ++i) x[i] = (float)nm_rng_normal(&rng);
}

static void naive_dft(const float *x, int n, double *spectrum)
{
  for (int k = 0; k <= n / 2; ++k) {
    double re = 0, im = 0;
    for (int i = 0; i < n; ++i) {
      const double phase = 2 * M_PI * ((int64_t)k * i % n) / n;
      re += x[i] * cos(phase);
      im -= x[i] * sin(phase);
    }
    spectrum[2 * k] = re;
    spectrum[2 * k + 1] = im;
  }
}

static void check_size(int n)
{
  NmFft *fft = nm_fft_new(n);
  float *x = malloc((size_t)n * sizeof *x), *back = malloc((size_t)n * sizeof *back);
  float *X = malloc(((size_t)n + 2) * sizeof *X), *power = malloc((size_t)n * sizeof *power + 4);
  double *expected = malloc(((size_t)n + 2) * sizeof *expected);
  assert_non_null(fft);
  assert_int_equal(nm_fft_get_n(fft), n);
  assert_int_equal(nm_fft_get_n_bins(fft), n / 2 + 1);
  fill_noise(x, n, (uint64_t)n);
  naive_dft(x, n, expected);
  nm_fft_forward(fft, x, X);
  assert_true(nm_snr_db(X, expected, n + 2) >= 120);
  nm_fft_inverse(fft, X, back);
  assert_true(nm_snr_f32_db(back, x, n) >= 120);
  nm_fft_power(fft, x, power);
  for (int k = 0; k <= n / 2; ++k) {
    const double p = expected[2 * k] * expected[2 * k] + expected[2 * k + 1] * expected[2 * k + 1];
    assert_true(fabs(power[k] - p) <= 1e-5 * n);
  }
  free(x);
  free(back);
  free(X);
  free(power);
  free(expected);
  nm_fft_free(fft);
}

static void test_against_naive(void **state)
{
  static const int sizes[] = {2, 4, 6, 30, 64, 254, 480, 1024, 2048};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) check_size(sizes[i]);
}

static void test_in_place(void **state)
{
  float x[66], expected[66], both[66];
  NmFft *fft = nm_fft_new(64);
  fill_noise(x, 64, 3);
  memcpy(both, x, 64 * sizeof *x);
  nm_fft_forward(fft, x, expected);
  nm_fft_forward(fft, both, both);
  assert_memory_equal(both, expected, sizeof both);
  nm_fft_inverse(fft, both, both);
  assert_true(nm_snr_f32_db(both, x, 64) >= 120);
  nm_fft_free(fft);
}

// The even transform is the real part of the transform of the sequence mirrored to its full length.
static void test_even(void **state)
{
  enum { N = 256, N_HALF = N / 2 + 1 };
  float half[N_HALF], full[N], spectrum[N + 2], out[N_HALF];
  NmFft *fft = nm_fft_new(N);
  fill_noise(half, N_HALF, 4);
  for (int i = 0; i < N; ++i) full[i] = half[i < N_HALF ? i : N - i];
  nm_fft_forward(fft, full, spectrum);
  nm_fft_even(fft, half, out);
  for (int k = 0; k < N_HALF; ++k) assert_true(fabsf(out[k] - spectrum[2 * k]) < 1e-4f);
  nm_fft_even(fft, out, out);
  for (int k = 0; k < N_HALF; ++k) assert_true(fabsf(out[k] / N - half[k]) < 1e-5f);
  nm_fft_free(fft);
}

static void test_sizes_not_allowed(void **state)
{
  assert_null(nm_fft_new(0));
  assert_null(nm_fft_new(-4));
  assert_null(nm_fft_new(1));
  assert_null(nm_fft_new(7));
  nm_fft_free(NULL);
}

// Objects made and used at the same time by several threads share plans and give the same bytes.
static void *thread_main(void *arg)
{
  float x[512], X[514];
  fill_noise(x, 512, 9);
  for (int i = 0; i < 200; ++i) {
    NmFft *fft = nm_fft_new(i % 2 ? 512 : 256 + 2 * (i % 10));
    nm_fft_forward(fft, x, X);
    if (i % 2 && memcmp(X, arg, sizeof X) != 0) X[0] = NAN;
    nm_fft_free(fft);
    if (isnan(X[0])) return arg;
  }
  return NULL;
}

static void test_threads(void **state)
{
  float x[512], expected[514];
  pthread_t threads[4];
  NmFft *fft = nm_fft_new(512);
  fill_noise(x, 512, 9);
  nm_fft_forward(fft, x, expected);
  for (int i = 0; i < 4; ++i) assert_int_equal(pthread_create(&threads[i], NULL, thread_main, expected), 0);
  for (int i = 0; i < 4; ++i) {
    void *wrong = NULL;
    pthread_join(threads[i], &wrong);
    assert_null(wrong);
  }
  nm_fft_free(fft);
}

static void test_no_allocation_in_use(void **state)
{
  float x[1026] = {1};
  NmFft *fft = nm_fft_new(1024);
  nm_alloc_guard_begin();
  nm_fft_forward(fft, x, x);
  nm_fft_inverse(fft, x, x);
  nm_fft_even(fft, x, x);
  assert_int_equal(nm_alloc_guard_end(), 0);
  nm_fft_free(fft);
}

static bool make(void *ctx)
{
  int *n = ctx;
  NmFft *fft = nm_fft_new(*n += 2); // a size whose plans are not there yet
  nm_fft_free(fft);
  return fft != NULL;
}

static void test_memory_out(void **state)
{
  int n = 600;
  assert_true(nm_fail_alloc_each(make, &n, false) >= 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_naive), cmocka_unit_test(test_in_place),
      cmocka_unit_test(test_even),          cmocka_unit_test(test_sizes_not_allowed),
      cmocka_unit_test(test_threads),       cmocka_unit_test(test_no_allocation_in_use),
      cmocka_unit_test(test_memory_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
