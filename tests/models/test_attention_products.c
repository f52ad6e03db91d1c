// SPDX-License-Identifier: GPL-3.0-or-later
// The products of attention's tiles against sums written out, in double; and that they keep to their columns.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "models/attention/cpu/products.h"

enum { ROWS_MAX = 64, KEYS_MAX = 128, LD = 160 };

static float A[ROWS_MAX * LD], B[KEYS_MAX * LD], C[ROWS_MAX * LD], before[ROWS_MAX * LD];

static const int64_t rows[] = {1, 2, 3, 4, 7, 63, 64}, keys[] = {1, 2, 15, 16, 17, 31, 100, 128},
                     widths[] = {16, 32, 48, 64, 80, 96, 112, 128};

#define N_OF(x) ((int)(sizeof(x) / sizeof *(x)))

static void fill(uint64_t seed)
{
  NmRng rng;
  nm_rng_init(&rng, seed);
  for (int i = 0; i < ROWS_MAX * LD; ++i) A[i] = (float)(2 * nm_rng_uniform(&rng) - 1);
  for (int i = 0; i < KEYS_MAX * LD; ++i) B[i] = (float)(2 * nm_rng_uniform(&rng) - 1);
  for (int i = 0; i < ROWS_MAX * LD; ++i) before[i] = C[i] = (float)(2 * nm_rng_uniform(&rng) - 1);
}

static void check(double got, double want)
{
  if (!(fabs(got - want) <= 1e-5)) fail_msg("%.9g where %.9g was due", got, want);
}

// What lies beyond `n` columns of M rows, and below them, is as it was.
static void check_rest(int64_t M, int64_t n)
{
  for (int64_t i = 0; i < ROWS_MAX; ++i)
    for (int64_t j = i < M ? n : 0; j < LD; ++j) assert_true(C[i * LD + j] == before[i * LD + j]);
}

static void try_inner(int64_t M, int64_t N, int64_t K)
{
  fill((uint64_t)(M * 10007 + N * 101 + K));
  nm_attention_tile_inner(M, N, K, .125f, A, LD, B, LD, C, LD);
  for (int64_t i = 0; i < M; ++i)
    for (int64_t j = 0; j < N; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < K; ++k) sum += (double)A[i * LD + k] * B[j * LD + k];
      check(C[i * LD + j], .125 * sum);
    }
  check_rest(M, (N + 15) / 16 * 16);
}

static void try_product(int64_t M, int64_t N, int64_t K)
{
  fill((uint64_t)(M * 10009 + N * 103 + K));
  nm_attention_tile_product(M, N, K, A, LD, B, LD, C, LD);
  for (int64_t i = 0; i < M; ++i)
    for (int64_t j = 0; j < N; ++j) {
      double sum = before[i * LD + j];
      for (int64_t k = 0; k < K; ++k) sum += (double)A[i * LD + k] * B[k * LD + j];
      check(C[i * LD + j], sum);
    }
  check_rest(M, N);
}

static void test_inner(void **state)
{
  if (!nm_attention_can_inner(1, 16)) skip();
  for (int m = 0; m < N_OF(rows); ++m)
    for (int n = 0; n < N_OF(keys); ++n)
      for (int k = 0; k < N_OF(widths); ++k) try_inner(rows[m], keys[n], widths[k]);
}

static void test_product(void **state)
{
  if (!nm_attention_can_product(16)) skip();
  for (int m = 0; m < N_OF(rows); ++m)
    for (int n = 0; n < N_OF(widths); ++n)
      for (int k = 0; k < N_OF(keys); ++k) try_product(rows[m], widths[n], keys[k]);
}

static void test_sizes_that_do_not_fit(void **state)
{
  assert_false(nm_attention_can_inner(129, 16));
  assert_false(nm_attention_can_inner(16, 24));
  assert_false(nm_attention_can_product(24));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_inner), cmocka_unit_test(test_product),
                                     cmocka_unit_test(test_sizes_that_do_not_fit)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
