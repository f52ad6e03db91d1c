// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/maml.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"

enum { D = 8, INNER_STEPS = 16, PASSES = 30 };

#define RATE 3e-3
#define RATE_STEPS 3e-3
#define BETA1 0.9
#define BETA2 0.99

// Weights, or what goes with each: the head of one dimension.
typedef struct {
  double w[D];
} Head;

struct NmMaml {
  float *const *curves;
  Head start[2], log_step[2];
};

// What the head sees of measure m, whose distance to the support's end is `after_s` (0 within it): the
// model's two dimensions, the running mean of this one, and waves of the time in the piece.
static void describe(const NmProtocolTask *t, const float *curve, int32_t m, double mean, double x[D])
{
  const double at_s = m * t->seconds / 60;
  x[0] = 1;
  x[1] = curve[2 * m + t->dim] - mean;
  x[2] = curve[2 * m + 1 - t->dim];
  x[3] = mean;
  x[4] = at_s;
  x[5] = sin(M_PI * at_s);
  x[6] = cos(M_PI * at_s);
  x[7] = x[1] * at_s;
}

static double running_mean(const NmProtocolTask *t, const float *curve)
{
  double sum = 0;
  for (int32_t m = 0; m < t->n_support; ++m) sum += curve[2 * m + t->dim];
  return sum / t->n_support;
}

// Adds the gradient of the mean square error over measures [first, first + n) with labels y; returns that
// error.
static double differentiate(const NmProtocolTask *t, const float *curve, double mean, int32_t first,
                            int32_t n, const float *y, const Head *head, Head *gradient)
{
  double x[D], error = 0;
  for (int32_t i = 0; i < n; ++i) {
    double e = -y[2 * i];
    describe(t, curve, first + i, mean, x);
    for (int k = 0; k < D; ++k) e += head->w[k] * x[k];
    for (int k = 0; k < D; ++k) gradient->w[k] += 2 * e * x[k] / n;
    error += e * e / n;
  }
  return error;
}

// The head after the inner steps; `sum` (or NULL) receives the sum of the gradients on the way.
static Head adapt(const NmMaml *maml, const NmProtocolTask *t, const float *curve, double mean, Head *sum)
{
  Head head = maml->start[t->dim];
  for (int step = 0; step < INNER_STEPS; ++step) {
    Head gradient = {0};
    (void)differentiate(t, curve, mean, 0, t->n_support, t->support, &head, &gradient);
    for (int k = 0; k < D; ++k) {
      head.w[k] -= exp(maml->log_step[t->dim].w[k]) * gradient.w[k];
      if (sum) sum->w[k] += gradient.w[k];
    }
  }
  return head;
}

typedef struct {
  Head m, v;
  int64_t n;
} Adam;

static void move(Adam *adam, const Head *gradient, double rate, Head *value)
{
  adam->n += 1;
  for (int k = 0; k < D; ++k) {
    adam->m.w[k] += (1 - BETA1) * (gradient->w[k] - adam->m.w[k]);
    adam->v.w[k] += (1 - BETA2) * (gradient->w[k] * gradient->w[k] - adam->v.w[k]);
    const double m = adam->m.w[k] / (1 - pow(BETA1, (double)adam->n));
    const double v = adam->v.w[k] / (1 - pow(BETA2, (double)adam->n));
    value->w[k] -= rate * m / (sqrt(v) + 1e-9);
  }
}

// One outer step: first order, so that the gradient at the adapted head is that at the start; a step's size
// moves it against the inner gradients.
static void learn_task(NmMaml *maml, const NmProtocolTask *t, Adam adam[2][2])
{
  const float *curve = maml->curves[t->item];
  const double mean = running_mean(t, curve);
  Head inner = {0}, outer = {0}, steps;
  const Head head = adapt(maml, t, curve, mean, &inner);
  const double error = differentiate(t, curve, mean, t->first, t->n_query, t->query, &head, &outer);
  const double scale = 1 / (2 * sqrt(error) + .05); // of the root, as tasks are scored
  for (int k = 0; k < D; ++k) {
    outer.w[k] *= scale;
    steps.w[k] = -outer.w[k] * inner.w[k] * exp(maml->log_step[t->dim].w[k]);
  }
  move(&adam[t->dim][0], &outer, RATE, &maml->start[t->dim]);
  move(&adam[t->dim][1], &steps, RATE_STEPS, &maml->log_step[t->dim]);
  for (int k = 0; k < D; ++k)
    maml->log_step[t->dim].w[k] = fmin(fmax(maml->log_step[t->dim].w[k], log(1e-4)), log(.1));
}

NmMaml *nm_maml_learn(const NmProtocolTasks *tasks, float *const *curves, NmError *err)
{
  NmMaml *maml = calloc(1, sizeof *maml);
  int32_t *order = calloc((size_t)tasks->n + 1, sizeof *order);
  Adam adam[2][2];
  NmRng rng;
  if (!maml || !order) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    free(maml);
    free(order);
    return NULL;
  }
  memset(adam, 0, sizeof adam);
  maml->curves = curves;
  nm_rng_init(&rng, 1);
  for (int d = 0; d < 2; ++d)
    for (int k = 0; k < D; ++k) maml->log_step[d].w[k] = log(.02);
  for (int32_t t = 0; t < tasks->n; ++t) order[t] = t;
  for (int pass = 0; pass < PASSES; ++pass) {
    nm_rng_shuffle_i32(&rng, order, tasks->n);
    for (int32_t t = 0; t < tasks->n; ++t) learn_task(maml, &tasks->tasks[order[t]], adam);
  }
  free(order);
  return maml;
}

void nm_maml_free(NmMaml *maml)
{
  free(maml);
}

void nm_maml_answer(const NmMaml *maml, const NmProtocolTask *t, float *out)
{
  const float *curve = maml->curves[t->item];
  const double mean = running_mean(t, curve);
  const Head head = adapt(maml, t, curve, mean, NULL);
  double x[D];
  for (int32_t i = 0; i < t->n_query; ++i) {
    double sum = 0;
    describe(t, curve, t->first + i, mean, x);
    for (int k = 0; k < D; ++k) sum += head.w[k] * x[k];
    out[i] = (float)fmin(fmax(sum, -1), 1);
  }
}
