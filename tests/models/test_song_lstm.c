// SPDX-License-Identifier: GPL-3.0-or-later
// The recurrent baseline: padding changes nothing, and steps with a cache give what the whole sequence gives.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "models/song/lstm.h"

enum { B = 2, S = 7, T = 6, C = 16, LEN_SHORT = 4 };

static const NmSongLstm config = {.n_channels = C, .n_encoder = 2, .n_decoder = 3, .n_heads = 2};

typedef struct {
  NmGraph *graph;
  NmParams *params;
  NmVar x, len, y, k, v, out, weights;
} Whole;

static void build(Whole *w, NmParams *params, int64_t n_items, int64_t n_source)
{
  NmGraph *g = w->graph = nm_graph_new(nm_backend_cpu(), NULL);
  const NmNet net = {g, params, 0};
  assert_non_null(g);
  w->params = params;
  w->x = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(n_items, n_source, C));
  w->len = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE1(n_items));
  w->y = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(n_items, T, C));
  NmAttention sight = nm_attention_defaults(config.n_heads);
  sight.len_k = w->len;
  const NmVar memory = nm_song_lstm_encode(&net, "words", &config, w->x, w->len);
  nm_song_lstm_memory(&net, "notes", &config, memory, &w->k, &w->v);
  w->out = nm_song_lstm_decode(&net, "notes", &config, w->y, w->k, w->v, &sight, &w->weights);
  nm_graph_output(g, w->out);
  nm_graph_output(g, w->weights);
  nm_graph_output(g, w->k);
  nm_graph_output(g, w->v);
}

static void run(Whole *w, const float *x, const int32_t *len, const float *y)
{
  NmError err = {0};
  if (nm_graph_plan(w->graph, false, &err) != NM_OK) fail_msg("%s", err.message);
  nm_graph_set(w->graph, w->x, x);
  nm_graph_set_int(w->graph, w->len, len);
  nm_graph_set(w->graph, w->y, y);
  nm_graph_forward(w->graph);
}

static void fill(float *values, size_t n, uint64_t seed)
{
  NmRng rng;
  nm_rng_init(&rng, seed);
  for (size_t i = 0; i < n; ++i) values[i] = (float)(4 * nm_rng_uniform(&rng) - 2);
}

static NmParams *make_params(void)
{
  NmError err = {0};
  Whole first;
  NmParams *params = nm_params_new(nm_backend_cpu(), NULL);
  assert_non_null(params);
  build(&first, params, 1, S);
  nm_graph_free(first.graph);
  if (nm_params_seal(params, 3, &err) != NM_OK) fail_msg("%s", err.message);
  return params;
}

static void check_equal(const float *a, const float *b, size_t n, double tolerance)
{
  for (size_t i = 0; i < n; ++i)
    if (!(fabs((double)a[i] - b[i]) <= tolerance)) fail_msg("value %zu: %g, not %g", i, a[i], b[i]);
}

static void test_padding(void **state)
{
  (void)state;
  float x[B * S * C], y[B * T * C], both[B * T * C], alone[T * C];
  const int32_t len[B] = {S, LEN_SHORT}, len_alone = LEN_SHORT;
  NmParams *params = make_params();
  Whole batch, item;
  fill(x, B * S * C, 1);
  fill(y, B * T * C, 2);
  build(&batch, params, B, S);
  run(&batch, x, len, y);
  nm_graph_get(batch.graph, batch.out, both);
  build(&item, params, 1, LEN_SHORT);
  run(&item, x + S * C, &len_alone, y + T * C);
  nm_graph_get(item.graph, item.out, alone);
  check_equal(both + T * C, alone, T * C, 1e-5);
  nm_graph_free(batch.graph);
  nm_graph_free(item.graph);
  nm_params_free(params);
}

typedef struct {
  NmGraph *graph;
  NmVar y, k, v, out, weights;
  NmSongLstmState in, after;
  float values[2 * NM_SONG_LSTM_LAYERS_MAX][B * C];
} Steps;

static void build_steps(Steps *s, NmParams *params)
{
  NmError err = {0};
  NmGraph *g = s->graph = nm_graph_new(nm_backend_cpu(), NULL);
  const NmNet net = {g, params, 0};
  const NmAttention sight = nm_attention_defaults(config.n_heads);
  const NmShape rows = NM_SHAPE3(1, B, C), memory = NM_SHAPE3(1, S, C);
  for (int i = 0; i < config.n_decoder; ++i) {
    s->in.hidden[i] = nm_graph_input(g, NM_TYPE_REAL, rows);
    s->in.cell[i] = nm_graph_input(g, NM_TYPE_REAL, rows);
  }
  s->after = s->in;
  s->y = nm_graph_input(g, NM_TYPE_REAL, rows);
  s->k = nm_graph_input(g, NM_TYPE_REAL, memory);
  s->v = nm_graph_input(g, NM_TYPE_REAL, memory);
  s->out = nm_song_lstm_step(&net, "notes", &config, s->y, s->k, s->v, &sight, &s->after, &s->weights);
  nm_graph_output(g, s->out);
  nm_graph_output(g, s->weights);
  for (int i = 0; i < config.n_decoder; ++i) {
    nm_graph_output(g, s->after.hidden[i]);
    nm_graph_output(g, s->after.cell[i]);
  }
  if (nm_graph_plan(g, false, &err) != NM_OK) fail_msg("%s", err.message);
}

static void step(Steps *s, const Whole *whole, const float *y, float *out, float *weights)
{
  NmGraph *g = s->graph;
  for (int i = 0; i < config.n_decoder; ++i) {
    nm_graph_set(g, s->in.hidden[i], s->values[2 * i]);
    nm_graph_set(g, s->in.cell[i], s->values[2 * i + 1]);
  }
  nm_graph_set(g, s->y, y);
  nm_graph_set(g, s->k, nm_graph_data(whole->graph, whole->k));
  nm_graph_set(g, s->v, nm_graph_data(whole->graph, whole->v));
  nm_graph_forward(g);
  nm_graph_get(g, s->out, out);
  nm_graph_get(g, s->weights, weights);
  for (int i = 0; i < config.n_decoder; ++i) {
    nm_graph_get(g, s->after.hidden[i], s->values[2 * i]);
    nm_graph_get(g, s->after.cell[i], s->values[2 * i + 1]);
  }
}

// Two melodies to the same words.
static void test_steps(void **state)
{
  (void)state;
  float x[B * S * C], y[B * T * C], want[B * T * C], want_weights[B * T * S];
  const int32_t len[B] = {S, S};
  NmParams *params = make_params();
  Whole batch;
  Steps steps = {0};
  fill(x, S * C, 4);
  memcpy(x + S * C, x, sizeof(float) * S * C);
  fill(y, B * T * C, 5);
  build(&batch, params, B, S);
  run(&batch, x, len, y);
  nm_graph_get(batch.graph, batch.out, want);
  nm_graph_get(batch.graph, batch.weights, want_weights);
  build_steps(&steps, params);
  for (int t = 0; t < T; ++t) {
    float in[B * C], out[B * C], weights[B * S];
    for (int b = 0; b < B; ++b) memcpy(in + b * C, y + (b * T + t) * C, sizeof(float) * C);
    step(&steps, &batch, in, out, weights);
    for (int b = 0; b < B; ++b) {
      check_equal(out + b * C, want + (b * T + t) * C, C, 1e-5);
      check_equal(weights + b * S, want_weights + (b * T + t) * S, S, 1e-5);
    }
  }
  nm_graph_free(steps.graph);
  nm_graph_free(batch.graph);
  nm_params_free(params);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_padding), cmocka_unit_test(test_steps)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
