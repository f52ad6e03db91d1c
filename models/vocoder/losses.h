// SPDX-License-Identifier: GPL-3.0-or-later
// Reconstruction losses between two sounds [B, L], over several resolutions.
#ifndef NM_VOCODER_LOSSES_H
#define NM_VOCODER_LOSSES_H

#include "models/engine/ops.h"

// Multi-resolution STFT loss (Yamamoto, Song, Kim 2020): spectral convergence and mean absolute difference of
// ln magnitudes, averaged over FFT sizes 2048, 1024, 512, 256 with a quarter hop. `target` should want no
// gradient.
NmVar nm_stft_loss(NmGraph *g, NmVar sound, NmVar target);

// The filter banks of nm_mel_loss as matrices [n_bins, n_bands], made once for many graphs.
typedef struct {
  float *matrix[3];
} NmMelBanks;

NmStatus nm_mel_banks_init(NmMelBanks *banks) NM_NODISCARD;
void nm_mel_banks_fini(NmMelBanks *banks);

// Mean absolute difference of log-mel spectrograms, averaged over (2048, 128 bands), (1024, 80), (512, 40).
NmVar nm_mel_loss(NmGraph *g, const NmMelBanks *banks, NmVar sound, NmVar target);

#endif
