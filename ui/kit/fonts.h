// SPDX-License-Identifier: GPL-3.0-or-later
// Which font files have the letters that are to be drawn, by fontconfig. Latin, Greek and Cyrillic letters
// are always asked for; others (Chinese, Japanese, Korean have tens of thousands) when they are first met.
// One thread.
#ifndef NM_UI_KIT_FONTS_H
#define NM_UI_KIT_FONTS_H

#include <stdbool.h>

#include "dsp/base/map.h"

typedef struct NmFonts NmFonts;

enum { NM_FONTS_FACES_MAX = 12 };

// One font of a file and the characters that are taken from it.
typedef struct {
  const uint8_t *data; // the file
  size_t size;
  int index;              // of the font in the file
  const uint16_t *ranges; // pairs of first and last, ends with 0
} NmFontFace;

// Fonts of a family, NULL for the system's sans-serif, and what fills its gaps. NULL and `err` (NM_ERR_IO
// when no font is installed, NM_ERR_NO_MEMORY).
NmFonts *nm_fonts_new(const char *family, bool bold, NmError *err);
void nm_fonts_free(NmFonts *fonts);

// Asks for the characters of a text as well; true when one is new. Only the first plane of Unicode.
bool nm_fonts_want(NmFonts *fonts, const char *text, size_t n);

// The faces for all characters asked for, the main one first; answers how many, at least one. Valid until
// the next call. A file that cannot be read is left out.
int nm_fonts_plan(NmFonts *fonts, NmFontFace faces[NM_FONTS_FACES_MAX]);

// A character asked for that no font has, 0 when there is none.
unsigned nm_fonts_get_missing(const NmFonts *fonts);

#endif
