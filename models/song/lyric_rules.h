// SPDX-License-Identifier: GPL-3.0-or-later
// Words under way to a melody, row by row, and what each may go on with: NmSearchRules for lyrics. A step is
// a syllable in four fields: end, stress, syllable, mark, as the decoder's choices.
//
// Whatever is chosen among what is allowed, a finished row has a syllable for each unit of the melody, its
// words are whole words of the lexis that do not run over line ends, and lines of one letter of the rhyme
// scheme rhyme.
#ifndef NM_SONG_LYRIC_RULES_H
#define NM_SONG_LYRIC_RULES_H

#include "models/song/lexis.h"
#include "models/song/search.h"

enum { NM_LYRIC_SCHEME_MAX = 32 };

// Read directly; arrays are borrowed.
typedef struct {
  const NmLexis *lexis;
  const float *strengths; // [n_units] of the places the units begin at, 0-1
  const int32_t *lines;   // [n_units] the line each is in
  const char *scheme;     // "AABB", goes round; X and other signs do not rhyme; NULL: none
  const int32_t *theme;   // [n_theme] words that are wanted
  int32_t n_units, n_lines, n_theme;
  float stress; // how much stressed syllables are drawn to strong places, nats
  bool strict;  // and weak ones kept off them wherever there is a choice
  float boost;  // of the theme's words, nats
} NmLyricPlan;

// One syllable.
typedef struct {
  int32_t syllable, node; // node of the lexis; where a word ends, its node has the word
  int8_t end, stress, mark;
} NmLyricSyllable;

typedef struct NmLyricRules NmLyricRules;

// `plan` is borrowed. NULL when memory is out.
NmLyricRules *nm_lyric_rules_new(const NmLyricPlan *plan, int32_t n_rows);
void nm_lyric_rules_free(NmLyricRules *rules);

// The fields and the functions for nm_search_run; its scorer is the caller's.
void nm_lyric_rules_set_task(NmLyricRules *rules, int32_t n_syllables, NmSearchTask *task);

// A search in parts, as nm_melody_rules_set_window: units.
void nm_lyric_rules_set_window(NmLyricRules *rules, int32_t unit_first, int32_t unit_end);

const NmLyricSyllable *nm_lyric_rules_get(const NmLyricRules *rules, int32_t row, int32_t *n);

// The letter of a line in the scheme, 0 when it does not rhyme.
char nm_lyric_get_letter(const NmLyricPlan *plan, int32_t line);

// The first syllable that breaks a promise, -1 when all is well; `why` (may be NULL) names it.
int32_t nm_lyric_check(const NmLyricPlan *plan, const NmLyricSyllable *syllables, int32_t n,
                       const char **why);

#endif
