// SPDX-License-Identifier: GPL-3.0-or-later
// Ten steps of training a small network give the losses that PyTorch gave (tests/golden/loss_curve.py, which
// says what the network is), and the same bytes on any number of threads.
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

#include "models/attention/block.h"
#include "models/engine/train.h"

enum {
  B = 6,
  T = 24,
  N_PER_TOKEN = 4,
  N_FRAMES = N_PER_TOKEN * T,
  N_WORDS = 40,
  C = 32,
  N_HEADS = 2,
  REACH = 5,
  N_INNER = 64,
  N_BANDS = 8,
  N_STEPS = 10,
  N_WARM = 3
};

static const int32_t len_tokens[B] = {24, 5, 17, 1, 23, 12};

typedef struct {
  NmVar ids, index, len, len_frames;                       // [B, T] [B, F] [B] [B]
  NmVar envelope, voiced, durations, on_frames, on_tokens; // [B, F, 8] [B, F, 1] [B, T, 1]...
  NmVar loss;
} Model;

typedef struct {
  double loss[N_STEPS], norm[N_STEPS];
  float *values; // [n_values] of all parameters at the end
  int64_t n_values;
} Curve;

// The i-th number of 24 bits that belongs to a name.
static uint32_t word_at(const char *name, uint32_t i)
{
  uint32_t x = 2166136261u;
  for (; *name; ++name) x = (x ^ (uint8_t)*name) * 16777619u;
  x += i * 2654435769u;
  x = (x ^ x >> 16) * 0x7feb352du;
  x = (x ^ x >> 15) * 0x846ca68bu;
  return (x ^ x >> 16) >> 8;
}

static float uniform_at(const char *name, int64_t i)
{
  return (float)word_at(name, (uint32_t)i) / 8388608 - 1;
}

static bool ends_with(const char *name, const char *part)
{
  return strcmp(strrchr(name, '.') + 1, part) == 0;
}

static void set_params(NmParams *params)
{
  for (int32_t p = 0; p < nm_params_get_n(params); ++p) {
    const char *name = nm_params_get_name(params, p);
    const bool wide = ends_with(name, "w") || ends_with(name, "table") || ends_with(name, "relative");
    const float centre = ends_with(name, "gain") ? 1 : ends_with(name, "scale") ? .5f : 0;
    const int64_t n = nm_shape_count(nm_params_get_shape(params, p));
    float *values = malloc((size_t)n * sizeof *values);
    assert_non_null(values);
    for (int64_t i = 0; i < n; ++i) values[i] = centre + (wide ? .5f : .125f) * uniform_at(name, i);
    nm_params_set(params, p, values);
    free(values);
  }
}

static void declare_inputs(NmGraph *g, Model *m)
{
  m->ids = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, T));
  m->index = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(B, N_FRAMES));
  m->len = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(B));
  m->len_frames = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(B));
  m->envelope = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, N_FRAMES, N_BANDS));
  m->voiced = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, N_FRAMES, 1));
  m->durations = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, 1));
  m->on_frames = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, N_FRAMES, 1));
  m->on_tokens = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, T, 1));
}

static NmVar encode(const NmNet *net, const Model *m)
{
  NmAttention attention = nm_attention_defaults(N_HEADS);
  attention.len_k = m->len;
  attention.relative = nm_net_relative(net, "encoder", N_HEADS, REACH);
  const NmVar x = nm_net_embedding(net, "phone", m->ids, N_WORDS, C, 1);
  return nm_net_fft_block(net, "encoder", x, &attention, N_INNER, 3);
}

static NmVar decode(const NmNet *net, const Model *m, NmVar x)
{
  x = nm_gather_rows(net->graph, x, m->index);
  x = nm_net_convnext(net, "decoder", x, m->len_frames, N_INNER, 7, .5);
  return nm_net_linear(net, "out", nm_net_norm(net, "out_norm", x), N_BANDS + 1, 1);
}

static void build(NmGraph *g, NmParams *params, Model *m)
{
  const NmNet net = {g, params, 0};
  nm_graph_reset(g);
  declare_inputs(g, m);
  const NmVar x = encode(&net, m);
  const NmVar durations = nm_net_predictor(&net, "duration", x, m->len, C, 1);
  const NmVar y = decode(&net, m, x);
  const NmVar l1 = nm_loss_l1(g, nm_slice(g, y, 2, 0, N_BANDS), m->envelope, m->on_frames);
  const NmVar bce = nm_loss_bce(g, nm_slice(g, y, 2, N_BANDS, 1), m->voiced, m->on_frames);
  const NmVar mse = nm_loss_mse(g, durations, m->durations, m->on_tokens);
  m->loss = nm_add(g, nm_add(g, l1, nm_affine(g, bce, .5, 0)), nm_affine(g, mse, .25, 0));
}

static void set_uniform(NmGraph *g, NmVar x, const char *name)
{
  static float values[B * N_FRAMES * N_BANDS];
  const int64_t n = nm_shape_count(nm_graph_shape(g, x));
  for (int64_t i = 0; i < n; ++i) values[i] = uniform_at(name, i);
  nm_graph_set(g, x, values);
}

static void set_tokens(NmGraph *g, const Model *m)
{
  int32_t ids[B * T];
  float on_tokens[B * T];
  for (int i = 0; i < B * T; ++i) {
    ids[i] = (int32_t)(word_at("ids", (uint32_t)i) % N_WORDS);
    on_tokens[i] = i % T < len_tokens[i / T];
  }
  nm_graph_set_int(g, m->ids, ids);
  nm_graph_set_int(g, m->len, len_tokens);
  nm_graph_set(g, m->on_tokens, on_tokens);
  set_uniform(g, m->durations, "durations");
}

static void set_frames(NmGraph *g, const Model *m)
{
  int32_t index[B * N_FRAMES], len_frames[B];
  float voiced[B * N_FRAMES], on_frames[B * N_FRAMES];
  for (int b = 0; b < B; ++b) len_frames[b] = N_PER_TOKEN * len_tokens[b];
  for (int i = 0; i < B * N_FRAMES; ++i) {
    const bool inside = i % N_FRAMES < len_frames[i / N_FRAMES];
    index[i] = inside ? i % N_FRAMES / N_PER_TOKEN : -1;
    voiced[i] = (float)(word_at("voiced", (uint32_t)i) % 2);
    on_frames[i] = inside;
  }
  nm_graph_set_int(g, m->index, index);
  nm_graph_set_int(g, m->len_frames, len_frames);
  nm_graph_set(g, m->voiced, voiced);
  nm_graph_set(g, m->on_frames, on_frames);
  set_uniform(g, m->envelope, "envelope");
}

static void train(NmGraph *g, NmParams *params, const Model *m, Curve *curve)
{
  for (int step = 0; step < N_STEPS; ++step) {
    NmAdamConfig adam = nm_adam_defaults();
    adam.lr = nm_train_rate(step, N_STEPS, N_WARM, .02);
    adam.weight_decay = .1;
    adam.moments_16 = false; // PyTorch's are whole
    nm_params_zero_grad(params);
    nm_graph_forward(g);
    nm_graph_backward(g, m->loss);
    curve->loss[step] = (double)nm_graph_get_scalar(g, m->loss);
    assert_int_equal(nm_params_step(params, &adam, &curve->norm[step], NULL), NM_OK);
  }
}

static void keep_values(NmParams *params, Curve *curve)
{
  int64_t at = 0;
  curve->n_values = nm_params_get_count(params);
  curve->values = malloc((size_t)curve->n_values * sizeof *curve->values);
  assert_non_null(curve->values);
  for (int32_t p = 0; p < nm_params_get_n(params); ++p) {
    nm_params_get(params, p, curve->values + at);
    at += nm_shape_count(nm_params_get_shape(params, p));
  }
}

static Curve run(int n_threads)
{
  Curve curve;
  Model m;
  NmError err = {0};
  NmPool *pool = nm_pool_new(n_threads);
  NmParams *params = nm_params_new(nm_backend_cpu(), pool);
  NmGraph *g = nm_graph_new(nm_backend_cpu(), pool);
  assert_true(pool && params && g);
  build(g, params, &m);
  assert_int_equal(nm_params_seal(params, 1, &err), NM_OK);
  set_params(params);
  build(g, params, &m);
  if (nm_graph_plan(g, true, &err) != NM_OK) fail_msg("%s", err.message);
  set_tokens(g, &m);
  set_frames(g, &m);
  train(g, params, &m, &curve);
  keep_values(params, &curve);
  nm_graph_free(g);
  nm_params_free(params);
  nm_pool_free(pool);
  return curve;
}

static void test_losses_are_those_of_the_reference(void **state)
{
  int step, n = 0;
  double loss, norm;
  Curve curve = run(1);
  FILE *file = fopen(NM_TEST_DATA "/golden/loss_curve.tsv", "r");
  assert_non_null(file);
  assert_int_equal(fscanf(file, "step loss norm"), 0);
  for (; fscanf(file, "%d %lf %lf", &step, &loss, &norm) == 3; ++n) {
    assert_int_equal(step, n);
    assert_true(n < N_STEPS);
    if (!(fabs(curve.loss[n] - loss) <= 1e-4 * loss) || !(fabs(curve.norm[n] - norm) <= 1e-3 * norm))
      fail_msg("step %d: loss %.9f, norm %.9f; the reference has %.9f, %.9f", n, curve.loss[n], curve.norm[n],
               loss, norm);
  }
  assert_int_equal(n, N_STEPS);
  fclose(file);
  free(curve.values);
}

static void test_threads_give_the_same_bytes(void **state)
{
  const Curve one = run(1);
  for (int n_threads = 2; n_threads <= 4; n_threads += 2) {
    const Curve more = run(n_threads);
    assert_memory_equal(more.loss, one.loss, sizeof one.loss);
    assert_memory_equal(more.norm, one.norm, sizeof one.norm);
    assert_int_equal(more.n_values, one.n_values);
    assert_memory_equal(more.values, one.values, (size_t)one.n_values * sizeof *one.values);
    free(more.values);
  }
  free(one.values);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_losses_are_those_of_the_reference),
      cmocka_unit_test(test_threads_give_the_same_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
