// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/raster.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

// A value over the plane: at (0, 0) and its slopes.
typedef struct {
  float at, dx, dy;
} Plane;

typedef struct {
  Plane edges[3]; // >= 0 inside
  bool owns[3];   // whether points on the edge are inside
  Plane u, v, rgba[4];
  int x0, y0, x1, y1; // of the pixels to look at
  bool flat;          // of one colour
} Triangle;

static Plane plane_of_edge(const float *a, const float *b)
{
  float dx = a[1] - b[1], dy = b[0] - a[0];
  return (Plane){-(dx * a[0] + dy * a[1]), dx, dy};
}

// The plane with values v at the corners.
static Plane plane_of_values(const Triangle *t, float area, float v0, float v1, float v2)
{
  const Plane *e = t->edges;
  return (Plane){(e[1].at * v0 + e[2].at * v1 + e[0].at * v2) / area,
                 (e[1].dx * v0 + e[2].dx * v1 + e[0].dx * v2) / area,
                 (e[1].dy * v0 + e[2].dy * v1 + e[0].dy * v2) / area};
}

static int clamp_pixel(float value, float low, float high)
{
  return (int)fminf(fmaxf(value, low), high);
}

static void set_bounds(Triangle *t, const float p[3][2], const float clip[4])
{
  t->x0 = clamp_pixel(floorf(fminf(p[0][0], fminf(p[1][0], p[2][0]))), clip[0], clip[2]);
  t->x1 = clamp_pixel(ceilf(fmaxf(p[0][0], fmaxf(p[1][0], p[2][0]))), clip[0], clip[2]);
  t->y0 = clamp_pixel(floorf(fminf(p[0][1], fminf(p[1][1], p[2][1]))), clip[1], clip[3]);
  t->y1 = clamp_pixel(ceilf(fmaxf(p[0][1], fmaxf(p[1][1], p[2][1]))), clip[1], clip[3]);
}

static bool set_up(Triangle *t, const NmCorner *c[3], const float clip[4], float scale)
{
  float p[3][2];
  for (int i = 0; i < 3; i++) p[i][0] = c[i]->x * scale, p[i][1] = c[i]->y * scale;
  float area = (p[1][0] - p[0][0]) * (p[2][1] - p[0][1]) - (p[1][1] - p[0][1]) * (p[2][0] - p[0][0]);
  if (!(fabsf(area) > 1e-6f)) return false;
  if (area < 0) {
    const NmCorner *swap = c[1];
    c[1] = c[2], c[2] = swap;
    float q[2] = {p[1][0], p[1][1]};
    memcpy(p[1], p[2], sizeof q);
    memcpy(p[2], q, sizeof q);
    area = -area;
  }
  for (int i = 0; i < 3; i++) {
    t->edges[i] = plane_of_edge(p[i], p[(i + 1) % 3]);
    t->owns[i] = t->edges[i].dx > 0 || (t->edges[i].dx == 0 && t->edges[i].dy > 0);
  }
  set_bounds(t, p, clip);
  t->u = plane_of_values(t, area, c[0]->u, c[1]->u, c[2]->u);
  t->v = plane_of_values(t, area, c[0]->v, c[1]->v, c[2]->v);
  for (int k = 0; k < 4; k++)
    t->rgba[k] = plane_of_values(t, area, c[0]->rgba[k], c[1]->rgba[k], c[2]->rgba[k]);
  t->flat = !memcmp(c[0]->rgba, c[1]->rgba, 4) && !memcmp(c[0]->rgba, c[2]->rgba, 4);
  return true;
}

static float value_at(const Plane *plane, float x, float y)
{
  return plane->at + plane->dx * x + plane->dy * y;
}

static bool is_inside(const Triangle *t, float x, float y)
{
  for (int i = 0; i < 3; i++) {
    float side = value_at(&t->edges[i], x, y);
    if (side < 0 || (side == 0 && !t->owns[i])) return false;
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

static void draw_pixel(const Triangle *t, const NmPixels *texture, float x, float y, uint8_t *pixel)
{
  float colour[4];
  sample(texture, value_at(&t->u, x, y), value_at(&t->v, x, y), colour);
  for (int k = 0; k < 4; k++) {
    float tint = t->flat ? t->rgba[k].at : value_at(&t->rgba[k], x, y);
    colour[k] *= fminf(fmaxf(tint / 255, 0), 1);
  }
  if (colour[3] > 0) blend(pixel, colour);
}

static void draw_triangle(NmPixels *into, const Triangle *t, const NmPixels *texture)
{
  for (int y = t->y0; y < t->y1; y++)
    for (int x = t->x0; x < t->x1; x++) {
      float centre_x = (float)x + .5f, centre_y = (float)y + .5f;
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
  if (bounds[0] >= bounds[2] || bounds[1] >= bounds[3]) return;
  for (int i = 0; i + 2 < n; i += 3) {
    const NmCorner *c[3] = {&corners[indices[i]], &corners[indices[i + 1]], &corners[indices[i + 2]]};
    Triangle t;
    if (set_up(&t, c, bounds, scale)) draw_triangle(into, &t, texture);
  }
}
