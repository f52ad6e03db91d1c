// SPDX-License-Identifier: GPL-3.0-or-later
// The aligner: which frames belong to which phone, learned from recordings and their phones alone (Badlani et
// al. 2022, "One TTS alignment to rule them all"): distances between embedded phones and embedded frames,
// trained so that the sum over all monotonic paths is likely; then the best path.
//
// The paths of training go through slots: every phone, and before, between and after the phones a slot that
// may be passed over. There a frame may stand for a blank, which costs a fixed score: without it one phone
// swallows all frames that the others do not need. A slot between words is blank or pause.
#ifndef NM_SPEECH_ALIGNER_H
#define NM_SPEECH_ALIGNER_H

#include "models/engine/layers.h"
#include "models/speech/corpus.h"

typedef struct {
  NmVar phones; // (int) [B, K] states of corpus.h
  NmVar frames; // [B, T, 81] normalised envelope, and voicing
  NmVar pad;    // [B, 1, K] 0, or -1e4 at padding
  NmVar prior;  // [B, T, K] nm_aligner_prior
  NmVar state;  // (int) [B, S] the state of each slot, -1 for none (nm_aligner_slots)
  NmVar blank;  // (int) [B, S] K where the slot may be blank, otherwise -1
} NmAlignerInputs;

typedef struct {
  NmVar states; // [B, T, K] scores of the states in each frame: ln posterior, prior included
  NmVar slots;  // [B, T, S] ln posterior of the slots, blank included
} NmAlignment;

NmAlignment nm_aligner_network(const NmNet *net, const NmAlignerInputs *in);

// Slots of an item's states: state and blank as above (`blank` is the value that stands for it), skip: 1
// where a slot may be passed over. Each may hold 2 n_states + 1. Returns the number of slots.
int32_t nm_aligner_slots(const NmToken *states, int32_t n_states, int32_t blank, int32_t *state,
                         int32_t *blanks, int32_t *skip);

// ln of the beta-binomial prior (Shih et al. 2021, RAD-TTS, eq. 6) with scaling 1, a diagonal ridge: for T
// frames and K states, rows `stride` apart. log_factorial must hold T + K + 1 values ln(0!), ln(1!)...
void nm_aligner_prior(int32_t T, int32_t K, const double *log_factorial, int64_t stride, float *prior);

#endif
