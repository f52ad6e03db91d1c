// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/plane.h"

#include <math.h>
#include <stdio.h>

#include "ui/kit/words.h"

static NmRect square_in(NmRect rect)
{
  float side = fminf(rect.w - 20, rect.h - 34);
  return (NmRect){rect.x + (rect.w - side) / 2, rect.y + 14, side, side};
}

static void place_of(NmRect square, NmFeeling feeling, float *x, float *y)
{
  *x = square.x + (feeling.valence + 1) / 2 * square.w;
  *y = square.y + (1 - feeling.arousal) / 2 * square.h;
}

static void draw_word(NmKit *kit, float x, float y, float anchor, const char *text)
{
  float width = nm_draw_get_text_width(kit, NM_FONT_SMALL, text, -1);
  nm_draw_text(kit, NM_FONT_SMALL, x - width * anchor, y,
               nm_ink_fade(nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), .8f), text, -1);
}

static void draw_ground(NmKit *kit, NmRect s)
{
  NmInk line = nm_kit_get_ink(kit, NM_PAINT_LINE);
  nm_draw_rect(kit, s, nm_kit_get_ink(kit, NM_PAINT_GROUND), 3);
  nm_draw_across(kit, s.x, s.x + s.w, s.y + s.h / 2, line);
  nm_draw_down(kit, s.x + s.w / 2, s.y, s.y + s.h, line);
  nm_draw_outline(kit, s, line, 3, 1);
  draw_word(kit, s.x + 5, s.y + 3, 0, _("tense"));
  draw_word(kit, s.x + s.w - 5, s.y + 3, 1, _("lively"));
  draw_word(kit, s.x + 5, s.y + s.h - 17, 0, _("sad"));
  draw_word(kit, s.x + s.w - 5, s.y + s.h - 17, 1, _("calm"));
}

// The path, brighter where it is near to now.
static void draw_path(NmKit *kit, const NmPlaneModel *model, NmRect square)
{
  NmInk ink = nm_kit_get_ink(kit, NM_PAINT_WAVE);
  int stride = model->n > 600 ? model->n / 600 + 1 : 1;
  for (int i = 0; i + stride < model->n; i += stride) {
    float x0, y0, x1, y1, far = model->at < 0 ? 0 : fabsf((float)i - model->at);
    place_of(square, model->path[i], &x0, &y0);
    place_of(square, model->path[i + stride], &x1, &y1);
    nm_draw_line(kit, x0, y0, x1, y1, nm_ink_fade(ink, .25f + .75f * expf(-far / 8)), 1.5f);
  }
}

static NmFeeling feeling_at(const NmPlaneModel *model)
{
  float at = fminf(fmaxf(model->at, 0), (float)(model->n - 1));
  int i = (int)at;
  NmFeeling a = model->path[i], b = model->path[i + 1 < model->n ? i + 1 : i];
  float part = at - (float)i;
  return (NmFeeling){a.valence + (b.valence - a.valence) * part, a.arousal + (b.arousal - a.arousal) * part};
}

static void draw_dots(NmKit *kit, const NmPlaneModel *model, NmRect square)
{
  float x, y;
  if (model->has_wanted) {
    place_of(square, model->wanted, &x, &y);
    nm_draw_ring(kit, x, y, 6, nm_kit_get_ink(kit, NM_PAINT_VALENCE), 2);
  }
  if (model->n == 0 || model->at < 0) return;
  place_of(square, feeling_at(model), &x, &y);
  nm_draw_disc(kit, x, y, 5, nm_kit_get_ink(kit, NM_PAINT_ACCENT));
}

static float clamp(float value)
{
  return fminf(fmaxf(value, -1), 1);
}

bool nm_plane_show(NmKit *kit, const NmPlaneModel *model, NmRect rect, NmFeeling *feeling)
{
  NmRect square = square_in(rect);
  NmArea area = nm_kit_area(kit, model->title, square);
  const NmInput *input = nm_kit_get_input(kit);
  draw_ground(kit, square);
  nm_draw_clip(kit, square);
  draw_path(kit, model, square);
  draw_dots(kit, model, square);
  nm_draw_unclip(kit);
  if (model->n == 0) draw_word(kit, square.x + square.w / 2, square.y + square.h / 2 + 4, .5f, model->empty);
  *feeling = (NmFeeling){clamp((input->x - square.x) / square.w * 2 - 1),
                         clamp(1 - (input->y - square.y) / square.h * 2)};
  if (area.hovered) {
    char text[96];
    snprintf(text, sizeof text, _("valence %.2f, arousal %.2f"), (double)feeling->valence,
             (double)feeling->arousal);
    nm_kit_tip_now(kit, text);
  }
  return area.active && input->down[NM_BUTTON_LEFT];
}
