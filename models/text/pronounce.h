// SPDX-License-Identifier: GPL-3.0-or-later
// Words to phones: lexicon, forms derived from known words, compounds, and at last a guess.
#ifndef NM_TEXT_PRONOUNCE_H
#define NM_TEXT_PRONOUNCE_H

#include "models/text/lexicon.h"
#include "models/text/tokens.h"

enum { NM_READING_PHONES_MAX = 192 };

// How one word is said.
typedef struct {
  int32_t phones[NM_READING_PHONES_MAX]; // [n]
  bool starts[NM_READING_PHONES_MAX];    // [n] a syllable begins
  int32_t n;
} NmReading;

// Guesses an unknown lower-case word of letters; answers false when it has nothing to say about it.
typedef bool (*NmGuess)(void *user, const char *word, size_t len, NmReading *reading);

typedef struct {
  const NmLexicon *lexicon; // may be NULL
  NmGuess guess;            // the trained model; NULL: the rules only
  void *user;
} NmPronouncer;

// Copies a pronunciation of the lexicon, or `n` phones whose syllables are found.
void nm_reading_set_pron(NmReading *reading, const NmPron *pron);
void nm_reading_set_phones(NmReading *reading, const int32_t *phones, int32_t n);
// Parses "HH AH0 L OW1"; vowels without a digit get stress 1 if they are the first, else 0. False when a part
// is no phone.
bool nm_reading_parse(NmReading *reading, const char *names, size_t len);

// A word of the lexicon or built from its words by endings, prefixes and composition; false when it is not.
bool nm_pronounce_known(const NmPronouncer *pronouncer, const char *word, size_t len, NmReading *reading);

// Any word; `splits` as in NmTextToken. Always answers with at least one phone.
void nm_pronounce(const NmPronouncer *pronouncer, const char *word, size_t len, uint32_t splits,
                  NmReading *reading);

// The name of a letter, with an `'s` behind it or not.
void nm_pronounce_letter(const char *text, size_t len, NmReading *reading);

#endif
