// SPDX-License-Identifier: GPL-3.0-or-later
// Letters: their names, and whether a string of them can be spoken as a word.
#ifndef NM_TEXT_LETTERS_H
#define NM_TEXT_LETTERS_H

#include "models/text/lexicon.h"

enum { NM_LETTER_PHONES_MAX = 8 };

// The phones of the name of a letter a-z into `phones` [NM_LETTER_PHONES_MAX]; how many, 0 for other bytes.
int nm_letter_name(char letter, int32_t *phones);

// True when a pronunciation is the names of the letters one after the other (stress aside).
bool nm_letters_are_pron(const char *word, size_t len, const NmPron *pron);

// True when an unknown lower-case word looks as if it could be spoken: a vowel, no odd clusters.
bool nm_letters_are_speakable(const char *word, size_t len);

#endif
