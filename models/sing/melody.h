// SPDX-License-Identifier: GPL-3.0-or-later
// The pitch of every frame: notes joined by glides, vibrato on those that last, a slow wandering.
#ifndef NM_SING_MELODY_H
#define NM_SING_MELODY_H

#include "models/sing/score.h"

// How far a score has been moved to suit a voice.
typedef struct {
  int32_t transpose; // semitones of all notes
  int32_t n_folded;  // notes that went further octaves
} NmSungRange;

// Sets the pitch of every note: by style->transpose, or by the octaves that bring the notes nearest to where
// the speaker sings well; those of lines as they say; notes that it cannot reach go by further octaves of
// their own.
NmSungRange nm_sung_range_fit(NmSungScore *score, const NmSingStyle *style, const NmVoice *voice);

// Pitch in Hz at the middle of frames [first, first + n): f0_hz [n]. Holds the outer notes beyond the ends.
void nm_sung_melody_write(const NmSungScore *score, const NmSingStyle *style, int64_t first, int64_t n,
                          float *f0_hz);

#endif
