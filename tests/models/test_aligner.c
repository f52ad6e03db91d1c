// SPDX-License-Identifier: GPL-3.0-or-later
// The aligner's slots on states written by hand, its prior, and its scores of frames that lie on a mean.
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

#include "models/speech/aligner.h"

enum { N_MAX = 8 };

// States by a letter each: '_' a pause, otherwise a phone of the word of that letter.
static int32_t read_states(const char *letters, NmToken *states)
{
  int32_t n = 0;
  for (; letters[n]; ++n) states[n] = (NmToken){.phone = n, .word = letters[n] == '_' ? -1 : letters[n]};
  return n;
}

static void expect_slots(const char *letters, int32_t n_wanted, const int32_t *slots, const int32_t *skip)
{
  NmToken states[N_MAX];
  int32_t got[2 * N_MAX], got_skip[2 * N_MAX];
  const int32_t n = read_states(letters, states);
  assert_int_equal(nm_aligner_slots(states, n, got, got_skip), n_wanted);
  for (int32_t i = 0; i < n_wanted; ++i) {
    assert_int_equal(got[i], slots[i]);
    assert_int_equal(got_skip[i], skip[i]);
  }
}

static void test_a_phone_is_two_slots_and_a_pause_one(void **state)
{
  expect_slots("_aa_b_", 9, (int32_t[]){0, 2, 3, 4, 5, 6, 8, 9, 10}, (int32_t[]){1, 0, 0, 0, 0, 1, 0, 0, 1});
  expect_slots("a", 2, (int32_t[]){0, 1}, (int32_t[]){0, 0});
  expect_slots("_", 1, (int32_t[]){0}, (int32_t[]){1});
  expect_slots("", 0, NULL, NULL);
}

// Each row is a distribution over the states, whose mean goes from the first to the last.
static void test_the_prior_is_a_ridge_along_the_diagonal(void **state)
{
  enum { N_T = 20, N_K = 7, STRIDE = N_K + 2 };
  double log_factorial[N_T + N_K + 1] = {0};
  float prior[N_T * STRIDE];
  double before = -1;
  for (int i = 1; i <= N_T + N_K; ++i) log_factorial[i] = log_factorial[i - 1] + log(i);
  for (int i = 0; i < N_T * STRIDE; ++i) prior[i] = 5;
  nm_aligner_prior(N_T, N_K, log_factorial, STRIDE, prior);
  for (int t = 0; t < N_T; ++t) {
    double sum = 0, mean = 0;
    for (int k = 0; k < N_K; ++k) {
      sum += exp((double)prior[t * STRIDE + k]);
      mean += k * exp((double)prior[t * STRIDE + k]);
    }
    assert_true(fabs(sum - 1) < 1e-5);
    assert_true(mean > before);
    assert_true(fabs(mean - (N_K - 1) * (t + 1.) / (N_T + 1)) < 1e-4);
    assert_true(prior[t * STRIDE + N_K] == 5);
    before = mean;
  }
}

enum { T = 6, K = 3, S = 5, C = NM_ALIGNER_N_IN };

// A phone's beginning has the mean 0.5 in every band, its end -0.5, whatever the phone.
static void set_means(NmParams *params)
{
  const int32_t w = nm_params_find(params, "mean.w"), b = nm_params_find(params, "mean.b");
  float bias[2 * C];
  assert_true(w >= 0 && b >= 0);
  float *zeros = calloc((size_t)nm_shape_count(nm_params_get_shape(params, w)), sizeof *zeros);
  for (int i = 0; i < 2 * C; ++i) bias[i] = i < C ? .5f : -.5f;
  nm_params_set(params, w, zeros);
  nm_params_set(params, b, bias);
  free(zeros);
}

// Scores [T, S] of frames [T, C] for a phone, a pause and a phone, the last slot being padding.
static void score(const float *frames, const float *prior, float *scores)
{
  NmError err = {0};
  NmGraph *g = nm_graph_new(nm_backend_cpu(), NULL);
  NmParams *params = nm_params_new(nm_backend_cpu(), NULL);
  const NmNet net = {g, params, 0};
  const NmAlignerInputs in = {.phones = nm_graph_const_int(g, NM_SHAPE2(1, K), (int32_t[]){5, 0, 9}),
                              .slots = nm_graph_const_int(g, NM_SHAPE2(1, S), (int32_t[]){0, 1, 2, 4, 5}),
                              .frames = nm_graph_const(g, NM_SHAPE3(1, T, C), frames),
                              .pad = nm_graph_const(g, NM_SHAPE3(1, 1, S), (float[]){0, 0, 0, 0, -1e4f}),
                              .prior = nm_graph_const(g, NM_SHAPE3(1, T, S), prior)};
  const NmVar out = nm_aligner_network(&net, &in);
  nm_graph_output(g, out);
  assert_int_equal(nm_params_seal(params, 1, &err), NM_OK);
  set_means(params);
  if (nm_graph_plan(g, false, &err) != NM_OK) fail_msg("%s", err.message);
  nm_graph_forward(g);
  nm_graph_get(g, out, scores);
  nm_params_free(params);
  nm_graph_free(g);
}

static void test_a_frame_is_likely_near_the_mean(void **state)
{
  float frames[T * C], prior[T * S], scores[T * S];
  for (int i = 0; i < T * C; ++i) frames[i] = i < T / 2 * C ? .5f : -.5f;
  for (int i = 0; i < T * S; ++i) prior[i] = -(float)i / 10;
  score(frames, prior, scores);
  for (int t = 0; t < T; ++t)
    for (int s = 0; s < S; ++s) {
      const bool begins = s == 0 || s == 2 || s == 3, near = begins == (t < T / 2);
      const double likely = (double)scores[t * S + s] - (double)prior[t * S + s];
      if (s == S - 1)
        assert_true(likely < -9000);
      else
        assert_true(near ? fabs(likely) < 1e-3 : likely < -1);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_phone_is_two_slots_and_a_pause_one),
      cmocka_unit_test(test_the_prior_is_a_ridge_along_the_diagonal),
      cmocka_unit_test(test_a_frame_is_likely_near_the_mean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
