// SPDX-License-Identifier: GPL-3.0-or-later
// The model on clips that training never saw, beside simple ways.
#ifndef NM_EMOTION_BASELINE_H
#define NM_EMOTION_BASELINE_H

#include "models/emotion/corpus.h"
#include "models/emotion/metrics.h"
#include "models/emotion/model.h"

// [valence, arousal] of n values of n_items clips: the training split's mean; ridge regression from plain
// measures (log-mel mean and deviation, flux, onsets, energy, chroma: clip mean, clip deviation, and how far
// the last two seconds are from that mean), trained on the training split, its penalty the best on the
// held-out clips; the model's parts and itself.
typedef struct {
  int64_t n, n_items;
  NmEmotionScore mean[2], ridge[2], kernel[2], network[2], model[2];
} NmEmotionTable;

// `now`: half seconds pooled; `whole`: clips against how they were rated as a whole. *far: the share of clips
// held out whose distance is above 1. The corpus has clips of one length.
NmStatus nm_emotion_compare(NmEmotionModel *model, const NmEmotionCorpus *corpus, NmEmotionTable *now,
                            NmEmotionTable *whole, double *far, NmError *err) NM_NODISCARD;

#endif
