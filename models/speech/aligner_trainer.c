// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/aligner_trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "models/align/align.h"

enum { N_BANDS = 80, N_IN = NM_ALIGNER_N_IN, N_VALID_BATCHES = 4 };

#define PADDED (-1e4f)
#define VOICED 2.0f // the voicing of a frame, in deviations of a band: a boundary that many phones have

struct NmAlignerTrainer {
  NmCorpus *corpus;
  NmPool *pool;
  NmParams *params;
  NmGraph *graph;
  NmArena arena;         // one batch
  int32_t *train, *held; // [n_train] [n_held] items
  int32_t n_train, n_held, n_batch;
  uint64_t seed;
  float *mean, *std;     // [n_speakers, 80]
  double *log_factorial; // [n_factorial]
};

// One batch, padded to K phones and pauses, S = 2 K states of the model and T frames.
typedef struct {
  const NmCorpusItem *item[256];
  int32_t B, K, T, n_frames;
  int32_t *phones, *slots, *skip, *len_s, *len_t; // [B, K] [B, S] [B, S] [B] [B]
  float *frames, *pad, *prior;                    // [B, T, 81] [B, 1, S] [B, T, S]
} Batch;

typedef struct {
  NmAlignerInputs in;
  NmVar skip, len_t, len_s, scores, loss;
} Model;

void nm_aligner_trainer_free(NmAlignerTrainer *trainer)
{
  if (!trainer) return;
  nm_graph_free(trainer->graph);
  nm_params_free(trainer->params);
  nm_arena_fini(&trainer->arena);
  free(trainer->train);
  free(trainer->held);
  free(trainer->mean);
  free(trainer->std);
  free(trainer->log_factorial);
  free(trainer);
}

static void measure_speakers(NmAlignerTrainer *t)
{
  const NmCorpus *c = t->corpus;
  for (int32_t s = 0; s < c->n_speakers; ++s)
    for (int b = 0; b < N_BANDS; ++b) {
      double n = 1e-9, sum = 0, squares = 0;
      for (int32_t i = 0; i < c->n_items; ++i) {
        if (c->items[i].speaker != s || c->items[i].raise != 1) continue;
        const float *x = c->envelope + c->items[i].frame_first * N_BANDS + b;
        for (int32_t k = 0; k < c->items[i].n_frames; ++k, x += N_BANDS)
          n += 1, sum += *x, squares += *x * *x;
      }
      t->mean[s * N_BANDS + b] = (float)(sum / n);
      t->std[s * N_BANDS + b] = (float)sqrt(fmax(squares / n - sum / n * sum / n, 1e-4));
    }
}

static int32_t longest(const NmCorpus *corpus)
{
  int32_t n = 0;
  for (int32_t i = 0; i < corpus->n_items; ++i) {
    const int32_t sum = corpus->items[i].n_frames + 2 * corpus->items[i].n_states;
    if (sum > n) n = sum;
  }
  return n;
}

static bool allocate(NmAlignerTrainer *t)
{
  const NmCorpus *c = t->corpus;
  const int32_t n_factorial = longest(c) + 2;
  nm_arena_init(&t->arena, 1 << 24);
  t->train = calloc((size_t)c->n_items + 1, sizeof *t->train);
  t->held = calloc((size_t)c->n_items + 1, sizeof *t->held);
  t->mean = calloc((size_t)c->n_speakers * N_BANDS + 1, sizeof *t->mean);
  t->std = calloc((size_t)c->n_speakers * N_BANDS + 1, sizeof *t->std);
  t->log_factorial = calloc((size_t)n_factorial, sizeof *t->log_factorial);
  if (!t->train || !t->held || !t->mean || !t->std || !t->log_factorial) return false;
  for (int32_t i = 1; i < n_factorial; ++i) t->log_factorial[i] = t->log_factorial[i - 1] + log(i);
  return true;
}

// Recordings with words, as they were spoken.
static bool can_align(const NmCorpusItem *item)
{
  return item->n_frames > 0 && item->raise == 1 && item->n_states > 1;
}

static void pick_items(NmAlignerTrainer *t)
{
  for (int32_t i = 0; i < t->corpus->n_items; ++i) {
    const NmCorpusItem *item = &t->corpus->items[i];
    if (!can_align(item)) continue;
    if (item->split == NM_SPLIT_TRAIN)
      t->train[t->n_train++] = i;
    else if (item->split == NM_SPLIT_VALID)
      t->held[t->n_held++] = i;
  }
}

static Model build(NmAlignerTrainer *t, const Batch *b)
{
  NmGraph *g = t->graph;
  nm_graph_reset(g);
  const NmNet net = {g, t->params, 0};
  const int64_t B = b->B, K = b->K, S = 2 * K, T = b->T;
  Model m = {.in = {.phones = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, K)),
                    .slots = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, S)),
                    .frames = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, N_IN)),
                    .pad = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, 1, S)),
                    .prior = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, S))},
             .skip = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, S)),
             .len_t = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(B)),
             .len_s = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(B))};
  m.scores = nm_aligner_network(&net, &m.in);
  m.loss = nm_affine(g, nm_sum(g, nm_forward_sum(g, m.scores, m.skip, m.len_t, m.len_s), -1),
                     1.0 / (b->n_frames > 0 ? b->n_frames : 1), 0);
  nm_graph_output(g, m.scores);
  nm_graph_output(g, m.loss);
  return m;
}

NmAlignerTrainer *nm_aligner_trainer_new(const NmBackend *backend, NmPool *pool, NmCorpus *corpus,
                                         int32_t n_batch, uint64_t seed, NmError *err)
{
  NmAlignerTrainer *t = calloc(1, sizeof *t);
  NmStatus status = NM_ERR_NO_MEMORY;
  if (t) {
    t->corpus = corpus;
    t->pool = pool;
    t->seed = seed;
    t->n_batch = n_batch > 256 ? 256 : n_batch;
    t->params = nm_params_new(backend, pool);
    t->graph = nm_graph_new(backend, pool);
    if (allocate(t) && t->params && t->graph) status = NM_OK;
  }
  if (status == NM_OK) {
    pick_items(t);
    measure_speakers(t);
    build(t, &(Batch){.B = 1, .K = 2, .T = 2});
    status = t->n_train ? nm_params_seal(t->params, seed, err)
                        : nm_error_set(err, NM_ERR_BAD_DATA, "the corpus has no recordings to train on");
  } else {
    nm_error_set(err, status, "out of memory");
  }
  if (status == NM_OK) return t;
  nm_aligner_trainer_free(t);
  return NULL;
}

static void fill_frames(const NmAlignerTrainer *t, Batch *b, int32_t row)
{
  const NmCorpusItem *item = b->item[row];
  const float *mean = t->mean + item->speaker * N_BANDS, *std = t->std + item->speaker * N_BANDS;
  for (int32_t i = 0; i < item->n_frames; ++i) {
    const float *x = t->corpus->envelope + (item->frame_first + i) * N_BANDS;
    float *y = b->frames + ((int64_t)row * b->T + i) * N_IN;
    for (int c = 0; c < N_BANDS; ++c) y[c] = (x[c] - mean[c]) / std[c];
    y[N_BANDS] = t->corpus->f0_hz[item->frame_first + i] > 0 ? VOICED : -VOICED;
  }
}

// Megabytes of zeros, too: by the thread whose row it is.
static void fill_row(const NmAlignerTrainer *t, Batch *b, int32_t row)
{
  const NmCorpusItem *item = b->item[row];
  const int64_t S = 2 * b->K, T = b->T;
  memset(b->prior + row * T * S, 0, (size_t)(T * S) * sizeof *b->prior);
  memset(b->frames + row * T * N_IN, 0, (size_t)(T * N_IN) * sizeof *b->frames);
  const int32_t n = nm_aligner_slots(item->states, item->n_states, b->slots + row * S, b->skip + row * S);
  b->len_s[row] = n;
  b->len_t[row] = item->n_frames;
  for (int32_t k = 0; k < item->n_states; ++k) b->phones[row * b->K + k] = item->states[k].phone;
  for (int64_t s = n; s < S; ++s) {
    b->slots[row * S + s] = -1;
    b->pad[row * S + s] = PADDED;
  }
  nm_aligner_prior(item->n_frames, n, t->log_factorial, S, b->prior + row * T * S);
  fill_frames(t, b, row);
}

typedef struct {
  const NmAlignerTrainer *trainer;
  Batch *batch;
} FillJob;

static void fill_job(void *ctx, int64_t row, int worker)
{
  const FillJob *job = ctx;
  fill_row(job->trainer, job->batch, (int32_t)row);
}

static NmStatus make_batch(NmAlignerTrainer *t, const int32_t *which, int32_t B, Batch *b)
{
  nm_arena_reset(&t->arena);
  *b = (Batch){.B = B, .K = 1, .T = 1};
  for (int32_t i = 0; i < B; ++i) {
    b->item[i] = &t->corpus->items[which[i]];
    if (b->item[i]->n_states > b->K) b->K = b->item[i]->n_states;
    if (b->item[i]->n_frames > b->T) b->T = b->item[i]->n_frames;
    b->n_frames += b->item[i]->n_frames;
  }
  const size_t n = (size_t)B, K = (size_t)b->K, S = 2 * K, T = (size_t)b->T;
  b->phones = nm_arena_calloc(&t->arena, n * K, sizeof(int32_t));
  b->slots = nm_arena_calloc(&t->arena, n * S, sizeof(int32_t));
  b->skip = nm_arena_calloc(&t->arena, n * S, sizeof(int32_t));
  b->len_s = nm_arena_calloc(&t->arena, n, sizeof(int32_t));
  b->len_t = nm_arena_calloc(&t->arena, n, sizeof(int32_t));
  b->frames = nm_arena_alloc(&t->arena, n * T * N_IN * sizeof(float));
  b->pad = nm_arena_calloc(&t->arena, n * S, sizeof(float));
  b->prior = nm_arena_alloc(&t->arena, n * T * S * sizeof(float));
  if (!b->phones || !b->slots || !b->skip || !b->len_s || !b->len_t || !b->frames || !b->pad || !b->prior)
    return NM_ERR_NO_MEMORY;
  nm_pool_run(t->pool, B, fill_job, &(FillJob){t, b});
  return NM_OK;
}

// Lays out and runs the network on a batch.
static NmStatus forward(NmAlignerTrainer *t, const Batch *b, bool gradients, Model *m, NmError *err)
{
  NmGraph *g = t->graph;
  *m = build(t, b);
  const NmStatus status = nm_graph_plan(g, gradients, err);
  if (status != NM_OK) return status;
  nm_graph_set_int(g, m->in.phones, b->phones);
  nm_graph_set(g, m->in.frames, b->frames);
  nm_graph_set(g, m->in.pad, b->pad);
  nm_graph_set(g, m->in.prior, b->prior);
  nm_graph_set_int(g, m->in.slots, b->slots);
  nm_graph_set_int(g, m->skip, b->skip);
  nm_graph_set_int(g, m->len_t, b->len_t);
  nm_graph_set_int(g, m->len_s, b->len_s);
  nm_graph_forward(g);
  return NM_OK;
}

NmStatus nm_aligner_trainer_step(NmAlignerTrainer *t, int64_t step, double lr, double *loss, NmError *err)
{
  Batch b;
  Model m;
  NmRng rng;
  int32_t which[256];
  nm_rng_init(&rng, t->seed + (uint64_t)step + 1);
  for (int32_t i = 0; i < t->n_batch; ++i) which[i] = t->train[nm_rng_below(&rng, (uint64_t)t->n_train)];
  if (make_batch(t, which, t->n_batch, &b) != NM_OK)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  NmStatus status = forward(t, &b, true, &m, err);
  if (status != NM_OK) return status;
  nm_params_zero_grad(t->params);
  nm_graph_backward(t->graph, m.loss);
  *loss = nm_graph_get_scalar(t->graph, m.loss);
  NmAdamConfig adam = nm_adam_defaults();
  adam.lr = lr;
  adam.weight_decay = 1e-6;
  status = nm_params_step(t->params, &adam, NULL, err);
  return status == NM_ERR_BAD_DATA ? NM_OK : status;
}

NmStatus nm_aligner_trainer_validate(NmAlignerTrainer *t, double *loss, NmError *err)
{
  double sum = 0;
  int32_t n = 0;
  for (int32_t first = 0; first < t->n_held && n < N_VALID_BATCHES; first += t->n_batch, ++n) {
    Batch b;
    Model m;
    const int32_t left = t->n_held - first;
    if (make_batch(t, t->held + first, left < t->n_batch ? left : t->n_batch, &b) != NM_OK)
      return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    const NmStatus status = forward(t, &b, false, &m, err);
    if (status != NM_OK) return status;
    sum += nm_graph_get_scalar(t->graph, m.loss);
  }
  *loss = n ? sum / n : 0;
  return NM_OK;
}

// The best path of one item of the batch through scores [T, S]; the halves of a phone are put together.
static NmStatus align_row(NmAlignerTrainer *t, const Batch *b, int32_t row, float *scores, int32_t *n_left)
{
  NmCorpusItem *item = (NmCorpusItem *)(uintptr_t)b->item[row];
  const int64_t S = 2 * b->K;
  const NmAlignConfig config = {
      .T = item->n_frames, .K = b->len_s[row], .stride = S, .skip = b->skip + row * S, .min_frames = 1};
  int32_t *durations = nm_arena_calloc(&t->arena, (size_t)S, sizeof *durations);
  float *kept = nm_arena_calloc(&t->corpus->arena, (size_t)item->n_states, sizeof *kept);
  void *work = nm_arena_alloc(&t->arena, nm_align_size_work(&config));
  if (!durations || !kept || !work) return NM_ERR_NO_MEMORY;
  const NmStatus status = nm_align_viterbi(&config, scores + row * b->T * S, work, durations, NULL);
  if (status != NM_OK) return ++*n_left, NM_OK;
  for (int32_t s = 0; s < b->len_s[row]; ++s) kept[b->slots[row * S + s] / 2] += (float)durations[s];
  item->durations = kept;
  return NM_OK;
}

NmStatus nm_aligner_trainer_align(NmAlignerTrainer *t, int32_t *n_left, NmError *err)
{
  *n_left = 0;
  for (int32_t i = 0; i < t->corpus->n_items;) {
    int32_t which[32], n = 0;
    for (; i < t->corpus->n_items && n < 32; ++i)
      if (can_align(&t->corpus->items[i])) which[n++] = i;
    Batch b;
    Model m;
    if (n == 0) break;
    if (make_batch(t, which, n, &b) != NM_OK) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    NmStatus status = forward(t, &b, false, &m, err);
    float *scores = nm_arena_alloc(&t->arena, (size_t)b.B * (size_t)b.T * 2 * (size_t)b.K * sizeof *scores);
    if (!scores) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    if (status == NM_OK) nm_graph_get(t->graph, m.scores, scores);
    for (int32_t row = 0; row < n && status == NM_OK; ++row) status = align_row(t, &b, row, scores, n_left);
    if (status != NM_OK) return status;
  }
  return NM_OK;
}

NmParams *nm_aligner_trainer_get_params(NmAlignerTrainer *trainer)
{
  return trainer->params;
}

double nm_aligner_trainer_count_operations(const NmAlignerTrainer *trainer)
{
  return nm_graph_count_operations(trainer->graph);
}
