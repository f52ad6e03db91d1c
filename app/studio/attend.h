// SPDX-License-Identifier: GPL-3.0-or-later
// The lane that shows how the words of a line lie on its notes, and other ways to lay them.
#ifndef NM_STUDIO_ATTEND_H
#define NM_STUDIO_ATTEND_H

#include "app/jobs/weigh.h"
#include "app/studio/studio.h"
#include "ui/views/attention.h"

// Zero-initialise.
typedef struct {
  NmLineWeights *weights;   // of `line`; NULL: not yet
  int32_t line, line_asked; // from 1, so that 0 is none
  uint64_t revision;        // of the document for which they hold
  NmWeighing source;
  const char *syllables[NM_WEIGH_SYLLABLES_MAX];
  NmAttentionNote notes[NM_WEIGH_NOTES_MAX];
  int32_t note_first[NM_WEIGH_SYLLABLES_MAX], n_notes[NM_WEIGH_SYLLABLES_MAX]; // as it is sung
  NmAttentionWay ways[NM_WEIGH_WAYS_MAX];
  char scores[NM_WEIGH_WAYS_MAX][16];
} NmStudioAttention;

void nm_studio_attention_fini(NmStudioAttention *attention);

// The line of the notes that are selected, or else of the playhead.
void nm_studio_show_attention(NmStudio *studio, NmRect rect);

// Lays the words the next (1) or the way before (-1); shows the lane when it is hidden.
void nm_studio_step_way(NmStudio *studio, int step);

#endif
