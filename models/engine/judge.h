// SPDX-License-Identifier: GPL-3.0-or-later
// Adversarial training: what discriminators say of a batch, and the losses made of it. The networks
// themselves stand with the models they judge (models/vocoder/discriminator.h, models/speech/critic.h).
#ifndef NM_ENGINE_JUDGE_H
#define NM_ENGINE_JUDGE_H

#include "models/engine/layers.h"

enum { NM_JUDGES_MAX = 8, NM_JUDGE_LAYERS_MAX = 4 };

// Of n discriminators: the score of each place (real 1, generated 0), of any shape, and their inner layers,
// for feature matching.
typedef struct {
  int n, n_layers;
  NmVar score[NM_JUDGES_MAX];
  NmVar layer[NM_JUDGES_MAX][NM_JUDGE_LAYERS_MAX];
} NmJudgement;

// One layer of a discriminator: its kernel, channels out, and geometry.
typedef struct {
  int64_t len_kernel, n_out;
  NmConv conv;
} NmJudgeLayer;

// Runs discriminator `which` over x [B, T, C]: the layers with leaky ReLU (.1), then a convolution to one
// score for each place. Parameters "d<which>.layer<i>", "d<which>.score". judgement->n and ->n_layers are set
// before, within NM_JUDGES_MAX and NM_JUDGE_LAYERS_MAX; fills ->layer[which] and ->score[which].
void nm_judge_run(const NmNet *net, int which, NmVar x, const NmJudgeLayer *layers, NmJudgement *judgement);

// Least squares (Mao et al. 2017): sum over discriminators of mean (score - target)^2, [1].
NmVar nm_judge_loss(NmGraph *g, const NmJudgement *judgement, double target);

// Mean absolute difference of the inner layers, averaged over layers, summed over discriminators (Larsen et
// al. 2016), [1].
NmVar nm_judge_matching_loss(NmGraph *g, const NmJudgement *a, const NmJudgement *b);

#endif
