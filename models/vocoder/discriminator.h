// SPDX-License-Identifier: GPL-3.0-or-later
// Discriminators for adversarial training of the vocoder, one-dimensional throughout: log spectrograms at
// three resolutions with bins as channels (Jang et al. 2021, UnivNet), and the waveform folded by four
// periods (Kong et al. 2020, HiFi-GAN).
#ifndef NM_VOCODER_DISCRIMINATOR_H
#define NM_VOCODER_DISCRIMINATOR_H

#include "models/engine/judge.h"

// sound [B, L].
NmJudgement nm_discriminate(const NmNet *net, NmVar sound);

#endif
