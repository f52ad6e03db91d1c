// SPDX-License-Identifier: GPL-3.0-or-later
// The words, line under line, syllable by syllable.
#ifndef NM_UI_VIEWS_LYRICS_H
#define NM_UI_VIEWS_LYRICS_H

#include "ui/kit/widget.h"

typedef struct {
  const char *text;
  bool ends_word;
  bool sung;     // has a note
  bool selected; // has one that is selected
} NmLyricsSyllable;

typedef struct {
  int32_t syllable_first, n_syllables;
  int32_t row; // where it stands, from 0: rows between lines stay empty
} NmLyricsLine;

typedef struct {
  const NmLyricsLine *lines;         // [n_lines] by row
  const NmLyricsSyllable *syllables; // in order
  int n_lines, n_syllables;
  int heard;         // a syllable that sounds now, -1: none
  const char *title; // for the keyboard's focus
} NmLyricsModel;

typedef enum {
  NM_LYRICS_NOTHING,
  NM_LYRICS_CHOOSE, // a syllable, its notes are to be selected; `extends` what was selected stays so
  NM_LYRICS_LINE,   // a line's text is to be `text`
  NM_LYRICS_MENU    // the right button was pressed
} NmLyricsEditKind;

typedef struct {
  NmLyricsEditKind kind;
  int line, syllable; // -1: none
  bool extends;
  const char *text; // until the next frame
} NmLyricsEdit;

// Zero-initialised.
typedef struct {
  float scroll; // units above the upper edge
  bool types;   // a line's text is being typed
  int line;
  char text[1024];
} NmLyrics;

NmLyricsEdit nm_lyrics_show(NmKit *kit, NmLyrics *lyrics, const NmLyricsModel *model, NmRect rect);

// Begins to type a line's text.
void nm_lyrics_type(NmKit *kit, NmLyrics *lyrics, const NmLyricsModel *model, int line);

// Scrolls as little as needed to have a syllable in sight.
void nm_lyrics_reveal(NmLyrics *lyrics, const NmLyricsModel *model, int syllable, float height);

#endif
