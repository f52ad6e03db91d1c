// SPDX-License-Identifier: GPL-3.0-or-later
// How adaptation to a listener is tested: a task is one listener, one piece and one dimension; labels of the
// support are given, those of the query are to be said. P1: both from one piece. P2: the support is another
// piece, whole. P3, the control: the support labels are another listener's.
#ifndef NM_EMOTION_PROTOCOLS_H
#define NM_EMOTION_PROTOCOLS_H

#include "models/emotion/corpus.h"

typedef struct {
  int32_t item, curve, dim;     // of the query; dim 0 valence, 1 arousal
  int32_t support_item, first;  // where the support is; the query's first measure
  int32_t n_support, n_query;   // measures
  double seconds;               // of a measure of the query's piece
  const float *support, *query; // every second float
} NmProtocolTask;

typedef struct {
  NmProtocolTask *tasks; // [n]
  int32_t n;
} NmProtocolTasks;

// P1 on the pieces of a split: support the first round(seconds / measure) measures, at least 1; query the
// rest, at least 5. Curves flat over the whole piece are left out. `control`: P3.
NmStatus nm_protocol_p1(NmProtocolTasks *tasks, const NmEmotionCorpus *corpus, NmEmotionSplit split,
                        double seconds, bool control, NmError *err) NM_NODISCARD;
// P2, listeners with exactly two pieces in the split, both ways.
NmStatus nm_protocol_p2(NmProtocolTasks *tasks, const NmEmotionCorpus *corpus, NmEmotionSplit split,
                        bool control, NmError *err) NM_NODISCARD;
void nm_protocol_fini(NmProtocolTasks *tasks);

// Steps [n_steps, 2] of an item to its measures [n_measures, 2]: the mean of those whose middle lies in one,
// the nearest where none does.
void nm_protocol_measures(const NmEmotionItem *item, const float *steps, float *measures);

// The mean over the curves of a piece but `curve` (-1: all), at each of its measures [n_measures, 2].
void nm_protocol_consensus(const NmEmotionCorpus *corpus, int32_t item, int32_t curve, float *measures);

#endif
