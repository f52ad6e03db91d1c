// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/align/align.h"

#include <math.h>
#include <stdbool.h>

// How the best path came to be in (t, k): a bit each.
enum {
  ARRIVED = 1, // it has now been there long enough to leave; else it stayed
  JUMPED = 2   // a path entering now would come from k - 2; else from k - 1
};

// Two states of -infinity before the first make entering uniform.
enum { N_GUARDS = 2 };

typedef struct {
  int64_t T, K, n_ages;
  double *full, *previous; // [K] after the guards: the best sum of paths that may leave k, at t and at t - 1
  double *enter;           // [K] of paths that enter k
  double *young;           // [n_ages - 1, K] of paths that entered k just now, one frame ago...
  double *jump;            // [K] 0 where k may be entered over k - 1, else -infinity
  double *brief;           // [K] 1 where a single frame is enough
  uint8_t *moves;          // [T, K]
} Lattice;

static int64_t count_ages(const NmAlignConfig *config)
{
  const int64_t n = config->min_frames < 1 ? 1 : config->min_frames;
  return n <= config->T ? n : config->T + 1;
}

static size_t count_rows(const NmAlignConfig *config)
{
  return (size_t)count_ages(config) + 4;
}

size_t nm_align_size_work(const NmAlignConfig *config)
{
  if (config->T < 1 || config->K < 1) return 0;
  const size_t T = (size_t)config->T, K = (size_t)config->K,
               size_column = count_rows(config) * sizeof(double);
  size_t n_moves, size_rows;
  if (nm_size_mul(T, K, &n_moves) != NM_OK) return SIZE_MAX;
  if (nm_size_mul(size_column, K + N_GUARDS, &size_rows) != NM_OK) return SIZE_MAX;
  return n_moves > SIZE_MAX - size_rows ? SIZE_MAX : n_moves + size_rows;
}

static Lattice lattice_make(const NmAlignConfig *config, void *work)
{
  const int64_t K = config->K, n_sums = (int64_t)count_rows(config) * (K + N_GUARDS);
  Lattice l = {.T = config->T, .K = K, .n_ages = count_ages(config)};
  double *sums = work;
  for (int64_t i = 0; i < n_sums; ++i) sums[i] = -INFINITY;
  l.full = sums + N_GUARDS;
  l.previous = l.full + K + N_GUARDS;
  l.enter = l.previous + K;
  l.jump = l.enter + K;
  l.brief = l.jump + K;
  l.young = l.brief + K;
  l.moves = (uint8_t *)(sums + n_sums);
  for (int64_t k = 0; k < K; ++k) {
    if (k > 0 && config->skip && config->skip[k - 1]) l.jump[k] = 0;
    l.brief[k] = l.n_ages == 1 || (config->skip && config->skip[k]);
  }
  return l;
}

// The best sums with which each state may be entered.
static void find_entries(const Lattice *l, uint8_t *moves)
{
  const double *from = l->previous;
#pragma omp simd
  for (int64_t k = 0; k < l->K; ++k) {
    const double step = from[k - 1], jump = from[k - 2] + l->jump[k];
    moves[k] = jump > step ? JUMPED : 0;
    l->enter[k] = jump > step ? jump : step;
  }
}

// One frame more: those that stay, and those that have become old enough to leave.
static void extend_full(const Lattice *l, const float *scores, uint8_t *moves)
{
  const double *grown = l->n_ages > 1 ? l->young + (l->n_ages - 2) * l->K : l->enter;
#pragma omp simd
  for (int64_t k = 0; k < l->K; ++k) {
    const double score = scores[k] > -INFINITY ? (double)scores[k] : -INFINITY;
    const double stay = l->previous[k], arrive = l->brief[k] > 0 ? l->enter[k] : grown[k];
    moves[k] |= arrive > stay ? ARRIVED : 0;
    l->full[k] = (arrive > stay ? arrive : stay) + score;
  }
}

static void extend_young(const Lattice *l, const float *scores)
{
  for (int64_t age = l->n_ages - 2; age >= 0; --age) {
    const double *from = age ? l->young + (age - 1) * l->K : l->enter;
    double *to = l->young + age * l->K;
#pragma omp simd
    for (int64_t k = 0; k < l->K; ++k)
      to[k] = from[k] + (scores[k] > -INFINITY ? (double)scores[k] : -INFINITY);
  }
}

// The guard before state 0 stands for the start: full before the first frame, empty after it.
static void extend_all(Lattice *l, const float *scores, int64_t stride)
{
  l->previous[-1] = 0;
  for (int64_t t = 0; t < l->T; ++t) {
    uint8_t *moves = l->moves + t * l->K;
    find_entries(l, moves);
    extend_full(l, scores + t * stride, moves);
    extend_young(l, scores + t * stride);
    l->previous[-1] = -INFINITY;
    double *swap = l->previous;
    l->previous = l->full;
    l->full = swap;
  }
}

static void trace_back(const Lattice *l, int64_t k, int32_t *durations)
{
  for (int64_t i = k + 1; i < l->K; ++i) durations[i] = 0;
  for (int64_t end = l->T; end > 0;) {
    int64_t t = end - 1;
    while (!(l->moves[t * l->K + k] & ARRIVED)) --t;
    t -= l->brief[k] > 0 ? 0 : l->n_ages - 1;
    durations[k] = (int32_t)(end - t);
    end = t;
    if (l->moves[t * l->K + k--] & JUMPED) durations[k--] = 0;
  }
}

NmStatus nm_align_viterbi(const NmAlignConfig *config, const float *scores, void *work, int32_t *durations,
                          double *score)
{
  if (config->T < 1 || config->K < 1 || config->T > INT32_MAX) return NM_ERR_BAD_ARG;
  Lattice l = lattice_make(config, work);
  extend_all(&l, scores, config->stride ? config->stride : config->K);
  const bool may_skip_last = config->skip && config->skip[l.K - 1] && l.K > 1;
  int64_t last = l.K - 1;
  if (may_skip_last && l.previous[last - 1] > l.previous[last]) --last;
  if (!(l.previous[last] > -INFINITY)) return NM_ERR_BAD_DATA;
  trace_back(&l, last, durations);
  if (score) *score = l.previous[last];
  return NM_OK;
}
