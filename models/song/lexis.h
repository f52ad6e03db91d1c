// SPDX-License-Identifier: GPL-3.0-or-later
// The words that lyrics may be made of: those of a list that the dictionary knows and whose syllables are in
// the network's vocabulary, as a tree of syllables with their stress, and what each rhymes with.
#ifndef NM_SONG_LEXIS_H
#define NM_SONG_LEXIS_H

#include "models/song/syllabify.h"
#include "models/song/tokens.h"
#include "models/text/lexicon.h"

enum { NM_LEXIS_LEN_MAX = 6 }; // syllables of a word

typedef struct {
  int32_t syllables[NM_LEXIS_LEN_MAX]; // ids of the vocabulary
  int8_t stresses[NM_LEXIS_LEN_MAX];
  int8_t n;
  int32_t rhyme; // group of words that sound alike from the stressed vowel on
} NmLexisWord;

// A node stands for the syllables from the root; node 0 is the root.
typedef struct {
  int32_t syllable;
  int32_t child_first, n_children; // nodes
  int32_t word;                    // that ends here; -1
  uint8_t rest;                    // bit l: a word ends l syllables further on
  int8_t stress;
} NmLexisNode;

// Read directly.
typedef struct {
  NmArena arena;
  NmLexisWord *words; // [n_words], in order of their syllables
  NmLexisNode *nodes; // [n_nodes]
  int32_t *n_short;   // [n_rhymes] words of one syllable of each group
  int32_t n_words, n_nodes, n_rhymes;
} NmLexis;

// What the words come from; all borrowed.
typedef struct {
  const char *list; // [len] a word a line; NULL: all of the dictionary, which takes a second
  size_t len;
  const NmLexicon *lexicon;
  NmSyllabifier *syllabifier;
  const NmVocabulary *vocabulary;
} NmLexisSource;

// NM_ERR_BAD_DATA when there are no words of one syllable, NM_ERR_NO_MEMORY.
NmStatus nm_lexis_init(NmLexis *lexis, const NmLexisSource *source, NmError *err) NM_NODISCARD;
void nm_lexis_fini(NmLexis *lexis);

// A word as printed; -1 when it is not there.
int32_t nm_lexis_find(const NmLexis *lexis, const NmLexisSource *source, const char *word, size_t len);

// As NmLexisNode.rest, for some words only: rest [n_nodes] gets bit l where a word that `is_in` says yes to
// ends l syllables further on.
void nm_lexis_mark(const NmLexis *lexis, bool (*is_in)(const void *user, int32_t word), const void *user,
                   uint8_t *rest);

#endif
