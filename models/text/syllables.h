// SPDX-License-Identifier: GPL-3.0-or-later
// Syllables by the maximal onset principle: between two vowels, the longest legal English onset goes right.
#ifndef NM_TEXT_SYLLABLES_H
#define NM_TEXT_SYLLABLES_H

#include "models/text/phones.h"

// Marks in `starts` [n] which of `phones` [n] begin a syllable. The first always does; a word without vowels
// is one syllable. Any thread.
void nm_syllables_find(const int32_t *phones, int32_t n, bool *starts);

#endif
