// SPDX-License-Identifier: GPL-3.0-or-later
// The aligner: which frames belong to which phone, learned from recordings and their phones alone. A hidden
// Markov model whose means a network reads off the phones: every phone is two states in order, its beginning
// and its end, a pause is one that may be passed over. A frame is likely in a state when it is near the
// state's mean; training makes the sum over all monotonic paths likely (Badlani et al. 2022, "One TTS
// alignment to rule them all", with likelihoods in the place of posteriors, so that no state can take frames
// that it does not explain); then the best path.
#ifndef NM_SPEECH_ALIGNER_H
#define NM_SPEECH_ALIGNER_H

#include "models/engine/layers.h"
#include "models/speech/corpus.h"

enum { NM_ALIGNER_N_IN = 81 }; // normalised envelope, and voicing

typedef struct {
  NmVar phones; // (int) [B, K] states of corpus.h
  NmVar slots;  // (int) [B, S] the halves of phones that the model's states are, nm_aligner_slots
  NmVar frames; // [B, T, 81]
  NmVar pad;    // [B, 1, S] 0, or -1e4 at padding
  NmVar prior;  // [B, T, S] nm_aligner_prior
} NmAlignerInputs;

// Scores of the model's states in each frame, [B, T, S]: scaled log-likelihood and prior.
NmVar nm_aligner_network(const NmNet *net, const NmAlignerInputs *in);

// The model's states of an item: slots [at most 2 n_states] with 2 k for the beginning of phone or pause k
// and 2 k + 1 for a phone's end; skip: 1 for pauses. Returns their number.
int32_t nm_aligner_slots(const NmToken *states, int32_t n_states, int32_t *slots, int32_t *skip);

// ln of the beta-binomial prior (Shih et al. 2021, RAD-TTS, eq. 6) with scaling 1, a diagonal ridge: for T
// frames and K states, rows `stride` apart. log_factorial must hold T + K + 1 values ln(0!), ln(1!)...
void nm_aligner_prior(int32_t T, int32_t K, const double *log_factorial, int64_t stride, float *prior);

#endif
