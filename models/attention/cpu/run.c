// SPDX-License-Identifier: GPL-3.0-or-later
// Attention forward: a block of queries walks its tiles with online softmax (Milakov, Gimelshein 2018; Dao et
// al. 2022).
#include <string.h>

#include "models/attention/cpu/kernel.h"
#include "models/engine/cpu/vmath.h"

// What a worker needs for one block of queries. Of each row so far: the greatest score, and the sum of
// exponentials relative to it.
typedef struct {
  real S[NM_TILE_SIZE];
  real top[NM_TILE_QUERIES], sum[NM_TILE_QUERIES];
} Work;

typedef struct {
  const NmAttentionArrays *a;
  NmSight sight; // with hulls
  int64_t size_block, n_blocks;
  Work *work; // [n_threads]
  real *out;
  NmAttentionRow *rows; // may be NULL
} Job;

#define NONE (-(real)INFINITY)

NM_INLINE real greatest(const real *x, int64_t n, real top)
{
#pragma omp simd reduction(max : top)
  for (int64_t i = 0; i < n; ++i) top = x[i] > top ? x[i] : top;
  return top;
}

// x = exp(x - top), 0 far below; returns the sum.
NM_INLINE real exponentials(real *x, int64_t n, real top)
{
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) {
    const real d = x[i] - top, e = nm_vexp(d);
    x[i] = d < -87 ? 0 : e;
    sum += x[i];
  }
  return sum;
}

NM_INLINE void scale_row(real *x, int64_t n, real scale)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) x[i] *= scale;
}

// Scores to exponentials, and what the rows of `out` hold so far to the new greatest score. A row that has
// seen nothing yet is taken relative to 0, so that a NaN is not lost.
NM_CLONES static void soften(Work *w, int64_t n_q, int64_t n_k, real *out, int64_t ld, int64_t Dv)
{
  for (int64_t i = 0; i < n_q; ++i) {
    real *x = w->S + i * NM_TILE_KEYS;
    const real top = greatest(x, n_k, w->top[i]);
    if (top > w->top[i] && w->sum[i] != 0) {
      const real d = w->top[i] - top, scale = d < -87 ? 0 : nm_vexp(d);
      w->sum[i] *= scale;
      scale_row(out + i * ld, Dv, scale);
    }
    w->top[i] = top;
    w->sum[i] += exponentials(x, n_k, top == NONE ? 0 : top);
  }
}

static void finish(const Work *w, int64_t n_q, real *out, int64_t ld, int64_t Dv, NmAttentionRow *rows)
{
  for (int64_t i = 0; i < n_q; ++i) {
    const bool blind = w->sum[i] == 0;
    const real share = blind ? 0 : 1 / w->sum[i];
    if (!blind) scale_row(out + i * ld, Dv, share);
    if (rows) rows[i] = (NmAttentionRow){blind ? 0 : w->top[i], share};
  }
}

static void clear(Work *w, int64_t n_q, real *out, int64_t ld, int64_t Dv, NmAttentionRow *rows)
{
  for (int64_t i = 0; i < n_q; ++i) {
    w->top[i] = NONE;
    w->sum[i] = 0;
    memset(out + i * ld, 0, (size_t)Dv * sizeof *out);
    if (rows) rows[i] = (NmAttentionRow){0, 0};
  }
}

static void run_block(const Job *job, Work *w, int64_t b, int64_t h, int64_t i)
{
  const NmAttentionArrays *a = job->a;
  const NmSight *s = &job->sight;
  const int64_t n_all = s->Tq - i < job->size_block ? s->Tq - i : job->size_block;
  const int64_t n_valid = nm_sight_get_n_queries(s, b) - i, n_q = n_valid < n_all ? n_valid : n_all;
  const int64_t ld = s->H * a->Dv;
  real *out = job->out + nm_attention_at(s->Tq, s->H, a->Dv, b, i, h);
  NmAttentionRow *rows = job->rows ? job->rows + (b * s->H + h) * s->Tq + i : NULL;
  clear(w, n_all, out, ld, a->Dv, rows);
  if (n_q <= 0) return;
  NmTile tile;
  for (NmTiles tiles = nm_tiles_start(s, b, i, n_q, 0, s->Tk); nm_tiles_next(&tiles, &tile);) {
    const real *v = a->v + b * a->item_v + (tile.j * s->H + h) * a->Dv;
    NM_FN(nm_attention_scores)(a, &tile, h, w->S);
    soften(w, n_q, tile.n_k, out, ld, a->Dv);
    NM_FN(nm_attention_product)(false, n_q, a->Dv, tile.n_k, 1, w->S, NM_TILE_KEYS, v, ld, out, ld);
  }
  finish(w, n_q, out, ld, a->Dv, rows);
}

// Later blocks first: under causal patterns they are the longer ones.
static void run_tasks(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *job = ctx;
  for (int64_t t = first; t < last; ++t) {
    const int64_t item = t / job->n_blocks, block = job->n_blocks - 1 - t % job->n_blocks;
    run_block(job, &job->work[worker], item / job->sight.H, item % job->sight.H, block * job->size_block);
  }
}

size_t NM_FN(nm_attention_size_run)(const NmAttentionArrays *a, int n_threads)
{
  return nm_attention_size_hulls(&a->sight) + (size_t)n_threads * sizeof(Work);
}

void NM_FN(nm_attention_run)(NmPool *pool, const NmAttentionArrays *a, void *scratch, real *out,
                             NmAttentionRow *rows)
{
  Job job = {.a = a,
             .sight = a->sight,
             .size_block = nm_sight_get_block(&a->sight),
             .work = (Work *)((char *)scratch + nm_attention_size_hulls(&a->sight)),
             .out = out,
             .rows = rows};
  nm_sight_fill_hulls(&a->sight, scratch);
  job.sight.hulls = scratch;
  job.n_blocks = (a->sight.Tq + job.size_block - 1) / job.size_block;
  NM_FN(nm_cpu_for)
  (pool, a->sight.B * a->sight.H * job.n_blocks, nm_attention_tasks(a, job.size_block), run_tasks, &job);
}
