// SPDX-License-Identifier: GPL-3.0-or-later
// Every op against its naive version, its gradient against central differences, and any number of threads
// against one.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "tests/models/op_cases.h"

// A case built on one backend, with drawn inputs.
typedef struct {
  const NmOpCase *c;
  NmGraph *g;
  NmVar in[NM_CASE_INPUTS_MAX], y, loss;
  double *reals[NM_CASE_INPUTS_MAX];
  int32_t *ints[NM_CASE_INPUTS_MAX];
  double *weights; // [count of y] the loss is sum(y * weights)
  int n;
  int64_t count;
} Run;

static void draw(Run *r, uint64_t seed)
{
  NmRng rng;
  nm_rng_init(&rng, seed);
  for (int i = 0; i < r->n; ++i) {
    const NmCaseInput *in = &r->c->in[i];
    const int64_t n = nm_shape_count(in->shape);
    r->reals[i] = in->type == NM_TYPE_REAL ? calloc((size_t)n, sizeof(double)) : NULL;
    r->ints[i] = in->type == NM_TYPE_INT ? calloc((size_t)n, sizeof(int32_t)) : NULL;
    for (int64_t k = 0; k < n; ++k) {
      const double x = in->low + (in->high - in->low) * nm_rng_uniform(&rng);
      if (r->reals[i])
        r->reals[i][k] = (double)(float)x;
      else
        r->ints[i][k] = (int32_t)floor(x);
    }
  }
  r->weights = calloc((size_t)r->count, sizeof(double));
  for (int64_t k = 0; k < r->count; ++k) r->weights[k] = (double)(float)(2 * nm_rng_uniform(&rng) - 1);
}

static void set_real(Run *r, NmVar x, const double *values)
{
  const int64_t n = nm_shape_count(nm_graph_shape(r->g, x));
  float *narrow = calloc((size_t)n, sizeof *narrow);
  for (int64_t k = 0; k < n; ++k) narrow[k] = (float)values[k];
  nm_graph_set(r->g, x, narrow);
  nm_graph_set_double(r->g, x, values); // exact where the backend has doubles
  free(narrow);
}

static Run start(const NmOpCase *c, const NmBackend *backend, NmPool *pool)
{
  Run r = {.c = c, .g = nm_graph_new(backend, pool)};
  NmError err = {0};
  for (; r.n < NM_CASE_INPUTS_MAX && c->in[r.n].shape.n_dims; ++r.n)
    r.in[r.n] = c->in[r.n].type == NM_TYPE_INT ? nm_graph_input(r.g, NM_TYPE_INT, c->in[r.n].shape)
                                               : nm_graph_input_with_grad(r.g, c->in[r.n].shape);
  r.y = c->build(r.g, r.in);
  const NmVar w = nm_graph_input(r.g, NM_TYPE_REAL, nm_graph_shape(r.g, r.y));
  r.loss = nm_sum(r.g, nm_mul(r.g, r.y, w), -1);
  nm_graph_output(r.g, r.y);
  if (nm_graph_plan(r.g, true, &err) != NM_OK) fail_msg("%s: %s", c->name, err.message);
  r.count = nm_shape_count(nm_graph_shape(r.g, r.y));
  draw(&r, 17);
  for (int i = 0; i < r.n; ++i) {
    if (r.reals[i]) set_real(&r, r.in[i], r.reals[i]);
    if (r.ints[i]) nm_graph_set_int(r.g, r.in[i], r.ints[i]);
  }
  set_real(&r, w, r.weights);
  nm_graph_set_training(r.g, true, 5);
  return r;
}

static void finish(Run *r)
{
  for (int i = 0; i < r->n; ++i) {
    free(r->reals[i]);
    free(r->ints[i]);
  }
  free(r->weights);
  nm_graph_free(r->g);
}

static void check_naive(const NmOpCase *c)
{
  Run r = start(c, nm_backend_cpu(), NULL);
  float *got = calloc((size_t)r.count, sizeof *got);
  double *want = calloc((size_t)r.count, sizeof *want), top = 0, worst = 0;
  nm_graph_forward(r.g);
  nm_graph_get(r.g, r.y, got);
  c->naive(c, (const double *const *)r.reals, (const int32_t *const *)r.ints, nm_graph_shape(r.g, r.y), want);
  for (int64_t k = 0; k < r.count; ++k) {
    if (fabs(want[k]) > top) top = fabs(want[k]);
    const double error = fabs(want[k] - (double)got[k]);
    if (!(error <= worst)) worst = error;
  }
  const double tolerance = (c->tolerance > 0 ? c->tolerance : 2e-6) * (top > 1 ? top : 1);
  if (!(worst <= tolerance))
    fail_msg("%s: differs from the naive version by %g (allowed %g)", c->name, worst, tolerance);
  free(got);
  free(want);
  finish(&r);
}

static double loss_at(Run *r, int i, int64_t k, double x)
{
  double loss, kept = r->reals[i][k];
  r->reals[i][k] = x;
  nm_graph_set_double(r->g, r->in[i], r->reals[i]);
  r->reals[i][k] = kept;
  nm_graph_forward(r->g);
  nm_graph_get_double(r->g, r->loss, &loss);
  return loss;
}

static void check_gradient(const NmOpCase *c)
{
  const double h = 1e-5;
  Run r = start(c, nm_backend_cpu_double(), NULL);
  nm_graph_forward(r.g);
  nm_graph_backward(r.g, r.loss);
  double *grads[NM_CASE_INPUTS_MAX] = {0};
  for (int i = 0; i < r.n; ++i) {
    if (!r.reals[i]) continue;
    grads[i] = calloc((size_t)nm_shape_count(c->in[i].shape), sizeof(double));
    nm_graph_get_grad_double(r.g, r.in[i], grads[i]);
  }
  for (int i = 0; i < r.n; ++i)
    for (int64_t k = 0; grads[i] && k < nm_shape_count(c->in[i].shape); ++k) {
      const double x = r.reals[i][k], slope = (loss_at(&r, i, k, x + h) - loss_at(&r, i, k, x - h)) / (2 * h);
      const double error = fabs(slope - grads[i][k]);
      if (!(error <= 2e-6 * (1 + fabs(slope))))
        fail_msg("%s: gradient of input %d at %lld is %.9g, differences give %.9g", c->name, i, (long long)k,
                 grads[i][k], slope);
      if (k + 1 == nm_shape_count(c->in[i].shape)) nm_graph_set_double(r.g, r.in[i], r.reals[i]);
    }
  for (int i = 0; i < r.n; ++i) free(grads[i]);
  finish(&r);
}

// The bytes of the output and of all gradients with `n_threads`, in a new array.
static float *all_bytes(const NmOpCase *c, int n_threads, size_t *size)
{
  NmPool *pool = n_threads > 1 ? nm_pool_new(n_threads) : NULL;
  Run r = start(c, nm_backend_cpu(), pool);
  int64_t n = r.count;
  for (int i = 0; i < r.n; ++i) n += nm_shape_count(c->in[i].shape);
  float *all = calloc((size_t)n, sizeof *all);
  nm_graph_forward(r.g);
  nm_graph_get(r.g, r.y, all);
  nm_graph_backward(r.g, r.loss);
  for (int64_t i = 0, at = r.count; i < r.n; at += nm_shape_count(c->in[i++].shape))
    if (r.reals[i]) nm_graph_get_grad(r.g, r.in[i], all + at);
  *size = (size_t)n * sizeof *all;
  finish(&r);
  nm_pool_free(pool);
  return all;
}

static void check_threads(const NmOpCase *c)
{
  size_t size;
  float *one = all_bytes(c, 1, &size);
  for (int n = 2; n <= 4; n += 2) {
    float *several = all_bytes(c, n, &size);
    if (memcmp(one, several, size) != 0) fail_msg("%s: %d threads give other bytes than one", c->name, n);
    free(several);
  }
  free(one);
}

static NmOpCases (*const tables[])(void) = {nm_op_cases_elements, nm_op_cases_matrices, nm_op_cases_signal,
                                            nm_op_cases_attention};

static void for_all(void (*check)(const NmOpCase *))
{
  for (size_t t = 0; t < sizeof tables / sizeof *tables; ++t) {
    const NmOpCases table = tables[t]();
    for (int i = 0; i < table.n; ++i) check(&table.cases[i]);
  }
}

static void every_op_is_its_naive_version(void **state)
{
  for_all(check_naive);
}
static void every_gradient_is_the_slope(void **state)
{
  for_all(check_gradient);
}
static void threads_change_nothing(void **state)
{
  for_all(check_threads);
}

static bool seen[NM_N_OPS];

static void note_op(const NmOpCase *c)
{
  seen[c->op] = true;
}

static void every_op_has_a_case(void **state)
{
  for_all(note_op);
  for (int op = NM_OP_RESHAPE; op < NM_N_OPS; ++op)
    if (!seen[op]) fail_msg("op %d has no case", op);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_op_has_a_case), cmocka_unit_test(every_op_is_its_naive_version),
      cmocka_unit_test(every_gradient_is_the_slope), cmocka_unit_test(threads_change_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
