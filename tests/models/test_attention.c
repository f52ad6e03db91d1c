// SPDX-License-Identifier: GPL-3.0-or-later
// The attention's kernels against its definition: every pattern, odd sizes, padding, great scores, threads.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/attention_case.h"

enum { N_PATTERNS = NM_PATTERN_SINKS + 1 };

static void *take(size_t n, size_t size)
{
  void *memory = aligned_alloc(64, ((n + 1) * size + 63) / 64 * 64);
  assert_non_null(memory);
  memset(memory, 0, (n + 1) * size);
  return memory;
}

static double worst_difference(const float *got, const double *want, int64_t n)
{
  double worst = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double error = fabs((double)got[i] - want[i]);
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

static void check_close(const char *what, NmPattern pattern, const float *got, const double *want, int64_t n,
                        double tolerance)
{
  double top = 1;
  for (int64_t i = 0; i < n; ++i) top = fmax(top, fabs(want[i]));
  const double worst = worst_difference(got, want, n);
  if (!(worst <= tolerance * top))
    fail_msg("%s of pattern %d: off by %g of %g", what, (int)pattern, worst, top);
}

static float *run_forward(const NmAttentionCase *c, NmPool *pool, NmAttentionRow *rows)
{
  void *scratch = take(nm_attention_size_run_f32(&c->arrays, nm_pool_get_n_threads(pool)), 1);
  float *out = take((size_t)c->count_out, sizeof *out);
  nm_attention_run_f32(pool, &c->arrays, scratch, out, rows);
  free(scratch);
  return out;
}

static float *run_weights(const NmAttentionCase *c, NmPool *pool)
{
  void *scratch = take(nm_attention_size_weights_f32(&c->arrays, nm_pool_get_n_threads(pool)), 1);
  float *weights = take((size_t)c->count_weights, sizeof *weights);
  nm_attention_run_weights_f32(pool, &c->arrays, scratch, weights);
  free(scratch);
  return weights;
}

// Gradients in one array, those of q, k, v, bias and relative after each other; they start at `start`.
static float *run_back(const NmAttentionCase *c, NmPool *pool, const NmAttentionBack *back, float start)
{
  int64_t n = 0;
  for (int i = 0; i < NM_CASE_ARRAYS; ++i) n += c->count[i];
  void *scratch = take(nm_attention_size_back_f32(&c->arrays, nm_pool_get_n_threads(pool)), 1);
  float *all = take((size_t)n, sizeof *all);
  for (int64_t i = 0; i < n; ++i) all[i] = start;
  float *part[NM_CASE_ARRAYS] = {all};
  for (int i = 1; i < NM_CASE_ARRAYS; ++i) part[i] = part[i - 1] + c->count[i - 1];
  const NmAttentionGrads grads = {part[0], part[1], part[2], c->count[3] ? part[3] : NULL,
                                  c->count[4] ? part[4] : NULL};
  nm_attention_run_back_f32(pool, &c->arrays, back, scratch, &grads);
  free(scratch);
  return all;
}

static void draw(float *x, double *wide, int64_t n, NmRng *rng)
{
  for (int64_t i = 0; i < n; ++i) {
    x[i] = (float)(2 * nm_rng_uniform(rng) - 1);
    if (wide) wide[i] = (double)x[i];
  }
}

static double *naive_back(const NmAttentionCase *c, const double *weights, const double *d_out,
                          double *d_weights)
{
  int64_t n = 0;
  for (int i = 0; i < NM_CASE_ARRAYS; ++i) n += c->count[i];
  double *all = take((size_t)n, sizeof *all), *part[NM_CASE_ARRAYS] = {all};
  for (int i = 1; i < NM_CASE_ARRAYS; ++i) part[i] = part[i - 1] + c->count[i - 1];
  if (d_out) nm_naive_attention_back_out(&c->naive, weights, d_out, d_weights, part[2]);
  const NmNaiveGrads grads = {part[0], part[1], NULL, c->count[3] ? part[3] : NULL,
                              c->count[4] ? part[4] : NULL};
  nm_naive_attention_back_weights(&c->naive, weights, d_weights, &grads);
  for (int64_t i = 0; i < n; ++i) all[i] += .5; // what the kernels add to
  return all;
}

// `size`: of the largest input, which rounding errors of gradients are proportional to.
static void check_grads(const char *what, const NmAttentionCase *c, const float *got, const double *want,
                        double size)
{
  for (int i = 0; i < NM_CASE_ARRAYS; got += c->count[i], want += c->count[i], ++i)
    check_close(what, c->arrays.sight.pattern, got, want, c->count[i], 1e-5 * size);
}

static void check_back_out(const NmAttentionCase *c, const double *weights, const float *out,
                           const NmAttentionRow *rows, double size, NmRng *rng)
{
  float *d_out = take((size_t)c->count_out, sizeof *d_out);
  double *wide = take((size_t)c->count_out, sizeof *wide);
  double *d_weights = take((size_t)c->count_weights, sizeof *d_weights);
  draw(d_out, wide, c->count_out, rng);
  double *want = naive_back(c, weights, wide, d_weights);
  float *got = run_back(c, NULL, &(NmAttentionBack){.out = out, .d_out = d_out, .rows = rows}, .5f);
  check_grads("gradient", c, got, want, size);
  free(d_out), free(wide), free(d_weights), free(want), free(got);
}

static void check_back_weights(const NmAttentionCase *c, const double *weights, const float *narrow,
                               NmRng *rng)
{
  float *d_weights = take((size_t)c->count_weights, sizeof *d_weights);
  double *wide = take((size_t)c->count_weights, sizeof *wide);
  draw(d_weights, wide, c->count_weights, rng);
  double *want = naive_back(c, weights, NULL, wide);
  float *got = run_back(c, NULL, &(NmAttentionBack){.weights = narrow, .d_weights = d_weights}, .5f);
  check_grads("gradient through weights", c, got, want, 1);
  free(d_weights), free(wide), free(want), free(got);
}

static void check_case(const NmAttentionArrays *wish, bool padded, NmRng *rng)
{
  NmAttentionCase c;
  assert_true(nm_attention_case_init(&c, wish, padded, rng));
  double *weights = take((size_t)c.count_weights, sizeof *weights),
         *want = take((size_t)c.count_out, sizeof *want);
  NmAttentionRow *rows = take((size_t)(c.count_weights / wish->sight.Tk), sizeof *rows);
  nm_naive_attention(&c.naive, weights, want);
  float *out = run_forward(&c, NULL, rows), *narrow = run_weights(&c, NULL);
  check_close("output", wish->sight.pattern, out, want, c.count_out, 1e-5);
  check_close("weights", wish->sight.pattern, narrow, weights, c.count_weights, 1e-5);
  check_back_out(&c, weights, out, rows, 1, rng);
  check_back_weights(&c, weights, narrow, rng);
  free(weights), free(want), free(rows), free(out), free(narrow);
  nm_attention_case_fini(&c);
}

static void equals_the_definition(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 3);
  for (int pattern = 0; pattern < N_PATTERNS; ++pattern)
    for (int i = 0; i < 60; ++i) {
      const NmAttentionArrays wish = nm_attention_wish_draw((NmPattern)pattern,
                                                            i < 30   ? 9
                                                            : i < 57 ? 90
                                                                     : 300,
                                                            &rng);
      check_case(&wish, nm_rng_below(&rng, 2), &rng);
    }
}

// Rows of one long item, spread over it.
static void check_long(NmPattern pattern, int64_t T, NmRng *rng)
{
  const NmAttentionArrays wish = {
      .sight = {.B = 1, .H = 1, .Tq = T, .Tk = T, .pattern = pattern, .left = 100, .right = 3, .n_sinks = 4},
      .D = 16,
      .Dv = 8,
      .n_relative = 65,
      .scale = .5f};
  NmAttentionCase c;
  double want[8], *weights = take((size_t)T, sizeof *weights);
  assert_true(nm_attention_case_init(&c, &wish, false, rng));
  float *out = run_forward(&c, NULL, NULL);
  for (int64_t k = 0; k < 41; ++k) {
    const int64_t i = k * (T - 1) / 40;
    nm_naive_attention_row(&c.naive, 0, 0, i, weights, want);
    check_close("long output", pattern, out + i * 8, want, 8, 1e-5);
  }
  free(out), free(weights);
  nm_attention_case_fini(&c);
}

static void long_ones_too(void **state)
{
  static const int64_t lengths[] = {1023, 2049, 4096};
  NmRng rng;
  nm_rng_init(&rng, 4);
  for (int pattern = 0; pattern < N_PATTERNS; ++pattern)
    for (int i = 0; i < 3; ++i) check_long((NmPattern)pattern, lengths[i], &rng);
}

// Scores of +-1e4, whole numbers so that float holds them: saturated rows and exact ties.
static void great_scores_are_exact(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 5);
  for (int pattern = 0; pattern < N_PATTERNS; ++pattern) {
    NmAttentionArrays wish = nm_attention_wish_draw((NmPattern)pattern, 150, &rng);
    wish.D = 4, wish.scale = 1, wish.n_bias = 1, wish.n_relative = 0;
    NmAttentionCase c;
    assert_true(nm_attention_case_init(&c, &wish, true, &rng));
    for (int a = 0; a < 4; ++a)
      for (int64_t i = 0; i < c.count[a]; ++i) {
        if (a != 2) c.narrow[a][i] = (float)rint((double)c.narrow[a][i] * (a == 3 ? 10000 : 50));
        c.wide[a][i] = (double)c.narrow[a][i];
      }
    double *weights = take((size_t)c.count_weights, sizeof *weights),
           *want = take((size_t)c.count_out, sizeof *want);
    NmAttentionRow *rows = take((size_t)(c.count_weights / wish.sight.Tk), sizeof *rows);
    nm_naive_attention(&c.naive, weights, want);
    float *out = run_forward(&c, NULL, rows);
    check_close("saturated output", wish.sight.pattern, out, want, c.count_out, 1e-5);
    check_back_out(&c, weights, out, rows, 50, &rng);
    free(weights), free(want), free(rows), free(out);
    nm_attention_case_fini(&c);
  }
}

// All that can be computed, with n_threads.
static float *all_bytes(const NmAttentionCase *c, int n_threads, size_t *size)
{
  NmPool *pool = nm_pool_new(n_threads);
  assert_non_null(pool);
  NmAttentionRow *rows = take((size_t)(c->count_weights / c->arrays.sight.Tk), sizeof *rows);
  float *out = run_forward(c, pool, rows), *weights = run_weights(c, pool);
  float *back[2] = {run_back(c, pool, &(NmAttentionBack){.out = out, .d_out = out, .rows = rows}, 0),
                    run_back(c, pool, &(NmAttentionBack){.weights = weights, .d_weights = weights}, 0)};
  int64_t n_grads = 0;
  for (int i = 0; i < NM_CASE_ARRAYS; ++i) n_grads += c->count[i];
  const int64_t n = c->count_out + c->count_weights + 2 * n_grads;
  float *all = take((size_t)n, sizeof *all), *at = all;
  memcpy(at, out, (size_t)c->count_out * sizeof *at), at += c->count_out;
  memcpy(at, weights, (size_t)c->count_weights * sizeof *at), at += c->count_weights;
  for (int i = 0; i < 2; ++i, at += n_grads) memcpy(at, back[i], (size_t)n_grads * sizeof *at);
  free(rows), free(out), free(weights), free(back[0]), free(back[1]);
  nm_pool_free(pool);
  *size = (size_t)n * sizeof *all;
  return all;
}

static void threads_change_nothing(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 6);
  for (int i = 0; i < 3 * N_PATTERNS; ++i) {
    NmAttentionArrays wish = nm_attention_wish_draw((NmPattern)(i % N_PATTERNS), 400, &rng);
    wish.sight.Tk += 300;
    NmAttentionCase c;
    size_t size;
    assert_true(nm_attention_case_init(&c, &wish, i & 1, &rng));
    float *one = all_bytes(&c, 1, &size);
    for (int n = 2; n <= 4; n += 2) {
      float *several = all_bytes(&c, n, &size);
      if (memcmp(one, several, size) != 0)
        fail_msg("pattern %d: %d threads give other bytes", i % N_PATTERNS, n);
      free(several);
    }
    free(one);
    nm_attention_case_fini(&c);
  }
}

// A NaN shows in the rows that look at it and in no others.
static void nan_is_neither_lost_nor_spread(void **state)
{
  const NmAttentionArrays wish = {
      .sight = {.B = 1, .H = 1, .Tq = 200, .Tk = 200, .pattern = NM_PATTERN_WINDOW, .left = 3, .right = 2},
      .D = 8,
      .Dv = 8,
      .scale = 1};
  NmRng rng;
  NmAttentionCase c;
  nm_rng_init(&rng, 7);
  assert_true(nm_attention_case_init(&c, &wish, false, &rng));
  c.narrow[0][50 * 8] = NAN;                                  // query 50
  for (int d = 0; d < 8; ++d) c.narrow[1][199 * 8 + d] = NAN; // key 199, seen by 197 to 199
  float *out = run_forward(&c, NULL, NULL);
  for (int i = 0; i < 200; ++i)
    if (isnan(out[i * 8]) != (i == 50 || i >= 197)) fail_msg("row %d is %g", i, (double)out[i * 8]);
  free(out);
  nm_attention_case_fini(&c);
}

static void memory_is_linear_in_time(void **state)
{
  for (int pattern = 0; pattern < N_PATTERNS; ++pattern) {
    NmAttentionArrays a = {.sight = {.B = 2, .H = 2, .pattern = (NmPattern)pattern, .left = 9, .right = 9},
                           .D = 64,
                           .Dv = 64,
                           .n_relative = 9};
    size_t size[2];
    for (int i = 0; i < 2; ++i) {
      a.sight.Tq = a.sight.Tk = 4096 << i;
      size[i] = nm_attention_size_run_f32(&a, 4) + nm_attention_size_back_f32(&a, 4);
    }
    assert_true(size[1] <= 2 * size[0] + 4096);
    assert_true(size[1] < sizeof(float) * 8192 * 64 * 2 * 2 * 8);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_definition),    cmocka_unit_test(long_ones_too),
      cmocka_unit_test(great_scores_are_exact),   cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(memory_is_linear_in_time), cmocka_unit_test(nan_is_neither_lost_nor_spread),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
