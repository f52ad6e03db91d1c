// SPDX-License-Identifier: GPL-3.0-or-later
// Attention backward: tiles of exponentials are computed again from what is saved of each row (Dao et
// al. 2022, algorithm 4). A task owns the keys of one chunk of one head, so that the gradients of keys and
// values need no partial sums; those of queries are summed over chunks, those of the relative table over
// tasks, in order. Where a bias wants a gradient, one task goes through all items (and, of a shared bias, all
// heads) that add to the same place.
#include <string.h>

#include "models/attention/cpu/kernel.h"
#include "models/engine/cpu/vmath.h"

enum { N_TASKS = 16 }; // wanted, so that many threads find work

typedef struct {
  real P[NM_TILE_SIZE], G[NM_TILE_SIZE]; // weights; gradients of weights, then of scores
} Work;

typedef struct {
  const NmAttentionArrays *a;
  const NmAttentionBack *back;
  const NmAttentionGrads *grads;
  NmSight sight;     // with hulls
  real *delta;       // [B, H, Tq]: each row's sum of weight times gradient
  real *parts_q;     // [n_chunks, B, Tq, H D], when there are several chunks
  real *parts_table; // [B, H, n_chunks, n_relative]
  Work *work;        // [n_threads]
  int64_t n_groups, n_chunks, size_chunk;
} Job;

static int64_t count_groups(const NmAttentionArrays *a, bool bias_grad)
{
  if (!bias_grad) return a->sight.B * a->sight.H;
  return a->n_bias;
}

// Chunks are whole blocks of keys.
static int64_t chunk_keys(const NmAttentionArrays *a, int64_t n_groups)
{
  const int64_t n_blocks = (a->sight.Tk + NM_TILE_KEYS - 1) / NM_TILE_KEYS;
  const int64_t n_chunks = (N_TASKS + n_groups - 1) / n_groups;
  return (n_blocks + n_chunks - 1) / n_chunks * NM_TILE_KEYS;
}

static int64_t count_chunks(const NmAttentionArrays *a, int64_t n_groups)
{
  const int64_t size = chunk_keys(a, n_groups);
  return (a->sight.Tk + size - 1) / size;
}

static size_t size_reals(int64_t n)
{
  return nm_attention_align((size_t)n * sizeof(real));
}

static int64_t count_queries(const NmAttentionArrays *a)
{
  return a->sight.B * a->sight.Tq * a->sight.H * a->D;
}

size_t NM_FN(nm_attention_size_back)(const NmAttentionArrays *a, int n_threads)
{
  const NmSight *s = &a->sight;
  const int64_t n_chunks = count_chunks(a, count_groups(a, a->n_bias > 0));
  return nm_attention_size_hulls(s) + size_reals(s->B * s->H * s->Tq) +
         size_reals(n_chunks > 1 ? n_chunks * count_queries(a) : 0) +
         size_reals(s->B * s->H * n_chunks * a->n_relative) + (size_t)n_threads * sizeof(Work);
}

NM_CLONES static void recover_weights(real *P, int64_t n_q, int64_t n_k, const NmAttentionRow *rows)
{
  for (int64_t i = 0; i < n_q; ++i, P += NM_TILE_KEYS) {
#pragma omp simd
    for (int64_t j = 0; j < n_k; ++j) {
      const real d = P[j] - rows[i].top, e = nm_vexp(d) * rows[i].share;
      P[j] = d < -87 ? 0 : e;
    }
  }
}

// Of weights to of scores: weight times (gradient less the row's mean gradient).
NM_CLONES static void turn_gradient(real *G, const real *P, int64_t n_q, int64_t n_k, const real *delta)
{
  for (int64_t i = 0; i < n_q; ++i, G += NM_TILE_KEYS, P += NM_TILE_KEYS) {
#pragma omp simd
    for (int64_t j = 0; j < n_k; ++j) G[j] = P[j] * (G[j] - delta[i]);
  }
}

// P and G of a tile, from what `run` left. Adds to the gradient of values on the way.
static void open_output(const Job *job, const NmTile *t, int64_t h, Work *w)
{
  const NmAttentionArrays *a = job->a;
  const int64_t ld = job->sight.H * a->Dv, row = (t->b * job->sight.H + h) * job->sight.Tq + t->i;
  const real *d_out = job->back->d_out + nm_attention_at(job->sight.Tq, job->sight.H, a->Dv, t->b, t->i, h);
  const real *v = a->v + t->b * a->item_v + (t->j * job->sight.H + h) * a->Dv;
  NM_FN(nm_attention_scores)(a, t, h, w->P);
  recover_weights(w->P, t->n_q, t->n_k, job->back->rows + row);
  NM_FN(nm_attention_inner)(t->n_q, t->n_k, a->Dv, 1, d_out, ld, v, ld, w->G, NM_TILE_KEYS);
  if (!job->grads->v) return;
  real *d_v = job->grads->v + nm_attention_at(job->sight.Tk, job->sight.H, a->Dv, t->b, t->j, h);
  NM_FN(nm_attention_product)(true, t->n_k, a->Dv, t->n_q, 1, w->P, NM_TILE_KEYS, d_out, ld, d_v, ld);
}

// The same from stored weights.
static void open_weights(const Job *job, const NmTile *t, int64_t h, Work *w)
{
  const NmSight *s = &job->sight;
  for (int64_t i = 0; i < t->n_q; ++i) {
    const int64_t at = ((t->b * s->H + h) * s->Tq + t->i + i) * s->Tk + t->j;
    memcpy(w->P + i * NM_TILE_KEYS, job->back->weights + at, (size_t)t->n_k * sizeof(real));
    memcpy(w->G + i * NM_TILE_KEYS, job->back->d_weights + at, (size_t)t->n_k * sizeof(real));
  }
}

static void add_row(real *y, const real *x, int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] += x[i];
}

static void spread_bias(const Job *job, const NmTile *t, int64_t h, const real *G)
{
  const NmSight *s = &job->sight;
  real *bias = job->grads->bias + ((job->a->n_bias == 1 ? 0 : h) * s->Tq + t->i) * s->Tk + t->j;
  for (int64_t i = 0; i < t->n_q; ++i) add_row(bias + i * s->Tk, G + i * NM_TILE_KEYS, t->n_k);
}

static real sum_row(const real *x, int64_t n)
{
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  return sum;
}

static void spread_table(const Job *job, const NmTile *t, const real *G, real *table)
{
  const NmAttentionArrays *a = job->a;
  for (int64_t i = 0; i < t->n_q; ++i, G += NM_TILE_KEYS) {
    const int64_t position = t->i + i + job->sight.Tk - job->sight.Tq;
    const NmAttentionRelative r = nm_attention_find_relative(a, position, 0, t->j, t->n_k);
    table[0] += sum_row(G, r.n_low);
    add_row(table + r.first, G + r.n_low, r.n_mid - r.n_low);
    table[a->n_relative - 1] += sum_row(G + r.n_mid, t->n_k - r.n_mid);
  }
}

// Where the chunk's part of the gradient of queries is summed.
static real *query_gradient(const Job *job, int64_t chunk)
{
  return job->n_chunks > 1 ? job->parts_q + chunk * count_queries(job->a) : job->grads->q;
}

static void spread(const Job *job, const NmTile *t, int64_t h, int64_t chunk, Work *w)
{
  const NmAttentionArrays *a = job->a;
  const NmSight *s = &job->sight;
  const int64_t ld = s->H * a->D, at_q = nm_attention_at(s->Tq, s->H, a->D, t->b, t->i, h);
  const int64_t at_k = nm_attention_at(s->Tk, s->H, a->D, t->b, t->j, h),
                row = (t->b * s->H + h) * s->Tq + t->i;
  const real *k = a->k + t->b * a->item_k + (t->j * s->H + h) * a->D;
  turn_gradient(w->G, w->P, t->n_q, t->n_k, job->delta + row);
  if (job->grads->q) NM_FN(nm_attention_product)
  (false, t->n_q, a->D, t->n_k, a->scale, w->G, NM_TILE_KEYS, k, ld, query_gradient(job, chunk) + at_q, ld);
  if (job->grads->k) NM_FN(nm_attention_product)
  (true, t->n_k, a->D, t->n_q, a->scale, w->G, NM_TILE_KEYS, a->q + at_q, ld, job->grads->k + at_k, ld);
  if (job->grads->bias) spread_bias(job, t, h, w->G);
  if (job->grads->relative)
    spread_table(job, t, w->G,
                 job->parts_table + ((t->b * s->H + h) * job->n_chunks + chunk) * a->n_relative);
}

static void run_head(const Job *job, int64_t b, int64_t h, int64_t chunk, Work *w)
{
  const NmSight *s = &job->sight;
  const int64_t n_q = nm_sight_get_n_queries(s, b), size_block = nm_sight_get_block(s);
  const int64_t j = chunk * job->size_chunk, j_end = j + job->size_chunk;
  NmTile tile;
  for (int64_t i = 0; i < n_q; i += size_block) {
    const int64_t n = n_q - i < size_block ? n_q - i : size_block;
    for (NmTiles tiles = nm_tiles_start(s, b, i, n, j, j_end); nm_tiles_next(&tiles, &tile);) {
      job->back->weights ? open_weights(job, &tile, h, w) : open_output(job, &tile, h, w);
      spread(job, &tile, h, chunk, w);
    }
  }
}

static void run_tasks(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *job = ctx;
  const int64_t n_heads = job->sight.B * job->sight.H;
  for (int64_t t = first; t < last; ++t)
    for (int64_t head = t / job->n_chunks; head < n_heads; head += job->n_groups)
      run_head(job, head / job->sight.H, head % job->sight.H, t % job->n_chunks, &job->work[worker]);
}

static real dot(const real *x, const real *y, int64_t n)
{
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += x[i] * y[i];
  return sum;
}

// Rows of [B, H, Tq].
static void find_delta(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *job = ctx;
  const NmSight *s = &job->sight;
  const NmAttentionBack *back = job->back;
  for (int64_t row = first; row < last; ++row) {
    const int64_t b = row / s->Tq / s->H, h = row / s->Tq % s->H;
    const int64_t at = nm_attention_at(s->Tq, s->H, job->a->Dv, b, row % s->Tq, h);
    job->delta[row] = back->weights ? dot(back->weights + row * s->Tk, back->d_weights + row * s->Tk, s->Tk)
                                    : dot(back->out + at, back->d_out + at, job->a->Dv);
  }
}

static void clear_parts(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *job = ctx;
  memset(job->parts_q + first, 0, (size_t)(last - first) * sizeof(real));
}

static void fold_queries(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *job = ctx;
  for (int64_t chunk = 0; chunk < job->n_chunks; ++chunk)
    add_row(job->grads->q + first, query_gradient(job, chunk) + first, last - first);
}

static void fold_tables(const Job *job)
{
  const NmAttentionArrays *a = job->a;
  const int64_t n = a->n_relative, n_heads = job->sight.B * job->sight.H;
  for (int64_t head = 0; head < n_heads; ++head)
    for (int64_t chunk = 0; chunk < job->n_chunks; ++chunk)
      add_row(job->grads->relative + head % job->sight.H * n,
              job->parts_table + (head * job->n_chunks + chunk) * n, n);
}

static void *take(char **place, size_t size)
{
  void *taken = *place;
  *place += size;
  return taken;
}

static Job make_job(const NmAttentionArrays *a, const NmAttentionBack *back, void *scratch,
                    const NmAttentionGrads *grads)
{
  Job job = {.a = a, .back = back, .grads = grads, .sight = a->sight};
  const int64_t n_heads = a->sight.B * a->sight.H;
  char *place = scratch;
  int32_t *hulls = take(&place, nm_attention_size_hulls(&a->sight));
  job.n_groups = count_groups(a, grads->bias != NULL);
  job.size_chunk = chunk_keys(a, job.n_groups);
  job.n_chunks = count_chunks(a, job.n_groups);
  job.delta = take(&place, size_reals(n_heads * a->sight.Tq));
  job.parts_q = take(&place, size_reals(job.n_chunks > 1 ? job.n_chunks * count_queries(a) : 0));
  job.parts_table = take(&place, size_reals(n_heads * job.n_chunks * a->n_relative));
  job.work = (Work *)place;
  nm_sight_fill_hulls(&a->sight, hulls);
  memset(job.parts_table, 0, (size_t)(n_heads * job.n_chunks * a->n_relative) * sizeof(real));
  job.sight.hulls = hulls;
  return job;
}

void NM_FN(nm_attention_run_back)(NmPool *pool, const NmAttentionArrays *a, const NmAttentionBack *back,
                                  void *scratch, const NmAttentionGrads *grads)
{
  Job job = make_job(a, back, scratch, grads);
  const int64_t n_queries = count_queries(a), n_rows = a->sight.B * a->sight.H * a->sight.Tq;
  const bool in_parts = grads->q && job.n_chunks > 1;
  NM_FN(nm_cpu_for)(pool, n_rows, nm_cpu_chunk_rows(back->weights ? a->sight.Tk : a->Dv), find_delta, &job);
  if (in_parts) NM_FN(nm_cpu_for)(pool, job.n_chunks * n_queries, 65536, clear_parts, &job);
  NM_FN(nm_cpu_for)(pool, job.n_groups * job.n_chunks, 1, run_tasks, &job);
  if (in_parts) NM_FN(nm_cpu_for)(pool, n_queries, 16384, fold_queries, &job);
  if (grads->relative) fold_tables(&job);
}
