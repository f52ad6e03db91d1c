// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/lstm.h"

#include <stdio.h>

typedef struct {
  NmVar wx, wh, b;
} Layer;

NmSongLstm nm_song_lstm_defaults(void)
{
  return (NmSongLstm){.n_channels = 320, .n_encoder = 2, .n_decoder = 2, .n_heads = 4};
}

static NmName layer_name(const NmNet *net, const char *name, const char *part, int i)
{
  char text[32];
  snprintf(text, sizeof text, "%s%d", part, i);
  return nm_net_name(net, name, text);
}

static Layer get_layer(const NmNet *net, const NmName *name, int64_t n_in, int64_t n_hidden)
{
  const NmInit init_x = nm_init_fan_in(3 * n_in), init_h = nm_init_fan_in(3 * n_hidden);
  return (Layer){nm_net_param(net, name->text, "wx", NM_SHAPE2(n_in, 4 * n_hidden), init_x),
                 nm_net_param(net, name->text, "wh", NM_SHAPE2(n_hidden, 4 * n_hidden), init_h),
                 nm_net_param(net, name->text, "b", NM_SHAPE1(4 * n_hidden), NM_INIT_ZEROS)};
}

static int64_t get_channels(const NmNet *net, NmVar x)
{
  return nm_shape_channels(nm_graph_shape(net->graph, x));
}

static NmVar run_layer(const NmNet *net, const NmName *name, NmVar x, int64_t n_hidden)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const Layer l = get_layer(net, name, get_channels(net, x), n_hidden);
  return nm_lstm(net->graph, x, l.wx, l.wh, l.b, false);
}

// 1 in the padding, else 0: [B, S, 1].
static NmVar find_padding(const NmNet *net, NmVar x, NmVar len)
{
  const NmVar ones =
      nm_affine(net->graph, nm_graph_detach(net->graph, nm_slice(net->graph, x, 2, 0, 1)), 0, 1);
  return nm_affine(net->graph, nm_mask_rows(net->graph, ones, len), -1, 1);
}

// [1, 4 H]: what a one in the padding adds to the gates. In, forget and out are shut, so the state stays
// zero.
static NmVar get_shut_row(NmGraph *g, NmVar b, int64_t n_hidden)
{
  static const float shut[4] = {-64, -64, 0, -64};
  const NmVar ones = nm_reshape(g, nm_affine(g, nm_graph_detach(g, b), 0, 1), NM_SHAPE2(4, n_hidden));
  const NmVar row = nm_mul(g, ones, nm_graph_const(g, NM_SHAPE2(4, 1), shut));
  return nm_reshape(g, row, NM_SHAPE2(1, 4 * n_hidden));
}

static NmVar run_back(const NmNet *net, const NmName *name, NmVar x, NmVar len, int64_t n_hidden)
{
  NmGraph *g = net->graph;
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  Layer l = get_layer(net, name, get_channels(net, x), n_hidden);
  if (len != NM_VAR_NONE) {
    const NmVar rows[] = {l.wx, get_shut_row(g, l.b, n_hidden)};
    const NmVar channels[] = {nm_mask_rows(g, x, len), find_padding(net, x, len)};
    l.wx = nm_concat(g, rows, 2, 0);
    x = nm_concat(g, channels, 2, 2);
  }
  return nm_lstm(g, x, l.wx, l.wh, l.b, true);
}

static NmVar run_both_ways(const NmNet *net, const NmName *name, NmVar x, NmVar len, int64_t n_hidden)
{
  const NmName forth = nm_net_name(net, name->text, "forth"), back = nm_net_name(net, name->text, "back");
  const NmVar both[] = {run_layer(net, &forth, x, n_hidden), run_back(net, &back, x, len, n_hidden)};
  return nm_concat(net->graph, both, 2, 2);
}

NmVar nm_song_lstm_encode(const NmNet *net, const char *name, const NmSongLstm *config, NmVar x, NmVar len)
{
  for (int i = 0; i < config->n_encoder; ++i) {
    const NmName layer = layer_name(net, name, "encoder", i);
    const NmVar y = run_both_ways(net, &layer, nm_net_dropout(net, x), len, config->n_channels / 2);
    x = i > 0 ? nm_add(net->graph, x, y) : y;
  }
  return x;
}

static NmVar project(const NmNet *net, const char *name, const char *part, NmVar x, int64_t n_out)
{
  return nm_net_linear(net, nm_net_name(net, name, part).text, x, n_out, 1);
}

void nm_song_lstm_memory(const NmNet *net, const char *name, const NmSongLstm *config, NmVar memory, NmVar *k,
                         NmVar *v)
{
  *k = project(net, name, "k", memory, config->n_channels);
  *v = project(net, name, "v", memory, config->n_channels);
}

static NmVar join(const NmNet *net, NmVar a, NmVar b)
{
  const NmVar both[] = {a, b};
  return nm_concat(net->graph, both, 2, 2);
}

static NmVar finish(const NmNet *net, const char *name, const NmSongLstm *config, NmVar x, NmVar heard)
{
  const NmVar both = nm_net_dropout(net, join(net, x, heard));
  return nm_tanh(net->graph, project(net, name, "out", both, config->n_channels));
}

// The one attention, asked by the first layer's state x.
static NmVar hear(const NmNet *net, const char *name, const NmSongLstm *config, NmVar x, NmVar k, NmVar v,
                  const NmAttention *sight, NmVar *weights)
{
  NmGraph *g = net->graph;
  const NmVar q = project(net, name, "q", x, config->n_channels);
  if (weights) {
    const int64_t D = config->n_channels / config->n_heads;
    NmAttention first = *sight;
    first.n_heads = 1;
    *weights = nm_attention_weights(g, nm_slice(g, q, 2, 0, D), nm_slice(g, k, 2, 0, D), &first);
  }
  return nm_attention(g, q, k, v, sight);
}

NmVar nm_song_lstm_decode(const NmNet *net, const char *name, const NmSongLstm *config, NmVar y, NmVar k,
                          NmVar v, const NmAttention *sight, NmVar *weights)
{
  const NmName first = layer_name(net, name, "decoder", 0);
  NmVar x = run_layer(net, &first, nm_net_dropout(net, y), config->n_channels);
  const NmVar heard = hear(net, name, config, x, k, v, sight, weights);
  for (int i = 1; i < config->n_decoder; ++i) {
    const NmName layer = layer_name(net, name, "decoder", i);
    const NmVar both = nm_net_dropout(net, join(net, x, heard));
    x = nm_add(net->graph, x, run_layer(net, &layer, both, config->n_channels));
  }
  return finish(net, name, config, x, heard);
}

// One step of nm_lstm. x [1, R, I]; hidden and cell [1, R, C] become those after it.
static NmVar step_layer(const NmNet *net, const NmName *name, NmVar x, NmVar *hidden, NmVar *cell)
{
  NmGraph *g = net->graph;
  if (nm_graph_invalid(g, x) || nm_graph_invalid(g, *hidden)) return NM_VAR_NONE;
  const int64_t n = get_channels(net, *hidden);
  const Layer l = get_layer(net, name, get_channels(net, x), n);
  const NmVar z = nm_add(g, nm_linear(g, x, l.wx, l.b), nm_linear(g, *hidden, l.wh, NM_VAR_NONE));
  const NmVar in = nm_sigmoid(g, nm_slice(g, z, 2, 0, n)), forget = nm_sigmoid(g, nm_slice(g, z, 2, n, n)),
              new = nm_tanh(g, nm_slice(g, z, 2, 2 * n, n)), out = nm_sigmoid(g, nm_slice(g, z, 2, 3 * n, n));
  *cell = nm_add(g, nm_mul(g, forget, *cell), nm_mul(g, in, new));
  return *hidden = nm_mul(g, out, nm_tanh(g, *cell));
}

NmVar nm_song_lstm_step(const NmNet *net, const char *name, const NmSongLstm *config, NmVar y, NmVar k,
                        NmVar v, const NmAttention *sight, NmSongLstmState *state, NmVar *weights)
{
  const NmName first = layer_name(net, name, "decoder", 0);
  NmVar x = step_layer(net, &first, y, &state->hidden[0], &state->cell[0]);
  const NmVar heard = hear(net, name, config, x, k, v, sight, weights);
  for (int i = 1; i < config->n_decoder; ++i) {
    const NmName layer = layer_name(net, name, "decoder", i);
    x = nm_add(net->graph, x,
               step_layer(net, &layer, join(net, x, heard), &state->hidden[i], &state->cell[i]));
  }
  return finish(net, name, config, x, heard);
}
