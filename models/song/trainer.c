// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_MAX = 512, VALID_BATCH = 16, N_POOLS = 3 };

// Items that a task may draw from, by length.
typedef struct {
  const NmSongItem **items; // [n]
  int32_t n;
} Pool;

// Songs with both, words alone, melodies alone.
typedef enum { POOL_SONGS, POOL_LYRICS, POOL_MELODIES } PoolKind;

struct NmSongTrainer {
  NmSongTraining training;
  const NmBackend *backend;
  NmPool *pool;
  NmParams *params;
  NmGraph *graph;
  NmArena arena;
  Pool pools[N_POOLS]; // of the training split
  float *weights;      // [n_weights] room to read attention into
  size_t n_weights;
};

void nm_song_trainer_free(NmSongTrainer *t)
{
  if (!t) return;
  nm_graph_free(t->graph);
  nm_params_free(t->params);
  nm_arena_fini(&t->arena);
  for (int i = 0; i < N_POOLS; ++i) free(t->pools[i].items);
  free(t->weights);
  free(t);
}

static bool belongs(const NmSongItem *item, PoolKind kind)
{
  if (kind == POOL_SONGS) return item->n_lyrics && item->n_notes;
  return kind == POOL_LYRICS ? !item->n_notes : !item->n_lyrics;
}

static int32_t length_of(const NmSongItem *item)
{
  return item->n_lyrics > item->n_notes ? item->n_lyrics : item->n_notes;
}

static int compare_items(const void *a, const void *b)
{
  const NmSongItem *x = *(const NmSongItem *const *)a, *y = *(const NmSongItem *const *)b;
  if (length_of(x) != length_of(y)) return length_of(x) < length_of(y) ? -1 : 1;
  return x < y ? -1 : x > y;
}

static bool fill_pool(NmSongTrainer *t, PoolKind kind)
{
  const NmSongCorpus *c = t->training.corpus;
  Pool *pool = &t->pools[kind];
  pool->items = calloc((size_t)c->n_items + 1, sizeof *pool->items);
  for (int32_t i = 0; pool->items && i < c->n_items; ++i)
    if (c->items[i].split == NM_SONG_TRAIN && belongs(&c->items[i], kind))
      pool->items[pool->n++] = &c->items[i];
  if (pool->n) qsort(pool->items, (size_t)pool->n, sizeof *pool->items, compare_items);
  return pool->items != NULL;
}

static NmStatus declare(NmSongTrainer *t, NmError *err)
{
  nm_song_declare(&(NmNet){t->graph, t->params, 0}, &t->training.config);
  return nm_params_seal(t->params, t->training.seed, err);
}

static bool allocate(NmSongTrainer *t)
{
  nm_arena_init(&t->arena, 1 << 22);
  t->params = nm_params_new(t->backend, t->pool);
  t->graph = nm_graph_new(t->backend, t->pool);
  bool good = t->params && t->graph;
  for (int i = 0; i < N_POOLS; ++i) good = fill_pool(t, (PoolKind)i) && good;
  return good;
}

// Of the pools that a task can draw from, the one that is drawn from in this step.
static const Pool *choose_pool(const NmSongTrainer *t, NmSongTask task, NmRng *rng)
{
  const Pool *songs = &t->pools[POOL_SONGS];
  const Pool *alone = &t->pools[task == NM_TASK_MASK_LYRIC ? POOL_LYRICS : POOL_MELODIES];
  const bool own = nm_rng_uniform(rng) < t->training.share_own;
  if (task == NM_TASK_COMPOSE || task == NM_TASK_WRITE || alone->n == 0) return songs;
  return own && songs->n ? songs : alone;
}

static NmStatus check(const NmSongTrainer *t, NmError *err)
{
  NmRng rng = {1};
  const char *fault = nm_song_config_fault(&t->training.config);
  if (fault) return nm_error_set(err, NM_ERR_BAD_DATA, "%s", fault);
  for (int i = 0; i < NM_SONG_N_TASKS; ++i)
    if (t->training.n_batch[i] && choose_pool(t, (NmSongTask)i, &rng)->n == 0)
      return nm_error_set(err, NM_ERR_BAD_DATA, "the corpus has nothing for the task %s",
                          nm_song_task_name((NmSongTask)i));
  return NM_OK;
}

NmSongTrainer *nm_song_trainer_new(const NmBackend *backend, NmPool *pool, const NmSongTraining *training,
                                   NmError *err)
{
  NmSongTrainer *t = calloc(1, sizeof *t);
  NmStatus status = t ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) {
    *t = (NmSongTrainer){.training = *training, .backend = backend, .pool = pool};
    t->training.config.n_syllables = nm_vocabulary_get_n(training->corpus->vocabulary);
    status = allocate(t) ? check(t, err) : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  if (status == NM_OK) status = declare(t, err);
  if (status == NM_OK) return t;
  nm_song_trainer_free(t);
  return NULL;
}

// --- steps ---

// Songs of about the same length, so that little is padding.
static void draw(const Pool *pool, int32_t n, NmRng *rng, const NmSongItem **items)
{
  const int64_t width = 2 * (int64_t)n + pool->n / 16;
  const int64_t centre = (int64_t)nm_rng_below(rng, (uint64_t)pool->n);
  for (int32_t i = 0; i < n; ++i) {
    int64_t at = centre - width / 2 + (int64_t)nm_rng_below(rng, (uint64_t)width + 1);
    if (at < 0) at = -at;
    if (at >= pool->n) at = 2 * ((int64_t)pool->n - 1) - at;
    items[i] = pool->items[at < 0 ? 0 : at];
  }
}

static NmStatus plan(NmSongTrainer *t, const NmSongBatch *b, bool training, uint64_t seed,
                     NmSongTaskGraph *task, NmError *err)
{
  NmGraph *g = t->graph;
  const NmSongLossOptions plain = {0, t->training.loss.constraint};
  nm_graph_reset(g);
  *task = nm_song_task_build(&(NmNet){g, t->params, training ? t->training.dropout : 0}, &t->training.config,
                             b, training ? &t->training.loss : &plain);
  for (int i = 0; i < NM_SONG_N_CHOICES; ++i) nm_graph_output(g, task->nll[i]);
  if (b->alignment) nm_graph_output(g, task->weights);
  if (b->alignment) nm_graph_output(g, task->strayed);
  const NmStatus status = nm_graph_plan(g, training, err);
  if (status != NM_OK) return status;
  nm_graph_set_training(g, training, seed);
  nm_song_task_set(g, task, b);
  nm_graph_forward(g);
  return NM_OK;
}

static void add_scores(NmSongTrainer *t, const NmSongBatch *b, const NmSongTaskGraph *task, NmSongScores *s)
{
  for (int i = 0; i < NM_SONG_N_CHOICES; ++i) {
    s->nll[b->task][i] += nm_graph_get_scalar(t->graph, task->nll[i]);
    s->n[b->task][i] += b->n_choices[i];
  }
  s->n_positions[b->task] += b->n_positions;
  if (b->alignment)
    s->strayed[b->task] += b->n_positions * (double)nm_graph_get_scalar(t->graph, task->strayed);
}

static NmStatus step_task(NmSongTrainer *t, NmSongTask task, int32_t n, NmRng *rng, NmSongScores *scores,
                          NmError *err)
{
  const NmSongItem *items[BATCH_MAX];
  NmSongBatch b;
  NmSongTaskGraph graph;
  draw(choose_pool(t, task, rng), n, rng, items);
  nm_arena_reset(&t->arena);
  if (nm_song_batch_fill(&b, &t->arena, items, n, task, &t->training.batch, rng) != NM_OK)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmStatus status = plan(t, &b, true, nm_rng_next(rng), &graph, err);
  if (status != NM_OK) return status;
  nm_graph_backward(t->graph, graph.loss);
  add_scores(t, &b, &graph, scores);
  return NM_OK;
}

NmStatus nm_song_trainer_step(NmSongTrainer *t, int64_t step, double lr, NmSongScores *scores, NmError *err)
{
  NmRng rng;
  NmAdamConfig adam = nm_adam_defaults();
  const bool masked = step < t->training.n_masked_steps;
  nm_rng_init(&rng, t->training.seed * 1000003 + (uint64_t)step);
  nm_params_zero_grad(t->params);
  for (int i = 0; i < NM_SONG_N_TASKS; ++i) {
    int32_t n = t->training.n_batch[i] * (masked ? 2 : 1);
    if (n > BATCH_MAX) n = BATCH_MAX;
    if (n == 0 || (masked && i >= NM_TASK_COMPOSE)) continue;
    const NmStatus status = step_task(t, (NmSongTask)i, n, &rng, scores, err);
    if (status != NM_OK) return status;
  }
  adam.lr = lr;
  adam.weight_decay = t->training.weight_decay;
  adam.average = t->training.average;
  const NmStatus status = nm_params_step(t->params, &adam, NULL, err);
  return status == NM_ERR_BAD_DATA ? NM_OK : status;
}

// --- validation ---

static void count_right(const NmSongBatch *b, const float *weights, NmSongScores *s)
{
  for (int64_t i = 0; i < (int64_t)b->B * b->T; ++i) {
    const float *seen = weights + i * b->S, *right = b->alignment + i * b->S;
    int32_t best = 0;
    float sum = 0;
    for (int32_t k = 0; k < b->S; ++k) {
      if (seen[k] > seen[best]) best = k;
      sum += right[k];
    }
    if (sum == 0) continue;
    ++s->n_aligned[b->task];
    s->n_right[b->task] += right[best] > 0;
  }
}

static bool reserve_weights(NmSongTrainer *t, size_t n)
{
  if (n <= t->n_weights) return true;
  free(t->weights);
  t->weights = malloc(n * sizeof *t->weights);
  t->n_weights = t->weights ? n : 0;
  return t->weights != NULL;
}

static NmStatus validate_batch(NmSongTrainer *t, NmSongTask task, const NmSongItem *const *items, int32_t n,
                               NmRng *rng, NmSongScores *scores, NmError *err)
{
  const NmSongBatchOptions plain = nm_song_batch_options_plain();
  NmSongBatch b;
  NmSongTaskGraph graph;
  nm_arena_reset(&t->arena);
  if (nm_song_batch_fill(&b, &t->arena, items, n, task, &plain, rng) != NM_OK ||
      !reserve_weights(t, (size_t)b.B * (size_t)b.T * (size_t)b.S))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmStatus status = plan(t, &b, false, 0, &graph, err);
  if (status != NM_OK) return status;
  add_scores(t, &b, &graph, scores);
  if (!b.alignment) return NM_OK;
  nm_graph_get(t->graph, graph.weights, t->weights);
  count_right(&b, t->weights, scores);
  return NM_OK;
}

static bool is_for(const NmSongItem *item, NmSongTask task)
{
  const bool lyrics = item->n_lyrics > 0, notes = item->n_notes > 0;
  if (task == NM_TASK_MASK_LYRIC) return lyrics;
  return task == NM_TASK_MASK_MELODY ? notes : lyrics && notes;
}

static NmStatus validate_task(NmSongTrainer *t, NmSongTask task, NmSongSplit split, int32_t n_most,
                              NmSongScores *scores, NmError *err)
{
  const NmSongCorpus *c = t->training.corpus;
  const NmSongItem *items[VALID_BATCH];
  NmStatus status = NM_OK;
  NmRng rng;
  nm_rng_init(&rng, 1);
  int32_t n = 0, n_done = 0;
  for (int32_t i = 0; i < c->n_items && n_done < n_most && status == NM_OK; ++i) {
    if (c->items[i].split == split && is_for(&c->items[i], task)) items[n++] = &c->items[i], ++n_done;
    if (n == VALID_BATCH) status = validate_batch(t, task, items, n, &rng, scores, err), n = 0;
  }
  return n && status == NM_OK ? validate_batch(t, task, items, n, &rng, scores, err) : status;
}

NmStatus nm_song_trainer_validate(NmSongTrainer *t, NmSongSplit split, int32_t n_most, NmSongScores *scores,
                                  NmError *err)
{
  NmStatus status = NM_OK;
  *scores = (NmSongScores){0};
  nm_params_swap_average(t->params);
  for (int i = 0; i < NM_SONG_N_TASKS && status == NM_OK; ++i)
    status = validate_task(t, (NmSongTask)i, split, n_most, scores, err);
  nm_params_swap_average(t->params);
  return status;
}

NmParams *nm_song_trainer_get_params(NmSongTrainer *t)
{
  return t->params;
}

double nm_song_scores_get_nll(const NmSongScores *s, NmSongTask task)
{
  double sum = 0;
  for (int i = 0; i < NM_SONG_N_CHOICES; ++i) sum += s->nll[task][i];
  return s->n_positions[task] > 0 ? sum / s->n_positions[task] : 0;
}

double nm_song_scores_get_choice(const NmSongScores *s, NmSongTask task, int choice)
{
  return s->n[task][choice] > 0 ? s->nll[task][choice] / s->n[task][choice] : 0;
}

double nm_song_scores_get_accuracy(const NmSongScores *s, NmSongTask task)
{
  return s->n_aligned[task] > 0 ? s->n_right[task] / s->n_aligned[task] : 0;
}
