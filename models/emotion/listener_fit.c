// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/listener_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/emotion/solve.h"

enum { N_ROUNDS = 12, MEASURES_MAX = 1 << 14 };

#define PENALTY 30.0
#define RMSE_MIN 0.05

// Every query label of one dimension: the mix's inputs, the label, the task and the weight.
typedef struct {
  float *x, *y, *w; // [n, NM_MIX_N] [n] [n]
  int64_t n;
} Rows;

static void summarise(const NmProtocolTask *task, const float *curve, float *scratch, NmMixState *state)
{
  nm_mix_summarise(task->support, curve + task->dim, task->n_support, 2, task->seconds, scratch, state);
}

void nm_listener_answer(const NmProtocolTask *task, const float *curve, const float weights[NM_MIX_N],
                        float *scratch, float *out)
{
  NmMixState state;
  summarise(task, curve, scratch, &state);
  for (int32_t i = 0; i < task->n_query; ++i)
    out[i] = nm_mix_apply(&state, weights, curve[2 * (task->first + i) + task->dim], (i + 1) * task->seconds);
}

static void describe(const NmProtocolTasks *tasks, float *const *curves, int dim, float *scratch, Rows *rows)
{
  rows->n = 0;
  for (int32_t t = 0; t < tasks->n; ++t) {
    const NmProtocolTask *task = &tasks->tasks[t];
    const float *curve = curves[task->item];
    NmMixState state;
    if (task->dim != dim) continue;
    summarise(task, curve, scratch, &state);
    for (int32_t i = 0; i < task->n_query; ++i, ++rows->n) {
      nm_mix_describe(&state, curve[2 * (task->first + i) + dim], (i + 1) * task->seconds,
                      rows->x + rows->n * NM_MIX_N);
      rows->y[rows->n] = task->query[2 * i];
      rows->w[rows->n] = 1;
    }
  }
}

// Weights of the next round: a task counts by 1 / (its RMSE, its labels).
static void reweigh(const NmProtocolTasks *tasks, int dim, const double *weights, Rows *rows)
{
  int64_t at = 0;
  double sum = 0;
  for (int32_t t = 0; t < tasks->n; ++t) {
    const int32_t n = tasks->tasks[t].n_query;
    double square = 0;
    if (tasks->tasks[t].dim != dim) continue;
    for (int64_t i = at; i < at + n; ++i) {
      double e = rows->y[i];
      for (int k = 0; k < NM_MIX_N; ++k) e -= weights[k] * rows->x[i * NM_MIX_N + k];
      square += e * e / n;
    }
    for (int64_t i = at; i < at + n; ++i) rows->w[i] = (float)(1 / (fmax(sqrt(square), RMSE_MIN) * n));
    at += n;
  }
  for (int64_t i = 0; i < rows->n; ++i) sum += rows->w[i] / (double)rows->n;
  for (int64_t i = 0; i < rows->n; ++i) rows->w[i] /= (float)sum;
}

static NmStatus fit(const NmProtocolTasks *tasks, int dim, Rows *rows, float *weights, NmError *err)
{
  double found[NM_MIX_N];
  for (int round = 0; round < N_ROUNDS; ++round) {
    if (!nm_ridge_fit(rows->x, rows->y, rows->w, rows->n, NM_MIX_N, 1, PENALTY, found))
      return nm_error_set(err, NM_ERR_BAD_DATA, "the listeners' curves do not determine a mix");
    reweigh(tasks, dim, found, rows);
  }
  for (int k = 0; k < NM_MIX_N; ++k) weights[k] = (float)found[k];
  return NM_OK;
}

NmStatus nm_listener_fit(const NmProtocolTasks *tasks, float *const *curves, float weights[2][NM_MIX_N],
                         NmError *err)
{
  size_t n = 1;
  for (int32_t t = 0; t < tasks->n; ++t) n += (size_t)tasks->tasks[t].n_query;
  Rows rows = {calloc(n * NM_MIX_N, sizeof(float)), calloc(n, sizeof(float)), calloc(n, sizeof(float)), 0};
  float *scratch = calloc(MEASURES_MAX, sizeof *scratch);
  NmStatus status = NM_OK;
  if (!rows.x || !rows.y || !rows.w || !scratch)
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int d = 0; d < 2 && status == NM_OK; ++d) {
    describe(tasks, curves, d, scratch, &rows);
    status = fit(tasks, d, &rows, weights[d], err);
  }
  free(rows.x);
  free(rows.y);
  free(rows.w);
  free(scratch);
  return status;
}
