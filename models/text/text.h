// SPDX-License-Identifier: GPL-3.0-or-later
// Text to phones: sentences, normalisation, lexicon, heteronyms, grapheme-to-phoneme, syllables.
#ifndef NM_TEXT_TEXT_H
#define NM_TEXT_TEXT_H

#include "dsp/base/status.h"
#include "models/text/phones.h"

typedef struct NmText NmText;

// What stands after a word, weakest first; of two marks the stronger counts.
typedef enum {
  NM_BOUNDARY_NONE,
  NM_BOUNDARY_COMMA,
  NM_BOUNDARY_DASH,
  NM_BOUNDARY_SEMICOLON, // also the colon
  NM_BOUNDARY_PERIOD,
  NM_BOUNDARY_EXCLAMATION,
  NM_BOUNDARY_QUESTION,
  NM_N_BOUNDARIES
} NmBoundary;

// How a stretch of text is to be read (SSML say-as).
typedef enum {
  NM_SAY_PLAIN,
  NM_SAY_CHARACTERS, // letter by letter
  NM_SAY_CARDINAL,
  NM_SAY_ORDINAL,
  NM_SAY_DIGITS,
  NM_SAY_DATE,
  NM_SAY_TIME,
  NM_SAY_TELEPHONE
} NmSayAs;

// One spoken word. "1984" gives several, each with the source span of the number.
typedef struct {
  const char *text;                // normalised spelling, lower case, UTF-8
  size_t source_start, len_source; // bytes of the analysed text that it came from
  int32_t phone_first, n_phones;   // its phones in the sentence; n_phones >= 1
  NmBoundary boundary;             // what follows it
} NmWord;

// A note about something that was not spoken as written: unknown symbols, emoji, invalid UTF-8.
typedef struct {
  size_t source_start;
  const char *message;
} NmTextNote;

// The analysis of one sentence. All arrays belong to the NmText and live until its next nm_text_analyse.
// A text with nothing to say has n_words 0.
typedef struct {
  const int32_t *phones;    // [n_phones], no pauses
  const int32_t *syllables; // [n_phones] index of the phone's syllable in the sentence, from 0
  const NmWord *words;      // [n_words]
  const NmTextNote *notes;  // [n_notes]
  int32_t n_phones, n_syllables, n_words, n_notes;
} NmSentence;

// Opens the front end over a compiled lexicon (lexicon.h) and a grapheme-to-phoneme weights file; either path
// may be NULL: without a lexicon every word is unknown, without weights unknown words are read by
// letter-to-sound rules. One object per thread. Returns NULL and fills `err` when a file is unreadable or
// invalid.
NmText *nm_text_new(const char *path_lexicon, const char *path_g2p, NmError *err);
void nm_text_free(NmText *text);

// Adds a user lexicon: lines of `word<TAB or spaces>phones or respelling`, `#` comments, several words
// allowed before a tab (longest match wins, over the built-in lexicon). Re-read by nm_text_analyse when the
// file changes on disk; a broken change is reported through nm_log and the last good version stays.
NmStatus nm_text_add_user_lexicon(NmText *text, const char *path, NmError *err) NM_NODISCARD;

// Whether a lower-case word of `len` bytes is in the built-in lexicon.
bool nm_text_knows(const NmText *text, const char *word, size_t len);

// The phones of one stretch of text, at most one sentence (nm_text_find_sentence). Inline `[[HH AH0 L OW1]]`
// is a word given in phones. Never fails on what the text says: what cannot be spoken becomes a note.
NmStatus nm_text_analyse(NmText *text, const char *utf8, size_t len, NmSayAs say_as, NmSentence *sentence,
                         NmError *err) NM_NODISCARD;

// Bytes of the first sentence of `utf8`, its trailing white space included; 0 when it may go on beyond `len`
// and `at_end` is false. Looks at most NM_SENTENCE_LEN_MAX bytes far: a longer sentence is cut at the best
// clause mark, else at a space, else between characters. `*paragraph` (may be NULL) tells whether a blank
// line follows.
enum { NM_SENTENCE_LEN_MAX = 2000 };
size_t nm_text_find_sentence(const char *utf8, size_t len, bool at_end, bool *paragraph);

#endif
