// SPDX-License-Identifier: GPL-3.0-or-later
// Stress for words whose source gives none, and one primary stress where it gives several.
#ifndef NM_TEXT_COMPILE_STRESS_H
#define NM_TEXT_COMPILE_STRESS_H

#include "models/text/compile/dictionary.h"

// A dictionary to compare with, indexed by word endings.
typedef struct {
  const Dictionary *known;     // sorted; borrowed
  const DictEntry **by_ending; // [n] sorted by the reversed spelling
  size_t n;
} StressIndex;

NmStatus stress_index_init(StressIndex *index, const Dictionary *known) NM_NODISCARD;
void stress_index_fini(StressIndex *index);

// Festival's dictionary knows only 0 and 1: of several stressed syllables one keeps the primary stress, by
// the word's ending, prefix and parts; the others become secondary.
void stress_choose_primary(const StressIndex *index, DictEntry *entry);

// Gives stress to a word of the second dictionary: by the word it is derived from, by its two parts, or after
// the known word of as many syllables with the longest common ending.
void stress_guess(const StressIndex *index, DictEntry *entry);

#endif
