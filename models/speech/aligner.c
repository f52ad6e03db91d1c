// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/aligner.h"

enum { D_TEXT = 256, D_TEXT_INNER = 512, D_FRAME = 256, D_KEY = 80 };

#define SHARPNESS 0.02 // inverse temperature of the squared distances

NmVar nm_aligner_network(const NmNet *net, NmVar phones, NmVar frames, NmVar pad, NmVar prior)
{
  NmGraph *g = net->graph;
  NmVar k = nm_net_embedding(net, "phone", phones, NM_N_PHONES, D_TEXT, 1);
  k = nm_relu(g, nm_net_conv(net, "text", k, D_TEXT_INNER, 3));
  k = nm_net_linear(net, "key", k, D_KEY, 1);
  NmVar q = nm_relu(g, nm_net_conv(net, "frame0", frames, D_FRAME, 5));
  q = nm_relu(g, nm_net_conv(net, "frame1", q, D_FRAME, 5));
  q = nm_net_linear(net, "query", q, D_KEY, 1);
  const NmVar score = nm_add(g, nm_affine(g, nm_sq_dist(g, q, k), -SHARPNESS, 0), pad);
  return nm_log_softmax(g, nm_add(g, nm_add(g, nm_log_softmax(g, score), prior), pad));
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
