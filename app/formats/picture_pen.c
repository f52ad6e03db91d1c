// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/picture_pen.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { DASH = 4 };

static double limit(double x)
{
  return fmin(fmax(x, 0), 1);
}

void nm_pen_blend(NmCanvas *canvas, int x, int y, NmColour colour, double cover)
{
  if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height || !(cover > 0)) return;
  NmColour *p = &canvas->pixels[(size_t)y * (size_t)canvas->width + (size_t)x];
  cover = limit(cover);
  *p = (NmColour){(uint8_t)lround(p->r + cover * (colour.r - p->r)),
                  (uint8_t)lround(p->g + cover * (colour.g - p->g)),
                  (uint8_t)lround(p->b + cover * (colour.b - p->b))};
}

static double distance_to_line(double x, double y, const double from[2], const double to[2])
{
  const double dx = to[0] - from[0], dy = to[1] - from[1], length = dx * dx + dy * dy;
  const double t = length > 0 ? limit(((x - from[0]) * dx + (y - from[1]) * dy) / length) : 0;
  return hypot(x - from[0] - t * dx, y - from[1] - t * dy);
}

void nm_pen_line(NmCanvas *canvas, double x0, double y0, double x1, double y1, double width, NmColour colour)
{
  const double from[2] = {x0, y0}, to[2] = {x1, y1}, reach = width / 2 + 1;
  const int left = (int)floor(fmin(x0, x1) - reach), right = (int)ceil(fmax(x0, x1) + reach);
  const int top = (int)floor(fmin(y0, y1) - reach), bottom = (int)ceil(fmax(y0, y1) + reach);
  for (int y = top; y <= bottom; ++y)
    for (int x = left; x <= right; ++x)
      nm_pen_blend(canvas, x, y, colour, width / 2 + .5 - distance_to_line(x, y, from, to));
}

void nm_pen_dashes(NmCanvas *canvas, int x0, int y0, int x1, int y1, NmColour colour)
{
  for (int y = y0; y <= y1; ++y)
    for (int x = x0; x <= x1; ++x)
      if ((x - x0 + y - y0) % (2 * DASH) < DASH) nm_canvas_set(canvas, x, y, colour);
}

void nm_pen_disc(NmCanvas *canvas, double x, double y, double radius, NmColour colour)
{
  nm_pen_line(canvas, x, y, x, y, 2 * radius, colour);
}

void nm_pen_ring(NmCanvas *canvas, double x, double y, double radius, double width, NmColour colour)
{
  const double reach = radius + width / 2 + 1;
  for (int j = (int)floor(y - reach); j <= (int)ceil(y + reach); ++j)
    for (int i = (int)floor(x - reach); i <= (int)ceil(x + reach); ++i)
      nm_pen_blend(canvas, i, j, colour, width / 2 + .5 - fabs(hypot(i - x, j - y) - radius));
}

void nm_pen_column(NmCanvas *canvas, int x, double y0, double y1, NmColour colour, double cover)
{
  const double top = fmin(y0, y1), bottom = fmax(y0, y1);
  for (int y = (int)floor(top); y <= (int)ceil(bottom); ++y)
    nm_pen_blend(canvas, x, y, colour, cover * (fmin(bottom, y + .5) - fmax(top, y - .5)));
}

static bool has_dot(const uint8_t *rows, int i, int j)
{
  if (i < 0 || j < 0 || i >= NM_GLYPH_WIDTH || j >= NM_GLYPH_HEIGHT) return false;
  return rows[j] >> (NM_GLYPH_WIDTH - 1 - i) & 1;
}

// Joins a dot with its neighbours to the right and below; with those across a corner where no other way leads
// there.
static void draw_dot(NmCanvas *canvas, double x, double y, double size, const uint8_t *rows, int i, int j,
                     NmColour colour)
{
  static const int steps[][2] = {{1, 0}, {0, 1}, {1, 1}, {-1, 1}};
  const double width = .62 * size + .45, cx = x + i * size, cy = y + j * size;
  bool is_alone = true;
  for (int k = 0; k < 4; ++k) {
    const int di = steps[k][0], dj = steps[k][1];
    const bool is_corner = di && dj && (has_dot(rows, i + di, j) || has_dot(rows, i, j + dj));
    if (is_corner || !has_dot(rows, i + di, j + dj)) continue;
    nm_pen_line(canvas, cx, cy, cx + di * size, cy + dj * size, width, colour);
    is_alone = false;
  }
  if (is_alone) nm_pen_disc(canvas, cx, cy, width / 2, colour);
}

void nm_pen_text(NmCanvas *canvas, double x, double y, double size, const char *text, NmColour colour)
{
  for (; *text; ++text, x += (NM_GLYPH_WIDTH + 1) * size) {
    const uint8_t *rows = nm_canvas_find_glyph(*text);
    for (int j = 0; rows && j < NM_GLYPH_HEIGHT; ++j)
      for (int i = 0; i < NM_GLYPH_WIDTH; ++i)
        if (has_dot(rows, i, j)) draw_dot(canvas, x, y, size, rows, i, j, colour);
  }
}

double nm_pen_text_width(double size, const char *text)
{
  const size_t n = strlen(text);
  return n ? ((double)n * (NM_GLYPH_WIDTH + 1) - 2) * size : 0;
}
