// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/judge.h"

#include <stdio.h>

#define LEAK 0.1

static NmVar convolve(const NmNet *net, const char *name, NmVar x, int64_t len_kernel, int64_t n_out,
                      NmConv conv)
{
  if (nm_graph_invalid(net->graph, x)) return NM_VAR_NONE;
  const int64_t n_in = nm_shape_channels(nm_graph_shape(net->graph, x));
  const NmShape shape = NM_SHAPE3(len_kernel, n_in, n_out);
  const NmVar w = nm_net_param(net, name, "w", shape, nm_init_fan_in(len_kernel * n_in));
  return nm_conv1d(net->graph, x, w, nm_net_param(net, name, "b", NM_SHAPE1(n_out), NM_INIT_ZEROS), conv);
}

void nm_judge_run(const NmNet *net, int which, NmVar x, const NmJudgeLayer *layers, NmJudgement *j)
{
  char name[32];
  for (int i = 0; i < j->n_layers; ++i) {
    const NmJudgeLayer *l = &layers[i];
    snprintf(name, sizeof name, "d%d.layer%d", which, i);
    x = nm_leaky_relu(net->graph, convolve(net, name, x, l->len_kernel, l->n_out, l->conv), LEAK);
    j->layer[which][i] = x;
  }
  snprintf(name, sizeof name, "d%d.score", which);
  j->score[which] = convolve(net, name, x, 3, 1, nm_conv_same(3, 1));
}

NmVar nm_judge_loss(NmGraph *g, const NmJudgement *j, double target)
{
  NmVar sum = NM_VAR_NONE;
  for (int i = 0; i < j->n; ++i) {
    const NmVar loss = nm_mean(g, nm_square(g, nm_affine(g, j->score[i], 1, -target)), -1);
    sum = i ? nm_add(g, sum, loss) : loss;
  }
  return sum;
}

NmVar nm_judge_matching_loss(NmGraph *g, const NmJudgement *a, const NmJudgement *b)
{
  NmVar sum = NM_VAR_NONE;
  for (int i = 0; i < a->n; ++i)
    for (int l = 0; l < a->n_layers; ++l) {
      const NmVar loss = nm_loss_l1(g, a->layer[i][l], b->layer[i][l], NM_VAR_NONE);
      sum = i || l ? nm_add(g, sum, loss) : loss;
    }
  return nm_affine(g, sum, 1.0 / a->n_layers, 0);
}
