// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/vocoder/discriminator.h"

enum { N_SPECTRAL = 3, N_FOLDED = 4, N_LAYERS = 4, D_INNER = 256 };

static const int64_t n_ffts[N_SPECTRAL] = {512, 1024, 2048};
static const int64_t periods[N_FOLDED] = {3, 4, 7, 11};

static const NmJudgeLayer spectral_layers[N_LAYERS] = {{3, D_INNER, {1, 1, 1, 1, 1}},
                                                       {5, D_INNER, {1, 1, 2, 2, 1}},
                                                       {5, D_INNER, {1, 2, 4, 4, 1}},
                                                       {5, D_INNER, {1, 1, 2, 2, 1}}};
static const NmJudgeLayer folded_layers[N_LAYERS] = {{5, 64, {2, 1, 2, 2, 1}},
                                                     {5, 128, {2, 1, 2, 2, 1}},
                                                     {5, D_INNER, {2, 1, 2, 2, 1}},
                                                     {5, D_INNER, {1, 1, 2, 2, 1}}};

// [B, L] -> [B, L / period, period], the remainder cut off.
static NmVar fold(NmGraph *g, NmVar x, int64_t period)
{
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x);
  const int64_t n = s.dim[1] / period;
  return nm_reshape(g, nm_slice(g, x, 1, 0, n * period), NM_SHAPE3(s.dim[0], n, period));
}

NmJudgement nm_discriminate(const NmNet *net, NmVar sound)
{
  NmGraph *g = net->graph;
  NmJudgement j = {.n = N_SPECTRAL + N_FOLDED, .n_layers = N_LAYERS};
  for (int i = 0; i < N_SPECTRAL; ++i) {
    const NmVar m = nm_complex_abs(g, nm_stft(g, sound, n_ffts[i], n_ffts[i] / 4), 1e-7);
    nm_judge_run(net, i, nm_ln(g, nm_affine(g, m, 1, 1e-2), 1e-6), spectral_layers, &j);
  }
  for (int i = 0; i < N_FOLDED; ++i)
    nm_judge_run(net, N_SPECTRAL + i, fold(g, sound, periods[i]), folded_layers, &j);
  return j;
}
