// SPDX-License-Identifier: GPL-3.0-or-later
// From UTF-8 to the small alphabet that the normaliser reads: ASCII and a few symbols, each with its origin.
#ifndef NM_TEXT_FOLD_H
#define NM_TEXT_FOLD_H

#include "models/text/text.h"

// Symbols without an ASCII character, as bytes of the folded text.
enum {
  NM_SYM_FIRST = 0x80,
  NM_SYM_EM_DASH = NM_SYM_FIRST,
  NM_SYM_EN_DASH,
  NM_SYM_QUOTE_OPEN, // a curly single quote that opens; the closing one is the apostrophe
  NM_SYM_POUND,
  NM_SYM_EURO,
  NM_SYM_YEN,
  NM_SYM_RUPEE,
  NM_SYM_CENT,
  NM_SYM_DEGREE,
  NM_SYM_TIMES,
  NM_SYM_DIVIDE,
  NM_SYM_PLUS_MINUS,
  NM_SYM_SECTION,
  NM_SYM_PARAGRAPH,
  NM_SYM_COPYRIGHT,
  NM_SYM_REGISTERED,
  NM_SYM_TRADEMARK,
  NM_SYM_SQUARED,
  NM_SYM_CUBED,
  NM_SYM_LESS_EQUAL,
  NM_SYM_GREATER_EQUAL,
  NM_SYM_NOT_EQUAL,
  NM_SYM_ALMOST_EQUAL,
  NM_SYM_INFINITY,
  NM_SYM_ROOT,
  NM_SYM_ARROW,
  NM_SYM_PER_MILLE,
  NM_SYM_MICRO,
  NM_SYM_GREEK_FIRST, // alpha to omega, 24 letters without the final sigma
  NM_SYM_LAST = NM_SYM_GREEK_FIRST + 23
};

// A growing list of notes.
typedef struct {
  NmTextNote *notes; // [n]
  int32_t n, capacity;
} NmNotes;

// Adds a note unless the last one says the same; forgets it quietly when memory is out or there are 64.
void nm_notes_add(NmNotes *notes, size_t source_start, const char *message);
void nm_notes_fini(NmNotes *notes);

// The folded text; reused from one text to the next.
typedef struct {
  uint8_t *chars;   // [n] and a terminating 0: ASCII without controls, or NM_SYM_*
  uint32_t *source; // [n + 1] the byte where each came from; source[n] is the end of the text
  size_t n, capacity;
  bool visible; // something but white space was there, spoken or not
} NmFolded;

// Folds `len` bytes: accents off, quotes and dashes to one form, compatibility forms apart (a fraction sign
// to digits), white space to ' '. Emoji, other scripts and bytes that are not UTF-8 become a space and a
// note. NM_ERR_NO_MEMORY.
NmStatus nm_folded_set(NmFolded *folded, const char *utf8, size_t len, NmNotes *notes) NM_NODISCARD;
void nm_folded_fini(NmFolded *folded);

#endif
