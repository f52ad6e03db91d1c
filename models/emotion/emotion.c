// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/emotion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/emotion/listener_follow.h"
#include "models/emotion/model.h"

enum {
  CORE = 20, // steps that a run of the network gives
  AROUND = NM_EMOTION_LONG,
  WINDOW = AROUND + CORE + AROUND, // steps that it sees
  BLOCK = 4096                     // samples that are cleaned at once
};

struct NmEmotion {
  NmEmotionModel *model;
  NmEmotionFeatures *features;
  NmGraph *graph;
  NmEmotionInputs in;
  NmVar out, spread;
  NmListenerFollow *follow;                                 // NULL: nobody in particular
  float patches[WINDOW * NM_PATCH], rows[WINDOW * NM_STEP]; // of the steps from `first` on, as they are
  float in_patches[WINDOW * NM_PATCH], in_rows[WINDOW * NM_STEP_PLAIN]; // normalised
  float in_globals[WINDOW * NM_GLOBAL], distances[WINDOW];
  float out_values[WINDOW * NM_EMOTION_OUT], spread_values[WINDOW * 2];
  float clean[BLOCK];
  NmEmotionRow ready[CORE];
  int64_t first, n;            // steps in the window
  int64_t done;                // steps whose rows were made
  int32_t n_ready, next_ready; // rows that wait for a caller's room
};

static NmStatus build(NmEmotion *e, NmPool *pool, NmError *err)
{
  if (!(e->graph = nm_graph_new(nm_backend_cpu(), pool)) || !(e->features = nm_emotion_features_new()))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  const NmNet net = {e->graph, e->model->params, 0};
  e->in = nm_emotion_inputs(e->graph, 1, WINDOW);
  const NmEmotionOutput out = nm_emotion_network(&net, &e->model->config, &e->in, false);
  e->out = out.out;
  e->spread = out.spread;
  nm_graph_output(e->graph, e->out);
  nm_graph_output(e->graph, e->spread);
  const NmStatus status = nm_graph_plan(e->graph, false, err);
  if (status == NM_OK) nm_graph_prepare(e->graph);
  return status;
}

NmEmotion *nm_emotion_new(NmEmotionModel *model, NmPool *pool, NmError *err)
{
  NmEmotion *e = calloc(1, sizeof *e);
  if (!e) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  e->model = model;
  if (build(e, pool, err) == NM_OK) return e;
  nm_emotion_free(e);
  return NULL;
}

void nm_emotion_free(NmEmotion *e)
{
  if (!e) return;
  nm_emotion_features_free(e->features);
  nm_graph_free(e->graph);
  nm_listener_follow_free(e->follow);
  free(e);
}

void nm_emotion_reset(NmEmotion *e)
{
  nm_emotion_features_reset(e->features);
  if (e->follow) nm_listener_follow_reset(e->follow);
  e->first = e->n = e->done = 0;
  e->n_ready = e->next_ready = 0;
}

NmStatus nm_emotion_set_listener(NmEmotion *e, const NmListener *listener, NmError *err)
{
  nm_listener_follow_free(e->follow);
  e->follow = NULL;
  if (!listener) return NM_OK;
  e->follow = nm_listener_follow_new(listener, e->model, err);
  return e->follow ? NM_OK : err->status;
}

int64_t nm_emotion_get_n_rows(int64_t n_samples)
{
  return nm_emotion_features_get_n(n_samples);
}

// --- the network over the window ---

// What the steps around step i of the window have in common.
static void describe(NmEmotion *e, int64_t i)
{
  const int64_t low = i > AROUND ? i - AROUND : 0, high = i + AROUND + 1 < e->n ? i + AROUND + 1 : e->n;
  float *global = e->in_globals + i * NM_GLOBAL;
  nm_emotion_global(e->patches + low * NM_PATCH, e->rows + low * NM_STEP, high - low, global);
  e->distances[i] = nm_emotion_measure_distance(&e->model->stats, global);
  nm_emotion_normalise_global(&e->model->stats, global);
  e->distances[i] = fmaxf(e->distances[i], nm_emotion_measure_noise(&e->model->stats, global));
}

static void run_network(NmEmotion *e)
{
  const int32_t n = (int32_t)e->n;
  memset(e->in_patches, 0, sizeof e->in_patches);
  memset(e->in_rows, 0, sizeof e->in_rows);
  memset(e->in_globals, 0, sizeof e->in_globals);
  for (int64_t i = 0; i < n; ++i) {
    nm_emotion_normalise_patch(&e->model->stats, e->patches + i * NM_PATCH, e->in_patches + i * NM_PATCH);
    nm_emotion_normalise_row(&e->model->stats, e->rows + i * NM_STEP, e->in_rows + i * NM_STEP_PLAIN);
    describe(e, i);
  }
  nm_graph_set(e->graph, e->in.patches, e->in_patches);
  nm_graph_set(e->graph, e->in.rows, e->in_rows);
  nm_graph_set(e->graph, e->in.globals, e->in_globals);
  nm_graph_set_int(e->graph, e->in.len, &n);
  nm_graph_forward(e->graph);
  nm_graph_get(e->graph, e->out, e->out_values);
  nm_graph_get(e->graph, e->spread, e->spread_values);
}

// 1 less the root of the share of the labels' variance that is expected to remain.
static float trust(const NmEmotion *e, const float *out, const float *spread)
{
  double remains = 0;
  for (int d = 0; d < 2; ++d) {
    const double deviation = e->model->stats.label[1][d];
    remains += (exp(fmin(fmax(out[NM_EMOTION_LABELS + d] + NM_EMOTION_LN_VARIANCE, -9), 3)) + spread[d]) /
               (2 * deviation * deviation);
  }
  return (float)fmin(fmax(1 - sqrt(remains), 0), 1);
}

static float limit(float x)
{
  return fminf(fmaxf(x, -1), 1);
}

// The row of step i of the window.
static NmEmotionRow read_row(const NmEmotion *e, int64_t i)
{
  const float *out = e->out_values + i * NM_EMOTION_OUT;
  const float share = e->model->machine.n ? (float)e->model->config.kernel_percent / 100 : 0;
  float base[NM_KERNEL_OUT] = {0}, y[NM_EMOTION_LABELS];
  if (share > 0) nm_kernel_predict(&e->model->machine, e->in_globals + i * NM_GLOBAL, base);
  for (int d = 0; d < NM_EMOTION_LABELS; ++d) y[d] = limit((1 - share) * out[d] + share * base[d]);
  return (NmEmotionRow){.time_s = (double)(e->first + i) * NM_EMOTION_STEP_S + NM_EMOTION_STEP_S / 2,
                        .valence = y[0],
                        .arousal = y[1],
                        .whole_valence = y[2],
                        .whole_arousal = y[3],
                        .confidence = trust(e, out, e->spread_values + 2 * i),
                        .distance = e->distances[i]};
}

static NmEmotionRow finish_row(NmEmotion *e, int64_t i)
{
  NmEmotionRow row = read_row(e, i);
  if (e->follow) nm_listener_follow_step(e->follow, e->rows + i * NM_STEP, &row);
  return row;
}

// Makes the rows of up to CORE steps that have none, of those in the window.
static void make_rows(NmEmotion *e)
{
  const int64_t from = e->done - e->first;
  int64_t to = from + CORE < e->n ? from + CORE : e->n;
  run_network(e);
  e->n_ready = e->next_ready = 0;
  for (int64_t i = from; i < to; ++i) e->ready[e->n_ready++] = finish_row(e, i);
  e->done += to - from;
}

// Forgets the steps that no later row looks at.
static void slide(NmEmotion *e)
{
  const int64_t first = e->done > AROUND ? e->done - AROUND : 0, drop = first - e->first;
  if (drop <= 0) return;
  e->n -= drop;
  memmove(e->patches, e->patches + drop * NM_PATCH, (size_t)e->n * NM_PATCH * sizeof *e->patches);
  memmove(e->rows, e->rows + drop * NM_STEP, (size_t)e->n * NM_STEP * sizeof *e->rows);
  e->first = first;
}

// --- streaming ---

static int64_t hand_out(NmEmotion *e, NmEmotionRow *rows, int64_t capacity)
{
  int64_t n = 0;
  while (n < capacity && e->next_ready < e->n_ready) rows[n++] = e->ready[e->next_ready++];
  return n;
}

static bool is_core_complete(const NmEmotion *e)
{
  return e->first + e->n >= e->done + CORE + AROUND;
}

// Takes samples until a core is complete or there are no more; returns how many.
static int64_t take(NmEmotion *e, const float *x, int64_t n)
{
  int64_t i = 0, n_taken = 0;
  while (i < n && !is_core_complete(e)) {
    const int64_t len = n - i < BLOCK ? n - i : BLOCK;
    for (int64_t k = 0; k < len; ++k) e->clean[k] = isfinite(x[i + k]) ? x[i + k] : 0;
    e->n += nm_emotion_features_push(e->features, e->clean, len, &n_taken, e->patches + e->n * NM_PATCH,
                                     e->rows + e->n * NM_STEP, 1);
    i += n_taken;
  }
  return i;
}

int64_t nm_emotion_push(NmEmotion *e, const float *x, int64_t n, int64_t *n_taken, NmEmotionRow *rows,
                        int64_t capacity)
{
  int64_t i = 0, n_rows = 0;
  for (;;) {
    n_rows += hand_out(e, rows + n_rows, capacity - n_rows);
    if (e->next_ready < e->n_ready) break;
    if (is_core_complete(e)) {
      make_rows(e);
      slide(e);
    } else if (i < n) {
      i += take(e, x + i, n - i);
    } else {
      break;
    }
  }
  *n_taken = i;
  return n_rows;
}

// One of the features' last steps; false when there are no more.
static bool flush(NmEmotion *e)
{
  const int64_t n =
      nm_emotion_features_finish(e->features, e->patches + e->n * NM_PATCH, e->rows + e->n * NM_STEP, 1);
  e->n += n;
  return n > 0;
}

int64_t nm_emotion_finish(NmEmotion *e, NmEmotionRow *rows, int64_t capacity)
{
  int64_t n_rows = 0;
  while (n_rows < capacity) {
    const int64_t n = hand_out(e, rows + n_rows, capacity - n_rows);
    n_rows += n;
    if (n) continue;
    while (!is_core_complete(e) && flush(e)) {
    }
    if (e->done == e->first + e->n) break;
    make_rows(e);
    slide(e);
  }
  if (n_rows == 0) nm_emotion_reset(e);
  return n_rows;
}

bool nm_emotion_peek(NmEmotion *e, NmEmotionRow *row)
{
  if (e->n == 0 || e->done == e->first + e->n) return false;
  run_network(e);
  *row = read_row(e, e->n - 1);
  return true;
}

void nm_emotion_run_steps(NmEmotion *e, const float *patches, const float *rows, int64_t n, NmEmotionRow *out)
{
  int64_t next = 0, n_rows = 0;
  nm_emotion_reset(e);
  while (n_rows < n) {
    n_rows += hand_out(e, out + n_rows, n - n_rows);
    for (; next < n && !is_core_complete(e); ++next, ++e->n) {
      memcpy(e->patches + e->n * NM_PATCH, patches + next * NM_PATCH, NM_PATCH * sizeof *patches);
      memcpy(e->rows + e->n * NM_STEP, rows + next * NM_STEP, NM_STEP * sizeof *rows);
    }
    if (e->done == e->first + e->n) continue;
    make_rows(e);
    slide(e);
  }
  nm_emotion_reset(e);
}

void nm_emotion_run(NmEmotion *e, const float *x, int64_t n, NmEmotionRow *rows)
{
  const int64_t n_rows = nm_emotion_get_n_rows(n);
  int64_t n_taken, done;
  nm_emotion_reset(e);
  done = nm_emotion_push(e, x, n, &n_taken, rows, n_rows);
  while (done < n_rows) done += nm_emotion_finish(e, rows + done, n_rows - done);
  nm_emotion_reset(e);
}
