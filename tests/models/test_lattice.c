// SPDX-License-Identifier: GPL-3.0-or-later
// The k best alignments against every alignment there is.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/base/clock.h"
#include "dsp/base/rng.h"
#include "models/align/lattice.h"

enum { SIZE_MOST = 6, BEST_MOST = 12, PATHS_MOST = 200000, N_LATTICES = 10000 };

typedef struct {
  int32_t note_first[SIZE_MOST], n_notes[SIZE_MOST];
  double score;
} Path;

typedef struct {
  const float *A; // [M, L]
  int32_t M, L, max_notes, max_syllables;
  double rest; // NaN: not allowed
  Path now, *paths;
  int32_t n_paths;
} Search;

static double rest_score;
static int32_t rest_notes;

// The recurrence's terms, written down from the paper.
static double score_notes(const Search *s, int32_t i0, int32_t i1, int32_t j)
{
  double sum = 0;
  for (int32_t i = i0; i < i1; ++i) sum += s->A[i * s->L + j];
  return sum / (i1 - i0) - (double)(i1 - i0) / s->M;
}

static double score_syllables(const Search *s, int32_t i, int32_t j0, int32_t j1)
{
  double sum = 0;
  for (int32_t j = j0; j < j1; ++j) sum += s->A[i * s->L + j];
  return sum / (j1 - j0) - (double)(j1 - j0) / s->L;
}

static bool fits(int32_t n, int32_t bound)
{
  return bound == 0 || n <= bound;
}

static void search(Search *s, int32_t i, int32_t j, double score)
{
  if (i == s->M && j == s->L) {
    s->now.score = score;
    assert_true(s->n_paths < PATHS_MOST);
    s->paths[s->n_paths++] = s->now;
    return;
  }
  if (i == s->M) return;
  if (!isnan(s->rest) && i + rest_notes <= s->M) search(s, i + rest_notes, j, score + s->rest);
  for (int32_t n = 1; j < s->L && i + n <= s->M && fits(n, s->max_notes); ++n) {
    s->now.note_first[j] = i;
    s->now.n_notes[j] = n;
    double step = score_notes(s, i, i + n, j);
    if (n == 1) step = fmax(step, score_syllables(s, i, j, j + 1));
    search(s, i + n, j + 1, score + step);
  }
  for (int32_t n = 2; j + n <= s->L && fits(n, s->max_syllables); ++n) {
    for (int32_t k = 0; k < n; ++k) {
      s->now.note_first[j + k] = i;
      s->now.n_notes[j + k] = 1;
    }
    search(s, i + 1, j + n, score + score_syllables(s, i, j, j + n));
  }
}

static int compare(const void *a, const void *b)
{
  const Path *x = a, *y = b;
  return (x->score < y->score) - (x->score > y->score);
}

static double score_rest(const void *user, int32_t i, int32_t j, int32_t *n)
{
  *n = rest_notes;
  return i < rest_notes ? -INFINITY : rest_score;
}

static void check_lattice(Search *s, int32_t n_best)
{
  static double memory[4096], work[65536];
  int32_t note_first[BEST_MOST * SIZE_MOST], n_notes[BEST_MOST * SIZE_MOST], n_found;
  double scores[BEST_MOST];
  NmLattice lattice;
  NmLatticeAttention sums;
  assert_true(nm_lattice_size_attention(s->M, s->L) <= sizeof memory);
  nm_lattice_set_attention(&lattice, &sums, s->A, s->M, s->L, memory);
  lattice.max_notes = s->max_notes;
  lattice.max_syllables = s->max_syllables;
  lattice.n_best = n_best;
  if (!isnan(s->rest)) lattice.score_rest = score_rest;
  assert_in_range(nm_lattice_size_work(&lattice), 1, sizeof work);
  s->n_paths = 0;
  search(s, 0, 0, 0);
  qsort(s->paths, (size_t)s->n_paths, sizeof *s->paths, compare);
  const NmStatus status = nm_lattice_run(&lattice, work, note_first, n_notes, scores, &n_found);
  assert_int_equal(status, s->n_paths ? NM_OK : NM_ERR_BAD_DATA);
  assert_int_equal(n_found, s->n_paths < n_best ? s->n_paths : n_best);
  for (int32_t k = 0; k < n_found; ++k) {
    if (!(fabs(scores[k] - s->paths[k].score) <= 1e-9))
      fail_msg("%.12f, not %.12f", scores[k], s->paths[k].score);
    assert_memory_equal(note_first + k * s->L, s->paths[k].note_first, sizeof(int32_t) * (size_t)s->L);
    assert_memory_equal(n_notes + k * s->L, s->paths[k].n_notes, sizeof(int32_t) * (size_t)s->L);
  }
}

static void random_lattices_agree(void **state)
{
  NmRng rng;
  float A[SIZE_MOST * SIZE_MOST];
  Search search_now = {.A = A, .paths = malloc(PATHS_MOST * sizeof(Path))};
  nm_rng_init(&rng, 11);
  for (int round = 0; round < N_LATTICES; ++round) {
    Search *s = &search_now;
    const uint64_t most = round % 20 == 0 ? SIZE_MOST : SIZE_MOST - 1;
    s->M = 1 + (int32_t)nm_rng_below(&rng, most);
    s->L = 1 + (int32_t)nm_rng_below(&rng, most);
    s->max_notes = (int32_t)nm_rng_below(&rng, 5);
    s->max_syllables = (int32_t)nm_rng_below(&rng, 5);
    rest_notes = 1 + round % 2;
    rest_score = s->rest = round % 3 == 0 ? -nm_rng_uniform(&rng) : NAN;
    for (int32_t i = 0; i < s->M * s->L; ++i) A[i] = (float)nm_rng_uniform(&rng);
    check_lattice(s, 1 + (int32_t)nm_rng_below(&rng, BEST_MOST));
  }
  free(search_now.paths);
}

// The diagonal is found, and how long that takes is printed.
static void two_hundred_by_two_hundred(void **state)
{
  enum { N = 200 };
  NmLattice lattice;
  NmLatticeAttention sums;
  float *A = calloc(N * N, sizeof *A);
  void *memory = malloc(nm_lattice_size_attention(N, N));
  int32_t *first = malloc(sizeof *first * 8 * N), *n_notes = malloc(sizeof *n_notes * 8 * N), n_found;
  double scores[8];
  NmRng rng;
  nm_rng_init(&rng, 3);
  for (int32_t i = 0; i < N * N; ++i) A[i] = .2f * (float)nm_rng_uniform(&rng) + (i % (N + 1) == 0);
  nm_lattice_set_attention(&lattice, &sums, A, N, N, memory);
  for (int32_t n_best = 1; n_best <= 8; n_best += 7) {
    lattice.n_best = n_best;
    void *work = malloc(nm_lattice_size_work(&lattice));
    double fastest = INFINITY;
    for (int round = 0; round < 5; ++round) {
      const double start = nm_clock_now();
      assert_int_equal(nm_lattice_run(&lattice, work, first, n_notes, scores, &n_found), NM_OK);
      fastest = fmin(fastest, nm_clock_now() - start);
    }
    print_message("200 x 200, the %d best: %.1f ms\n", (int)n_best, 1e3 * fastest);
    free(work);
    assert_int_equal(n_found, n_best);
    for (int32_t j = 0; j < N; ++j) {
      assert_int_equal(first[j], j);
      assert_int_equal(n_notes[j], 1);
    }
  }
  free(A);
  free(memory);
  free(first);
  free(n_notes);
}

static void bad_sizes_are_refused(void **state)
{
  NmLattice lattice = {.n_notes = 0, .n_syllables = 1, .n_best = 1};
  int32_t first, n_notes, n_found;
  double score;
  assert_int_equal(nm_lattice_size_work(&lattice), 0);
  assert_int_equal(nm_lattice_run(&lattice, NULL, &first, &n_notes, &score, &n_found), NM_ERR_BAD_ARG);
  lattice.n_notes = lattice.n_syllables = INT32_MAX;
  lattice.n_best = INT32_MAX;
  assert_int_equal(nm_lattice_size_work(&lattice), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_lattices_agree),
                                     cmocka_unit_test(two_hundred_by_two_hundred),
                                     cmocka_unit_test(bad_sizes_are_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
