// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/vocoder/discriminator.h"

#include <stdio.h>

enum { N_SPECTRAL = 3, D_INNER = 256 };

typedef struct {
  int64_t len_kernel, n_out;
  NmConv conv;
} Layer;

static const int64_t n_ffts[N_SPECTRAL] = {512, 1024, 2048};
static const int64_t periods[NM_DISCRIMINATOR_N - N_SPECTRAL] = {3, 4, 7, 11};

static const Layer spectral_layers[NM_DISCRIMINATOR_N_LAYERS] = {{3, D_INNER, {1, 1, 1, 1, 1}},
                                                                 {5, D_INNER, {1, 1, 2, 2, 1}},
                                                                 {5, D_INNER, {1, 2, 4, 4, 1}},
                                                                 {5, D_INNER, {1, 1, 2, 2, 1}}};
static const Layer folded_layers[NM_DISCRIMINATOR_N_LAYERS] = {{5, 64, {2, 1, 2, 2, 1}},
                                                               {5, 128, {2, 1, 2, 2, 1}},
                                                               {5, D_INNER, {2, 1, 2, 2, 1}},
                                                               {5, D_INNER, {1, 1, 2, 2, 1}}};

static NmVar convolve(const NmNet *net, const char *name, NmVar x, const Layer *layer)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const int64_t n_in = nm_shape_channels(nm_graph_shape(net->graph, x));
  const NmShape shape = NM_SHAPE3(layer->len_kernel, n_in, layer->n_out);
  const NmVar w = nm_net_param(net, name, "w", shape, nm_init_fan_in(layer->len_kernel * n_in));
  return nm_conv1d(net->graph, x, w, nm_net_param(net, name, "b", NM_SHAPE1(layer->n_out), NM_INIT_ZEROS),
                   layer->conv);
}

static void run_layers(const NmNet *net, int which, NmVar x, const Layer *layers, NmDiscrimination *d)
{
  char name[32];
  for (int i = 0; i < NM_DISCRIMINATOR_N_LAYERS; ++i) {
    snprintf(name, sizeof name, "d%d.layer%d", which, i);
    x = d->layer[which][i] = nm_leaky_relu(net->graph, convolve(net, name, x, &layers[i]), .1);
  }
  const Layer last = {3, 1, {1, 1, 1, 1, 1}};
  snprintf(name, sizeof name, "d%d.score", which);
  d->score[which] = convolve(net, name, x, &last);
}

// [B, L] -> [B, L / period, period], the remainder cut off.
static NmVar fold(NmGraph *g, NmVar x, int64_t period)
{
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x);
  const int64_t n = s.dim[1] / period;
  return nm_reshape(g, nm_slice(g, x, 1, 0, n * period), NM_SHAPE3(s.dim[0], n, period));
}

NmDiscrimination nm_discriminate(const NmNet *net, NmVar sound)
{
  NmGraph *g = net->graph;
  NmDiscrimination d;
  for (int i = 0; i < N_SPECTRAL; ++i) {
    const NmVar m = nm_complex_abs(g, nm_stft(g, sound, n_ffts[i], n_ffts[i] / 4), 1e-7);
    run_layers(net, i, nm_ln(g, nm_affine(g, m, 1, 1e-2), 1e-6), spectral_layers, &d);
  }
  for (int i = N_SPECTRAL; i < NM_DISCRIMINATOR_N; ++i)
    run_layers(net, i, fold(g, sound, periods[i - N_SPECTRAL]), folded_layers, &d);
  return d;
}

NmVar nm_discrimination_loss(NmGraph *g, const NmDiscrimination *d, double target)
{
  NmVar sum = NM_VAR_NONE;
  for (int i = 0; i < NM_DISCRIMINATOR_N; ++i) {
    const NmVar loss = nm_mean(g, nm_square(g, nm_affine(g, d->score[i], 1, -target)), -1);
    sum = i ? nm_add(g, sum, loss) : loss;
  }
  return sum;
}

NmVar nm_feature_matching_loss(NmGraph *g, const NmDiscrimination *a, const NmDiscrimination *b)
{
  NmVar sum = NM_VAR_NONE;
  for (int i = 0; i < NM_DISCRIMINATOR_N; ++i)
    for (int l = 0; l < NM_DISCRIMINATOR_N_LAYERS; ++l) {
      const NmVar loss = nm_loss_l1(g, a->layer[i][l], b->layer[i][l], NM_VAR_NONE);
      sum = i || l ? nm_add(g, sum, loss) : loss;
    }
  return nm_affine(g, sum, 1.0 / NM_DISCRIMINATOR_N_LAYERS, 0);
}
