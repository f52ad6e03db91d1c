// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/recurrent.h"

#include <stdlib.h>
#include <string.h>

struct NmSongRecurrent {
  const NmSongModel *model;
  NmSongSide side;
  int32_t n_rows, n_layers;
  NmGraph *graph;
  NmSongInput in;
  NmVar k, v, x, weights;
  NmSongLstmState before, after;
  float *states, *spare; // [2 n_layers, R, d_model] hidden states and cells by turns
};

void nm_song_recurrent_free(NmSongRecurrent *r)
{
  if (!r) return;
  nm_graph_free(r->graph);
  free(r->states);
  free(r->spare);
  free(r);
}

static size_t count_state(const NmSongRecurrent *r)
{
  return (size_t)r->n_rows * (size_t)r->model->config.d_model;
}

NmSongRecurrent *nm_song_recurrent_new(const NmSongModel *model, NmSongSide side, int32_t n_rows,
                                       NmError *err)
{
  NmSongRecurrent *r = calloc(1, sizeof *r);
  if (r) {
    *r = (NmSongRecurrent){.model = model,
                           .side = side,
                           .n_rows = n_rows,
                           .n_layers = nm_song_recurrent_config(&model->config).n_decoder};
    const size_t n = 2 * (size_t)r->n_layers * count_state(r);
    r->graph = nm_graph_new(nm_backend_cpu(), model->pool);
    r->states = calloc(n, sizeof *r->states);
    r->spare = calloc(n, sizeof *r->spare);
    if (r->graph && r->states && r->spare) return r;
  }
  nm_song_recurrent_free(r);
  nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return NULL;
}

static void build(NmSongRecurrent *r, int32_t n_source)
{
  NmGraph *g = r->graph;
  const NmSongConfig *c = &r->model->config;
  const NmShape rows = NM_SHAPE3(1, r->n_rows, c->d_model), memory = NM_SHAPE3(1, n_source, c->d_model);
  const NmNet net = {g, r->model->params, 0};
  nm_graph_reset(g);
  for (int i = 0; i < r->n_layers; ++i) {
    r->before.hidden[i] = nm_graph_input(g, NM_TYPE_REAL, rows);
    r->before.cell[i] = nm_graph_input(g, NM_TYPE_REAL, rows);
  }
  r->after = r->before;
  r->k = nm_graph_input(g, NM_TYPE_REAL, memory);
  r->v = nm_graph_input(g, NM_TYPE_REAL, memory);
  r->in = nm_song_input(g, r->side, true, 1, r->n_rows);
  r->x = nm_song_recurrent_advance(&net, c, r->side, &r->in, r->k, r->v, &r->after, &r->weights);
  nm_graph_output(g, r->x);
  nm_graph_output(g, r->weights);
  for (int i = 0; i < r->n_layers; ++i) {
    nm_graph_output(g, r->after.hidden[i]);
    nm_graph_output(g, r->after.cell[i]);
  }
}

NmStatus nm_song_recurrent_start(NmSongRecurrent *r, const float *k, const float *v, int32_t n_source,
                                 NmError *err)
{
  build(r, n_source);
  const NmStatus status = nm_graph_plan(r->graph, false, err);
  if (status != NM_OK) return status;
  nm_graph_prepare(r->graph);
  nm_graph_set(r->graph, r->k, k);
  nm_graph_set(r->graph, r->v, v);
  memset(r->states, 0, 2 * (size_t)r->n_layers * count_state(r) * sizeof *r->states);
  return NM_OK;
}

void nm_song_recurrent_step(NmSongRecurrent *r, const int32_t *features, const int32_t *syllables, float *x,
                            float *weights)
{
  NmGraph *g = r->graph;
  const size_t n = count_state(r);
  for (int i = 0; i < r->n_layers; ++i) {
    nm_graph_set(g, r->before.hidden[i], r->states + 2 * (size_t)i * n);
    nm_graph_set(g, r->before.cell[i], r->states + (2 * (size_t)i + 1) * n);
  }
  nm_graph_set_int(g, r->in.features, features);
  nm_graph_set_int(g, r->in.syllables, syllables);
  nm_graph_forward(g);
  nm_graph_get(g, r->x, x);
  nm_graph_get(g, r->weights, weights);
  for (int i = 0; i < r->n_layers; ++i) {
    nm_graph_get(g, r->after.hidden[i], r->states + 2 * (size_t)i * n);
    nm_graph_get(g, r->after.cell[i], r->states + (2 * (size_t)i + 1) * n);
  }
}

void nm_song_recurrent_reorder(NmSongRecurrent *r, const int32_t *index)
{
  const size_t n = count_state(r), n_row = n / (size_t)r->n_rows;
  float *moved = r->states;
  r->states = r->spare;
  r->spare = moved;
  for (size_t part = 0; part < 2 * (size_t)r->n_layers; ++part)
    for (int32_t row = 0; row < r->n_rows; ++row)
      memcpy(r->states + part * n + (size_t)row * n_row, moved + part * n + (size_t)index[row] * n_row,
             n_row * sizeof *moved);
}
