// SPDX-License-Identifier: GPL-3.0-or-later
// The attention's weights, stored whole: for constraints on alignment and for pictures.
#include <string.h>

#include "models/attention/cpu/kernel.h"
#include "models/engine/cpu/vmath.h"

typedef struct {
  real S[NM_TILE_SIZE];
} Work;

typedef struct {
  const NmAttentionArrays *a;
  NmSight sight; // with hulls
  int64_t size_block, n_blocks;
  Work *work;    // [n_threads]
  real *weights; // [B, H, Tq, Tk]
} Job;

#define UNSEEN (-(real)INFINITY)

// Scores to weights; a row of nothing but UNSEEN to zeros.
NM_CLONES static void soften_row(real *x, int64_t n)
{
  real top = UNSEEN, sum = 0;
#pragma omp simd reduction(max : top)
  for (int64_t j = 0; j < n; ++j) top = x[j] > top ? x[j] : top;
  top = top == UNSEEN ? 0 : top;
#pragma omp simd reduction(+ : sum)
  for (int64_t j = 0; j < n; ++j) {
    const real d = x[j] - top, e = nm_vexp(d);
    x[j] = d < -87 ? 0 : e;
    sum += x[j];
  }
  const real scale = sum == 0 ? 0 : 1 / sum;
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) x[j] *= scale;
}

static void gather_scores(const Job *job, Work *w, int64_t b, int64_t h, int64_t i, int64_t n_q, real *rows)
{
  const NmSight *s = &job->sight;
  NmTile tile;
  for (NmTiles tiles = nm_tiles_start(s, b, i, n_q, 0, s->Tk); nm_tiles_next(&tiles, &tile);) {
    NM_FN(nm_attention_scores)(job->a, &tile, h, w->S);
    for (int64_t r = 0; r < n_q; ++r)
      memcpy(rows + r * s->Tk + tile.j, w->S + r * NM_TILE_KEYS, (size_t)tile.n_k * sizeof(real));
  }
}

static void run_block(const Job *job, Work *w, int64_t b, int64_t h, int64_t i)
{
  const NmSight *s = &job->sight;
  const int64_t n_all = s->Tq - i < job->size_block ? s->Tq - i : job->size_block;
  const int64_t n_valid = nm_sight_get_n_queries(s, b) - i, n_q = n_valid < n_all ? n_valid : n_all;
  real *rows = job->weights + ((b * s->H + h) * s->Tq + i) * s->Tk;
  for (int64_t at = 0; at < n_all * s->Tk; ++at) rows[at] = UNSEEN;
  if (n_q > 0) gather_scores(job, w, b, h, i, n_q, rows);
  for (int64_t r = 0; r < n_all; ++r) soften_row(rows + r * s->Tk, s->Tk);
}

static void run_tasks(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *job = ctx;
  for (int64_t t = first; t < last; ++t) {
    const int64_t item = t / job->n_blocks;
    run_block(job, &job->work[worker], item / job->sight.H, item % job->sight.H,
              t % job->n_blocks * job->size_block);
  }
}

size_t NM_FN(nm_attention_size_weights)(const NmAttentionArrays *a, int n_threads)
{
  return nm_attention_size_hulls(&a->sight) + (size_t)n_threads * sizeof(Work);
}

void NM_FN(nm_attention_run_weights)(NmPool *pool, const NmAttentionArrays *a, void *scratch, real *weights)
{
  Job job = {.a = a,
             .sight = a->sight,
             .size_block = nm_sight_get_block(&a->sight),
             .work = (Work *)((char *)scratch + nm_attention_size_hulls(&a->sight)),
             .weights = weights};
  nm_sight_fill_hulls(&a->sight, scratch);
  job.sight.hulls = scratch;
  job.n_blocks = (a->sight.Tq + job.size_block - 1) / job.size_block;
  NM_FN(nm_cpu_for)
  (pool, a->sight.B * a->sight.H * job.n_blocks, nm_attention_tasks(a, job.size_block), run_tasks, &job);
}
