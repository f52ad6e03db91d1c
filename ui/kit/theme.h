// SPDX-License-Identifier: GPL-3.0-or-later
// Colours by what they are for, in a light and a dark set.
#ifndef NM_UI_KIT_THEME_H
#define NM_UI_KIT_THEME_H

#include <stdint.h>

typedef uint32_t NmInk; // 0xRRGGBBAA

typedef enum { NM_THEME_DARK, NM_THEME_LIGHT, NM_THEMES } NmTheme;

typedef enum {
  NM_PAINT_GROUND,      // behind everything
  NM_PAINT_PANEL,       // bars and panels
  NM_PAINT_RAISED,      // buttons, fields
  NM_PAINT_HOVER,       // those under the pointer
  NM_PAINT_LINE,        // between panels, of a grid
  NM_PAINT_LINE_STRONG, // bar lines
  NM_PAINT_TEXT,
  NM_PAINT_TEXT_DIM,
  NM_PAINT_ACCENT,      // what is selected, has the keyboard, is played
  NM_PAINT_ACCENT_TEXT, // on accent
  NM_PAINT_NOTE,
  NM_PAINT_NOTE_TEXT,
  NM_PAINT_KEY_WHITE, // of the keyboard
  NM_PAINT_KEY_BLACK,
  NM_PAINT_ROW_BLACK, // behind notes on black keys
  NM_PAINT_LOOP,
  NM_PAINT_WAVE,
  NM_PAINT_PITCH,
  NM_PAINT_VOWEL, // phones
  NM_PAINT_CONSONANT,
  NM_PAINT_VALENCE,
  NM_PAINT_AROUSAL,
  NM_PAINT_WARNING,
  NM_PAINT_SHADOW,
  NM_PAINTS
} NmPaint;

NmInk nm_theme_get_ink(NmTheme theme, NmPaint paint);

// The same colour, `alpha` 0 to 1 of its own cover; between two, `t` 0 to 1 of the way.
NmInk nm_ink_fade(NmInk ink, float alpha);
NmInk nm_ink_mix(NmInk a, NmInk b, float t);

#endif
