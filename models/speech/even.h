// SPDX-License-Identifier: GPL-3.0-or-later
// Speech swallows unstressed vowels and lets every phrase sink; a singer carries each note. This brings the
// loudness of vowels nearer to each other and keeps it while they are held.
#ifndef NM_SPEECH_EVEN_H
#define NM_SPEECH_EVEN_H

#include "models/speech/voice.h"

// envelope [T, 80] in ln amplitude, of `n` phones with n_frames, T together. `share` of the distance of
// vowels from the phrase's mean is taken away, 0 none. gains [T] is for working.
void nm_even_levels(const NmVoicePhone *phones, int32_t n, int64_t T, float share, float *envelope,
                    float *gains);

#endif
