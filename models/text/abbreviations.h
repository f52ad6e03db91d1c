// SPDX-License-Identifier: GPL-3.0-or-later
// Abbreviations, for the normaliser and for finding the end of a sentence.
#ifndef NM_TEXT_ABBREVIATIONS_H
#define NM_TEXT_ABBREVIATIONS_H

#include <stdbool.h>
#include <stddef.h>

enum {
  NM_ABBR_POINT = 1,         // only with its point
  NM_ABBR_CAPITAL = 2,       // only with a capital letter
  NM_ABBR_BEFORE_NUMBER = 4, // only before a digit
  NM_ABBR_BEFORE_NAME = 8,   // only before a capital letter
  NM_ABBR_INSIDE = 16,       // never the last word of a sentence: titles
  NM_ABBR_SMALL = 32         // only with a small letter
};

typedef struct {
  const char *text; // lower case, without the point
  const char *words;
  int flags;
} NmAbbreviation;

// The abbreviation of `len` letters at `s` in any case, NULL when there is none.
const NmAbbreviation *nm_abbreviation_find(const char *s, size_t len);

// Whether a word of `len` letters in any case is so common at the start of a sentence that a point before it
// ends one even behind an abbreviation: "the", "he", "this"…
bool nm_is_sentence_opener(const char *s, size_t len);

#endif
