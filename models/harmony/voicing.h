// SPDX-License-Identifier: GPL-3.0-or-later
// How a chord lies on the keys: close voices that move as little as they can from the chord before.
#ifndef NM_HARMONY_VOICING_H
#define NM_HARMONY_VOICING_H

#include "models/harmony/chord.h"

typedef struct {
  int n;                            // voices; 0: none yet
  uint8_t keys[NM_CHORD_TONES_MAX]; // MIDI, ascending
} NmVoicing;

// All tones of the chord within an octave, every inversion and octave tried: the least sum of the ways of the
// voices from `before` and, of the whole, from `center`. Any thread; never allocates.
NmVoicing nm_voicing_find(const NmChord *chord, const NmVoicing *before, int center);

// The key of a pitch class that is nearest to `center`, the lower of two.
int nm_voicing_nearest(int pitch_class, int center);

#endif
