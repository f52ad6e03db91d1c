// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/curve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/views/wheel.h"

static const float stroke_gap = 3; // units between points of a stroke

static float x_of(const NmCurveModel *model, const NmAxis *axis, double at)
{
  return nm_axis_get_x(axis, model->in_seconds ? nm_axis_get_tick_of_seconds(axis->time, at) : at);
}

static double at_of(const NmCurveModel *model, const NmAxis *axis, float x)
{
  double tick = fmax(nm_axis_get_tick(axis, x), 0);
  return model->in_seconds ? nm_axis_get_seconds(axis->time, tick) : tick;
}

static float y_of(const NmCurveModel *model, NmRect rect, float value)
{
  return rect.y + 3 + (model->high - value) / (model->high - model->low) * (rect.h - 6);
}

static float value_of(const NmCurveModel *model, NmRect rect, float y)
{
  float value = model->high - (y - rect.y - 3) / (rect.h - 6) * (model->high - model->low);
  return fminf(fmaxf(value, model->low), model->high);
}

static int first_from(const NmCurvePoint *points, int n, double at)
{
  int low = 0;
  while (low < n) {
    int middle = (low + n) / 2;
    if (points[middle].at < at)
      low = middle + 1;
    else
      n = middle;
  }
  return low;
}

// The points in sight and one at either side, at least a unit apart.
static void draw_points(NmKit *kit, const NmCurveModel *model, const NmCurvePoint *points, int n,
                        const NmAxis *axis, NmRect rect, NmInk ink, float width)
{
  enum { N_MAX = 4096 };
  float xy[2 * N_MAX];
  int i = first_from(points, n, at_of(model, axis, rect.x)), n_drawn = 0;
  for (i = i > 0 ? i - 1 : 0; i < n && n_drawn < N_MAX; i++) {
    float x = x_of(model, axis, points[i].at);
    if (n_drawn > 0 && i + 1 < n && x < xy[2 * n_drawn - 2] + 1) continue;
    xy[2 * n_drawn] = x;
    xy[2 * n_drawn++ + 1] = y_of(model, rect, points[i].value);
    if (x > rect.x + rect.w) break;
  }
  if (n_drawn > 1) nm_draw_polyline(kit, xy, n_drawn, ink, width);
  if (n_drawn == 1) nm_draw_disc(kit, xy[0], xy[1], width, ink);
}

static void draw_scale(NmKit *kit, const NmCurveModel *model, NmRect rect)
{
  NmInk line = nm_kit_get_ink(kit, NM_PAINT_LINE);
  const float gap_min = 11;
  float step = model->step;
  while (step / (model->high - model->low) * rect.h < gap_min) step *= 2;
  for (float value = ceilf(model->low / step) * step; value <= model->high + 1e-6f; value += step) {
    bool zero = fabsf(value) < 1e-6f;
    nm_draw_across(kit, rect.x, rect.x + rect.w, y_of(model, rect, value),
                   zero ? nm_kit_get_ink(kit, NM_PAINT_LINE_STRONG) : line);
  }
}

static void draw(NmKit *kit, const NmCurve *curve, const NmCurveModel *model, const NmAxis *axis, NmRect rect)
{
  NmInk ink = nm_kit_get_ink(kit, model->paint);
  nm_draw_rect(kit, rect, nm_kit_get_ink(kit, NM_PAINT_GROUND), 0);
  nm_axis_draw_grid(kit, axis, rect);
  draw_scale(kit, model, rect);
  draw_points(kit, model, model->found, model->n_found, axis, rect, nm_ink_fade(ink, .55f), 1.5f);
  draw_points(kit, model, model->other, model->n_other, axis, rect, nm_kit_get_ink(kit, NM_PAINT_WAVE), 1.5f);
  draw_points(kit, model, model->drawn, model->n_drawn, axis, rect, ink, 2);
  if (curve->draws && !curve->erases)
    draw_points(kit, model, curve->points, curve->n, axis, rect, nm_kit_get_ink(kit, NM_PAINT_ACCENT), 2);
  if (model->n_found + model->n_drawn == 0 && !curve->draws)
    nm_draw_label(kit, NM_FONT_SMALL, (NmRect){rect.x + 10, rect.y, rect.w - 20, rect.h},
                  nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), model->empty);
}

// Points of the stroke between two places give way to a new one; strokes go both ways.
static void put(NmCurve *curve, double from, double at, float value)
{
  double low = fmin(from, at), high = fmax(from, at);
  int first = first_from(curve->points, curve->n, low), end = first;
  while (end < curve->n && curve->points[end].at <= high) end++;
  if (from < at && first < curve->n && curve->points[first].at == from)
    first++; // that one was just put there
  if (from > at && end > first && curve->points[end - 1].at == from) end--;
  if (curve->n - (end - first) >= NM_CURVE_POINTS_MAX) return;
  memmove(curve->points + first + 1, curve->points + end, (size_t)(curve->n - end) * sizeof *curve->points);
  curve->n += 1 - (end - first);
  curve->points[first] = (NmCurvePoint){at, value};
}

void nm_curve_begin(NmCurve *curve, bool erases)
{
  curve->n = 0;
  curve->draws = true;
  curve->erases = erases;
}

// A sound that is played again and again goes back without taking away what lies between.
void nm_curve_put(NmCurve *curve, double at, float value)
{
  put(curve, curve->n > 0 && at >= curve->last ? curve->last : at, at, value);
  curve->last = at;
  curve->last_value = value;
}

NmCurveEdit nm_curve_end(NmCurve *curve)
{
  NmCurveEdit edit = {.is_edit = curve->n > 0, .points = curve->points, .n = curve->erases ? 0 : curve->n};
  curve->draws = false;
  if (curve->n == 0) return edit;
  edit.from = curve->points[0].at;
  edit.to = curve->points[curve->n - 1].at;
  return edit;
}

static void extend(NmCurve *curve, const NmCurveModel *model, const NmAxis *axis, NmRect rect, float x,
                   float y)
{
  double at = at_of(model, axis, x);
  if (fabsf(x - x_of(model, axis, curve->last)) < stroke_gap && curve->n > 0) return;
  curve->last_value = value_of(model, rect, y);
  put(curve, curve->n ? curve->last : at, at, curve->last_value);
  curve->last = at;
}

static void extend_by_pointer(NmCurve *curve, const NmCurveModel *model, const NmAxis *axis, NmRect rect,
                              const NmInput *input)
{
  if (model->traces) {
    nm_curve_put(curve, model->cursor, value_of(model, rect, input->y));
    return;
  }
  for (int i = 0; i < input->n_path; i++)
    extend(curve, model, axis, rect, input->path[i].x, input->path[i].y);
}

// What is drawn at a place, else what is heard there.
static float value_near(const NmCurveModel *model, double at)
{
  const NmCurvePoint *points = model->n_drawn ? model->drawn : model->found;
  int n = model->n_drawn ? model->n_drawn : model->n_found, i = first_from(points, n, at);
  if (n == 0) return (model->low + model->high) / 2;
  if (i == 0 || i == n || points[i].at == at) return points[i < n ? i : n - 1].value;
  double part = (at - points[i - 1].at) / (points[i].at - points[i - 1].at);
  return points[i - 1].value + (points[i].value - points[i - 1].value) * (float)part;
}

static const float reach = 6; // units that Delete takes away at either side

static NmCurveEdit erase_around(NmCurve *curve, const NmCurveModel *model, const NmAxis *axis)
{
  float x = x_of(model, axis, model->cursor);
  nm_curve_begin(curve, true);
  nm_curve_put(curve, at_of(model, axis, x - reach), 0);
  nm_curve_put(curve, at_of(model, axis, x + reach), 0);
  return nm_curve_end(curve);
}

static NmCurveEdit put_at_cursor(NmCurve *curve, const NmCurveModel *model, float change)
{
  float value = value_near(model, model->cursor) + change * model->step;
  nm_curve_begin(curve, false);
  nm_curve_put(curve, model->cursor, fminf(fmaxf(value, model->low), model->high));
  return nm_curve_end(curve);
}

static NmCurveEdit take_keys(NmKit *kit, const NmArea *area, NmCurve *curve, const NmCurveModel *model,
                             const NmAxis *axis)
{
  if (!model->has_cursor || !area->focused || !nm_kit_is_focus_shown(kit)) return (NmCurveEdit){0};
  if (nm_kit_take_key(kit, NM_KEY_UP, 0)) return put_at_cursor(curve, model, .2f);
  if (nm_kit_take_key(kit, NM_KEY_DOWN, 0)) return put_at_cursor(curve, model, -.2f);
  if (nm_kit_take_key(kit, NM_KEY_DELETE, 0)) return erase_around(curve, model, axis);
  if (nm_kit_take_key(kit, NM_KEY_LEFT, 0)) return (NmCurveEdit){.step = -1};
  return (NmCurveEdit){.step = nm_kit_take_key(kit, NM_KEY_RIGHT, 0)};
}

NmCurveEdit nm_curve_show(NmKit *kit, NmCurve *curve, const NmCurveModel *model, NmAxis *axis, NmRect rect)
{
  const NmInput *input = nm_kit_get_input(kit);
  NmArea area = nm_kit_area(kit, model->title, rect);
  bool left = area.pressed[NM_BUTTON_LEFT], right = area.pressed[NM_BUTTON_RIGHT];
  nm_wheel_scroll_axis(kit, &area, axis);
  NmCurveEdit edit = take_keys(kit, &area, curve, model, axis);
  if (left || right) nm_curve_begin(curve, right || (input->mods & NM_MOD_CTRL));
  if (curve->draws) extend_by_pointer(curve, model, axis, rect, input);
  if (curve->draws && (area.released[NM_BUTTON_LEFT] || area.released[NM_BUTTON_RIGHT] || !area.active))
    edit = nm_curve_end(curve);
  nm_draw_clip(kit, rect);
  draw(kit, curve, model, axis, rect);
  nm_draw_unclip(kit);
  if (area.hovered || curve->draws) {
    char text[32];
    snprintf(text, sizeof text, model->format, (double)value_of(model, rect, input->y));
    nm_kit_tip_now(kit, text);
  }
  return edit;
}
