// SPDX-License-Identifier: GPL-3.0-or-later
// What training measures of its clips before it begins.
#ifndef NM_EMOTION_STATISTICS_H
#define NM_EMOTION_STATISTICS_H

#include "models/emotion/corpus.h"
#include "models/emotion/network.h"

// Clips of a corpus that a training uses: [n] indices of items.
typedef struct {
  int32_t *items, n;
} NmEmotionClips;

// Fills the statistics of the first n_steps half seconds of each clip.
NmStatus nm_emotion_statistics(const NmEmotionCorpus *corpus, const NmEmotionClips *clips, int32_t n_steps,
                               NmEmotionStats *stats, NmError *err) NM_NODISCARD;

// The normalised globals [NM_GLOBAL] of n_steps steps of an item from `first` on, and their labels: the mean
// now, and the whole.
void nm_emotion_describe_clip(const NmEmotionCorpus *corpus, const NmEmotionStats *stats, int32_t item,
                              int64_t first, int32_t n_steps, float *global, float label[NM_EMOTION_LABELS]);

#endif
