// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/pretrain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"

enum { STRETCH = 4 }; // steps that are hidden in a row

typedef struct {
  NmGraph *graph;
  NmParams *params;
  NmEmotionBatch *batch;
  float *targets, *hidden; // [B T, NM_STEP_PLAIN] and [B T, 1]: 1 where a step is hidden
} Work;

// Hides steps of every clip; what the half minute has in common would tell them, and is hidden too.
static void hide(const Work *w, double share, uint64_t seed)
{
  const NmEmotionBatch *b = w->batch;
  const int64_t B = b->training->n_batch, T = b->training->n_steps;
  const int64_t n_stretches = llround(fmax(1, share * (double)T / STRETCH));
  NmRng rng;
  nm_rng_init(&rng, seed);
  memcpy(w->targets, b->rows, (size_t)(B * T * NM_STEP_PLAIN) * sizeof *w->targets);
  memset(w->hidden, 0, (size_t)(B * T) * sizeof *w->hidden);
  memset(b->globals, 0, (size_t)(B * T * NM_GLOBAL) * sizeof *b->globals);
  for (int64_t i = 0; i < B * n_stretches; ++i) {
    const int64_t first = (int64_t)nm_rng_below(&rng, (uint64_t)T);
    for (int64_t t = first; t < first + STRETCH && t < T; ++t) {
      const int64_t at = i / n_stretches * T + t;
      w->hidden[at] = 1;
      memset(b->rows + at * NM_STEP_PLAIN, 0, NM_STEP_PLAIN * sizeof *b->rows);
      memset(b->patches + at * NM_PATCH, 0, NM_PATCH * sizeof *b->patches);
    }
  }
}

typedef struct {
  NmEmotionInputs in;
  NmVar targets, hidden, loss;
} Graph;

// The members' mean square error over hidden steps, of measures.
static Graph build(const Work *w)
{
  const NmEmotionTraining *p = w->batch->training;
  const int64_t B = p->n_batch, T = p->n_steps;
  NmGraph *g = w->graph;
  nm_graph_reset(g);
  const NmNet net = {g, w->params, p->dropout};
  Graph out = {.in = nm_emotion_inputs(g, B, T), .loss = NM_VAR_NONE};
  out.targets = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, NM_STEP_PLAIN));
  out.hidden = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, 1));
  const NmEmotionOutput seen = nm_emotion_network(&net, &p->config, &out.in, false);
  for (int i = 0; i < p->config.n_members; ++i) {
    char name[32];
    snprintf(name, sizeof name, "guess%d", i);
    const NmVar guess = nm_net_linear(&net, name, seen.hidden[i], NM_STEP_PLAIN, 1);
    const NmVar off = nm_mul(g, nm_square(g, nm_sub(g, guess, out.targets)), out.hidden);
    const NmVar error = nm_div(g, nm_mean(g, off, -1), nm_mean(g, out.hidden, -1));
    out.loss = i ? nm_add(g, out.loss, error) : error;
  }
  out.loss = nm_affine(g, out.loss, 1. / p->config.n_members, 0);
  return out;
}

static NmStatus step(const Work *w, const NmEmotionPretraining *p, int64_t i, double *error, NmError *err)
{
  const uint64_t seed = w->batch->training->seed * 1000003 + (uint64_t)i;
  NmGraph *g = w->graph;
  const Graph built = build(w);
  NmStatus status = nm_graph_plan(g, true, err);
  if (status != NM_OK) return status;
  nm_emotion_batch_draw(w->batch, i);
  hide(w, p->share, seed);
  nm_graph_set(g, built.in.patches, w->batch->patches);
  nm_graph_set(g, built.in.rows, w->batch->rows);
  nm_graph_set(g, built.in.globals, w->batch->globals);
  nm_graph_set_int(g, built.in.len, w->batch->len);
  nm_graph_set(g, built.targets, w->targets);
  nm_graph_set(g, built.hidden, w->hidden);
  nm_graph_set_training(g, true, seed);
  nm_params_zero_grad(w->params);
  nm_graph_forward(g);
  nm_graph_backward(g, built.loss);
  *error = nm_graph_get_scalar(g, built.loss);
  NmAdamConfig adam = nm_adam_defaults();
  adam.lr = p->lr * fmin(1, (double)(i + 1) / 50);
  adam.weight_decay = w->batch->training->weight_decay;
  status = nm_params_step(w->params, &adam, NULL, err);
  return status == NM_ERR_BAD_DATA ? NM_OK : status;
}

static NmStatus run(const Work *w, const NmEmotionPretraining *p, NmError *err)
{
  const int64_t tenth = p->n_steps < 10 ? 1 : p->n_steps / 10;
  NmStatus status = NM_OK;
  double error = 0;
  *p->first = *p->last = 0;
  for (int64_t i = 0; i < p->n_steps && status == NM_OK; ++i) {
    status = step(w, p, i, &error, err);
    if (i < tenth) *p->first += error / (double)tenth;
    if (i >= p->n_steps - tenth) *p->last += error / (double)tenth;
  }
  return status;
}

// All that is learned but the last layer, which has other things to say.
static bool is_shared(const char *name)
{
  return strncmp(name, "member", 6) == 0 && !strstr(name, ".out.");
}

static NmStatus hand_over(NmParams *from, NmParams *to, NmError *err)
{
  for (int32_t i = 0; i < nm_params_get_n(to); ++i) {
    const char *name = nm_params_get_name(to, i);
    const int32_t k = is_shared(name) ? nm_params_find(from, name) : -1;
    if (k < 0) continue;
    float *values = malloc((size_t)nm_shape_count(nm_params_get_shape(to, i)) * sizeof *values);
    if (!values) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    nm_params_get(from, k, values);
    nm_params_set(to, i, values);
    free(values);
  }
  return NM_OK;
}

NmStatus nm_emotion_pretrain(NmParams *params, NmGraph *graph, NmEmotionBatch *batch,
                             const NmEmotionPretraining *p, NmError *err)
{
  const size_t N = (size_t)batch->training->n_batch * (size_t)batch->training->n_steps;
  Work w = {graph, nm_params_new(p->backend, p->pool), batch, calloc(N * NM_STEP_PLAIN, sizeof(float)),
            calloc(N, sizeof(float))};
  NmStatus status = NM_OK;
  if (!w.params || !w.targets || !w.hidden) {
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  } else {
    build(&w);
    status = nm_params_seal(w.params, batch->training->seed, err);
    if (status == NM_OK) status = run(&w, p, err);
    if (status == NM_OK) status = hand_over(w.params, params, err);
  }
  nm_graph_reset(graph);
  nm_params_free(w.params);
  free(w.targets);
  free(w.hidden);
  return status;
}
