// SPDX-License-Identifier: GPL-3.0-or-later
// What the network's attention says about which syllable is sung on which notes: the dynamic programming of
// SongMASS over the weights of the head that learned the alignment, line by line.
//
// The notes of a decoded melody say themselves where a syllable goes on, and a song's links are theirs; this
// tells how far the attention agrees, and what it would have chosen.
#ifndef NM_SONG_COMPOSE_ALIGN_H
#define NM_SONG_COMPOSE_ALIGN_H

#include "models/song/inference.h"
#include "models/song/melody_rules.h"

enum { NM_COMPOSE_WAYS = 3 };

// The best ways of a line. n_notes [n, n_syllables]: notes of each syllable.
typedef struct {
  int32_t n, n_syllables;
  double scores[NM_COMPOSE_WAYS];
  int32_t *n_notes;
} NmComposeWays;

typedef struct {
  NmComposeWays *lines; // [plan->n_lines]
  double agreement;     // share of syllables that have the same notes by the best way as in the melody
} NmComposeAlignment;

// `frame`: style, mode and meter of the melody. Everything lives in `arena`. NM_ERR_NO_MEMORY or what the
// decoder says.
NmStatus nm_compose_align(const NmSongModel *model, const NmMelodyPlan *plan, const NmLyricToken *tokens,
                          const NmSongFrame *frame, const NmMelodyNote *notes, int32_t n_notes,
                          NmArena *arena, NmComposeAlignment *alignment, NmError *err) NM_NODISCARD;

#endif
