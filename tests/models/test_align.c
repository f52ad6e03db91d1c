// SPDX-License-Identifier: GPL-3.0-or-later
// The monotonic path against every path there is.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "models/align/align.h"

enum { T_MOST = 9, K_MOST = 6 };

typedef struct {
  NmAlignConfig config;
  const float *scores;
  double best; // -infinity: none found
  int64_t n_paths;
} Search;

static bool may_skip(const NmAlignConfig *c, int64_t k)
{
  return c->skip && c->skip[k];
}

// All durations of states k.. given the frames left from t on; `skipped`: state k - 1 was.
static void search(Search *s, int64_t k, int64_t t, bool skipped, double sum)
{
  const NmAlignConfig *c = &s->config;
  if (k == c->K) {
    if (t != c->T) return;
    ++s->n_paths;
    if (sum > s->best) s->best = sum;
    return;
  }
  if (may_skip(c, k) && !skipped) search(s, k + 1, t, true, sum);
  const int64_t least = may_skip(c, k) ? 1 : c->min_frames;
  for (int64_t n = 1; t + n <= c->T; ++n) {
    sum += (double)s->scores[(t + n - 1) * c->stride + k];
    if (n >= least) search(s, k + 1, t + n, false, sum);
  }
}

// Checks that the durations are a path, and returns its sum.
static double walk(const NmAlignConfig *c, const float *scores, const int32_t *durations)
{
  double sum = 0;
  int64_t t = 0;
  for (int64_t k = 0; k < c->K; ++k) {
    if (durations[k] == 0) {
      assert_true(may_skip(c, k));
      assert_true(k == 0 || durations[k - 1] > 0);
    } else {
      assert_true(durations[k] >= (may_skip(c, k) ? 1 : c->min_frames));
    }
    for (int32_t i = 0; i < durations[k]; ++i) sum += (double)scores[t++ * c->stride + k];
  }
  assert_int_equal(t, c->T);
  return sum;
}

static void fill_scores(NmRng *rng, float *scores, int64_t n)
{
  const int kind = (int)nm_rng_below(rng, 3);
  for (int64_t i = 0; i < n; ++i) {
    scores[i] = -10 * (float)nm_rng_uniform(rng);
    if (kind == 1) scores[i] = -(float)nm_rng_below(rng, 3); // many ties
    if (kind == 2 && nm_rng_below(rng, 5) == 0) scores[i] = nm_rng_below(rng, 2) ? -INFINITY : (float)NAN;
  }
}

static void check_one(NmRng *rng, int64_t *n_without)
{
  float scores[T_MOST * (K_MOST + 2)];
  int32_t skip[K_MOST], durations[K_MOST];
  NmAlignConfig c = {.T = 1 + (int64_t)nm_rng_below(rng, T_MOST),
                     .K = 1 + (int64_t)nm_rng_below(rng, K_MOST),
                     .min_frames = 1 + (int64_t)nm_rng_below(rng, 3)};
  if (nm_rng_below(rng, 20) == 0) c.min_frames = 100;
  c.stride = c.K + (int64_t)nm_rng_below(rng, 3);
  for (int64_t k = 0; k < c.K; ++k) skip[k] = nm_rng_below(rng, 3) == 0;
  c.skip = nm_rng_below(rng, 4) ? skip : NULL;
  fill_scores(rng, scores, c.T * c.stride);
  Search s = {.config = c, .scores = scores, .best = -INFINITY};
  search(&s, 0, 0, false, 0);

  void *work = malloc(nm_align_size_work(&c));
  double score = NAN;
  const NmStatus status = nm_align_viterbi(&c, scores, work, durations, &score);
  free(work);
  assert_int_equal(status, s.best > -INFINITY ? NM_OK : NM_ERR_BAD_DATA);
  *n_without += status != NM_OK;
  if (status != NM_OK) return;
  assert_true(fabs(score - s.best) <= 1e-12 * (1 + fabs(s.best)));
  assert_true(fabs(walk(&c, scores, durations) - s.best) <= 1e-12 * (1 + fabs(s.best)));
}

static void equals_the_best_of_all_paths(void **state)
{
  NmRng rng;
  int64_t n_without = 0;
  nm_rng_init(&rng, 1);
  for (int i = 0; i < 20000; ++i) check_one(&rng, &n_without);
  assert_in_range(n_without, 1000, 15000); // both kinds were met
}

static void skipping_is_by_choice(void **state)
{
  const float scores[] = {0, -9, -9, -9, -9, 0};
  const int32_t skip[] = {0, 1, 0};
  int32_t durations[3];
  NmAlignConfig c = {.T = 2, .K = 3, .skip = skip};
  double work[64];
  assert_true(nm_align_size_work(&c) <= sizeof work);
  assert_int_equal(nm_align_viterbi(&c, scores, work, durations, NULL), NM_OK);
  assert_int_equal(durations[0], 1);
  assert_int_equal(durations[1], 0);
  assert_int_equal(durations[2], 1);
  c.skip = NULL; // three states, two frames
  assert_int_equal(nm_align_viterbi(&c, scores, work, durations, NULL), NM_ERR_BAD_DATA);
}

static void no_two_neighbours_are_skipped(void **state)
{
  const float scores[2 * 4] = {0};
  const int32_t skip[] = {0, 1, 1, 0};
  int32_t durations[4];
  const NmAlignConfig c = {.T = 2, .K = 4, .skip = skip};
  double work[64];
  assert_true(nm_align_size_work(&c) <= sizeof work);
  assert_int_equal(nm_align_viterbi(&c, scores, work, durations, NULL), NM_ERR_BAD_DATA);
}

static void sizes_below_one_are_refused(void **state)
{
  const float score = 0;
  int32_t duration;
  double work[16];
  const NmAlignConfig none[] = {{.T = 0, .K = 1}, {.T = 1, .K = 0}, {.T = -1, .K = -1}};
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(nm_align_size_work(&none[i]), 0);
    assert_int_equal(nm_align_viterbi(&none[i], &score, work, &duration, NULL), NM_ERR_BAD_ARG);
  }
  assert_true(nm_align_size_work(&(NmAlignConfig){.T = INT64_MAX, .K = INT64_MAX}) == SIZE_MAX);
}

// A long ridge is found exactly, through sums of thousands of frames.
static void a_long_ridge_is_followed(void **state)
{
  enum { T = 2000, K = 300 };
  const NmAlignConfig c = {.T = T, .K = K, .min_frames = 2};
  float *scores = calloc((size_t)T * K, sizeof *scores);
  void *work = malloc(nm_align_size_work(&c));
  int32_t want[K], got[K];
  NmRng rng;
  nm_rng_init(&rng, 2);
  assert_true(scores && work);
  for (int i = 0; i < T * K; ++i) scores[i] = -5 - (float)nm_rng_uniform(&rng);
  for (int k = 0, t = 0; k < K; ++k) {
    want[k] = k < K - 1 ? 2 + (int32_t)nm_rng_below(&rng, 9) : T - t;
    assert_true(want[k] >= 2);
    for (int i = 0; i < want[k]; ++i) scores[t++ * K + k] = -1;
  }
  assert_int_equal(nm_align_viterbi(&c, scores, work, got, NULL), NM_OK);
  assert_memory_equal(want, got, sizeof want);
  free(scores);
  free(work);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_best_of_all_paths),  cmocka_unit_test(skipping_is_by_choice),
      cmocka_unit_test(no_two_neighbours_are_skipped), cmocka_unit_test(sizes_below_one_are_refused),
      cmocka_unit_test(a_long_ridge_is_followed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
