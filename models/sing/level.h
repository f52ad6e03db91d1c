// SPDX-License-Identifier: GPL-3.0-or-later
// The level of every frame, in decibels beside what the voice does by itself: the score's dynamics, the
// swelling of a phrase, the accents of the meter, notes that end.
#ifndef NM_SING_LEVEL_H
#define NM_SING_LEVEL_H

#include "models/sing/lay.h"

// energy_db [n] of frames [first, first + n).
void nm_sung_level_write(const NmSungScore *score, const NmLaid *laid, const NmSingStyle *style,
                         int64_t first, int64_t n, float *energy_db);

#endif
