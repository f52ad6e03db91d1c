// SPDX-License-Identifier: GPL-3.0-or-later
// How the words of a line lie on its notes: syllables downwards, notes under those of the roll, darker where
// more speaks for the two; the way that is sung drawn over it, and others beside it to choose from.
#ifndef NM_UI_VIEWS_ATTENTION_H
#define NM_UI_VIEWS_ATTENTION_H

#include "ui/kit/widget.h"
#include "ui/views/axis.h"

typedef struct {
  int64_t onset, len; // ticks
} NmAttentionNote;

// A way of singing: syllable j is on n_notes[j] notes from note_first[j] on.
typedef struct {
  const int32_t *note_first, *n_notes; // [n_syllables]; n_notes 0: unsung
  const char *score;
} NmAttentionWay;

typedef struct {
  const char *const *syllables; // [n_syllables]
  const NmAttentionNote *notes; // [n_notes]
  int n_syllables, n_notes;
  const float *weights;       // [n_notes, n_syllables] 0 to 1; NULL: none
  NmAttentionWay sung;        // as it is
  const NmAttentionWay *ways; // [n_ways]
  int n_ways, way;            // way: the one that is sung, -1: none of these
  const char *const *sources; // [n_sources] names of what the weights may come from
  int n_sources, source;
  const char *title, *empty, *as_it_is; // empty: instead of all, while there are no notes
} NmAttentionModel;

typedef enum {
  NM_ATTENTION_NOTHING,
  NM_ATTENTION_WAY,   // this way is to be sung
  NM_ATTENTION_SOURCE // the weights are to come from this
} NmAttentionEditKind;

typedef struct {
  NmAttentionEditKind kind;
  int index;
} NmAttentionEdit;

// With the keyboard on it, up and down choose another way. What is not in sight is not drawn.
NmAttentionEdit nm_attention_show(NmKit *kit, const NmAttentionModel *model, NmAxis *axis, NmRect rect);

#endif
