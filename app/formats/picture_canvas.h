// SPDX-License-Identifier: GPL-3.0-or-later
// A small picture to draw on: pixels, boxes, capital letters, PNG.
#ifndef NM_FORMATS_PICTURE_CANVAS_H
#define NM_FORMATS_PICTURE_CANVAS_H

#include <stdint.h>
#include <stdio.h>

#include "dsp/base/status.h"

enum { NM_GLYPH_WIDTH = 5, NM_GLYPH_HEIGHT = 7 };

typedef struct {
  uint8_t r, g, b;
} NmColour;

typedef struct {
  int width, height;
  NmColour *pixels; // [height, width]
} NmCanvas;

// A canvas of one colour; NULL when memory is out.
NmCanvas *nm_canvas_new(int width, int height, NmColour colour);
void nm_canvas_free(NmCanvas *canvas);

// Drawing outside the canvas does nothing. Text is drawn in capitals, its top left corner at (x, y);
// characters without a glyph are blank.
void nm_canvas_set(NmCanvas *canvas, int x, int y, NmColour colour);
void nm_canvas_fill(NmCanvas *canvas, int x, int y, int width, int height, NmColour colour);
void nm_canvas_text(NmCanvas *canvas, int x, int y, const char *text, NmColour colour);
int nm_canvas_text_width(const char *text);

// The dots of a letter, NM_GLYPH_HEIGHT rows from the top, the leftmost dot in bit 4; NULL without a glyph.
const uint8_t *nm_canvas_find_glyph(char letter);

NmStatus nm_canvas_write_png(const NmCanvas *canvas, FILE *file, NmError *err) NM_NODISCARD;

#endif
