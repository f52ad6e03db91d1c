// SPDX-License-Identifier: GPL-3.0-or-later
// Asking for songs, melodies and words: the dialogs, what was asked for, and what has come of it.
#ifndef NM_STUDIO_COMPOSING_H
#define NM_STUDIO_COMPOSING_H

#include "app/studio/muse.h"
#include "app/studio/studio.h"

enum { NM_COMPOSING_TEXT_MAX = 1 << 17 };

// Zero-initialise.
typedef struct {
  NmMuse *muse;   // NULL: not needed so far
  bool is_told;   // its trouble was
  char *text;     // [NM_COMPOSING_TEXT_MAX] lyrics in the dialog; NULL: not needed so far
  int key, meter; // rows of the dialog's lists
  double bpm;     // 0: any
  char scheme[32], theme[256];
  int32_t line_first, n_lines; // that get new words; n_lines 0: all
  uint64_t seed;               // other songs every time
} NmComposing;

void nm_composing_fini(NmComposing *composing);

// What the menu asks for: a dialog for the lyrics of a song; the melody of all words anew, or of the lines
// that are selected; a dialog for other words to all of the melody, or to those lines.
void nm_studio_ask_lyrics(NmStudio *studio);
void nm_studio_compose(NmStudio *studio);
void nm_studio_compose_lines(NmStudio *studio);
void nm_studio_ask_words(NmStudio *studio, bool lines);
void nm_studio_stop_composing(NmStudio *studio);

// Begins one when it is first needed; NULL when memory or threads are out.
NmMuse *nm_studio_get_muse(NmStudio *studio);

bool nm_studio_is_composing(const NmStudio *studio);
// The lines of the verse in sight that have selected notes; false when there are none.
bool nm_studio_get_lines(const NmStudio *studio, int32_t *line_first, int32_t *n_lines);

// Every frame: takes what has come; shows the dialogs. Answers what the status bar is to say, NULL: nothing.
void nm_studio_show_composing(NmStudio *studio);
const char *nm_studio_write_composing(const NmStudio *studio, char *text, size_t size);

#endif
