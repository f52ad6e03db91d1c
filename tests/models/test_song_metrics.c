// SPDX-License-Identifier: GPL-3.0-or-later
// The song measures against hand-computed values and against the numpy references of golden/song_metrics.py.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "models/song/consensus.h"
#include "models/song/metrics.h"

enum { N_MOST = 64 };

static NmMetricsSimilarity compare(const NmMetricsNote *a, int32_t n_a, const NmMetricsNote *b, int32_t n_b,
                                   NmMetricsKind kind)
{
  NmArena arena;
  NmMetricsProfile x, y;
  nm_arena_init(&arena, 1 << 12);
  assert_int_equal(nm_metrics_profile(a, n_a, kind, &arena, &x), NM_OK);
  assert_int_equal(nm_metrics_profile(b, n_b, kind, &arena, &y), NM_OK);
  float *work = malloc(nm_metrics_size_work(&x, &y) * sizeof *work);
  assert_non_null(work);
  const NmMetricsSimilarity s = nm_metrics_compare(&x, &y, work);
  free(work);
  nm_arena_fini(&arena);
  return s;
}

static bool read_notes(FILE *file, NmMetricsNote *notes, int *normal, int n)
{
  for (int i = 0; i < n; ++i) {
    int gap, len, pitch, joined;
    if (fscanf(file, "%d %d %d %d %d", &gap, &len, &pitch, &joined, &normal[i]) != 5) return false;
    notes[i] = (NmMetricsNote){.gap = gap, .len = len, .pitch = (int16_t)pitch, .joined = joined != 0};
  }
  return true;
}

static void check_normal(NmMetricsNote *notes, const int *normal, int n)
{
  nm_metrics_normalise(notes, n);
  for (int i = 0; i < n; ++i) assert_int_equal(notes[i].pitch, normal[i]);
}

static void test_golden(void **state)
{
  (void)state;
  FILE *file = fopen(NM_TEST_DATA "/golden/song_metrics.tsv", "r");
  assert_non_null(file);
  int n_a, n_b, n_cases = 0;
  for (; fscanf(file, "%d %d", &n_a, &n_b) == 2; ++n_cases) {
    NmMetricsNote a[N_MOST], b[N_MOST];
    int normal_a[N_MOST], normal_b[N_MOST];
    double want[6];
    assert_true(n_a <= N_MOST && n_b <= N_MOST);
    for (int i = 0; i < 6; ++i) assert_int_equal(fscanf(file, "%lf", &want[i]), 1);
    assert_true(read_notes(file, a, normal_a, n_a));
    assert_true(read_notes(file, b, normal_b, n_b));
    check_normal(a, normal_a, n_a);
    check_normal(b, normal_b, n_b);
    for (int kind = 0; kind < 2; ++kind) {
      const NmMetricsSimilarity s = compare(a, n_a, b, n_b, (NmMetricsKind)kind);
      const double *w = want + 3 * kind;
      if (!(fabs(s.pd - w[0]) <= 1e-8)) fail_msg("case %d kind %d: PD %g, not %g", n_cases, kind, s.pd, w[0]);
      if (!(fabs(s.dd - w[1]) <= 1e-8)) fail_msg("case %d kind %d: DD %g, not %g", n_cases, kind, s.dd, w[1]);
      if (!(fabs(s.md - w[2]) <= 1e-5 * fmax(1, w[2])))
        fail_msg("case %d kind %d: MD %g, not %g", n_cases, kind, s.md, w[2]);
    }
  }
  fclose(file);
  assert_int_equal(n_cases, 12);
}

// Two quarters C E and a rest of a quarter before a half G; against C C C C.
static void test_by_hand(void **state)
{
  (void)state;
  const NmMetricsNote a[] = {{0, 4, 60, false}, {0, 4, 64, false}, {4, 8, 67, false}};
  const NmMetricsNote b[] = {{0, 4, 60, false}, {0, 4, 60, false}, {0, 4, 60, false}, {0, 4, 60, false}};
  const NmMetricsSimilarity s = compare(a, 3, b, 4, NM_METRICS_SONGMASS);
  assert_float_equal(s.pd, .25, 1e-12); // C, E, G, rest: one of four
  assert_float_equal(s.dd, .75, 1e-12); // three quarters of four
  // C C E E E E G G G G, mean 64.4, against eight zeros: every step costs its distance from the mean.
  assert_float_equal(s.md, (2 * 4.4 + 4 * .4 + 4 * 2.6) / 8, 1e-5);
  const NmMetricsSimilarity own = compare(a, 3, a, 3, NM_METRICS_SONGMASS);
  assert_float_equal(own.pd, 1, 1e-12);
  assert_float_equal(own.dd, 1, 1e-12);
  assert_float_equal(own.md, 0, 1e-6);
}

static double warp_naive(const float *x, int n_x, const float *y, int n_y)
{
  static double table[N_MOST + 1][N_MOST + 1];
  for (int i = 0; i <= n_x; ++i)
    for (int j = 0; j <= n_y; ++j) table[i][j] = i + j ? INFINITY : 0;
  for (int i = 1; i <= n_x; ++i)
    for (int j = 1; j <= n_y; ++j)
      table[i][j] = fabs((double)x[i - 1] - y[j - 1]) +
                    fmin(table[i - 1][j - 1], fmin(table[i - 1][j], table[i][j - 1]));
  return table[n_x][n_y];
}

static void test_warp(void **state)
{
  (void)state;
  NmRng rng;
  nm_rng_init(&rng, 7);
  for (int round = 0; round < 3000; ++round) {
    float x[N_MOST], y[N_MOST], work[4 * N_MOST + 6];
    const int n_x = 1 + (int)nm_rng_below(&rng, round < 1000 ? 4 : N_MOST);
    const int n_y = 1 + (int)nm_rng_below(&rng, round < 1000 ? 4 : N_MOST);
    for (int i = 0; i < n_x; ++i) x[i] = (float)nm_rng_below(&rng, 24);
    for (int j = 0; j < n_y; ++j) y[j] = (float)nm_rng_below(&rng, 24);
    const double want = warp_naive(x, n_x, y, n_y), got = nm_metrics_warp(x, n_x, y, n_y, work);
    if (!(fabs(got - want) <= 1e-3)) fail_msg("%d x %d: %g, not %g", n_x, n_y, got, want);
  }
  assert_true(nm_metrics_warp(NULL, 0, NULL, 0, NULL) == 0);
}

static void test_scale(void **state)
{
  (void)state;
  // D major with one C natural in nine notes; and the bottom of the keyboard.
  const int16_t pitches[] = {62, 64, 66, 67, 69, 71, 73, 74, 72};
  NmMetricsNote notes[9], lowest[3] = {{0, 4, 1, false}, {0, 4, 3, false}, {0, 4, 125, false}};
  for (int i = 0; i < 9; ++i) notes[i] = (NmMetricsNote){0, 99, pitches[i], false};
  int tonic = -1;
  bool minor = true;
  assert_float_equal(nm_metrics_find_scale(notes, 9, &tonic, &minor), 8. / 9, 1e-12);
  assert_int_equal(tonic, 2);
  assert_false(minor);
  assert_int_equal(nm_metrics_normalise(notes, 9), -2);
  assert_int_equal(notes[0].pitch, 60);
  assert_int_equal(notes[0].len, NM_METRICS_LEN_MAX);
  nm_metrics_normalise(lowest, 3);
  for (int i = 0; i < 3; ++i) assert_in_range(lowest[i].pitch, 0, 127);
  assert_float_equal(nm_metrics_find_scale(NULL, 0, &tonic, &minor), 0, 0);
}

static void test_describe(void **state)
{
  (void)state;
  // The same five notes twice, a beat of rest between.
  const int16_t pitches[] = {60, 62, 64, 65, 67, 60, 62, 64, 65, 67};
  NmMetricsNote notes[10];
  for (int i = 0; i < 10; ++i) notes[i] = (NmMetricsNote){i == 5 ? 4 : 0, 4, pitches[i], false};
  const NmMetricsCharacter c = nm_metrics_describe(notes, 10);
  assert_float_equal(c.scale, 1, 1e-12);
  assert_float_equal(c.repetition, 1. / 6, 1e-12);
  assert_float_equal(c.rest, 1. / 11, 1e-12);
  assert_float_equal(c.range, 7, 1e-12);
  assert_float_equal(c.step, (4 * 7. / 4 + 7 + 7) / 9, 1e-12);
  const NmMetricsCharacter none = nm_metrics_describe(NULL, 0), one = nm_metrics_describe(notes, 1);
  assert_float_equal(none.range + none.rest + none.repetition, 0, 0);
  assert_float_equal(one.range + one.rest + one.repetition, 0, 0);
}

static void test_read(void **state)
{
  (void)state;
  NmError err;
  NmSong *song = nm_song_new();
  assert_non_null(song);
  assert_true(nm_song_set_resolution(song, 24) == NM_OK);
  const int64_t onsets[] = {24, 48, 56, 64}, lens[] = {24, 8, 1, 96};
  for (int i = 0; i < 4; ++i) nm_song_add_note(song, onsets[i], lens[i], 60 + i, 0);
  for (int i = 0; i < 3; ++i) nm_song_add_syllable(song, "la", 2, 0);
  const int of[] = {0, 1, 1, 2};
  for (int i = 0; i < 4; ++i) nm_song_add_link(song, of[i], i);
  assert_int_equal(nm_song_finish(song, &err), NM_OK);
  NmMetricsNote notes[4];
  nm_metrics_read(song, notes);
  const int32_t gaps[] = {4, 0, 0, 1}, want[] = {4, 1, 1, 16};
  for (int i = 0; i < 4; ++i) {
    assert_int_equal(notes[i].gap, gaps[i]);
    assert_int_equal(notes[i].len, want[i]);
    assert_int_equal(notes[i].joined, i == 2);
  }
  nm_song_free(song);
}

static void test_links(void **state)
{
  (void)state;
  const int32_t known_first[] = {0, 1, 3, -1}, known_n[] = {1, 2, 1, 0}, first[] = {0, 1, 2, 5},
                n[] = {1, 2, 2, 0};
  assert_float_equal(nm_metrics_rate_links(known_first, known_n, first, n, 4), .75, 1e-12);
}

// Two melodies alike and one far off: one of the two is chosen, and their risks are the distances to the
// others.
static void test_consensus(void **state)
{
  (void)state;
  const NmMetricsNote a[] = {{0, 4, 60, false}, {0, 4, 62, false}, {0, 4, 64, false}, {0, 4, 65, false}};
  const NmMetricsNote b[] = {{0, 4, 60, false}, {0, 4, 62, false}, {0, 4, 64, false}, {0, 4, 67, false}};
  const NmMetricsNote c[] = {{0, 2, 70, false}, {0, 2, 82, false}, {0, 1, 70, false}, {0, 3, 85, false}};
  const NmMetricsNote *melodies[] = {c, a, b};
  NmMetricsProfile profiles[3];
  NmArena arena;
  nm_arena_init(&arena, 1 << 12);
  for (int i = 0; i < 3; ++i)
    assert_int_equal(nm_metrics_profile(melodies[i], 4, NM_METRICS_SONGMASS, &arena, &profiles[i]), NM_OK);
  const NmConsensus weights = nm_consensus_defaults();
  double risks[3];
  int32_t best = -1;
  assert_int_equal(nm_consensus_choose(&weights, profiles, 3, &arena, risks, &best), NM_OK);
  assert_in_range(best, 1, 2);
  assert_true(risks[0] > risks[1] && risks[0] > risks[2]);
  const NmMetricsSimilarity near = compare(b, 4, a, 4, NM_METRICS_SONGMASS),
                            far = compare(c, 4, a, 4, NM_METRICS_SONGMASS);
  const double want =
      (nm_consensus_get_distance(&weights, &near) + nm_consensus_get_distance(&weights, &far)) / 2;
  assert_float_equal(risks[1], want, 1e-6);
  assert_int_equal(nm_consensus_choose(&weights, profiles, 1, &arena, risks, &best), NM_OK);
  assert_int_equal(best, 0);
  assert_int_equal(nm_consensus_choose(&weights, profiles, 0, &arena, risks, &best), NM_ERR_BAD_ARG);
  nm_arena_fini(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden),   cmocka_unit_test(test_by_hand),
                                     cmocka_unit_test(test_warp),     cmocka_unit_test(test_scale),
                                     cmocka_unit_test(test_describe), cmocka_unit_test(test_read),
                                     cmocka_unit_test(test_links),    cmocka_unit_test(test_consensus)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
