// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/listener_bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/emotion/listener_fit.h"
#include "models/emotion/listener_prior.h"
#include "models/emotion/maml.h"
#include "models/emotion/metrics.h"
#include "models/emotion/solve.h"

enum { PLAIN_MIX = 4 };

const char *const nm_listener_ways[NM_WAYS] = {[NM_WAY_MEAN] = "mean of training",
                                               [NM_WAY_MODEL] = "model",
                                               [NM_WAY_OTHERS] = "others (oracle)",
                                               [NM_WAY_MODEL_OFFSET] = "model + b x offset",
                                               [NM_WAY_OTHERS_OFFSET] = "others + b x offset (oracle)",
                                               [NM_WAY_LAST] = "hold last",
                                               [NM_WAY_SUPPORT_MEAN] = "hold mean",
                                               [NM_WAY_MODEL_MIX] = "mix of model, mean, last",
                                               [NM_WAY_OTHERS_MIX] = "mix of others, mean, last (oracle)",
                                               [NM_WAY_MAML] = "MAML, 16 steps on the head",
                                               [NM_WAY_FADING] = "fading mix (listeners)",
                                               [NM_WAY_FADING_OTHERS] = "fading mix of others (oracle)"};

typedef struct {
  const NmEmotionCorpus *corpus;
  float **model;                   // [n_items] what the model says, in measures
  float *others;                   // [longest piece, 2] of the task at hand
  float *scratch, *answer, *query; // of a task; answers and queries of all
  float fading[2][NM_MIX_N], fading_others[2][NM_MIX_N];
  double mean[2], mix[2][2][PLAIN_MIX], offset[2][2]; // [model, others][dim]
  NmMaml *maml;
} Bench;

NmStatus nm_listener_hear(NmEmotionModel *model, const NmEmotionCorpus *c, float **curves, float **block,
                          NmError *err)
{
  int64_t n = 1, at = 0;
  for (int32_t i = 0; i < c->n_items; ++i) n += c->items[i].n_measures;
  NmEmotion *emotion = nm_emotion_new(model, NULL, err);
  if (!emotion) return err->status;
  NmEmotionRow *rows = calloc((size_t)c->n_steps + 1, sizeof *rows);
  float *steps = calloc(2 * (size_t)c->n_steps + 2, sizeof *steps);
  *block = calloc(2 * (size_t)n, sizeof **block);
  NmStatus status = rows && steps && *block ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; i < c->n_items && status == NM_OK; ++i) {
    const NmEmotionItem *item = &c->items[i];
    nm_emotion_run_steps(emotion, c->patches + item->first * NM_PATCH, c->rows + item->first * NM_STEP,
                         item->n_steps, rows);
    for (int32_t s = 0; s < item->n_steps; ++s) {
      steps[2 * s] = rows[s].valence;
      steps[2 * s + 1] = rows[s].arousal;
    }
    curves[i] = *block + 2 * at;
    if (item->n_measures) nm_protocol_measures(item, steps, curves[i]);
    at += item->n_measures;
  }
  free(rows);
  free(steps);
  nm_emotion_free(emotion);
  return status;
}

// --- simple ways ---

static double mean_of(const float *x, int32_t n)
{
  double sum = 0;
  for (int32_t i = 0; i < n; ++i) sum += x[2 * i];
  return sum / n;
}

// Support mean less what `base` (a piece's curve) says of the support.
static double find_offset(const NmProtocolTask *t, const float *base)
{
  return mean_of(t->support, t->n_support) - mean_of(base + t->dim, t->n_support);
}

static void describe_mix(const NmProtocolTask *t, const float *base, int32_t i, float x[PLAIN_MIX])
{
  x[0] = 1;
  x[1] = base[2 * (t->first + i) + t->dim];
  x[2] = (float)mean_of(t->support, t->n_support);
  x[3] = t->support[2 * (t->n_support - 1)];
}

// Fits mixes and offsets of `which` (0 the model, 1 the others) on tasks.
static NmStatus fit_simple(Bench *b, const NmProtocolTasks *tasks, int which, NmError *err)
{
  size_t n = 0;
  for (int32_t t = 0; t < tasks->n; ++t) n += (size_t)tasks->tasks[t].n_query;
  float *x = calloc(n * PLAIN_MIX + 1, sizeof *x), *y = calloc(n + 1, sizeof *y);
  NmStatus status = x && y ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int d = 0; d < 2 && status == NM_OK; ++d) {
    double both = 0, square = 0, sum = 0;
    int64_t row = 0;
    for (int32_t k = 0; k < tasks->n; ++k) {
      const NmProtocolTask *t = &tasks->tasks[k];
      if (t->dim != d) continue;
      if (which) nm_protocol_consensus(b->corpus, t->item, t->curve, b->others);
      const float *base = which ? b->others : b->model[t->item];
      const double offset = find_offset(t, base);
      for (int32_t i = 0; i < t->n_query; ++i, ++row) {
        describe_mix(t, base, i, x + row * PLAIN_MIX);
        y[row] = t->query[2 * i];
        both += offset * (y[row] - x[row * PLAIN_MIX + 1]);
        square += offset * offset;
        sum += y[row];
      }
    }
    b->offset[which][d] = square > 0 ? both / square : 0;
    b->mean[d] = row ? sum / (double)row : 0;
    if (row && !nm_ridge_fit(x, y, NULL, row, PLAIN_MIX, 1, 1e-3, b->mix[which][d]))
      status = nm_error_set(err, NM_ERR_BAD_DATA, "the listeners' curves do not determine a mix");
  }
  free(x);
  free(y);
  return status;
}

// --- tasks ---

static float say(const Bench *b, NmListenerWay way, const NmProtocolTask *t, int32_t i)
{
  const int which = way == NM_WAY_OTHERS || way == NM_WAY_OTHERS_OFFSET || way == NM_WAY_OTHERS_MIX;
  const float *base = which ? b->others : b->model[t->item];
  float x[PLAIN_MIX];
  double sum = 0;
  describe_mix(t, base, i, x);
  switch (way) {
  case NM_WAY_MEAN: return (float)b->mean[t->dim];
  case NM_WAY_MODEL_OFFSET:
  case NM_WAY_OTHERS_OFFSET: return x[1] + (float)(b->offset[which][t->dim] * find_offset(t, base));
  case NM_WAY_LAST: return x[3];
  case NM_WAY_SUPPORT_MEAN: return x[2];
  case NM_WAY_MODEL_MIX:
  case NM_WAY_OTHERS_MIX:
    for (int k = 0; k < PLAIN_MIX; ++k) sum += b->mix[which][t->dim][k] * x[k];
    return (float)sum;
  default: return x[1];
  }
}

static void answer(const Bench *b, NmListenerWay way, const NmProtocolTask *t, float *out)
{
  if (way == NM_WAY_FADING) {
    nm_listener_answer(t, b->model[t->item], b->fading[t->dim], b->scratch, out);
  } else if (way == NM_WAY_FADING_OTHERS) {
    nm_listener_answer(t, b->others, b->fading_others[t->dim], b->scratch, out);
  } else if (way == NM_WAY_MAML) {
    nm_maml_answer(b->maml, t, out);
  } else {
    for (int32_t i = 0; i < t->n_query; ++i) out[i] = say(b, way, t, i);
  }
}

static void run_way(const Bench *b, NmListenerWay way, const NmProtocolTasks *tasks, int control,
                    NmListenerTable *table)
{
  for (int d = 0; d < 2; ++d) {
    int64_t at = 0;
    int32_t n = 0;
    double rmse = 0;
    for (int32_t k = 0; k < tasks->n; ++k) {
      const NmProtocolTask *t = &tasks->tasks[k];
      if (t->dim != d) continue;
      nm_protocol_consensus(b->corpus, t->item, t->curve, b->others);
      answer(b, way, t, b->answer + at);
      for (int32_t i = 0; i < t->n_query; ++i) b->query[at + i] = t->query[2 * i];
      rmse += nm_emotion_score(b->answer + at, b->query + at, t->n_query, 1).rmse;
      at += t->n_query;
      ++n;
    }
    table->n[d] = n;
    table->ways[way].known = true;
    table->ways[way].rmse[control][d] = n ? rmse / n : 0;
    table->ways[way].ccc[control][d] = n ? nm_emotion_score(b->answer, b->query, at, 1).ccc : 0;
  }
}

// What makes sense without labels of the same piece.
static bool is_for_other_piece(NmListenerWay way)
{
  return way == NM_WAY_MEAN || way == NM_WAY_MODEL || way == NM_WAY_OTHERS || way == NM_WAY_SUPPORT_MEAN;
}

static NmStatus list_tasks(const NmListenerProtocol *p, const NmEmotionCorpus *c, NmEmotionSplit split,
                           bool control, NmProtocolTasks *tasks, NmError *err)
{
  return p->other_piece ? nm_protocol_p2(tasks, c, split, control, err)
                        : nm_protocol_p1(tasks, c, split, p->seconds, control, err);
}

// The fading mix of the other listeners: fitted to each task's own, which differ by listener, through the
// mean of all.
static NmStatus fit_fading_others(Bench *b, const NmProtocolTasks *tasks, NmError *err)
{
  const NmEmotionCorpus *c = b->corpus;
  int64_t n = 1, at = 0;
  for (int32_t i = 0; i < c->n_items; ++i) n += c->items[i].n_measures;
  float *block = calloc(2 * (size_t)n, sizeof *block),
        **curves = calloc((size_t)c->n_items + 1, sizeof *curves);
  NmStatus status = block && curves ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; i < c->n_items && status == NM_OK; ++i) {
    curves[i] = block + 2 * at;
    nm_protocol_consensus(c, i, -1, curves[i]);
    at += c->items[i].n_measures;
  }
  if (status == NM_OK) status = nm_listener_fit(tasks, curves, b->fading_others, err);
  free(block);
  free(curves);
  return status;
}

static NmStatus learn(Bench *b, NmEmotionModel *model, const char *path_prior, const NmListenerProtocol *p,
                      NmError *err)
{
  NmProtocolTasks tasks;
  NmStatus status = list_tasks(p, b->corpus, NM_EMOTION_TRAIN, false, &tasks, err);
  if (status == NM_OK && tasks.n == 0)
    status = nm_error_set(err, NM_ERR_BAD_DATA, "the corpus has no listeners' curves to learn from");
  for (int which = 0; which < 2 && status == NM_OK && !p->other_piece; ++which)
    status = fit_simple(b, &tasks, which, err);
  if (status == NM_OK && p->other_piece) {
    double sum[2] = {0}, n[2] = {0};
    for (int32_t k = 0; k < tasks.n; ++k) {
      sum[tasks.tasks[k].dim] += mean_of(tasks.tasks[k].query, tasks.tasks[k].n_query);
      n[tasks.tasks[k].dim] += 1;
    }
    for (int d = 0; d < 2; ++d) b->mean[d] = n[d] > 0 ? sum[d] / n[d] : 0;
  }
  if (status == NM_OK && !p->other_piece) {
    status = fit_fading_others(b, &tasks, err);
    if (status == NM_OK)
      status = nm_listener_prior_load(path_prior, nm_emotion_model_get_hash(model), b->fading, err);
    if (status == NM_OK && !(b->maml = nm_maml_learn(&tasks, b->model, err))) status = err->status;
  }
  nm_protocol_fini(&tasks);
  return status;
}

static NmStatus run(Bench *b, const NmListenerProtocol *p, NmListenerTable *table, NmError *err)
{
  NmStatus status = NM_OK;
  for (int control = 0; control < 2 && status == NM_OK; ++control) {
    NmProtocolTasks tasks;
    status = list_tasks(p, b->corpus, NM_EMOTION_VALID, control, &tasks, err);
    for (int way = 0; way < NM_WAYS && status == NM_OK; ++way)
      if (!p->other_piece || is_for_other_piece(way)) run_way(b, way, &tasks, control, table);
    nm_protocol_fini(&tasks);
  }
  return status;
}

NmStatus nm_listener_compare(NmEmotionModel *model, const char *path_prior, const NmEmotionCorpus *corpus,
                             const NmListenerProtocol *protocol, NmListenerTable *table, NmError *err)
{
  Bench b = {.corpus = corpus};
  float *block = NULL;
  size_t longest = 1;
  *table = (NmListenerTable){0};
  for (int32_t i = 0; i < corpus->n_items; ++i)
    if ((size_t)corpus->items[i].n_measures > longest) longest = (size_t)corpus->items[i].n_measures;
  b.model = calloc((size_t)corpus->n_items + 1, sizeof *b.model);
  b.others = calloc(4 * longest, sizeof *b.others);
  b.answer = calloc(4 * (size_t)corpus->n_values + 4, sizeof *b.answer);
  NmStatus status =
      b.model && b.others && b.answer ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) {
    b.scratch = b.others + 2 * longest;
    b.query = b.answer + 2 * corpus->n_values;
    status = nm_listener_hear(model, corpus, b.model, &block, err);
  }
  if (status == NM_OK) status = learn(&b, model, path_prior, protocol, err);
  if (status == NM_OK) status = run(&b, protocol, table, err);
  nm_maml_free(b.maml);
  free(block);
  free(b.model);
  free(b.others);
  free(b.answer);
  return status;
}
