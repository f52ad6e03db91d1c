// SPDX-License-Identifier: GPL-3.0-or-later
// The compiled pronouncing dictionary: one mapped file, looked up in place.
#ifndef NM_TEXT_LEXICON_H
#define NM_TEXT_LEXICON_H

#include "dsp/base/status.h"
#include "models/text/phones.h"

// The file, little endian: the header; n_blocks u32 offsets of blocks into the data; the data. A block holds
// NM_LEXICON_BLOCK words (the last may hold fewer) in ascending byte order. A word: u8 bytes shared with the
// word before it in the block (0 for the first), u8 further bytes, those bytes, u8 pronunciations >= 1, and
// for each u8 part of speech, u8 phones >= 1, and the phones, NM_LEXICON_SYLLABLE set where a syllable
// begins.
#define NM_LEXICON_MAGIC "NMLEXIC\n"
enum { NM_LEXICON_VERSION = 1, NM_LEXICON_BLOCK = 16, NM_LEXICON_WORD_MAX = 63, NM_LEXICON_SYLLABLE = 0x80 };
enum { NM_LEXICON_PRONS_MAX = 6, NM_LEXICON_PHONES_MAX = 60 };

typedef struct {
  char magic[8];
  uint32_t version, n_words, n_blocks, size_data;
} NmLexiconHeader;

typedef struct NmLexicon NmLexicon;

// One pronunciation, a view into the map. `pos` is 'n' noun, 'v' verb, 'j' adjective, 'd' determiner, 0 any.
typedef struct {
  char pos;
  uint8_t n_phones;
  const uint8_t *phones; // [n_phones] phone id, NM_LEXICON_SYLLABLE added at a syllable's first phone
} NmPron;

// Maps and checks the whole file, so that lookups need no checks. NULL and `err` (file, offset, cause) when
// it is unreadable, truncated, of another version or inconsistent.
NmLexicon *nm_lexicon_new(const char *path, NmError *err);
void nm_lexicon_free(NmLexicon *lexicon);

// Words in the file; 0 for NULL.
uint32_t nm_lexicon_get_n_words(const NmLexicon *lexicon);

// The pronunciations of a lower-case word of `len` bytes into `prons` [NM_LEXICON_PRONS_MAX], the usual one
// first; answers how many, 0 when the word or the lexicon (NULL) is not there. Any thread; never allocates.
int nm_lexicon_find(const NmLexicon *lexicon, const char *word, size_t len, NmPron *prons);

// Calls `visit` for every word in order until it answers false. `word` is not terminated.
typedef bool (*NmLexiconVisit)(void *user, const char *word, size_t len, const NmPron *prons, int n_prons);
void nm_lexicon_visit(const NmLexicon *lexicon, NmLexiconVisit visit, void *user);

#endif
