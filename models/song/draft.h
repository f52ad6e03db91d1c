// SPDX-License-Identifier: GPL-3.0-or-later
// Syllables in the making: the print of a text laid under the words that the text front end heard in it. The
// inside of models/song/syllabify.h.
#ifndef NM_SONG_DRAFT_H
#define NM_SONG_DRAFT_H

#include "models/text/divide.h"
#include "models/text/fold.h"
#include "models/text/text.h"

// A syllable before its text has an address.
typedef struct {
  uint32_t text, len_text; // in NmDrafts.chars
  int32_t phone_first, n_phones;
  int8_t stress;
  bool begins_word;
} NmDraft;

// Zero-initialise and set the divider. Texts of drafts lie one behind the other in `chars`.
typedef struct {
  NmDivider *divider; // borrowed
  NmDraft *drafts;    // [n_drafts]
  char *chars;        // [n_chars]
  int32_t *phones;    // [n_phones]
  size_t n_drafts, n_chars, n_phones;
  bool failed; // memory ran out: the list is not complete
  char *spare; // a text to be changed, from nm_drafts_get_spare
  size_t capacity_drafts, capacity_chars, capacity_phones, capacity_spare;
  NmFolded folded;
  NmNotes notes;
} NmDrafts;

// Forgets all, keeps the memory.
void nm_drafts_reset(NmDrafts *drafts);
void nm_drafts_fini(NmDrafts *drafts);

// Appends to `chars` without a draft.
void nm_drafts_add_chars(NmDrafts *drafts, const char *text, size_t len);

// Room for `len` bytes and what follows them, overwritten by nm_drafts_add_part; NULL when memory is out.
char *nm_drafts_get_spare(NmDrafts *drafts, size_t len);

// A part of a text and the spoken words that came from it.
typedef struct {
  const NmSentence *sentence;
  const char *text; // the whole analysed text, as printed
  size_t from, to;  // bytes of it
  int32_t first, n; // words of the sentence
} NmDraftPart;

// Appends the syllables of a part that is one printed word; the first begins a word, and so does each further
// word of what must be written out.
void nm_drafts_add_part(NmDrafts *drafts, const NmDraftPart *part);

#endif
