// SPDX-License-Identifier: GPL-3.0-or-later
// Smooth lines, discs and letters on a canvas. Places are in pixels, whole numbers at their centres.
#ifndef NM_FORMATS_PICTURE_PEN_H
#define NM_FORMATS_PICTURE_PEN_H

#include "app/formats/picture_canvas.h"

// Lays colour over a pixel, `cover` 0 to 1 of it.
void nm_pen_blend(NmCanvas *canvas, int x, int y, NmColour colour, double cover);

// A line with round ends.
void nm_pen_line(NmCanvas *canvas, double x0, double y0, double x1, double y1, double width, NmColour colour);

// A line of dashes, across or down.
void nm_pen_dashes(NmCanvas *canvas, int x0, int y0, int x1, int y1, NmColour colour);

void nm_pen_disc(NmCanvas *canvas, double x, double y, double radius, NmColour colour);
void nm_pen_ring(NmCanvas *canvas, double x, double y, double radius, double width, NmColour colour);

// The part of a column between two heights, in any order.
void nm_pen_column(NmCanvas *canvas, int x, double y0, double y1, NmColour colour, double cover);

// Capital letters drawn with strokes, `size` pixels for a dot of the canvas's glyphs; top left at (x, y).
void nm_pen_text(NmCanvas *canvas, double x, double y, double size, const char *text, NmColour colour);
double nm_pen_text_width(double size, const char *text);

#endif
