// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/raster.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { FINE = 256 }; // parts of a pixel that corners lie on: then what two triangles share is exact

// Which side of a line a place is on, in whole numbers: >= 0 inside.
typedef struct {
  int64_t at, dx, dy;
  bool owned; // whether the line itself is inside
} Edge;

// A value over the plane, by fine places: at (0, 0) and its slopes.
typedef struct {
  double at, dx, dy;
} Plane;

typedef struct {
  Edge edges[3];
  Plane u, v, rgba[4];
  int x0, y0, x1, y1; // of the pixels to look at
} Triangle;

typedef struct {
  int64_t x, y;
} Place;

static Edge edge_of(Place a, Place b)
{
  Edge edge = {.dx = a.y - b.y, .dy = b.x - a.x};
  edge.at = -(edge.dx * a.x + edge.dy * a.y);
  edge.owned = edge.dx > 0 || (edge.dx == 0 && edge.dy > 0);
  return edge;
}

// The plane with values v at the corners: each is weighed by the edge opposite.
static Plane plane_of(const Triangle *t, double area, double v0, double v1, double v2)
{
  const Edge *e = t->edges;
  double w0 = v0 / area, w1 = v1 / area, w2 = v2 / area;
  return (Plane){(double)e[1].at * w0 + (double)e[2].at * w1 + (double)e[0].at * w2,
                 (double)e[1].dx * w0 + (double)e[2].dx * w1 + (double)e[0].dx * w2,
                 (double)e[1].dy * w0 + (double)e[2].dy * w1 + (double)e[0].dy * w2};
}

static int64_t least(int64_t a, int64_t b, int64_t c)
{
  int64_t low = a < b ? a : b;
  return low < c ? low : c;
}

static int clamp_pixel(int64_t pixel, float low, float high)
{
  return (int)fminf(fmaxf((float)pixel, low), high);
}

static void set_bounds(Triangle *t, const Place p[3], const float clip[4])
{
  t->x0 = clamp_pixel(least(p[0].x, p[1].x, p[2].x) / FINE - 1, clip[0], clip[2]);
  t->x1 = clamp_pixel(-least(-p[0].x, -p[1].x, -p[2].x) / FINE + 1, clip[0], clip[2]);
  t->y0 = clamp_pixel(least(p[0].y, p[1].y, p[2].y) / FINE - 1, clip[1], clip[3]);
  t->y1 = clamp_pixel(-least(-p[0].y, -p[1].y, -p[2].y) / FINE + 1, clip[1], clip[3]);
}

// False for one without an area.
static bool set_up(Triangle *t, const NmCorner *c[3], const float clip[4], float scale)
{
  Place p[3];
  for (int i = 0; i < 3; i++)
    p[i] = (Place){llroundf(c[i]->x * scale * FINE), llroundf(c[i]->y * scale * FINE)};
  int64_t area = (p[1].x - p[0].x) * (p[2].y - p[0].y) - (p[1].y - p[0].y) * (p[2].x - p[0].x);
  if (area == 0) return false;
  if (area < 0) {
    const NmCorner *corner = c[1];
    Place place = p[1];
    c[1] = c[2], c[2] = corner;
    p[1] = p[2], p[2] = place;
    area = -area;
  }
  for (int i = 0; i < 3; i++) t->edges[i] = edge_of(p[i], p[(i + 1) % 3]);
  set_bounds(t, p, clip);
  t->u = plane_of(t, (double)area, c[0]->u, c[1]->u, c[2]->u);
  t->v = plane_of(t, (double)area, c[0]->v, c[1]->v, c[2]->v);
  for (int k = 0; k < 4; k++)
    t->rgba[k] = plane_of(t, (double)area, c[0]->rgba[k], c[1]->rgba[k], c[2]->rgba[k]);
  return true;
}

static float value_at(const Plane *plane, int64_t x, int64_t y)
{
  return (float)(plane->at + plane->dx * (double)x + plane->dy * (double)y);
}

static bool is_inside(const Triangle *t, int64_t x, int64_t y)
{
  for (int i = 0; i < 3; i++) {
    const Edge *edge = &t->edges[i];
    int64_t side = edge->at + edge->dx * x + edge->dy * y;
    if (side < 0 || (side == 0 && !edge->owned)) return false;
  }
  return true;
}

static const uint8_t *texel(const NmPixels *texture, int x, int y)
{
  x = x < 0 ? 0 : x >= texture->width ? texture->width - 1 : x;
  y = y < 0 ? 0 : y >= texture->height ? texture->height - 1 : y;
  return texture->rgba + 4 * ((size_t)y * (size_t)texture->width + (size_t)x);
}

static void sample(const NmPixels *texture, float u, float v, float out[4])
{
  float x = u * (float)texture->width - .5f, y = v * (float)texture->height - .5f;
  float x0 = floorf(x), y0 = floorf(y), fx = x - x0, fy = y - y0;
  const uint8_t *a = texel(texture, (int)x0, (int)y0), *b = texel(texture, (int)x0 + 1, (int)y0);
  const uint8_t *c = texel(texture, (int)x0, (int)y0 + 1), *d = texel(texture, (int)x0 + 1, (int)y0 + 1);
  for (int k = 0; k < 4; k++)
    out[k] = (a[k] * (1 - fx) + b[k] * fx) * (1 - fy) + (c[k] * (1 - fx) + d[k] * fx) * fy;
}

static void blend(uint8_t *pixel, const float rgba[4])
{
  float alpha = rgba[3] / 255;
  for (int k = 0; k < 3; k++) pixel[k] = (uint8_t)(pixel[k] + (rgba[k] - pixel[k]) * alpha + .5f);
  pixel[3] = 255;
}

static void draw_pixel(const Triangle *t, const NmPixels *texture, int64_t x, int64_t y, uint8_t *pixel)
{
  float colour[4];
  sample(texture, value_at(&t->u, x, y), value_at(&t->v, x, y), colour);
  for (int k = 0; k < 4; k++) colour[k] *= fminf(fmaxf(value_at(&t->rgba[k], x, y) / 255, 0), 1);
  if (colour[3] > 0) blend(pixel, colour);
}

static void draw_triangle(NmPixels *into, const Triangle *t, const NmPixels *texture)
{
  for (int y = t->y0; y < t->y1; y++)
    for (int x = t->x0; x < t->x1; x++) {
      int64_t centre_x = (int64_t)x * FINE + FINE / 2, centre_y = (int64_t)y * FINE + FINE / 2;
      if (is_inside(t, centre_x, centre_y))
        draw_pixel(t, texture, centre_x, centre_y,
                   into->rgba + 4 * ((size_t)y * (size_t)into->width + (size_t)x));
    }
}

void nm_raster_draw(NmPixels *into, const NmCorner *corners, const uint16_t *indices, int n,
                    const NmPixels *texture, const float clip[4], float scale)
{
  float bounds[4] = {fmaxf(clip[0], 0), fmaxf(clip[1], 0), fminf(clip[2], (float)into->width),
                     fminf(clip[3], (float)into->height)};
  if (!(bounds[0] < bounds[2]) || !(bounds[1] < bounds[3])) return;
  for (int i = 0; i + 2 < n; i += 3) {
    const NmCorner *c[3] = {&corners[indices[i]], &corners[indices[i + 1]], &corners[indices[i + 2]]};
    Triangle t;
    if (set_up(&t, c, bounds, scale)) draw_triangle(into, &t, texture);
  }
}
