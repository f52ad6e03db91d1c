// SPDX-License-Identifier: GPL-3.0-or-later
// The network over a batch of a task, every position given what was right before it (teacher-forced), with
// its losses: for training and validation.
#ifndef NM_SONG_TASK_H
#define NM_SONG_TASK_H

#include "models/song/batch.h"

typedef struct {
  double smoothing;  // of labels
  double constraint; // weight of the token-level attention constraint (SongMASS, section 3.3); 0: none
} NmSongLossOptions;

typedef struct {
  NmSongInput in, out;
  NmSongSight sight;
  NmVar choices[NM_SONG_N_CHOICES], bar_places; // (int) [B, T]
  NmVar alignment;                              // [B, 1, T, S], or NM_VAR_NONE
  NmVar logits[NM_SONG_N_CHOICES];              // [B, T, n_values]
  NmVar nll[NM_SONG_N_CHOICES];                 // [1] summed over known targets
  NmVar weights;                                // [B, 1, T, S] of the head that learns the alignment
  NmVar strayed; // [1] mean share of attention that lies outside the alignment; NM_VAR_NONE when masked
  NmVar loss;    // [1]
} NmSongTaskGraph;

// Adds all of it to the graph of `net`. Outputs are the caller's to mark. Without alignment (masked tasks)
// there are no weights.
NmSongTaskGraph nm_song_task_build(const NmNet *net, const NmSongConfig *config, const NmSongBatch *batch,
                                   const NmSongLossOptions *options);
// After planning.
void nm_song_task_set(NmGraph *graph, const NmSongTaskGraph *task, const NmSongBatch *batch);

#endif
