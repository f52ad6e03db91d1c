// SPDX-License-Identifier: GPL-3.0-or-later
// Decoding with the cache against the attention over the whole sequence.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/attention/cache.h"
#include "tests/support/attention_case.h"
#include "tests/support/fail_alloc.h"

// The whole sequence, and what the cache shall be.
typedef struct {
  NmAttentionCase whole;
  NmKvCacheConfig config;
  double *want; // [B, T, H Dv]
} Story;

static Story tell(NmAttentionArrays wish, NmRng *rng)
{
  Story s = {0};
  assert_true(nm_attention_case_init(&s.whole, &wish, false, rng));
  const NmSight *sight = &wish.sight;
  s.config = (NmKvCacheConfig){.pattern = sight->pattern,
                               .left = sight->left,
                               .n_sinks = sight->n_sinks,
                               .scale = wish.scale,
                               .n_rows = sight->B,
                               .n_heads = sight->H,
                               .n_key = sight->H * wish.D,
                               .n_value = sight->H * wish.Dv,
                               .n_most = sight->Tk,
                               .n_chunk = 9,
                               .relative = s.whole.arrays.relative,
                               .n_relative = wish.n_relative};
  s.want = calloc((size_t)s.whole.count_out, sizeof *s.want);
  assert_non_null(s.want);
  nm_naive_attention(&s.whole.naive, NULL, s.want);
  return s;
}

static void forget(Story *s)
{
  nm_attention_case_fini(&s->whole);
  free(s->want);
}

// Positions [t, t + n) of each row of x [B, T, C], row b taken from row `rows[b]`.
static float *cut(const Story *s, const float *x, int64_t C, const int32_t *rows, int64_t t, int64_t n)
{
  const int64_t T = s->whole.arrays.sight.Tk;
  float *part = calloc((size_t)(s->config.n_rows * n * C), sizeof *part);
  assert_non_null(part);
  for (int64_t b = 0; b < s->config.n_rows; ++b)
    memcpy(part + b * n * C, x + (rows[b] * T + t) * C, (size_t)(n * C) * sizeof *part);
  return part;
}

static void compare(const Story *s, const float *out, const int32_t *rows, int64_t t, int64_t n)
{
  const int64_t T = s->whole.arrays.sight.Tk, C = s->config.n_value;
  for (int64_t b = 0; b < s->config.n_rows; ++b)
    for (int64_t i = 0; i < n * C; ++i) {
      const double want = s->want[(rows[b] * T + t) * C + i], got = (double)out[b * n * C + i];
      if (!(fabs(got - want) <= 1e-5))
        fail_msg("pattern %d, position %d: %g, not %g", (int)s->config.pattern, (int)(t + i / C), got, want);
    }
}

static void step(const Story *s, NmKvCache *cache, const int32_t *rows, int64_t t, int64_t n)
{
  float *q = cut(s, s->whole.narrow[0], s->config.n_key, rows, t, n);
  float *k = cut(s, s->whole.narrow[1], s->config.n_key, rows, t, n);
  float *v = cut(s, s->whole.narrow[2], s->config.n_value, rows, t, n);
  float *out = calloc((size_t)(s->config.n_rows * n * s->config.n_value), sizeof *out);
  assert_non_null(out);
  assert_int_equal(nm_kv_cache_append(cache, k, v, n), NM_OK);
  assert_int_equal(nm_kv_cache_attend(cache, q, n, out), NM_OK);
  compare(s, out, rows, t, n);
  assert_int_equal(nm_kv_cache_get_n_positions(cache), t + n);
  free(q), free(k), free(v), free(out);
}

static NmAttentionArrays draw_wish(NmRng *rng, NmPattern pattern)
{
  NmAttentionArrays wish = nm_attention_wish_draw(pattern, 160, rng);
  wish.sight.Tq = wish.sight.Tk;
  wish.sight.right = 0;
  wish.n_bias = 0;
  return wish;
}

static void check_story(NmRng *rng, NmPattern pattern, bool chunks)
{
  static const int32_t rows[] = {0, 1, 2};
  Story s = tell(draw_wish(rng, pattern), rng);
  NmKvCache *cache = nm_kv_cache_new(&s.config, NULL, NULL);
  assert_non_null(cache);
  for (int round = 0; round < 2; ++round, nm_kv_cache_reset(cache))
    for (int64_t t = 0, n; t < s.whole.arrays.sight.Tk; t += n) {
      const int64_t left = s.whole.arrays.sight.Tk - t;
      n = chunks ? 1 + (int64_t)nm_rng_below(rng, 9) : 1;
      n = n < left ? n : left;
      step(&s, cache, rows, t, n);
    }
  nm_kv_cache_free(cache);
  forget(&s);
}

static void decoding_is_the_whole_attention(void **state)
{
  static const NmPattern patterns[] = {NM_PATTERN_CAUSAL, NM_PATTERN_WINDOW, NM_PATTERN_SINKS};
  NmRng rng;
  nm_rng_init(&rng, 8);
  for (int i = 0; i < 90; ++i) check_story(&rng, patterns[i % 3], i & 1);
}

// Rows that tell other rows' stories from now on: all of a story's past must have moved.
static void beams_take_their_past_along(void **state)
{
  enum { B = 5, T = 60 };
  NmRng rng;
  nm_rng_init(&rng, 9);
  NmAttentionArrays wish = {
      .sight = {.B = B, .H = 2, .Tq = T, .Tk = T, .pattern = NM_PATTERN_SINKS, .left = 7, .n_sinks = 2},
      .D = 4,
      .Dv = 3,
      .scale = 1};
  Story s = tell(wish, &rng);
  s.config.n_chunk = 1;
  NmKvCache *cache = nm_kv_cache_new(&s.config, NULL, NULL);
  assert_non_null(cache);
  int32_t rows[B] = {0, 1, 2, 3, 4};
  for (int64_t t = 0; t < T; ++t) {
    int32_t index[B], next[B];
    step(&s, cache, rows, t, 1);
    for (int b = 0; b < B; ++b) index[b] = (int32_t)nm_rng_below(&rng, B);
    if (t % 2) // a permutation: rings
      for (int b = 0; b < B; ++b) index[b] = b;
    if (t % 2) nm_rng_shuffle_i32(&rng, index, B);
    for (int b = 0; b < B; ++b) next[b] = rows[index[b]];
    if (t < 30 || t % 2) { // later no story may be lost for good
      assert_int_equal(nm_kv_cache_reorder(cache, index), NM_OK);
      memcpy(rows, next, sizeof rows);
    }
  }
  assert_int_equal(nm_kv_cache_reorder(cache, (int32_t[]){0, 1, 2, 3, 5}), NM_ERR_BAD_ARG);
  assert_int_equal(nm_kv_cache_reorder(cache, (int32_t[]){0, -1, 2, 3, 4}), NM_ERR_BAD_ARG);
  nm_kv_cache_free(cache);
  forget(&s);
}

// Each window is dropped and moved many times over, without ever asking for more memory.
static void windows_go_on_for_ever(void **state)
{
  static const int32_t rows[] = {0};
  NmRng rng;
  nm_rng_init(&rng, 10);
  NmAttentionArrays wish = {
      .sight =
          {.B = 1, .H = 1, .Tq = 1500, .Tk = 1500, .pattern = NM_PATTERN_SINKS, .left = 11, .n_sinks = 3},
      .D = 4,
      .Dv = 4,
      .n_relative = 81,
      .scale = 1};
  Story s = tell(wish, &rng);
  s.config.n_most = 1;
  NmKvCache *cache = nm_kv_cache_new(&s.config, NULL, NULL);
  assert_non_null(cache);
  for (int64_t t = 0; t < 1500; t += 5) step(&s, cache, rows, t, 5);
  nm_kv_cache_free(cache);
  forget(&s);
}

static void a_memory_is_seen_by_all(void **state)
{
  enum { T = 8 };
  static const int32_t rows[] = {0, 1};
  NmRng rng;
  nm_rng_init(&rng, 11);
  NmAttentionArrays wish = {
      .sight = {.B = 2, .H = 2, .Tq = T, .Tk = T, .pattern = NM_PATTERN_FULL}, .D = 4, .Dv = 4, .scale = 1};
  Story s = tell(wish, &rng);
  NmKvCache *cache = nm_kv_cache_new(&s.config, NULL, NULL);
  assert_non_null(cache);
  assert_int_equal(nm_kv_cache_append(cache, s.whole.narrow[1], s.whole.narrow[2], T), NM_OK);
  for (int64_t t = 0; t < T; t += 2) {
    float *q = cut(&s, s.whole.narrow[0], 8, rows, t, 2), out[2 * 2 * 8];
    assert_int_equal(nm_kv_cache_attend(cache, q, 2, out), NM_OK);
    compare(&s, out, rows, t, 2);
    free(q);
  }
  nm_kv_cache_free(cache);
  forget(&s);
}

static void contract_is_checked(void **state)
{
  float x[64 * 4] = {0};
  NmError err = {0};
  NmKvCacheConfig good = nm_kv_cache_defaults(2, 4), bad[7];
  good.n_most = 5;
  good.n_chunk = 3;
  for (int i = 0; i < 7; ++i) bad[i] = good;
  bad[0].pattern = NM_PATTERN_SEGMENTS;
  bad[1].n_rows = 0;
  bad[2].n_key = 5;
  bad[3].n_value = 0;
  bad[4].n_relative = 2;
  bad[5].n_chunk = 0;
  bad[6].left = -2;
  for (int i = 0; i < 7; ++i) {
    assert_null(nm_kv_cache_new(&bad[i], NULL, &err));
    assert_int_equal(err.status, NM_ERR_BAD_ARG);
  }
  NmKvCache *cache = nm_kv_cache_new(&good, NULL, &err);
  assert_non_null(cache);
  assert_int_equal(nm_kv_cache_attend(cache, x, 1, x), NM_ERR_BAD_ARG); // nothing there yet
  assert_int_equal(nm_kv_cache_append(cache, x, x, 0), NM_ERR_BAD_ARG);
  assert_int_equal(nm_kv_cache_append(cache, x, x, 4), NM_ERR_BAD_ARG);
  assert_int_equal(nm_kv_cache_append(cache, x, x, 3), NM_OK);
  assert_int_equal(nm_kv_cache_attend(cache, x, 4, x), NM_ERR_BAD_ARG);
  assert_int_equal(nm_kv_cache_append(cache, x, x, 3), NM_ERR_BAD_ARG); // six positions
  assert_int_equal(nm_kv_cache_append(cache, x, x, 2), NM_OK);
  assert_int_equal(nm_kv_cache_get_n_positions(cache), 5);
  nm_kv_cache_free(cache);
  nm_kv_cache_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(decoding_is_the_whole_attention), cmocka_unit_test(beams_take_their_past_along),
      cmocka_unit_test(windows_go_on_for_ever), cmocka_unit_test(a_memory_is_seen_by_all),
      cmocka_unit_test(contract_is_checked)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
