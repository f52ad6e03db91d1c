// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/kit/icons.h"

#include <math.h>

// All draw around (x, y), within 8 units of it.
typedef void (*Draw)(NmKit *kit, float x, float y, NmInk ink);

static void draw_play(NmKit *kit, float x, float y, NmInk ink)
{
  nm_draw_triangle(kit, (float[]){x - 5, y - 7, x + 7, y, x - 5, y + 7}, ink);
}

static void draw_start(NmKit *kit, float x, float y, NmInk ink)
{
  nm_draw_triangle(kit, (float[]){x - 4, y, x + 6, y - 6, x + 6, y + 6}, ink);
  nm_draw_rect(kit, (NmRect){x - 7, y - 6, 2, 12}, ink, 0);
}

static void draw_stop(NmKit *kit, float x, float y, NmInk ink)
{
  nm_draw_rect(kit, (NmRect){x - 6, y - 6, 12, 12}, ink, 1);
}

static void draw_arc(NmKit *kit, float x, float y, float radius, float from, float to, NmInk ink)
{
  enum { N = 16 };
  float xy[2 * N];
  for (int i = 0; i < N; i++) {
    float angle = from + (to - from) * (float)i / (N - 1);
    xy[2 * i] = x + radius * cosf(angle);
    xy[2 * i + 1] = y + radius * sinf(angle);
  }
  nm_draw_polyline(kit, xy, N, ink, 1.8f);
}

static void draw_loop(NmKit *kit, float x, float y, NmInk ink)
{
  draw_arc(kit, x, y, 6, -.4f, 2.6f, ink);
  draw_arc(kit, x, y, 6, 2.75f, 5.75f, ink);
  nm_draw_triangle(kit, (float[]){x + 2.5f, y - 4, x + 8, y - 5, x + 6, y}, ink);
  nm_draw_triangle(kit, (float[]){x - 2.5f, y + 4, x - 8, y + 5, x - 6, y}, ink);
}

static void draw_metronome(NmKit *kit, float x, float y, NmInk ink)
{
  nm_draw_polyline(kit, (float[]){x - 6, y + 7, x - 3, y - 7, x + 3, y - 7, x + 6, y + 7, x - 6, y + 7}, 5,
                   ink, 1.6f);
  nm_draw_line(kit, x, y + 3, x + 6, y - 6, ink, 1.6f);
}

static void draw_pencil(NmKit *kit, float x, float y, NmInk ink)
{
  nm_draw_line(kit, x - 4, y + 4, x + 5, y - 5, ink, 3.6f);
  nm_draw_triangle(kit, (float[]){x - 7, y + 7, x - 6, y + 2.5f, x - 2.5f, y + 6}, ink);
}

static void draw_bent_arrow(NmKit *kit, float x, float y, float side, NmInk ink)
{
  draw_arc(kit, x, y + 2, 6, side < 0 ? -2.6f : -.54f, side < 0 ? 1 : -4.14f, ink);
  nm_draw_triangle(kit, (float[]){x + side * 8, y - 6, x + side * 8, y + 1, x + side * 1.5f, y - 1}, ink);
}

static void draw_undo(NmKit *kit, float x, float y, NmInk ink)
{
  draw_bent_arrow(kit, x, y, -1, ink);
}

static void draw_redo(NmKit *kit, float x, float y, NmInk ink)
{
  draw_bent_arrow(kit, x, y, 1, ink);
}

static const Draw icons[] = {[NM_ICON_START] = draw_start,         [NM_ICON_PLAY] = draw_play,
                             [NM_ICON_STOP] = draw_stop,           [NM_ICON_LOOP] = draw_loop,
                             [NM_ICON_METRONOME] = draw_metronome, [NM_ICON_PENCIL] = draw_pencil,
                             [NM_ICON_UNDO] = draw_undo,           [NM_ICON_REDO] = draw_redo};

bool nm_icon_button(NmKit *kit, NmIcon icon, const char *name, const char *tip, bool on)
{
  bool pressed = nm_kit_blank_button(kit, name, NM_ICON_SIZE, NM_ICON_SIZE, on);
  NmRect rect = nm_kit_get_last_rect(kit);
  nm_kit_tip(kit, tip);
  icons[icon](kit, rect.x + rect.w / 2, rect.y + rect.h / 2,
              nm_kit_get_ink(kit, on ? NM_PAINT_ACCENT_TEXT : NM_PAINT_TEXT));
  return pressed;
}
