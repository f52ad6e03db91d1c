// SPDX-License-Identifier: GPL-3.0-or-later
// Telling steady noise from music. Noise has no measure that music could not have, so it is not far from the
// training clips in any direction; what sets it apart is a plane between those clips and noises made here.
#ifndef NM_EMOTION_NOISE_H
#define NM_EMOTION_NOISE_H

#include "models/emotion/statistics.h"

// Makes noise k = 0, 1...: coloured, limited to a band, swelling, gated, or clicks, at some level; x [n] at
// 24 kHz. The same for the same k.
void nm_emotion_make_noise(uint64_t k, float *x, int64_t n);

// Fits stats->noise (ridge regression on normalised globals, noises 1 and clips 0, both sides weighing the
// same) and shifts it so that 99 % of the clips are below 1. The rest of `stats` must be there.
NmStatus nm_emotion_fit_noise(const NmEmotionCorpus *corpus, const NmEmotionClips *clips, int32_t n_steps,
                              NmEmotionStats *stats, NmError *err) NM_NODISCARD;

#endif
