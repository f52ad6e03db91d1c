// SPDX-License-Identifier: GPL-3.0-or-later
// The melodies of a search, row by row, and what each may go on with: NmSearchRules of a NmMelodyPlan. A step
// is a note in four fields: tie, class of the gap, pitch, class of the length, as the decoder's choices.
//
// Whatever is chosen among what is allowed, a finished row has exactly the words' syllables, each on at least
// one note, and keeps to the plan.
#ifndef NM_SONG_MELODY_RULES_H
#define NM_SONG_MELODY_RULES_H

#include "models/song/melody_plan.h"
#include "models/song/search.h"

typedef struct {
  int64_t onset; // ticks from the plan's beginning
  int32_t syllable, gap, len;
  int16_t pitch;
  bool tie; // the syllable goes on after it
} NmMelodyNote;

typedef struct NmMelodyRules NmMelodyRules;

// `plan` is borrowed. NULL when memory is out. A row has room for the notes of the whole song.
NmMelodyRules *nm_melody_rules_new(const NmMelodyPlan *plan, int32_t n_rows);
void nm_melody_rules_free(NmMelodyRules *rules);

// The fields and the functions for nm_search_run; its scorer is the caller's.
void nm_melody_rules_set_task(NmMelodyRules *rules, NmSearchTask *task);

// A search in parts: rows are done when the lines before `line_end` have their notes. Notes from `line_first`
// on that are there already are gone through once more, without a choice, so that a scorer that begins anew
// hears them.
void nm_melody_rules_set_window(NmMelodyRules *rules, int32_t line_first, int32_t line_end);

// What a row has: [*n]. Lives until the rules' next change.
const NmMelodyNote *nm_melody_rules_get_notes(const NmMelodyRules *rules, int32_t row, int32_t *n);

// How far the row's time at the beginning of the window is past a bar line; ticks.
int32_t nm_melody_rules_get_start(const NmMelodyRules *rules, int32_t row);

// The first note of `plan` that breaks a rule, -1 when all is well: what the search promises, checked without
// it. `why` (may be NULL) names the rule.
int32_t nm_melody_check(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, const char **why);

#endif
