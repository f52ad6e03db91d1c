// SPDX-License-Identifier: GPL-3.0-or-later
// Drawing, between nm_kit_begin and nm_kit_end, into the panel that is open (ui/kit/widget.h) or else behind
// everything. Later covers earlier. Places in units of the window, inks by ui/kit/theme.h.
#ifndef NM_UI_KIT_DRAW_H
#define NM_UI_KIT_DRAW_H

#include "ui/kit/kit.h"

typedef enum { NM_FONT_BODY, NM_FONT_SMALL, NM_FONT_BOLD, NM_FONT_LARGE, NM_FONTS } NmFont;

typedef struct NmImage NmImage;

// Only what lies in the rectangle and in those around it is drawn until unclip.
void nm_draw_clip(NmKit *kit, NmRect rect);
void nm_draw_unclip(NmKit *kit);

// Filled, and an outline within the rectangle. `round` is the radius of its corners.
void nm_draw_rect(NmKit *kit, NmRect rect, NmInk ink, float round);
void nm_draw_outline(NmKit *kit, NmRect rect, NmInk ink, float round, float width);
// From `top` to `bottom`.
void nm_draw_gradient(NmKit *kit, NmRect rect, NmInk top, NmInk bottom);

// Straight lines one unit wide that are sharp: down at x, across at y.
void nm_draw_down(NmKit *kit, float x, float y0, float y1, NmInk ink);
void nm_draw_across(NmKit *kit, float x0, float x1, float y, NmInk ink);

void nm_draw_line(NmKit *kit, float x0, float y0, float x1, float y1, NmInk ink, float width);
void nm_draw_polyline(NmKit *kit, const float *xy, int n, NmInk ink, float width); // xy [n, 2]
void nm_draw_triangle(NmKit *kit, const float *xy, NmInk ink);                     // xy [3, 2]
void nm_draw_disc(NmKit *kit, float x, float y, float radius, NmInk ink);
void nm_draw_ring(NmKit *kit, float x, float y, float radius, NmInk ink, float width);

// What lies between two curves over the same x: xyy [n, 3] are x, y of one and y of the other.
void nm_draw_band(NmKit *kit, const float *xyy, int n, NmInk ink);

// Text with its top left corner at (x, y), of `len` bytes or to its end when len is negative.
void nm_draw_text(NmKit *kit, NmFont font, float x, float y, NmInk ink, const char *text, int len);
// As that, in the middle of the rectangle's height at its left; cut with an ellipsis when it is too wide.
void nm_draw_label(NmKit *kit, NmFont font, NmRect rect, NmInk ink, const char *text);
float nm_draw_get_text_width(NmKit *kit, NmFont font, const char *text, int len);
float nm_draw_get_text_height(NmKit *kit, NmFont font);

// A picture of width x height pixels, empty; NULL when memory is out. To be freed before the kit, and not
// between the frame's begin and end when it was drawn there.
NmImage *nm_image_new(NmKit *kit, int width, int height);
void nm_image_free(NmImage *image);
// All its pixels, rgba [height, width, 4]. Not between the frame's begin and end when it was drawn there.
void nm_image_set(NmImage *image, const uint8_t *rgba);
// The part (of 0 to 1) of an image stretched to a rectangle.
void nm_draw_image(NmKit *kit, const NmImage *image, NmRect part, NmRect rect);

#endif
