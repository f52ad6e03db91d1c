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
  if (box->by_hand)
    nm_draw_rect(kit, (NmRect){at.x, at.y + at.h - 2, fmaxf(at.w - 1, 1), 2},
                 nm_kit_get_ink(kit, lit ? NM_PAINT_ACCENT_TEXT : NM_PAINT_ACCENT), 0);
  float width = nm_draw_get_text_width(kit, NM_FONT_SMALL, box->text, -1);
  if (width + 2 <= at.w)
    nm_draw_text(kit, NM_FONT_SMALL, at.x + (at.w - width) / 2, at.y + (at.h - 12) / 2 - 1,
                 nm_kit_get_ink(kit, lit ? NM_PAINT_ACCENT_TEXT : NM_PAINT_TEXT), box->text, -1);
}

// Where a box begins and ends while an edge is dragged.
static NmPhoneBox box_now(const NmPhones *phones, const NmPhonesModel *model, int i)
{
  NmPhoneBox box = model->boxes[i];
  if (phones->drags && phones->box == i) box.start_s = phones->start_s;
  if (phones->drags && phones->box == i + 1) box.end_s = phones->start_s;
  return box;
}

static void draw(NmKit *kit, const NmPhones *phones, const NmPhonesModel *model, const NmAxis *axis,
                 NmRect rect, int lit)
{
  double end = nm_axis_get_seconds(axis->time, nm_axis_get_tick(axis, rect.x + rect.w));
  nm_draw_rect(kit, rect, nm_kit_get_ink(kit, NM_PAINT_PANEL), 0);
  for (int i = first_box(model, nm_axis_get_seconds(axis->time, axis->first)); i < model->n; i++) {
    NmPhoneBox box = box_now(phones, model, i);
    if (box.start_s > end) break;
    float x = x_of(axis, box.start_s);
    bool heard = model->heard_s >= box.start_s && model->heard_s < box.end_s;
    draw_box(kit, &box, (NmRect){x, rect.y + 2, x_of(axis, box.end_s) - x, rect.h - 4}, heard || i == lit);
  }
  if (model->n == 0)
    nm_draw_label(kit, NM_FONT_SMALL, (NmRect){rect.x + 10, rect.y, rect.w - 20, rect.h},
                  nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), model->empty);
}

// --- the mouse ---

static int find_box(const NmPhonesModel *model, double seconds)
{
  int box = first_box(model, seconds);
  return box < model->n && model->boxes[box].start_s <= seconds ? box : -1;
}

// The box whose beginning is within reach, -1: none.
static int find_edge(const NmPhonesModel *model, const NmAxis *axis, float x)
{
  const float reach = 4;
  int found = -1,
      first = first_box(model, nm_axis_get_seconds(axis->time, nm_axis_get_tick(axis, x - reach)));
  float best = reach;
  for (int i = first; i < model->n && i < first + 16; i++) {
    float far = fabsf(x_of(axis, model->boxes[i].start_s) - x);
    if (!model->boxes[i].movable || far > best) continue;
    best = far;
    found = i;
  }
  return found;
}

// On the steps, and so that something is left of both boxes.
static double limit(const NmPhonesModel *model, int box, double seconds)
{
  double start = model->boxes[box].start_s, step = model->step_s;
  seconds = start + step * round((seconds - start) / step);
  return fmin(fmax(seconds, model->boxes[box - 1].start_s + step), model->boxes[box].end_s - step);
}

static NmPhonesEdit drag(NmPhones *phones, const NmPhonesModel *model, const NmAxis *axis, const NmArea *area,
                         float x)
{
  bool ends = area->released[NM_BUTTON_LEFT] || !area->active;
  double seconds = nm_axis_get_seconds(axis->time, nm_axis_get_tick(axis, x));
  if (phones->box >= model->n || phones->box < 1) { // sung anew meanwhile
    phones->drags = false;
    return (NmPhonesEdit){0};
  }
  phones->start_s = limit(model, phones->box, seconds - phones->grab_s);
  if (!ends) return (NmPhonesEdit){0};
  phones->drags = false;
  bool moved = fabs(phones->start_s - model->boxes[phones->box].start_s) > model->step_s / 2;
  return (NmPhonesEdit){moved ? NM_PHONES_MOVE : NM_PHONES_NOTHING, phones->box, phones->start_s};
}

static NmPhonesEdit press(NmPhones *phones, const NmPhonesModel *model, const NmArea *area, int edge, int box,
                          double at_s)
{
  int any = edge >= 0 ? edge : box;
  if (area->double_clicked && any >= 0) return (NmPhonesEdit){NM_PHONES_RESET, any, 0};
  if (edge >= 0) {
    double start_s = model->boxes[edge].start_s;
    *phones = (NmPhones){true, edge, start_s, at_s - start_s};
  }
  if (edge < 0 && box >= 0) {
    phones->box = box;
    return (NmPhonesEdit){NM_PHONES_SEEK, box, 0};
  }
  return (NmPhonesEdit){0};
}

// --- the keyboard ---

static int next_box(const NmPhonesModel *model, int box, int way)
{
  int next = box + way;
  while (next >= 0 && next < model->n && model->boxes[next].pause) next += way;
  return next >= 0 && next < model->n ? next : box;
}

static NmPhonesEdit take_keys(NmKit *kit, NmPhones *phones, const NmPhonesModel *model, const NmArea *area)
{
  int box = phones->box;
  if (!area->focused || box < 0 || box >= model->n) return (NmPhonesEdit){0};
  for (int way = -1; way <= 1; way += 2) {
    int key = way < 0 ? NM_KEY_LEFT : NM_KEY_RIGHT;
    if (nm_kit_area_take_key(kit, area, key, 0)) {
      phones->box = next_box(model, box, way);
      return (NmPhonesEdit){NM_PHONES_SEEK, phones->box, 0};
    }
    if (nm_kit_area_take_key(kit, area, key, NM_MOD_ALT) && model->boxes[box].movable)
      return (NmPhonesEdit){NM_PHONES_MOVE, box,
                            limit(model, box, model->boxes[box].start_s + way * model->step_s)};
  }
  if (nm_kit_area_take_key(kit, area, NM_KEY_DELETE, 0)) return (NmPhonesEdit){NM_PHONES_RESET, box, 0};
  return (NmPhonesEdit){0};
}

NmPhonesEdit nm_phones_show(NmKit *kit, NmPhones *phones, const NmPhonesModel *model, NmAxis *axis,
                            NmRect rect)
{
  float x = nm_kit_get_input(kit)->x;
  NmArea area = nm_kit_area(kit, model->title, rect);
  NmPhonesEdit edit = take_keys(kit, phones, model, &area);
  nm_wheel_scroll_axis(kit, &area, axis);
  double at_s = nm_axis_get_seconds(axis->time, nm_axis_get_tick(axis, x));
  int box = area.hovered ? find_box(model, at_s) : -1;
  int edge = area.hovered ? find_edge(model, axis, x) : -1;
  if (box >= 0 && model->boxes[box].pause) box = -1;
  if (area.pressed[NM_BUTTON_LEFT]) edit = press(phones, model, &area, edge, box, at_s);
  if (phones->drags) edit = drag(phones, model, axis, &area, x);
  if (edge >= 0 || phones->drags) nm_kit_set_cursor(kit, NM_CURSOR_LEFT_RIGHT);
  nm_draw_clip(kit, rect);
  draw(kit, phones, model, axis, rect, box >= 0 ? box : area.focused ? phones->box : -1);
  nm_draw_unclip(kit);
  if (box >= 0) nm_kit_tip_now(kit, model->boxes[box].text);
  return edit;
}
