// SPDX-License-Identifier: GPL-3.0-or-later
// What the acoustic model is told about each phone and each frame besides what it is: its place.
#ifndef NM_SPEECH_TOKENS_H
#define NM_SPEECH_TOKENS_H

#include "models/text/text.h"

// One phone or pause of a phrase.
typedef struct {
  int32_t phone;
  int32_t word;        // index of its word, -1 for a pause
  NmBoundary boundary; // what follows its word; for a pause, the word before it
} NmToken;

enum {
  NM_TOKEN_N_FEATURES = 12,
  NM_TOKEN_N_PLACES = 4 * NM_N_BOUNDARIES, // kind of the next boundary x first in word x last in word
  NM_FRAME_N_FEATURES = 6
};

// features [n, 12]: distances to the ends of the phrase, the nearest pauses and the ends of the word, in
// phones, squashed; places [n]: an index below NM_TOKEN_N_PLACES.
void nm_tokens_describe(const NmToken *tokens, int32_t n, float *features, int32_t *places);

// The length regulator (Ren et al. 2019, section 3.2): for the T = sum of n_frames frames, index [T] of the
// token and features [T, 6], the frame's place inside it. Returns T.
int64_t nm_frames_describe(const int32_t *n_frames, int32_t n, int32_t *index, float *features);

#endif
