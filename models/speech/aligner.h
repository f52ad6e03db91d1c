// SPDX-License-Identifier: GPL-3.0-or-later
// The aligner: which frames belong to which phone, learned from recordings and their phones alone (Badlani et
// al. 2022, "One TTS alignment to rule them all"): distances between embedded phones and embedded frames,
// trained so that the sum over all monotonic paths is likely; then the best path. Pauses are states that may
// be passed over.
#ifndef NM_SPEECH_ALIGNER_H
#define NM_SPEECH_ALIGNER_H

#include "models/engine/layers.h"
#include "models/speech/corpus.h"

// Network: phones (int) [B, K], frames [B, T, 81] (normalised envelope and voicing), pad [B, 1, K] (0, or
// -1e4 at padding), prior [B, T, K] -> log-probabilities of the states in each frame [B, T, K].
NmVar nm_aligner_network(const NmNet *net, NmVar phones, NmVar frames, NmVar pad, NmVar prior);

// ln of the beta-binomial prior (Shih et al. 2021, RAD-TTS, eq. 6) with scaling 1, a diagonal ridge: for T
// frames and K states, rows `stride` apart. log_factorial must hold T + K + 1 values ln(0!), ln(1!)...
void nm_aligner_prior(int32_t T, int32_t K, const double *log_factorial, int64_t stride, float *prior);

#endif
