// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>

#include "dsp/base/rng.h"
#include "models/emotion/segments.h"
#include "tests/support/fail_alloc.h"

enum { N_MAX = 13, N_LONG = 3000 };

static double get_error(const NmEmotionRow *rows, int64_t first, int64_t end)
{
  double v = 0, a = 0, sum = 0;
  for (int64_t i = first; i < end; ++i) v += rows[i].valence, a += rows[i].arousal;
  v /= (double)(end - first);
  a /= (double)(end - first);
  for (int64_t i = first; i < end; ++i)
    sum += (rows[i].valence - v) * (rows[i].valence - v) + (rows[i].arousal - a) * (rows[i].arousal - a);
  return sum;
}

// Cost of the cuts whose bits are set in `cuts` (bit i: before row i + 1); infinite when a segment is short.
static double get_cost(const NmEmotionRow *rows, int64_t n, unsigned cuts, const NmSegmentsConfig *config)
{
  double cost = 0;
  int64_t first = 0;
  for (int64_t end = 1; end <= n; ++end) {
    if (end < n && !(cuts >> (end - 1) & 1)) continue;
    if (end - first < config->n_least && (end < n || first > 0)) return INFINITY;
    cost += get_error(rows, first, end) + config->penalty;
    first = end;
  }
  return cost;
}

static double get_least_cost(const NmEmotionRow *rows, int64_t n, const NmSegmentsConfig *config)
{
  double least = INFINITY;
  for (unsigned cuts = 0; cuts < 1u << (n - 1); ++cuts) least = fmin(least, get_cost(rows, n, cuts, config));
  return least;
}

static double get_cost_of(const NmEmotionRow *rows, const NmEmotionSegment *segments, int64_t n_segments,
                          int64_t n, const NmSegmentsConfig *config)
{
  double cost = 0;
  int64_t at = 0;
  for (int64_t i = 0; i < n_segments; at += segments[i++].n) {
    assert_int_equal(segments[i].first, at);
    assert_true(segments[i].n >= config->n_least || n_segments == 1);
    cost += get_error(rows, at, at + segments[i].n) + config->penalty;
  }
  assert_int_equal(at, n);
  return cost;
}

static void fill(NmEmotionRow *rows, int64_t n, NmRng *rng)
{
  double v = 0, a = 0;
  for (int64_t i = 0; i < n; ++i) {
    if (nm_rng_uniform(rng) < .25) v = nm_rng_uniform(rng) - .5, a = nm_rng_uniform(rng) - .5;
    rows[i] = (NmEmotionRow){.valence = (float)(v + .1 * nm_rng_uniform(rng)),
                             .arousal = (float)(a + .1 * nm_rng_uniform(rng))};
  }
}

static void test_as_good_as_trying_all(void **state)
{
  NmRng rng;
  NmEmotionRow rows[N_MAX];
  NmEmotionSegment segments[N_MAX];
  NmError err = {0};
  int64_t n_segments, n_cut = 0;
  nm_rng_init(&rng, 7);
  for (int i = 0; i < 600; ++i) {
    const int64_t n = 1 + i % N_MAX;
    const NmSegmentsConfig config = {.penalty = .01 + .3 * nm_rng_uniform(&rng), .n_least = 1 + i % 4};
    fill(rows, n, &rng);
    assert_int_equal(nm_segments_find(rows, n, &config, segments, &n_segments, &err), NM_OK);
    const double cost = get_cost_of(rows, segments, n_segments, n, &config);
    if (!(fabs(cost - get_least_cost(rows, n, &config)) <= 1e-6)) fail_msg("case %d costs %g", i, cost);
    n_cut += n_segments > 1;
  }
  assert_true(n_cut > 50);
}

// Steps of a long curve are found where they are, and a small one is not.
static void test_steps(void **state)
{
  static NmEmotionRow rows[N_LONG];
  static NmEmotionSegment segments[N_LONG];
  const NmSegmentsConfig config = nm_segments_defaults(.15);
  NmError err = {0};
  NmRng rng;
  int64_t n;
  nm_rng_init(&rng, 3);
  for (int64_t i = 0; i < N_LONG; ++i) {
    const double noise = .05 * (nm_rng_uniform(&rng) - .5);
    rows[i].valence = (float)((i < 700 ? -.2 : i < 2100 ? .1 : .15) + noise);
    rows[i].arousal = (float)((i < 1500 ? .3 : -.1) + noise);
  }
  for (int64_t i = 2100; i < N_LONG; ++i) rows[i].valence = rows[i].valence - .05f;
  assert_int_equal(nm_segments_find(rows, N_LONG, &config, segments, &n, &err), NM_OK);
  assert_int_equal(n, 3);
  assert_int_equal(segments[1].first, 700);
  assert_int_equal(segments[2].first, 1500);
  assert_true(fabsf(segments[0].valence + .2f) < .01f && fabsf(segments[2].arousal + .1f) < .01f);
}

static bool find(void *ctx)
{
  NmEmotionRow rows[N_MAX] = {{0}};
  NmEmotionSegment segments[N_MAX];
  const NmSegmentsConfig config = {.penalty = .1, .n_least = 1};
  NmError err = {0};
  int64_t n;
  return nm_segments_find(rows, N_MAX, &config, segments, &n, &err) == NM_OK;
}

static void test_out_of_memory(void **state)
{
  assert_int_equal(nm_fail_alloc_each(find, NULL, false), 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_as_good_as_trying_all),
                                     cmocka_unit_test(test_steps), cmocka_unit_test(test_out_of_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
