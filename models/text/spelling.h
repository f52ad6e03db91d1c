// SPDX-License-Identifier: GPL-3.0-or-later
// Which letters of a word spell which of its phones.
#ifndef NM_TEXT_SPELLING_H
#define NM_TEXT_SPELLING_H

#include "models/text/phones.h"

enum { NM_SPELLING_LETTERS_MAX = 64, NM_SPELLING_PHONES_MAX = 64 };

// Letters [first[i], first[i + 1]) spell phone i, with the silent letters behind them; first[n_phones] is
// n_letters. A phone that no letter stands for has an empty span. `len` [n_phones] counts the letters that
// are heard, so first[i] + len[i] is where silent ones begin. The cheapest way of reading `letters` (lower
// case a-z) left to right through a table of English spellings; there is always one. False, and nothing
// written, when there are more letters or phones than the limits above. Any thread; never allocates.
bool nm_spelling_align(const char *letters, int32_t n_letters, const int32_t *phones, int32_t n_phones,
                       int32_t *first, int32_t *len);

#endif
