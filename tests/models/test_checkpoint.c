// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint holds all that a training is, in twelve bytes a scalar: going on from it is the same as not
// having stopped, bit by bit.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/engine/graph.h"
#include "models/engine/ops.h"
#include "models/engine/safetensors.h"
#include "tests/support/program.h"

enum { N_IN = 64, N_OUT = 48, N_ROWS = 5, N_SCALARS = N_IN * N_OUT, HEADER_MAX = 1024 };

// A linear layer that learns to give nothing for one input.
typedef struct {
  NmParams *params;
  NmGraph *graph;
  NmVar loss;
  bool moments_16;
} Training;

static Training start(bool moments_16)
{
  static float x[N_ROWS * N_IN];
  Training t = {nm_params_new(nm_backend_cpu(), NULL), nm_graph_new(nm_backend_cpu(), NULL),
                .moments_16 = moments_16};
  assert_true(t.params && t.graph);
  const NmVar in = nm_graph_input(t.graph, NM_TYPE_REAL, NM_SHAPE2(N_ROWS, N_IN));
  const NmVar w = nm_graph_param(t.graph, t.params, "w", NM_SHAPE2(N_IN, N_OUT), nm_init_fan_in(N_IN));
  t.loss = nm_mean(t.graph, nm_square(t.graph, nm_linear(t.graph, in, w, NM_VAR_NONE)), -1);
  assert_int_equal(nm_params_seal(t.params, 1, NULL), NM_OK);
  assert_int_equal(nm_graph_plan(t.graph, true, NULL), NM_OK);
  for (int i = 0; i < N_ROWS * N_IN; ++i) x[i] = sinf((float)i);
  nm_graph_set(t.graph, in, x);
  return t;
}

static void finish(Training *t)
{
  nm_graph_free(t->graph);
  nm_params_free(t->params);
}

static void train(Training *t, int n_steps)
{
  NmAdamConfig adam = nm_adam_defaults();
  adam.average = .9;
  adam.moments_16 = t->moments_16;
  for (int i = 0; i < n_steps; ++i) {
    nm_params_zero_grad(t->params);
    nm_graph_forward(t->graph);
    nm_graph_backward(t->graph, t->loss);
    assert_int_equal(nm_params_step(t->params, &adam, NULL, NULL), NM_OK);
  }
}

static size_t save(const Training *t, const char *path)
{
  size_t size;
  assert_int_equal(nm_params_save_checkpoint(t->params, path, NULL, NULL), NM_OK);
  free(read_file(path, &size));
  return size;
}

static void expect_same_files(const char *a, const char *b)
{
  size_t n, n_other;
  char *one = read_file(a, &n), *other = read_file(b, &n_other);
  assert_int_equal(n, n_other);
  assert_memory_equal(one, other, n);
  free(one);
  free(other);
}

static void expect_exact(bool moments_16, int n_bytes)
{
  Training t = start(moments_16), again = start(moments_16);
  enter_scratch();
  train(&t, 3);
  const size_t size = save(&t, "a.checkpoint");
  assert_in_range(size, n_bytes * N_SCALARS, n_bytes * N_SCALARS + HEADER_MAX);
  assert_int_equal(nm_params_load_checkpoint(again.params, "a.checkpoint", NULL, NULL), NM_OK);
  save(&again, "b.checkpoint");
  expect_same_files("a.checkpoint", "b.checkpoint");
  train(&t, 4);
  train(&again, 4);
  save(&t, "a.checkpoint");
  save(&again, "b.checkpoint");
  expect_same_files("a.checkpoint", "b.checkpoint");
  leave_scratch();
  finish(&again);
  finish(&t);
}

static void test_going_on_is_not_having_stopped(void **state)
{
  expect_exact(true, 12);
}

static void test_whole_moments_take_four_bytes_more(void **state)
{
  expect_exact(false, 16);
}

// Checkpoints of whole moments can be gone on from; they are rounded in the first step.
static void test_whole_moments_can_be_resumed_rounded(void **state)
{
  Training t = start(false), again = start(true);
  enter_scratch();
  train(&t, 3);
  const size_t size = save(&t, "a.checkpoint");
  assert_int_equal(nm_params_load_checkpoint(again.params, "a.checkpoint", NULL, NULL), NM_OK);
  assert_int_equal(save(&again, "b.checkpoint"), size);
  expect_same_files("a.checkpoint", "b.checkpoint");
  train(&again, 1);
  assert_true(save(&again, "b.checkpoint") < size - 4 * N_SCALARS + HEADER_MAX);
  leave_scratch();
  finish(&again);
  finish(&t);
}

static void read_moments(const char *path, const char *name, float *values)
{
  NmSafetensors *file = nm_safetensors_open(path, NULL);
  assert_non_null(file);
  assert_true(nm_stored_get(nm_safetensors_find(file, name), values));
  nm_safetensors_close(file);
}

// After one step from nothing: the nearest numbers of 8 significant bits.
static void test_moments_are_rounded_to_the_nearest(void **state)
{
  static float whole[N_SCALARS], brief[N_SCALARS];
  Training a = start(false), b = start(true);
  enter_scratch();
  train(&a, 1);
  train(&b, 1);
  save(&a, "a.checkpoint");
  save(&b, "b.checkpoint");
  for (int k = 0; k < 2; ++k) {
    read_moments("a.checkpoint", k ? "v/w" : "m/w", whole);
    read_moments("b.checkpoint", k ? "v/w" : "m/w", brief);
    for (int i = 0; i < N_SCALARS; ++i)
      if (!(fabsf(brief[i] - whole[i]) <= 0x1p-8f * 1.0001f * fabsf(whole[i])))
        fail_msg("%d: %g was rounded to %g", i, (double)whole[i], (double)brief[i]);
  }
  leave_scratch();
  finish(&b);
  finish(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_going_on_is_not_having_stopped),
      cmocka_unit_test(test_whole_moments_take_four_bytes_more),
      cmocka_unit_test(test_whole_moments_can_be_resumed_rounded),
      cmocka_unit_test(test_moments_are_rounded_to_the_nearest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
