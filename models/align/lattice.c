// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/align/lattice.h"

#include "dsp/base/clones.h"

#include <math.h>
#include <stdbool.h>

// One of the best ways into a cell: the step (n > 0 notes, n < 0 syllables, 0 notes left unsung) and which
// of the ways into the cell before it.
typedef struct {
  double score;
  int32_t step, rank;
} Way;

typedef struct {
  const NmLattice *lattice;
  int32_t M, L, n_best;
  double *top;     // [L + 1, M + 1] the best score of each cell, -infinity: none
  double *top_t;   // [M + 1, L + 1] the same
  Way *ways;       // [L + 1, M + 1, n_best]
  int32_t *n_ways; // [L + 1, M + 1]
  double *buffer;  // [max(M, L)]
} Run;

static size_t round_up(size_t n)
{
  return (n + 15) / 16 * 16;
}

size_t nm_lattice_size_work(const NmLattice *lattice)
{
  const int64_t M = lattice->n_notes, L = lattice->n_syllables;
  if (M < 1 || L < 1 || lattice->n_best < 1) return 0;
  const size_t n_cells = (size_t)(M + 1) * (size_t)(L + 1), n_cell = sizeof(Way) * (size_t)lattice->n_best;
  size_t n_ways;
  if (nm_size_mul(n_cells, n_cell + 32, &n_ways) != NM_OK) return 0;
  return round_up(n_cells * n_cell) + 2 * round_up(n_cells * sizeof(double)) +
         round_up(n_cells * sizeof(int32_t)) + round_up((size_t)(M > L ? M : L) * sizeof(double));
}

static void *carve(char **memory, size_t size)
{
  void *piece = *memory;
  *memory += round_up(size);
  return piece;
}

static Run run_of(const NmLattice *lattice, void *work)
{
  char *memory = work;
  Run run = {lattice, lattice->n_notes, lattice->n_syllables, lattice->n_best, NULL, NULL, NULL, NULL, NULL};
  const size_t n_cells = (size_t)(run.M + 1) * (size_t)(run.L + 1);
  run.ways = carve(&memory, n_cells * sizeof(Way) * (size_t)run.n_best);
  run.top = carve(&memory, n_cells * sizeof(double));
  run.top_t = carve(&memory, n_cells * sizeof(double));
  run.n_ways = carve(&memory, n_cells * sizeof(int32_t));
  run.buffer = carve(&memory, 0);
  return run;
}

static size_t cell_of(const Run *run, int32_t i, int32_t j)
{
  return (size_t)j * (size_t)(run->M + 1) + (size_t)i;
}

// Puts a way into a cell's list in its order; false when it is worse than all of a full one.
static bool insert(const Run *run, size_t cell, double score, int32_t step, int32_t rank)
{
  Way *ways = run->ways + cell * (size_t)run->n_best;
  int32_t n = run->n_ways[cell];
  if (!(score > -INFINITY)) return false;
  if (n == run->n_best) {
    if (!(score > ways[n - 1].score)) return false;
    --n;
  } else {
    run->n_ways[cell] = n + 1;
  }
  int32_t at = n;
  while (at > 0 && ways[at - 1].score < score) {
    ways[at] = ways[at - 1];
    --at;
  }
  ways[at] = (Way){score, step, rank};
  return true;
}

// All ways of the cell `from`, prolonged by a step.
static void prolong(const Run *run, size_t cell, size_t from, double score_step, int32_t step)
{
  const Way *ways = run->ways + from * (size_t)run->n_best;
  for (int32_t rank = 0; rank < run->n_ways[from]; ++rank)
    if (!insert(run, cell, ways[rank].score + score_step, step, rank)) return;
}

static double worst_of(const Run *run, size_t cell)
{
  const int32_t n = run->n_ways[cell];
  return n == run->n_best ? run->ways[cell * (size_t)run->n_best + (size_t)n - 1].score : -INFINITY;
}

static int32_t least(int32_t a, int32_t bound)
{
  return bound > 0 && bound < a ? bound : a;
}

// The highest score that a step from n_least on leads to, top[-n] being the best before a step of n.
NM_CLONES static double find_highest(const double *scores, const double *top, int32_t n_least, int32_t n_max)
{
  double highest = -INFINITY;
#pragma omp simd reduction(max : highest)
  for (int32_t n = n_least; n <= n_max; ++n) {
    const double sum = scores[n - 1] + top[-n];
    highest = sum > highest ? sum : highest;
  }
  return highest;
}

enum { BLOCK = 32 };

static void step_notes(const Run *run, int32_t i, int32_t j, size_t cell)
{
  const int32_t n_max = least(i, run->lattice->max_notes);
  const double *top = run->top + cell_of(run, i, j - 1), *scores = run->buffer;
  double worst = worst_of(run, cell);
  if (n_max < 1) return;
  run->lattice->score_notes(run->lattice->user, i, j, n_max, run->buffer);
  for (int32_t first = 1; first <= n_max; first += BLOCK) {
    const int32_t last = least(first + BLOCK - 1, n_max);
    const double highest = find_highest(scores, top, first, last);
    if (!(highest > worst)) continue;
    if (run->n_best == 1) worst = nextafter(highest, -INFINITY); // the highest alone is of interest
    for (int32_t n = first; n <= last; ++n)
      if (scores[n - 1] + top[-n] > worst) {
        prolong(run, cell, cell_of(run, i - n, j - 1), scores[n - 1], n);
        worst = worst_of(run, cell);
      }
  }
}

static void step_syllables(const Run *run, int32_t i, int32_t j, size_t cell)
{
  const int32_t n_max = least(j, run->lattice->max_syllables);
  const double *top = run->top_t + (size_t)(i - 1) * (size_t)(run->L + 1) + (size_t)j, *scores = run->buffer;
  double worst = worst_of(run, cell);
  if (n_max < 2 || !run->lattice->score_syllables) return;
  run->lattice->score_syllables(run->lattice->user, i, j, n_max, run->buffer);
  for (int32_t first = 2; first <= n_max; first += BLOCK) {
    const int32_t last = least(first + BLOCK - 1, n_max);
    const double highest = find_highest(scores, top, first, last);
    if (!(highest > worst)) continue;
    if (run->n_best == 1) worst = nextafter(highest, -INFINITY); // the highest alone is of interest
    for (int32_t n = first; n <= last; ++n)
      if (scores[n - 1] + top[-n] > worst) {
        prolong(run, cell, cell_of(run, i - 1, j - n), scores[n - 1], -n);
        worst = worst_of(run, cell);
      }
  }
}

static void step_rest(const Run *run, int32_t i, int32_t j, size_t cell)
{
  int32_t n = 1;
  const double score = run->lattice->score_rest(run->lattice->user, i, j, &n);
  if (score > -INFINITY) prolong(run, cell, cell - (size_t)n, score, 0);
}

static void fill(const Run *run)
{
  const NmLattice *lattice = run->lattice;
  for (int32_t j = 0; j <= run->L; ++j)
    for (int32_t i = 0; i <= run->M; ++i) {
      const size_t cell = cell_of(run, i, j);
      run->n_ways[cell] = 0;
      if (i == 0 && j == 0) (void)insert(run, cell, 0, 0, 0);
      if (i > 0 && j > 0) step_notes(run, i, j, cell);
      if (i > 0 && j > 0) step_syllables(run, i, j, cell);
      if (i > 0 && lattice->score_rest) step_rest(run, i, j, cell);
      const double best = run->n_ways[cell] ? run->ways[cell * (size_t)run->n_best].score : -INFINITY;
      run->top[cell] = run->top_t[(size_t)i * (size_t)(run->L + 1) + (size_t)j] = best;
    }
}

static void trace(const Run *run, int32_t rank, int32_t *note_first, int32_t *n_notes)
{
  int32_t i = run->M, j = run->L;
  while (i > 0 || j > 0) {
    const Way way = run->ways[cell_of(run, i, j) * (size_t)run->n_best + (size_t)rank];
    if (way.step > 0) {
      i -= way.step;
      note_first[--j] = i;
      n_notes[j] = way.step;
    } else if (way.step == 0) {
      int32_t n = 1;
      (void)run->lattice->score_rest(run->lattice->user, i, j, &n);
      i -= n;
    } else {
      --i;
      for (int32_t n = 0; n < -way.step; ++n) {
        note_first[--j] = i;
        n_notes[j] = 1;
      }
    }
    rank = way.rank;
  }
}

NmStatus nm_lattice_run(const NmLattice *lattice, void *work, int32_t *note_first, int32_t *n_notes,
                        double *scores, int32_t *n_found)
{
  *n_found = 0;
  if (lattice->n_notes < 1 || lattice->n_syllables < 1 || lattice->n_best < 1 || !lattice->score_notes)
    return NM_ERR_BAD_ARG;
  const Run run = run_of(lattice, work);
  fill(&run);
  const size_t last = cell_of(&run, run.M, run.L);
  for (int32_t rank = 0; rank < run.n_ways[last]; ++rank) {
    const size_t at = (size_t)rank * (size_t)run.L;
    scores[rank] = run.ways[last * (size_t)run.n_best + (size_t)rank].score;
    trace(&run, rank, note_first + at, n_notes + at);
  }
  *n_found = run.n_ways[last];
  return *n_found ? NM_OK : NM_ERR_BAD_DATA;
}

// --- attention ---

size_t nm_lattice_size_attention(int32_t M, int32_t L)
{
  const size_t m = (size_t)M, l = (size_t)L, most = m > l ? m : l;
  return sizeof(double) * (l * (m + 1) + m * (l + 1) + most + 1);
}

NM_CLONES static void attention_notes(const void *user, int32_t i, int32_t j, int32_t n_max, double *scores)
{
  const NmLatticeAttention *a = user;
  const double *sums = a->by_note + (size_t)(j - 1) * (size_t)(a->M + 1) + i, *inverse = a->inverse;
  const double end = *sums, penalty = inverse[a->M], least_one = inverse[a->M > a->L ? a->M : a->L];
#pragma omp simd
  for (int32_t n = 1; n <= n_max; ++n) scores[n - 1] = (end - sums[-n]) * inverse[n] - n * penalty;
  scores[0] = end - sums[-1] - least_one;
}

NM_CLONES static void attention_syllables(const void *user, int32_t i, int32_t j, int32_t n_max,
                                          double *scores)
{
  const NmLatticeAttention *a = user;
  const double *sums = a->by_syllable + (size_t)(i - 1) * (size_t)(a->L + 1) + j, *inverse = a->inverse;
  const double end = *sums, penalty = inverse[a->L];
#pragma omp simd
  for (int32_t n = 1; n <= n_max; ++n) scores[n - 1] = (end - sums[-n]) * inverse[n] - n * penalty;
}

void nm_lattice_set_attention(NmLattice *lattice, NmLatticeAttention *sums, const float *attention, int32_t M,
                              int32_t L, void *memory)
{
  double *by_note = memory, *by_syllable = by_note + (size_t)L * (size_t)(M + 1);
  double *inverse = by_syllable + (size_t)M * (size_t)(L + 1);
  for (int32_t j = 0; j < L; ++j) by_note[(size_t)j * (size_t)(M + 1)] = 0;
  for (int32_t i = 0; i < M; ++i) {
    double *row = by_syllable + (size_t)i * (size_t)(L + 1);
    row[0] = 0;
    for (int32_t j = 0; j < L; ++j) {
      const double value = attention[(size_t)i * (size_t)L + (size_t)j];
      double *column = by_note + (size_t)j * (size_t)(M + 1);
      row[j + 1] = row[j] + value;
      column[i + 1] = column[i] + value;
    }
  }
  inverse[0] = 0;
  for (int32_t n = 1; n <= (M > L ? M : L); ++n) inverse[n] = 1.0 / n;
  *sums = (NmLatticeAttention){M, L, by_note, by_syllable, inverse};
  *lattice = (NmLattice){.n_notes = M,
                         .n_syllables = L,
                         .n_best = 1,
                         .score_notes = attention_notes,
                         .score_syllables = attention_syllables,
                         .user = sums};
}
