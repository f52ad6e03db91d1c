// SPDX-License-Identifier: GPL-3.0-or-later
// Triangles drawn by the processor, for tests and for displays without OpenGL.
#ifndef NM_UI_KIT_RASTER_H
#define NM_UI_KIT_RASTER_H

#include <stdint.h>

// rgba [height, width, 4], not premultiplied.
typedef struct {
  int width, height;
  uint8_t *rgba;
} NmPixels;

// A corner; the order of its fields is that of Dear ImGui's ImDrawVert.
typedef struct {
  float x, y, u, v;
  uint8_t rgba[4];
} NmCorner;

// Draws n / 3 triangles over `into`. Places are multiplied by `scale`; u, v are of 0 to 1 of the texture;
// clip is x0, y0, x1, y1 in pixels. A pixel belongs to the triangle that has its centre; where the centre
// lies on an edge, to one of the two that share it.
void nm_raster_draw(NmPixels *into, const NmCorner *corners, const uint16_t *indices, int n,
                    const NmPixels *texture, const float clip[4], float scale);

#endif
