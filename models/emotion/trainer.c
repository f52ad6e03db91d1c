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
    NmEmotionClips *clips = t->training.fold >= 0 && i % N_FOLDS == t->training.fold ? &t->held : &t->train;
    clips->items[clips->n++] = scratch[i];
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

static NmStatus fit_machine(NmEmotionTrainer *t, NmError *err)
{
  NmKernelMachine *m = &t->machine;
  const size_t n = (size_t)t->train.n;
  float *labels = calloc(NM_KERNEL_OUT * n + 1, sizeof *labels);
  t->centres = calloc(n * NM_KERNEL_COLUMNS + 1, sizeof *t->centres);
  t->kernel_weights = calloc(NM_KERNEL_OUT * n + 1, sizeof *t->kernel_weights);
  if (!labels || !t->centres || !t->kernel_weights) {
    free(labels);
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  }
  for (size_t i = 0; i < n; ++i) {
    const int32_t item = t->train.items[i];
    float global[NM_GLOBAL], *label = labels + NM_KERNEL_OUT * i;
    nm_emotion_describe_clip(t->corpus, t->stats, item, t->corpus->items[item].first, t->training.n_steps,
                             global, label);
    nm_kernel_pack(global, t->centres + i * NM_KERNEL_COLUMNS);
    for (int d = 0; d < NM_KERNEL_OUT; ++d) label[d] -= t->stats->label[0][d];
  }
  const NmStatus status = nm_kernel_fit(t->centres, labels, (int64_t)n, t->kernel_weights, err);
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

// Predictions of all held-out clips, [held, T, 2] each.
typedef struct {
  float *members, *all, *labels, *whole, *whole_labels;
} Predictions;

static void collect(NmEmotionTrainer *t, const float *out, int32_t first, int32_t n, Predictions *p)
{
  const int64_t T = t->training.n_steps;
  const float share = t->machine.n ? (float)t->training.config.kernel_percent / 100 : 0;
  for (int32_t i = 0; i < n; ++i) {
    const NmEmotionItem *item = &t->corpus->items[t->held.items[first + i]];
    float base[NM_KERNEL_OUT] = {0}, *whole = p->whole + 2 * (first + i);
    if (t->machine.n) nm_kernel_predict(&t->machine, t->batch.globals + i * T * NM_GLOBAL, base);
    for (int d = 0; d < 2; ++d) {
      whole[d] = 0;
      for (int64_t s = 0; s < T; ++s) {
        const int64_t at = ((first + i) * T + s) * 2 + d;
        p->members[at] = out[(i * T + s) * NM_EMOTION_OUT + d];
        p->all[at] = (1 - share) * p->members[at] + share * base[d];
        p->labels[at] = t->corpus->labels[2 * (item->first + s) + d];
        const float rated = out[(i * T + s) * NM_EMOTION_OUT + 2 + d];
        whole[d] += ((1 - share) * rated + share * base[2 + d]) / (float)T;
      }
      p->whole_labels[2 * (first + i) + d] = item->static_label[d];
    }
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
    collect(t, values, first, n, p);
  }
  return status;
}

NmStatus nm_emotion_trainer_validate(NmEmotionTrainer *t, int32_t source, NmEmotionValidation *v,
                                     NmError *err)
{
  const int64_t T = t->training.n_steps, H = t->held.n, N = H * T;
  float *memory = calloc((size_t)(6 * N + 4 * H + t->training.n_batch * T * NM_EMOTION_OUT), sizeof *memory);
  int64_t first = 0, n = 0;
  if (!memory) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  Predictions p = {memory, memory + 2 * N, memory + 4 * N, memory + 6 * N, memory + 6 * N + 2 * H};
  nm_params_swap_average(t->params);
  const NmStatus status = predict(t, &p, memory + 6 * N + 4 * H, err);
  nm_params_swap_average(t->params);
  for (int32_t i = 0; i < t->held.n; ++i) {
    const int32_t of = t->corpus->items[t->held.items[i]].source;
    first += of < source;
    n += of == source;
  }
  for (int d = 0; d < 2 && status == NM_OK; ++d) {
    const int64_t now = 2 * T * first + d, whole = 2 * first + d;
    v->members[d] = nm_emotion_score(p.members + now, p.labels + now, T * n, 2);
    v->all[d] = nm_emotion_score(p.all + now, p.labels + now, T * n, 2);
    v->whole[d] = nm_emotion_score(p.whole + whole, p.whole_labels + whole, n, 2);
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
