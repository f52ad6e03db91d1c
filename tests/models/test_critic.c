// SPDX-License-Identifier: GPL-3.0-or-later
// The judges of envelopes: their losses against ones computed by hand, and what one step of adversarial
// training may move and what not.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "models/speech/critic.h"

enum { B = 2, T = 112, N_BANDS = 80, N_VALUES = B * T * N_BANDS, FIRST = 7, N_STEPS = 4 };

// Fails for what is not a number, too.
static void expect_near(double got, double wanted, double tolerance)
{
  if (!(fabs(got - wanted) <= tolerance)) fail_msg("%g is not %g", got, wanted);
}

// The acoustic model stands for itself: its envelope is an input that wants a gradient.
typedef struct {
  NmPool *pool;
  NmCritic *critic;
  NmGraph *graph;
  NmVar generated, loss;
  NmCriticLosses losses;
} Duel;

static float envelope_at(const char *who, int64_t i)
{
  return 2 * nm_rng_uniform_at((uint64_t)who[0], (uint64_t)i) - 1;
}

static void set_envelope(NmGraph *g, NmVar x, const char *who, float size)
{
  float *values = malloc(N_VALUES * sizeof *values);
  for (int64_t i = 0; i < N_VALUES; ++i) values[i] = size * envelope_at(who, i);
  nm_graph_set(g, x, values);
  free(values);
}

// Frames FIRST to FIRST + 95 of each item are judged.
static void set_index(NmGraph *g, NmVar index)
{
  int32_t values[B * NM_CRITIC_N_FRAMES];
  for (int32_t i = 0; i < B * NM_CRITIC_N_FRAMES; ++i) values[i] = FIRST + i % NM_CRITIC_N_FRAMES;
  nm_graph_set_int(g, index, values);
}

static void duel_init(Duel *d, int n_threads)
{
  NmError err = {0};
  *d = (Duel){.pool = nm_pool_new(n_threads), .graph = NULL};
  d->critic = nm_critic_new(nm_backend_cpu(), d->pool, 3, &err);
  d->graph = nm_graph_new(nm_backend_cpu(), d->pool);
  assert_non_null(d->critic);
  assert_non_null(d->graph);
}

static void duel_fini(Duel *d)
{
  nm_graph_free(d->graph);
  nm_critic_free(d->critic);
  nm_pool_free(d->pool);
}

// The half of a step that belongs to the acoustic model.
static void judge(Duel *d)
{
  NmError err = {0};
  NmGraph *g = d->graph;
  nm_graph_reset(g);
  d->generated = nm_graph_input_with_grad(g, NM_SHAPE3(B, T, N_BANDS));
  const NmVar recorded = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, N_BANDS));
  const NmVar index = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, NM_CRITIC_N_FRAMES));
  d->loss = nm_critic_add_loss(d->critic, g, d->generated, recorded, index);
  if (nm_graph_plan(g, true, &err) != NM_OK) fail_msg("%s", err.message);
  set_envelope(g, d->generated, "generated", .3f);
  set_envelope(g, recorded, "recorded", 1);
  set_index(g, index);
  nm_graph_forward(g);
  nm_graph_backward(g, d->loss);
}

static void step(Duel *d, double lr)
{
  NmError err = {0};
  judge(d);
  if (nm_critic_step(d->critic, d->graph, lr, &d->losses, &err) != NM_OK) fail_msg("%s", err.message);
}

typedef void (*Getter)(NmParams *params, int32_t i, float *values);

// All of the critic's values or gradients; *n of them.
static float *collect(Duel *d, Getter get, int64_t *n)
{
  NmParams *params = nm_critic_get_params(d->critic);
  float *all = calloc((size_t)nm_params_get_count(params), sizeof *all);
  *n = 0;
  for (int32_t i = 0; i < nm_params_get_n(params); ++i) {
    get(params, i, all + *n);
    *n += nm_shape_count(nm_params_get_shape(params, i));
  }
  return all;
}

static double sum_magnitudes(const float *x, int64_t n)
{
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += fabs((double)x[i]);
  return sum;
}

static void test_losses_are_those_computed_by_hand(void **state)
{
  static const float scores[2][3] = {{1, 0, -1}, {.5f, .5f, 2}}, others[2][3] = {{1, 1, 1}, {0, .5f, 1}};
  NmError err = {0};
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  NmJudgement a = {.n = 2, .n_layers = 1}, b = a;
  for (int i = 0; i < 2; ++i) {
    a.score[i] = a.layer[i][0] = nm_graph_const(g, NM_SHAPE3(1, 3, 1), scores[i]);
    b.score[i] = b.layer[i][0] = nm_graph_const(g, NM_SHAPE3(1, 3, 1), others[i]);
  }
  const NmVar real = nm_judge_loss(g, &a, 1), generated = nm_judge_loss(g, &a, 0);
  const NmVar apart = nm_judge_matching_loss(g, &a, &b), same = nm_judge_matching_loss(g, &a, &a);
  const NmVar outputs[] = {real, generated, apart, same};
  for (int i = 0; i < 4; ++i) nm_graph_output(g, outputs[i]);
  assert_int_equal(nm_graph_plan(g, false, &err), NM_OK);
  nm_graph_forward(g);
  expect_near(nm_graph_get_scalar(g, real), (0 + 1 + 4) / 3. + (.25 + .25 + 1) / 3., 1e-6);
  expect_near(nm_graph_get_scalar(g, generated), (1 + 0 + 1) / 3. + (.25 + .25 + 4) / 3., 1e-6);
  expect_near(nm_graph_get_scalar(g, apart), (0 + 1 + 2) / 3. + (.5 + 0 + 1) / 3., 1e-6);
  expect_near(nm_graph_get_scalar(g, same), 0, 0);
  nm_graph_free(g);
}

static void test_the_gradient_reaches_the_judged_frames_alone(void **state)
{
  Duel d;
  float *grads = malloc(N_VALUES * sizeof *grads);
  duel_init(&d, 1);
  judge(&d);
  nm_graph_get_grad(d.graph, d.generated, grads);
  for (int64_t row = 0; row < B * T; ++row) {
    const int64_t t = row % T;
    const double sum = sum_magnitudes(grads + row * N_BANDS, N_BANDS);
    assert_true(isfinite(sum));
    if (t >= FIRST && t < FIRST + NM_CRITIC_N_FRAMES)
      assert_true(sum > 0);
    else
      assert_true(sum == 0);
  }
  free(grads);
  duel_fini(&d);
}

static void test_frozen_judges_get_no_gradient(void **state)
{
  Duel d;
  int64_t n;
  duel_init(&d, 1);
  step(&d, 1e-3); // makes room for gradients
  nm_params_zero_grad(nm_critic_get_params(d.critic));
  judge(&d);
  float *grads = collect(&d, nm_params_get_grad, &n);
  assert_true(sum_magnitudes(grads, n) == 0);
  free(grads);
  duel_fini(&d);
}

static void test_a_step_moves_every_judge(void **state)
{
  Duel d;
  int64_t n, at = 0;
  duel_init(&d, 1);
  float *before = collect(&d, nm_params_get, &n);
  step(&d, 1e-3);
  float *after = collect(&d, nm_params_get, &n);
  NmParams *params = nm_critic_get_params(d.critic);
  for (int32_t i = 0; i < nm_params_get_n(params); ++i) {
    const int64_t count = nm_shape_count(nm_params_get_shape(params, i));
    if (memcmp(before + at, after + at, (size_t)count * sizeof *after) == 0)
      fail_msg("%s did not move", nm_params_get_name(params, i));
    at += count;
  }
  assert_int_equal(nm_params_get_step(params), 1);
  free(before);
  free(after);
  duel_fini(&d);
}

static void test_judges_learn_to_tell_them_apart(void **state)
{
  Duel d;
  duel_init(&d, 2);
  step(&d, 2e-3);
  const NmCriticLosses first = d.losses;
  for (int i = 1; i < N_STEPS; ++i) step(&d, 2e-3);
  assert_true(d.losses.critic < first.critic);
  assert_true(first.adversarial > 0 && first.matching > 0);
  duel_fini(&d);
}

static void test_threads_do_not_show(void **state)
{
  static const int n_threads[] = {1, 2, 4};
  float *want = NULL;
  for (int k = 0; k < 3; ++k) {
    Duel d;
    int64_t n;
    duel_init(&d, n_threads[k]);
    for (int i = 0; i < 2; ++i) step(&d, 1e-3);
    float *got = collect(&d, nm_params_get, &n);
    if (want) assert_memory_equal(want, got, (size_t)n * sizeof *got);
    free(want);
    want = got;
    duel_fini(&d);
  }
  free(want);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_losses_are_those_computed_by_hand),
      cmocka_unit_test(test_the_gradient_reaches_the_judged_frames_alone),
      cmocka_unit_test(test_frozen_judges_get_no_gradient),
      cmocka_unit_test(test_a_step_moves_every_judge),
      cmocka_unit_test(test_judges_learn_to_tell_them_apart),
      cmocka_unit_test(test_threads_do_not_show),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
