// SPDX-License-Identifier: GPL-3.0-or-later
// Words with several pronunciations, chosen by the words around them; and the weak forms of small words.
#ifndef NM_TEXT_HETERONYMS_H
#define NM_TEXT_HETERONYMS_H

#include "models/text/lexicon.h"
#include "models/text/pronounce.h"
#include "models/text/tokens.h"

// Reads token `i` when it is a heteronym; false when it is not.
bool nm_heteronym_read(const NmLexicon *lexicon, const NmTextTokens *tokens, size_t i, NmReading *reading);

// Reads token `i` when it is a small word (the, a, to, of...); `last`: a boundary follows, so it is strong.
// "the" and "to" are written as before a consonant.
bool nm_weak_form_read(const NmTextTokens *tokens, size_t i, NmReading *reading);

// The vowel of "the" and "to" (the last phone of the word) before a word that begins with `next`.
void nm_weak_form_join(const char *word, int32_t *phone, int32_t next);

#endif
