// SPDX-License-Identifier: GPL-3.0-or-later
// The loss of dual-scale attention: 1 - mean of concordance, correlation and 1 - RMSE over a batch.
#ifndef NM_EMOTION_LOSS_H
#define NM_EMOTION_LOSS_H

#include "models/emotion/network.h"

// Weights of what is added to it. What the whole is rated with counts half as much as what is felt now.
typedef struct {
  double error;    // of the mean square error over the labels' variance
  double self;     // of the weight that steps give to themselves in attention (its diagonal)
  double variance; // of the Gaussian likelihood that variances are learned by, the means held
} NmEmotionLoss;

// The loss [1] of each member against labels [B, T, NM_EMOTION_LABELS] (deviation [NM_EMOTION_LABELS]),
// averaged; *square [1] is the mean square error of their mean.
NmVar nm_emotion_loss(NmGraph *g, const NmEmotionOutput *out, int n_members, NmVar labels,
                      const float *deviation, const NmEmotionLoss *weights, NmVar *square);

#endif
