// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/aligner.h"

enum { D_TEXT = 256, D_TEXT_INNER = 512 };

// Of the squared distances: half the inverse variance, softened because bands go together.
#define SHARPNESS 0.1

// Means of the halves of every phone, [B, 2 K, 81].
static NmVar means(const NmNet *net, NmVar phones)
{
  NmGraph *g = net->graph;
  NmVar x = nm_net_embedding(net, "phone", phones, NM_N_PHONES, D_TEXT, 1);
  x = nm_relu(g, nm_net_conv(net, "text0", x, D_TEXT_INNER, 3));
  x = nm_relu(g, nm_net_conv(net, "text1", x, D_TEXT, 3));
  x = nm_net_linear(net, "mean", x, 2 * NM_ALIGNER_N_IN, .3);
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x);
  return nm_reshape(g, x, NM_SHAPE3(s.dim[0], 2 * s.dim[1], NM_ALIGNER_N_IN));
}

NmVar nm_aligner_network(const NmNet *net, const NmAlignerInputs *in)
{
  NmGraph *g = net->graph;
  const NmVar mean = nm_gather_rows(g, means(net, in->phones), in->slots);
  const NmVar score = nm_affine(g, nm_sq_dist(g, in->frames, mean), -SHARPNESS, 0);
  return nm_add(g, nm_add(g, score, in->prior), in->pad);
}

int32_t nm_aligner_slots(const NmToken *states, int32_t n_states, int32_t *slots, int32_t *skip)
{
  int32_t n = 0;
  for (int32_t k = 0; k < n_states; ++k) {
    const bool pause = states[k].word < 0;
    for (int32_t half = 0; half < (pause ? 1 : 2); ++half) {
      slots[n] = 2 * k + half;
      skip[n++] = pause;
    }
  }
  return n;
}

// ln BetaBinomial(k; n = K - 1, a = t, b = T - t + 1), written with factorials.
void nm_aligner_prior(int32_t T, int32_t K, const double *f, int64_t stride, float *prior)
{
  for (int32_t i = 0; i < T; ++i)
    for (int32_t k = 0; k < K; ++k) {
      const int32_t n = K - 1, a = i + 1, b = T - i;
      const double choose = f[n] - f[k] - f[n - k];
      const double beta = f[k + a - 1] + f[n - k + b - 1] - f[n + a + b - 1];
      const double beta0 = f[a - 1] + f[b - 1] - f[a + b - 1];
      prior[i * stride + k] = (float)(choose + beta - beta0);
    }
}
