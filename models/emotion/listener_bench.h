// SPDX-License-Identifier: GPL-3.0-or-later
// Ways of adapting to a listener, compared on the held-out pieces of a corpus of curves.
#ifndef NM_EMOTION_LISTENER_BENCH_H
#define NM_EMOTION_LISTENER_BENCH_H

#include <stdbool.h>

#include "models/emotion/model.h"
#include "models/emotion/protocols.h"

typedef struct {
  double seconds;   // P1: of the support
  bool other_piece; // P2
} NmListenerProtocol;

// What is compared. "Others" is the mean of the other listeners of the same piece, which nobody can know
// beforehand; "model" what the model hears. Mixes are fitted on the training pieces.
typedef enum {
  NM_WAY_MEAN,
  NM_WAY_MODEL,
  NM_WAY_OTHERS,
  NM_WAY_MODEL_OFFSET,
  NM_WAY_OTHERS_OFFSET,
  NM_WAY_LAST,
  NM_WAY_SUPPORT_MEAN,
  NM_WAY_MODEL_MIX,
  NM_WAY_OTHERS_MIX,
  NM_WAY_MAML,
  NM_WAY_FADING,
  NM_WAY_FADING_OTHERS,
  NM_WAYS
} NmListenerWay;

extern const char *const nm_listener_ways[NM_WAYS];

typedef struct {
  int32_t n[2]; // tasks, valence and arousal
  struct {
    bool known;
    double rmse[2][2],
        ccc[2][2]; // [with the listener's own support or the control's][dim]: mean over tasks, pooled
  } ways[NM_WAYS];
} NmListenerTable;

// path_prior: the weights of the fading mix (neume train listener).
NmStatus nm_listener_compare(NmEmotionModel *model, const char *path_prior, const NmEmotionCorpus *corpus,
                             const NmListenerProtocol *protocol, NmListenerTable *table,
                             NmError *err) NM_NODISCARD;

// What the model says of every piece, in measures: curves[i] [n_measures, 2] of all items in one block, freed
// by the caller through *block. curves has room for n_items.
NmStatus nm_listener_hear(NmEmotionModel *model, const NmEmotionCorpus *corpus, float **curves, float **block,
                          NmError *err) NM_NODISCARD;

#endif
