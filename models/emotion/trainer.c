// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "models/emotion/batch.h"
#include "models/emotion/kernel.h"
#include "models/emotion/loss.h"
#include "models/emotion/noise.h"
#include "models/emotion/pretrain.h"
#include "models/emotion/statistics.h"

enum { N_FOLDS = 5 };

struct NmEmotionTrainer {
  NmEmotionTraining training;
  const NmEmotionCorpus *corpus;
  const NmBackend *backend;
  NmPool *pool;
  NmParams *params;
  NmGraph *graph;
  NmEmotionStats *stats;
  NmEmotionClips train, held;
  NmKernelMachine machine;
  float *centres, *kernel_weights; // of the machine
  NmEmotionBatch batch;
};

// --- clips ---

// Folds are the same for corpora of the same length, so that other renderings of the same pieces are held out
// together.
static void divide_source(NmEmotionTrainer *t, int32_t source, int32_t *scratch)
{
  const NmEmotionCorpus *c = t->corpus;
  NmRng rng;
  int32_t n = 0;
  for (int32_t i = 0; i < c->n_items; ++i) {
    if (c->items[i].source != source || c->items[i].n_steps < t->training.n_steps) continue;
    if (c->items[i].split == NM_EMOTION_TRAIN)
      scratch[n++] = i;
    else if (c->items[i].split == NM_EMOTION_VALID && t->training.fold < 0)
      t->held.items[t->held.n++] = i;
  }
  nm_rng_init(&rng, 12345);
  nm_rng_shuffle_i32(&rng, scratch, n);
  for (int32_t i = 0; i < n; ++i) {
    if (t->training.fold >= 0 && i % N_FOLDS == t->training.fold)
      t->held.items[t->held.n++] = scratch[i];
    else if (source == 0 || !t->training.first_only)
      t->train.items[t->train.n++] = scratch[i];
  }
}

static bool divide(NmEmotionTrainer *t)
{
  const NmEmotionCorpus *c = t->corpus;
  int32_t *all = calloc((size_t)c->n_items + 1, sizeof *all);
  t->train.items = calloc((size_t)c->n_items + 1, sizeof(int32_t));
  t->held.items = calloc((size_t)c->n_items + 1, sizeof(int32_t));
  if (!all || !t->train.items || !t->held.items) {
    free(all);
    return false;
  }
  for (int32_t source = 0; source < nm_emotion_corpus_get_n_sources(c); ++source)
    divide_source(t, source, all);
  free(all);
  return true;
}

// --- the object ---

static void build(NmEmotionTrainer *t, bool training, NmEmotionInputs *in, NmEmotionOutput *out,
                  NmVar *labels)
{
  const NmEmotionTraining *p = &t->training;
  nm_graph_reset(t->graph);
  const NmNet net = {t->graph, t->params, training ? p->dropout : 0};
  *in = nm_emotion_inputs(t->graph, p->n_batch, p->n_steps);
  *labels = nm_graph_input(t->graph, NM_TYPE_REAL, NM_SHAPE3(p->n_batch, p->n_steps, NM_EMOTION_LABELS));
  *out = nm_emotion_network(&net, &p->config, in, training && p->weight_self != 0);
}

static void set_inputs(NmEmotionTrainer *t, const NmEmotionInputs *in, NmVar labels)
{
  nm_graph_set(t->graph, in->patches, t->batch.patches);
  nm_graph_set(t->graph, in->rows, t->batch.rows);
  nm_graph_set(t->graph, in->globals, t->batch.globals);
  nm_graph_set(t->graph, labels, t->batch.labels);
  nm_graph_set_int(t->graph, in->len, t->batch.len);
}

// Packed measures and labels of an item at place `at` of the lessons.
static void add_lesson(const NmEmotionTrainer *t, int32_t item, int64_t at, float *clips, float *labels)
{
  float global[NM_GLOBAL], *label = labels + NM_KERNEL_OUT * at;
  nm_emotion_describe_clip(t->corpus, t->stats, item, t->corpus->items[item].first, t->training.n_steps,
                           global, label);
  nm_kernel_pack(global, clips + at * NM_KERNEL_COLUMNS);
  for (int d = 0; d < NM_KERNEL_OUT; ++d) label[d] -= t->stats->label[0][d];
}

// The training clips, then all of their copies. Returns how many.
static int64_t fill_lessons(const NmEmotionTrainer *t, float *clips, float *labels)
{
  const NmEmotionBatch *batch = &t->batch;
  int64_t n = 0;
  for (int32_t i = 0; i < t->train.n; ++i) add_lesson(t, t->train.items[i], n++, clips, labels);
  for (int32_t i = 0; i < t->train.n && t->training.copies > 0; ++i)
    for (int32_t k = batch->first[t->train.items[i]]; k < batch->first[t->train.items[i] + 1]; ++k)
      add_lesson(t, batch->copies[k], n++, clips, labels);
  return n;
}

static NmStatus fit_machine(NmEmotionTrainer *t, NmError *err)
{
  NmKernelMachine *m = &t->machine;
  const size_t n = (size_t)t->train.n, room = (size_t)t->corpus->n_items + 1;
  float *labels = calloc(NM_KERNEL_OUT * room, sizeof *labels);
  t->centres = calloc(NM_KERNEL_COLUMNS * room, sizeof *t->centres);
  t->kernel_weights = calloc(NM_KERNEL_OUT * n + 1, sizeof *t->kernel_weights);
  NmStatus status = labels && t->centres && t->kernel_weights
                        ? NM_OK
                        : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) {
    const int64_t n_clips = fill_lessons(t, t->centres, labels);
    const NmKernelLessons lessons = {n_clips, t->train.n, t->centres, labels};
    status = nm_kernel_fit(t->pool, &lessons, t->kernel_weights, err);
  }
  *m = (NmKernelMachine){.n = (int64_t)n, .centres = t->centres, .weights = t->kernel_weights};
  memcpy(m->mean, t->stats->label[0], sizeof m->mean);
  free(labels);
  return status;
}

static NmStatus start(NmEmotionTrainer *t, const NmBackend *backend, NmPool *pool, NmError *err)
{
  NmEmotionInputs in;
  NmEmotionOutput out;
  NmVar labels;
  t->stats = calloc(1, sizeof *t->stats);
  t->params = nm_params_new(backend, pool);
  t->graph = nm_graph_new(backend, pool);
  if (!t->stats || !t->params || !t->graph || !divide(t) ||
      !nm_emotion_batch_init(&t->batch, &t->training, t->corpus, t->stats, &t->train))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (t->train.n < 2 || t->held.n < 1)
    return nm_error_set(err, NM_ERR_BAD_DATA,
                        "the corpus has no clips of %d half seconds to train on and hold out",
                        t->training.n_steps);
  NmStatus status = nm_emotion_statistics(t->corpus, &t->train, t->training.n_steps, t->stats, err);
  if (status == NM_OK)
    status = nm_emotion_fit_noise(t->corpus, &t->train, t->training.n_steps, t->stats, err);
  if (status == NM_OK && t->training.config.n_centres) {
    t->training.config.n_centres = t->train.n;
    status = fit_machine(t, err);
  }
  build(t, true, &in, &out, &labels);
  if (status == NM_OK) status = nm_params_seal(t->params, t->training.seed, err);
  if (status != NM_OK) return status;
  nm_emotion_set_stats(t->params, t->stats);
  if (t->training.config.n_centres) {
    nm_params_set(t->params, nm_params_find(t->params, "kernel.centres"), t->centres);
    nm_params_set(t->params, nm_params_find(t->params, "kernel.matern"), t->kernel_weights);
  }
  return NM_OK;
}

NmEmotionTrainer *nm_emotion_trainer_new(const NmBackend *backend, NmPool *pool,
                                         const NmEmotionTraining *training, const NmEmotionCorpus *corpus,
                                         NmError *err)
{
  NmEmotionTrainer *t = calloc(1, sizeof *t);
  if (!t) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  t->training = *training;
  t->corpus = corpus;
  t->backend = backend;
  t->pool = pool;
  if (start(t, backend, pool, err) == NM_OK) return t;
  nm_emotion_trainer_free(t);
  return NULL;
}

void nm_emotion_trainer_free(NmEmotionTrainer *t)
{
  if (!t) return;
  nm_graph_free(t->graph);
  nm_params_free(t->params);
  free(t->stats);
  free(t->train.items);
  free(t->held.items);
  free(t->centres);
  free(t->kernel_weights);
  nm_emotion_batch_fini(&t->batch);
  free(t);
}

NmStatus nm_emotion_trainer_step(NmEmotionTrainer *t, int64_t step, double lr, double *loss, double *error,
                                 NmError *err)
{
  NmEmotionInputs in;
  NmEmotionOutput out;
  NmVar labels;
  build(t, true, &in, &out, &labels);
  const NmEmotionTraining *p = &t->training;
  const NmEmotionLoss weights = {p->weight_error, p->weight_self, p->weight_variance};
  NmVar square;
  const NmVar total =
      nm_emotion_loss(t->graph, &out, p->config.n_members, labels, t->stats->label[1], &weights, &square);
  NmStatus status = nm_graph_plan(t->graph, true, err);
  if (status != NM_OK) return status;
  nm_emotion_batch_draw(&t->batch, step);
  set_inputs(t, &in, labels);
  nm_graph_set_training(t->graph, true, p->seed * 1000003 + (uint64_t)step);
  nm_params_zero_grad(t->params);
  nm_graph_forward(t->graph);
  nm_graph_backward(t->graph, total);
  *loss = nm_graph_get_scalar(t->graph, total);
  *error = nm_graph_get_scalar(t->graph, square);
  NmAdamConfig adam = nm_adam_defaults();
  adam.lr = lr;
  adam.weight_decay = p->weight_decay;
  adam.average = p->average;
  status = nm_params_step(t->params, &adam, NULL, err);
  return status == NM_ERR_BAD_DATA ? NM_OK : status;
}

// --- validation ---

// Predictions of all held-out clips.
typedef struct {
  float *now[3], *whole[3]; // of the members, the kernel machine, both: [held, T, 2] and [held, 2]
  float *labels, *whole_labels;
} Predictions;

// Clip i of the batch, the one at place `at` of those held out.
static void collect_clip(const NmEmotionTrainer *t, const float *out, int32_t i, int32_t at, Predictions *p)
{
  const int64_t T = t->training.n_steps;
  const float share = t->machine.n ? (float)t->training.config.kernel_percent / 100 : 0;
  const NmEmotionItem *item = &t->corpus->items[t->held.items[at]];
  float base[NM_KERNEL_OUT] = {0}, rated[2] = {0};
  if (t->machine.n) nm_kernel_predict(&t->machine, t->batch.globals + i * T * NM_GLOBAL, base);
  for (int d = 0; d < 2; ++d) {
    for (int64_t s = 0; s < T; ++s) {
      const float *step = out + (i * T + s) * NM_EMOTION_OUT;
      const int64_t to = (at * T + s) * 2 + d;
      p->now[0][to] = step[d];
      p->now[1][to] = base[d];
      p->now[2][to] = (1 - share) * step[d] + share * base[d];
      p->labels[to] = t->corpus->labels[2 * (item->first + s) + d];
      rated[d] += step[2 + d] / (float)T;
    }
    p->whole[0][2 * at + d] = rated[d];
    p->whole[1][2 * at + d] = base[2 + d];
    p->whole[2][2 * at + d] = (1 - share) * rated[d] + share * base[2 + d];
    p->whole_labels[2 * at + d] = item->static_label[d];
  }
}

static NmStatus predict(NmEmotionTrainer *t, Predictions *p, float *values, NmError *err)
{
  NmEmotionInputs in;
  NmEmotionOutput out;
  NmVar labels;
  build(t, false, &in, &out, &labels);
  nm_graph_output(t->graph, out.out);
  NmStatus status = nm_graph_plan(t->graph, false, err);
  for (int32_t first = 0; first < t->held.n && status == NM_OK; first += t->training.n_batch) {
    const int32_t left = t->held.n - first, n = left < t->training.n_batch ? left : t->training.n_batch;
    nm_emotion_batch_clear(&t->batch);
    for (int32_t i = 0; i < n; ++i) nm_emotion_batch_add(&t->batch, i, t->held.items[first + i]);
    set_inputs(t, &in, labels);
    nm_graph_set_training(t->graph, false, 0);
    nm_graph_forward(t->graph);
    nm_graph_get(t->graph, out.out, values);
    for (int32_t i = 0; i < n; ++i) collect_clip(t, values, i, first + i, p);
  }
  return status;
}

// The held-out clips of a source are together: the first, and how many.
static int64_t find_source(const NmEmotionTrainer *t, int32_t source, int64_t *first)
{
  int64_t n = 0;
  *first = 0;
  for (int32_t i = 0; i < t->held.n; ++i) {
    const int32_t of = t->corpus->items[t->held.items[i]].source;
    *first += of < source;
    n += of == source;
  }
  return n;
}

NmStatus nm_emotion_trainer_validate(NmEmotionTrainer *t, int32_t source, NmEmotionValidation *v,
                                     NmError *err)
{
  const int64_t T = t->training.n_steps, H = t->held.n, N = H * T;
  float *memory = calloc((size_t)(8 * N + 8 * H + t->training.n_batch * T * NM_EMOTION_OUT), sizeof *memory);
  int64_t first;
  if (!memory) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  Predictions p = {.labels = memory, .whole_labels = memory + 2 * N};
  float *next = memory + 2 * N + 2 * H;
  for (int i = 0; i < 3; ++i, next += 2 * N + 2 * H) {
    p.now[i] = next;
    p.whole[i] = next + 2 * N;
  }
  nm_params_swap_average(t->params);
  const NmStatus status = predict(t, &p, next, err);
  nm_params_swap_average(t->params);
  const int64_t n = find_source(t, source, &first);
  for (int i = 0; i < 3 && status == NM_OK; ++i)
    for (int d = 0; d < 2; ++d) {
      const int64_t now = 2 * T * first + d, whole = 2 * first + d;
      v->now[i][d] = nm_emotion_score(p.now[i] + now, p.labels + now, T * n, 2);
      v->whole[i][d] = nm_emotion_score(p.whole[i] + whole, p.whole_labels + whole, n, 2);
    }
  free(memory);
  return status;
}

NmStatus nm_emotion_trainer_pretrain(NmEmotionTrainer *t, int64_t n_steps, double lr, double *first,
                                     double *last, NmError *err)
{
  const NmEmotionPretraining p = {t->backend, t->pool, t->training.masked, n_steps, lr, first, last};
  return nm_emotion_pretrain(t->params, t->graph, &t->batch, &p, err);
}

NmParams *nm_emotion_trainer_get_params(NmEmotionTrainer *t)
{
  return t->params;
}

char *nm_emotion_trainer_describe(const NmEmotionTrainer *t)
{
  return nm_config_write("emotion", nm_emotion_fields, nm_emotion_n_fields, &t->training.config, NULL, 0);
}
