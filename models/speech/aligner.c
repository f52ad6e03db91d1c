// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/aligner.h"

enum { D_TEXT = 256, D_TEXT_INNER = 512, D_FRAME = 256, D_KEY = 80 };

#define SHARPNESS 0.02 // inverse temperature of the squared distances
#define BLANK (-1.0f)  // score of a blank beside the scores of the states
#define FLOOR 1e-30    // the least probability

static NmVar score_states(const NmNet *net, const NmAlignerInputs *in)
{
  NmGraph *g = net->graph;
  NmVar k = nm_net_embedding(net, "phone", in->phones, NM_N_PHONES, D_TEXT, 1);
  k = nm_relu(g, nm_net_conv(net, "text", k, D_TEXT_INNER, 3));
  k = nm_net_linear(net, "key", k, D_KEY, 1);
  NmVar q = nm_relu(g, nm_net_conv(net, "frame0", in->frames, D_FRAME, 5));
  q = nm_relu(g, nm_net_conv(net, "frame1", q, D_FRAME, 5));
  q = nm_net_linear(net, "query", q, D_KEY, 1);
  const NmVar score = nm_add(g, nm_affine(g, nm_sq_dist(g, q, k), -SHARPNESS, 0), in->pad);
  return nm_add(g, nm_add(g, nm_log_softmax(g, score), in->prior), in->pad);
}

// Probabilities of the states and of the blank, which is the last column.
static NmVar join_blank(NmGraph *g, NmVar states)
{
  if (nm_graph_invalid(g, states)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, states);
  const NmVar zeros = nm_affine(g, nm_slice(g, states, 2, 0, 1), 0, 0);
  const NmVar both[2] = {states, nm_affine(g, zeros, 1, (double)BLANK)};
  return s.dim[2] < 1 ? NM_VAR_NONE : nm_softmax(g, nm_concat(g, both, 2, 2));
}

NmAlignment nm_aligner_network(const NmNet *net, const NmAlignerInputs *in)
{
  NmGraph *g = net->graph;
  const NmVar states = score_states(net, in), p = join_blank(g, states);
  const NmVar sum = nm_add(g, nm_gather_last(g, p, in->state, 0), nm_gather_last(g, p, in->blank, 0));
  return (NmAlignment){states, nm_ln(g, sum, FLOOR)};
}

int32_t nm_aligner_slots(const NmToken *states, int32_t n_states, int32_t blank, int32_t *state,
                         int32_t *blanks, int32_t *skip)
{
  int32_t n = 0;
  for (int32_t k = 0; k < n_states; ++k) {
    const bool pause = states[k].word < 0;
    if (!pause && k > 0 && states[k - 1].word >= 0) { // within a word
      state[n] = -1;
      blanks[n] = blank;
      skip[n++] = 1;
    }
    state[n] = k;
    blanks[n] = pause ? blank : -1;
    skip[n++] = pause;
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
