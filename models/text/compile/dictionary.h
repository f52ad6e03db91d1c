// SPDX-License-Identifier: GPL-3.0-or-later
// The source dictionaries of the lexicon compiler, as one sorted list of entries in memory.
#ifndef NM_TEXT_COMPILE_DICTIONARY_H
#define NM_TEXT_COMPILE_DICTIONARY_H

#include "models/text/lexicon.h"

// One pronunciation of one word.
typedef struct {
  char word[NM_LEXICON_WORD_MAX + 1]; // lower case
  char pos;                           // as NmPron
  bool has_stress;                    // false: the source gave none
  int32_t n_phones;
  int32_t order; // of arrival, keeps alternatives of a word in the order of their source
  int32_t phones[NM_LEXICON_PHONES_MAX];
  bool starts[NM_LEXICON_PHONES_MAX]; // syllable starts; all false: to be found
} DictEntry;

typedef struct {
  DictEntry *entries;
  size_t n, capacity;
} Dictionary;

// Appends a copy; NM_ERR_NO_MEMORY.
NmStatus dictionary_add(Dictionary *dictionary, const DictEntry *entry) NM_NODISCARD;
void dictionary_fini(Dictionary *dictionary);

// Sorts by word, then by arrival.
void dictionary_sort(Dictionary *dictionary);

// The first entry of `word` in a sorted dictionary, NULL when there is none. `n` (may be NULL): how many.
const DictEntry *dictionary_find(const Dictionary *dictionary, const char *word, size_t *n);

// Readers; each adds what it understands and fails, naming file and line, when the file is not of its kind.
NmStatus dictionary_read_festival(Dictionary *dictionary, const char *path, NmError *err) NM_NODISCARD;
NmStatus dictionary_read_sphinx(Dictionary *dictionary, const char *path, NmError *err) NM_NODISCARD;

// `word[/pos] phones` a line; `#` begins a comment. Stress digits are required on vowels.
NmStatus dictionary_read_supplement(Dictionary *dictionary, const char *path, NmError *err) NM_NODISCARD;

#endif
