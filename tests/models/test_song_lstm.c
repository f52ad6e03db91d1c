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
#include "models/attention/cache.h"
#include "models/song/lstm.h"

enum { B = 2, S = 7, T = 6, C = 16, LEN_SHORT = 4 };

static const NmSongLstm config = {.n_channels = C, .n_encoder = 2, .n_decoder = 3, .n_heads = 2};

typedef struct {
  NmGraph *graph;
  NmParams *params;
  NmVar x, len, y, memory, k, v, out;
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
  w->memory = nm_song_lstm_encode(&net, "words", &config, w->x, w->len);
  w->out = nm_song_lstm_decode(&net, "notes", &config, w->y, w->memory, &sight);
  nm_song_lstm_memory(&net, "notes", &config, w->memory, &w->k, &w->v);
  nm_graph_output(g, w->out);
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
  NmGraph *ask, *answer;
  NmVar y, q, hidden, heard, out;
  NmSongLstmState in, after;
  float values[2 * NM_SONG_LSTM_LAYERS_MAX][B * C];
} Steps;

static NmVar row_input(NmGraph *g)
{
  return nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(B, 1, C));
}

static void build_steps(Steps *s, NmParams *params)
{
  NmError err = {0};
  s->ask = nm_graph_new(nm_backend_cpu(), NULL);
  s->answer = nm_graph_new(nm_backend_cpu(), NULL);
  const NmNet ask = {s->ask, params, 0}, answer = {s->answer, params, 0};
  for (int i = 0; i < config.n_decoder; ++i) {
    s->in.hidden[i] = row_input(i == 0 ? s->ask : s->answer);
    s->in.cell[i] = row_input(i == 0 ? s->ask : s->answer);
  }
  s->after = s->in;
  s->y = row_input(s->ask);
  s->hidden = row_input(s->answer);
  s->heard = row_input(s->answer);
  s->q = nm_song_lstm_ask(&ask, "notes", &config, s->y, &s->after);
  s->out = nm_song_lstm_answer(&answer, "notes", &config, s->hidden, s->heard, &s->after);
  nm_graph_output(s->ask, s->q);
  nm_graph_output(s->answer, s->out);
  for (int i = 0; i < config.n_decoder; ++i) {
    nm_graph_output(i == 0 ? s->ask : s->answer, s->after.hidden[i]);
    nm_graph_output(i == 0 ? s->ask : s->answer, s->after.cell[i]);
  }
  if (nm_graph_plan(s->ask, false, &err) != NM_OK) fail_msg("%s", err.message);
  if (nm_graph_plan(s->answer, false, &err) != NM_OK) fail_msg("%s", err.message);
}

static void move_state(Steps *s, NmGraph *g, int first, int end, bool into)
{
  for (int i = first; i < end; ++i)
    for (int part = 0; part < 2; ++part) {
      float *values = s->values[2 * i + part];
      if (into)
        nm_graph_set(g, part ? s->in.cell[i] : s->in.hidden[i], values);
      else
        nm_graph_get(g, part ? s->after.cell[i] : s->after.hidden[i], values);
    }
}

static void step(Steps *s, NmKvCache *cache, const float *y, float *out)
{
  float q[B * C], heard[B * C];
  move_state(s, s->ask, 0, 1, true);
  nm_graph_set(s->ask, s->y, y);
  nm_graph_forward(s->ask);
  nm_graph_get(s->ask, s->q, q);
  move_state(s, s->ask, 0, 1, false);
  assert_int_equal(nm_kv_cache_attend(cache, q, 1, heard), NM_OK);
  move_state(s, s->answer, 1, config.n_decoder, true);
  nm_graph_set(s->answer, s->hidden, s->values[0]);
  nm_graph_set(s->answer, s->heard, heard);
  nm_graph_forward(s->answer);
  nm_graph_get(s->answer, s->out, out);
  move_state(s, s->answer, 1, config.n_decoder, false);
}

static void test_steps(void **state)
{
  (void)state;
  float x[B * S * C], y[B * T * C], want[B * T * C];
  const int32_t len[B] = {S, S};
  NmError err = {0};
  NmParams *params = make_params();
  Whole batch;
  Steps steps = {0};
  fill(x, B * S * C, 4);
  fill(y, B * T * C, 5);
  build(&batch, params, B, S);
  run(&batch, x, len, y);
  nm_graph_get(batch.graph, batch.out, want);
  build_steps(&steps, params);
  NmKvCacheConfig with = nm_kv_cache_defaults(config.n_heads, C);
  with.pattern = NM_PATTERN_FULL;
  with.n_rows = B;
  NmKvCache *cache = nm_kv_cache_new(&with, NULL, &err);
  assert_non_null(cache);
  assert_int_equal(
      nm_kv_cache_append(cache, nm_graph_data(batch.graph, batch.k), nm_graph_data(batch.graph, batch.v), S),
      NM_OK);
  for (int t = 0; t < T; ++t) {
    float in[B * C], out[B * C];
    for (int b = 0; b < B; ++b) memcpy(in + b * C, y + (b * T + t) * C, sizeof(float) * C);
    step(&steps, cache, in, out);
    for (int b = 0; b < B; ++b) check_equal(out + b * C, want + (b * T + t) * C, C, 1e-5);
  }
  nm_kv_cache_free(cache);
  nm_graph_free(steps.ask);
  nm_graph_free(steps.answer);
  nm_graph_free(batch.graph);
  nm_params_free(params);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_padding), cmocka_unit_test(test_steps)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
