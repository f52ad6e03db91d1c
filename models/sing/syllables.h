// SPDX-License-Identifier: GPL-3.0-or-later
// A word's phones divided among the syllables it is written in, of which there may be more or fewer than it
// is spoken in: "ev-'ry" and "e-ver-y", "pray-er", "glo-o-o-ri-a".
#ifndef NM_SING_SYLLABLES_H
#define NM_SING_SYLLABLES_H

#include "models/text/pronounce.h"

// One written syllable's phones.
typedef struct {
  int32_t first, n; // in the reading
} NmSungPiece;

// Divides `reading` (n >= 1) among `n` written syllables, texts [n] in UTF-8, into pieces [n]. Syllables too
// many are merged (models/song/sung.h) or share a piece; where there are too few, a piece without a vowel
// holds the one before it, for which phones are added to the reading. No piece is empty; together they are
// the reading. False when it would need more than NM_READING_PHONES_MAX phones: the pieces are then
// undefined.
bool nm_sung_divide(NmReading *reading, const char *const *texts, int32_t n,
                    NmSungPiece *pieces) NM_NODISCARD;

#endif
