// SPDX-License-Identifier: GPL-3.0-or-later
// A document as the views want it: plain arrays, made anew when it changed.
#ifndef NM_STUDIO_MODEL_H
#define NM_STUDIO_MODEL_H

#include "app/document/document.h"
#include "ui/views/axis.h"
#include "ui/views/curve.h"
#include "ui/views/lyrics.h"
#include "ui/views/roll.h"
#include "ui/views/ruler.h"

// Texts are those of the document, hence valid until it changes; `selected` and what is heard may be changed.
// Zero-initialise.
typedef struct {
  NmArena arena;
  uint64_t revision; // of the document
  NmAxisTime time;
  NmRollModel roll;
  NmLyricsModel lyrics;
  NmMarker *markers; // [n_markers]
  int n_markers;
  NmCurvePoint *pitch;             // [n_pitch] drawn: ticks, cents
  NmCurvePoint *valence, *arousal; // [n_feelings] drawn: seconds
  int32_t n_pitch, n_feelings;
  int32_t *ids;              // [roll.n] of the notes
  int32_t *chosen;           // [roll.n] room for ids
  int32_t *syllable_of_note; // [roll.n] in the song, the first of the verse that is shown; -1: none
  int32_t *note_of_syllable; // [lyrics.n_syllables] the first, -1: none
  int32_t *n_of_syllable;    // [lyrics.n_syllables] notes
  int32_t *chosen_lines;     // [n_chosen_lines] in which a note is selected
  int32_t n_chosen_lines;
  NmLyricsSyllable *syllables; // lyrics.syllables
} NmStudioModel;

// Shows the words of a verse (1...) over the notes. Notes selected in `before` (may be NULL) stay selected.
// NM_ERR_NO_MEMORY leaves the model empty, which must not be shown.
NmStatus nm_studio_model_make(NmStudioModel *model, const NmDocument *doc, int verse,
                              const NmStudioModel *before) NM_NODISCARD;
void nm_studio_model_fini(NmStudioModel *model);

// Marks the syllables and lines whose notes are selected.
void nm_studio_model_mark(NmStudioModel *model);

// What sounds at a tick, -1: nothing.
void nm_studio_model_hear(NmStudioModel *model, int64_t tick);

// Ids of the selected notes into `ids` [roll.n]; answers how many.
int32_t nm_studio_model_get_selected(const NmStudioModel *model, int32_t *ids);

#endif
