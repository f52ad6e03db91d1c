// SPDX-License-Identifier: GPL-3.0-or-later
// Masked pre-training of the emotion network: steps of a clip are hidden from the members, which learn to say
// their measures from the steps around them. Labels are not looked at.
#ifndef NM_EMOTION_PRETRAIN_H
#define NM_EMOTION_PRETRAIN_H

#include "models/emotion/batch.h"

typedef struct {
  const NmBackend *backend;
  NmPool *pool;
  double share; // of the steps that are hidden, in stretches
  int64_t n_steps;
  double lr;
  double *first, *last; // mean square errors over the first and the last tenth of the steps
} NmEmotionPretraining;

// Trains a network of its own, of batch->training's shape and seed, on the batch's clips, and copies what it
// shares with `params` (sealed) into them. `graph` is used and left reset.
NmStatus nm_emotion_pretrain(NmParams *params, NmGraph *graph, NmEmotionBatch *batch,
                             const NmEmotionPretraining *pretraining, NmError *err) NM_NODISCARD;

#endif
