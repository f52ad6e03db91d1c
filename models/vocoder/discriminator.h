// SPDX-License-Identifier: GPL-3.0-or-later
// Discriminators for adversarial training of the vocoder, one-dimensional throughout: log spectrograms at
// three resolutions with bins as channels (Jang et al. 2021, UnivNet), and the waveform folded by four
// periods (Kong et al. 2020, HiFi-GAN).
#ifndef NM_VOCODER_DISCRIMINATOR_H
#define NM_VOCODER_DISCRIMINATOR_H

#include "models/engine/layers.h"

enum { NM_DISCRIMINATOR_N = 7, NM_DISCRIMINATOR_N_LAYERS = 4 };

// What each discriminator says of each place (real 1, generated 0) and its inner layers, for feature
// matching.
typedef struct {
  NmVar score[NM_DISCRIMINATOR_N];
  NmVar layer[NM_DISCRIMINATOR_N][NM_DISCRIMINATOR_N_LAYERS];
} NmDiscrimination;

// sound [B, L].
NmDiscrimination nm_discriminate(const NmNet *net, NmVar sound);

// Least squares (Mao et al. 2017): sum over discriminators of mean (score - target)^2.
NmVar nm_discrimination_loss(NmGraph *g, const NmDiscrimination *d, double target);

// Mean absolute difference of the inner layers, averaged over layers, summed over discriminators (Larsen et
// al. 2016).
NmVar nm_feature_matching_loss(NmGraph *g, const NmDiscrimination *a, const NmDiscrimination *b);

#endif
