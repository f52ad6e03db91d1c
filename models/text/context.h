// SPDX-License-Identifier: GPL-3.0-or-later
// The words around a word, and what kinds of word they may be: enough grammar to tell nouns from verbs.
#ifndef NM_TEXT_CONTEXT_H
#define NM_TEXT_CONTEXT_H

#include "models/text/tokens.h"

// What kinds of word something may be, as far as small words and endings tell.
enum {
  NM_KIND_DET = 1,  // a the this every; possessives my his
  NM_KIND_PREP = 2, // of in by; not to
  NM_KIND_TO = 4,
  NM_KIND_SUBJECT = 8, // I you he she it we they who
  NM_KIND_MODAL = 16,  // can will do does did to-less infinitives follow
  NM_KIND_BE = 32,
  NM_KIND_HAVE = 64,
  NM_KIND_OBJECT = 128, // me him them us it you
  NM_KIND_ADVERB = 256,
  NM_KIND_NUMBER = 512,
  NM_KIND_CONJUNCTION = 1024,
  NM_KIND_NOT = 2048,
  NM_KIND_PLURAL = 4096,
  NM_KIND_PARTICIPLE = 8192, // ends in -ed
  NM_KIND_NONE = 32768       // no word: the edge of a clause
};

// One word of a text.
typedef struct {
  const NmTextTokens *tokens;
  size_t i;
} NmContext;

// The word `offset` places away, "" beyond a boundary or the text; its kinds, as bits.
const char *nm_context_word(const NmContext *context, int offset);
int nm_context_kind(const NmContext *context, int offset);

// The kinds of the word before, adverbs and "not" skipped.
int nm_context_kind_before(const NmContext *context);

// Whether one of the words up to `n` places before or behind is in a list of words separated by spaces,
// boundaries or not.
bool nm_context_is_near(const NmContext *context, int n, const char *list);
bool nm_word_is_one_of(const char *word, const char *list);

// Verb rather than noun or adjective.
bool nm_context_is_verb(const NmContext *context);

// Past tense or participle rather than the plain verb: for "read".
bool nm_context_is_past(const NmContext *context);

#endif
