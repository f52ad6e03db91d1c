// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/phones.h"

#include <math.h>

#include "ui/views/wheel.h"

static float x_of(const NmAxis *axis, double seconds)
{
  return nm_axis_get_x(axis, nm_axis_get_tick_of_seconds(axis->time, seconds));
}

static int first_box(const NmPhonesModel *model, double seconds)
{
  int low = 0, high = model->n;
  while (low < high) {
    int middle = (low + high) / 2;
    if (model->boxes[middle].end_s <= seconds)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void draw_box(NmKit *kit, const NmPhoneBox *box, NmRect at, bool lit)
{
  if (box->pause) return;
  NmPaint paint = lit ? NM_PAINT_ACCENT : box->vowel ? NM_PAINT_VOWEL : NM_PAINT_CONSONANT;
  nm_draw_rect(kit, (NmRect){at.x, at.y, fmaxf(at.w - 1, 1), at.h}, nm_kit_get_ink(kit, paint), 2);
  float width = nm_draw_get_text_width(kit, NM_FONT_SMALL, box->text, -1);
  if (width + 2 <= at.w)
    nm_draw_text(kit, NM_FONT_SMALL, at.x + (at.w - width) / 2, at.y + (at.h - 12) / 2 - 1,
                 nm_kit_get_ink(kit, lit ? NM_PAINT_ACCENT_TEXT : NM_PAINT_TEXT), box->text, -1);
}

static void draw(NmKit *kit, const NmPhonesModel *model, const NmAxis *axis, NmRect rect, int hovered)
{
  double end = nm_axis_get_seconds(axis->time, nm_axis_get_tick(axis, rect.x + rect.w));
  nm_draw_rect(kit, rect, nm_kit_get_ink(kit, NM_PAINT_PANEL), 0);
  for (int i = first_box(model, nm_axis_get_seconds(axis->time, axis->first)); i < model->n; i++) {
    const NmPhoneBox *box = &model->boxes[i];
    if (box->start_s > end) break;
    float x = x_of(axis, box->start_s);
    bool heard = model->heard_s >= box->start_s && model->heard_s < box->end_s;
    draw_box(kit, box, (NmRect){x, rect.y + 2, x_of(axis, box->end_s) - x, rect.h - 4},
             heard || i == hovered);
  }
  if (model->n == 0)
    nm_draw_label(kit, NM_FONT_SMALL, (NmRect){rect.x + 10, rect.y, rect.w - 20, rect.h},
                  nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), model->empty);
}

int nm_phones_show(NmKit *kit, const NmPhonesModel *model, NmAxis *axis, NmRect rect)
{
  NmArea area = nm_kit_area(kit, model->title, rect);
  nm_wheel_scroll_axis(kit, &area, axis);
  int hovered = -1;
  if (area.hovered) {
    double seconds = nm_axis_get_seconds(axis->time, nm_axis_get_tick(axis, nm_kit_get_input(kit)->x));
    hovered = first_box(model, seconds);
    if (hovered < model->n && model->boxes[hovered].start_s > seconds) hovered = -1;
  }
  if (hovered >= model->n || (hovered >= 0 && model->boxes[hovered].pause)) hovered = -1;
  nm_draw_clip(kit, rect);
  draw(kit, model, axis, rect, hovered);
  nm_draw_unclip(kit);
  if (hovered >= 0) nm_kit_tip_now(kit, model->boxes[hovered].text);
  return area.pressed[NM_BUTTON_LEFT] ? hovered : -1;
}
