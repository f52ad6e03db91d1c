// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/loss.h"

#define EPS 1e-6

static NmVar mean(NmGraph *g, NmVar x)
{
  return nm_mean(g, x, -1);
}

// 1 - (CCC + PCC + 1 - RMSE) / 3 of one dimension.
static NmVar agree(NmGraph *g, NmVar p, NmVar y)
{
  const NmVar mp = mean(g, p), my = mean(g, y), pc = nm_sub(g, p, mp), yc = nm_sub(g, y, my);
  const NmVar vp = mean(g, nm_square(g, pc)), vy = mean(g, nm_square(g, yc)),
              both = mean(g, nm_mul(g, pc, yc));
  const NmVar apart = nm_add(g, nm_add(g, vp, vy), nm_square(g, nm_sub(g, mp, my)));
  const NmVar ccc = nm_div(g, nm_affine(g, both, 2, 0), nm_affine(g, apart, 1, EPS));
  const NmVar pcc = nm_div(g, both, nm_unary(g, NM_SQRT, nm_mul(g, vp, vy), EPS * EPS, 0));
  const NmVar rmse = nm_unary(g, NM_SQRT, mean(g, nm_square(g, nm_sub(g, p, y))), EPS, 0);
  return nm_affine(g, nm_sub(g, nm_add(g, ccc, pcc), rmse), -1. / 3, 2. / 3);
}

// 1/2 (u + e^2 exp(-u)) of ln variance u, e held.
static NmVar doubt(NmGraph *g, NmVar p, NmVar y, NmVar u)
{
  const NmVar square = nm_graph_detach(g, nm_square(g, nm_sub(g, p, y)));
  const NmVar v = nm_clamp(g, nm_affine(g, u, 1, NM_EMOTION_LN_VARIANCE), -9, 3);
  return nm_affine(g, mean(g, nm_add(g, v, nm_mul(g, square, nm_exp(g, nm_affine(g, v, -1, 0))))), .5, 0);
}

static NmVar of_label(NmGraph *g, NmVar p, NmVar y, double deviation, const NmEmotionLoss *w)
{
  const NmVar square = mean(g, nm_square(g, nm_sub(g, p, y)));
  return nm_add(g, agree(g, p, y), nm_affine(g, square, w->error / (deviation * deviation), 0));
}

static NmVar of_member(NmGraph *g, NmVar out, NmVar labels, const float *deviation, const NmEmotionLoss *w)
{
  NmVar total = NM_VAR_NONE;
  for (int d = 0; d < NM_EMOTION_LABELS; ++d) {
    const NmVar p = nm_slice(g, out, 2, d, 1), y = nm_slice(g, labels, 2, d, 1);
    NmVar loss = nm_affine(g, of_label(g, p, y, deviation[d], w), d < 2 ? .5 : .25, 0);
    if (d < 2) {
      const NmVar u = nm_slice(g, out, 2, NM_EMOTION_LABELS + d, 1);
      loss = nm_add(g, loss, nm_affine(g, doubt(g, p, y, u), .5 * w->variance, 0));
    }
    total = d ? nm_add(g, total, loss) : loss;
  }
  return total;
}

NmVar nm_emotion_loss(NmGraph *g, const NmEmotionOutput *out, int n_members, NmVar labels,
                      const float *deviation, const NmEmotionLoss *w, NmVar *square)
{
  NmVar total = NM_VAR_NONE;
  for (int i = 0; i < n_members; ++i) {
    const NmVar loss = of_member(g, out->each[i], labels, deviation, w);
    total = i ? nm_add(g, total, loss) : loss;
  }
  total = nm_affine(g, total, 1. / n_members, 0);
  if (out->self != NM_VAR_NONE) total = nm_add(g, total, nm_affine(g, out->self, w->self, 0));
  *square = mean(g, nm_square(g, nm_sub(g, nm_slice(g, out->out, 2, 0, NM_EMOTION_LABELS), labels)));
  return total;
}
