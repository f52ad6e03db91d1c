// SPDX-License-Identifier: GPL-3.0-or-later
// Words as printed to syllables that can be sung: each has a piece of the print, phones and a stress, so that
// there are always as many printed syllables as phonetic ones.
//
// The phones come from the text front end, changed to how they are sung (sung.h); the print is divided by
// models/text/divide.h. The pieces joined are the word exactly, with its case, quotes, hyphens and points: a
// hyphen or apostrophe stays with the piece before it ("hap-|py", "wand'|ring").
//
// What the letters do not spell is written out, since it is the words that are sung: "1984," becomes the
// words "nine|teen" "eigh|ty" "four,", "&" becomes "and", "Mr." becomes "Mis|ter", the letter w "dou|ble-|u".
// The points and quotes around it stay.
#ifndef NM_SONG_SYLLABIFY_H
#define NM_SONG_SYLLABIFY_H

#include "models/song/song.h"
#include "models/text/divide.h"
#include "models/text/text.h"

typedef struct NmSyllabifier NmSyllabifier;

typedef struct {
  const char *text;              // UTF-8, NUL-terminated, never empty
  int32_t phone_first, n_phones; // in NmSyllables.phones; n_phones >= 1
  int8_t stress;                 // 0 none, 1 primary, 2 secondary
  bool begins_word;              // the first has it, and every further word of what was written out
} NmSyllable;

typedef struct {
  const NmSyllable *syllables; // [n]
  const int32_t *phones;       // [n_phones], models/text/phones.h
  int32_t n, n_phones;         // n 0: nothing to sing, as in "-"
} NmSyllables;

// `text` is borrowed; path_hyphens as in nm_divider_new. One object per thread. NULL and `err` when the
// patterns cannot be read or memory is out.
NmSyllabifier *nm_syllabifier_new(NmText *text, const char *path_hyphens, NmError *err);
void nm_syllabifier_free(NmSyllabifier *syllabifier);

// The syllables of one word of `len` bytes without white space, out of context; words met before are looked
// up. Lives until the next call. NM_ERR_NO_MEMORY.
NmStatus nm_syllabifier_word(NmSyllabifier *syllabifier, const char *word, size_t len, NmSyllables *syllables,
                             NmError *err) NM_NODISCARD;

// Adds the words of one line of text to the song: parts between white space, parted once more behind dashes
// and dots inside ("love--and"). Signs that are not sung join the word before them (or after, at the start),
// with a space between. The whole line is read at once, so that heteronyms fit their context. A line is begun
// with `verse` and `stanza` unless there is nothing to sing. *n_words (may be NULL) is how many were added.
NmStatus nm_syllabifier_add_line(NmSyllabifier *syllabifier, NmSong *song, const char *line, size_t len,
                                 int verse, int stanza, int32_t *n_words, NmError *err) NM_NODISCARD;

#endif
