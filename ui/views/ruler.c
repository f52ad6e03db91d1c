// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/ruler.h"

#include <math.h>
#include <stdio.h>

#include "ui/kit/words.h"
#include "ui/views/wheel.h"

static const float len_text = 44; // units that a number needs

static NmRect span(const NmAxis *axis, double from, double to, float y, float h)
{
  float x = nm_axis_get_x(axis, from);
  return (NmRect){x, y, nm_axis_get_x(axis, to) - x, h};
}

static void draw_loop(NmKit *kit, const NmRulerModel *model, const NmAxis *axis, NmRect rect)
{
  if (model->loop_to <= model->loop_from) return;
  NmRect loop = span(axis, (double)model->loop_from, (double)model->loop_to, rect.y, rect.h / 2);
  NmInk ink = nm_kit_get_ink(kit, model->loops ? NM_PAINT_LOOP : NM_PAINT_LINE_STRONG);
  nm_draw_rect(kit, loop, nm_ink_fade(ink, .35f), 0);
  nm_draw_rect(kit, (NmRect){loop.x, loop.y, loop.w, 2}, ink, 0);
}

// Seconds a step apart that leaves room for their numbers.
static double step_of_seconds(const NmAxis *axis)
{
  static const double steps[] = {.1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600};
  const int n = sizeof steps / sizeof *steps;
  double from = nm_axis_get_seconds(axis->time, axis->first);
  double to = nm_axis_get_seconds(axis->time, nm_axis_get_tick(axis, axis->x + axis->w));
  double least = (to - from) / axis->w * len_text * 1.5;
  for (int i = 0; i < n; i++)
    if (steps[i] >= least) return steps[i];
  return steps[n - 1];
}

static void write_seconds(double seconds, double step, char *text, size_t size)
{
  int minutes = (int)(seconds / 60 + 1e-9);
  snprintf(text, size, step < 1 ? "%d:%04.1f" : "%d:%02.0f", minutes, fabs(seconds - 60 * minutes));
}

static void draw_seconds(NmKit *kit, const NmAxis *axis, float y)
{
  double step = step_of_seconds(axis);
  double first = fmax(ceil(nm_axis_get_seconds(axis->time, axis->first) / step), 0);
  for (double i = first;; i++) {
    char text[32];
    float x = nm_axis_get_x(axis, nm_axis_get_tick_of_seconds(axis->time, i * step));
    if (x > axis->x + axis->w) break;
    write_seconds(i * step, step, text, sizeof text);
    nm_draw_down(kit, x, y + 13, y + 18, nm_kit_get_ink(kit, NM_PAINT_LINE_STRONG));
    nm_draw_text(kit, NM_FONT_SMALL, x + 4, y + 2, nm_ink_fade(nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), .8f),
                 text, -1);
  }
}

static void draw_bars(NmKit *kit, const NmAxis *axis, float y)
{
  NmGridLine line = {0};
  float free_from = -HUGE_VALF;
  while (nm_axis_next_line(axis, &line)) {
    float x = nm_axis_get_x(axis, (double)line.tick);
    nm_draw_down(kit, x,
                 y + (line.strength == 2 ? 4
                      : line.strength    ? 12
                                         : 16),
                 y + 20, nm_kit_get_ink(kit, NM_PAINT_LINE_STRONG));
    if (line.strength != 2 || x < free_from) continue;
    char text[16];
    snprintf(text, sizeof text, "%d", line.bar.number);
    nm_draw_text(kit, NM_FONT_SMALL, x + 4, y + 3, nm_kit_get_ink(kit, NM_PAINT_TEXT), text, -1);
    free_from = x + len_text;
  }
}

static int first_marker_from(const NmRulerModel *model, double tick)
{
  int low = 0, high = model->n_markers;
  while (low < high) {
    int middle = (low + high) / 2;
    if ((double)model->markers[middle].tick < tick)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void draw_markers(NmKit *kit, const NmRulerModel *model, const NmAxis *axis, float y)
{
  NmInk ink = nm_kit_get_ink(kit, NM_PAINT_ACCENT);
  for (int i = first_marker_from(model, axis->first); i < model->n_markers; i++) {
    float x = nm_axis_get_x(axis, (double)model->markers[i].tick);
    if (x > axis->x + axis->w) break;
    nm_draw_triangle(kit, (float[]){x, y + 18, x - 4, y + 12, x + 4, y + 12}, ink);
    nm_draw_text(kit, NM_FONT_SMALL, x + 6, y + 7, ink, model->markers[i].text, -1);
  }
}

static void draw_head(NmKit *kit, const NmRulerModel *model, const NmAxis *axis, NmRect rect)
{
  float x = nm_axis_get_x(axis, model->playhead), y = rect.y + rect.h;
  nm_draw_triangle(kit, (float[]){x - 6, y - 9, x + 6, y - 9, x, y}, nm_kit_get_ink(kit, NM_PAINT_ACCENT));
}

static void draw(NmKit *kit, const NmRulerModel *model, const NmAxis *axis, NmRect rect)
{
  nm_draw_clip(kit, rect);
  nm_draw_rect(kit, rect, nm_kit_get_ink(kit, NM_PAINT_PANEL), 0);
  draw_loop(kit, model, axis, rect);
  if (!model->plain) draw_bars(kit, axis, rect.y);
  draw_seconds(kit, axis, rect.y + 20);
  draw_markers(kit, model, axis, rect.y + 20);
  draw_head(kit, model, axis, rect);
  nm_draw_across(kit, rect.x, rect.x + rect.w, rect.y + rect.h - 1, nm_kit_get_ink(kit, NM_PAINT_LINE));
  nm_draw_unclip(kit);
}

static NmRulerEdit drag(NmKit *kit, NmRuler *ruler, const NmArea *area, const NmAxis *axis, NmRect rect)
{
  const NmInput *input = nm_kit_get_input(kit);
  double tick = fmax(nm_axis_get_tick(axis, input->x), 0);
  if (area->pressed[NM_BUTTON_LEFT]) {
    ruler->dragged_from = tick;
    ruler->loops = input->y < rect.y + rect.h / 2;
  }
  if (!area->active || !(input->down[NM_BUTTON_LEFT] || area->released[NM_BUTTON_LEFT]))
    return (NmRulerEdit){0};
  if (!ruler->loops || fabsf(nm_axis_get_width(axis, tick - ruler->dragged_from)) < 4) {
    bool clicked = !ruler->loops || area->released[NM_BUTTON_LEFT];
    return clicked ? (NmRulerEdit){NM_RULER_SEEK, nm_axis_snap(axis, tick), 0} : (NmRulerEdit){0};
  }
  int64_t from = nm_axis_snap(axis, fmin(tick, ruler->dragged_from));
  int64_t to = nm_axis_snap(axis, fmax(tick, ruler->dragged_from));
  return (NmRulerEdit){NM_RULER_LOOP, from, to};
}

NmRulerEdit nm_ruler_show(NmKit *kit, NmRuler *ruler, const NmRulerModel *model, NmAxis *axis, NmRect rect)
{
  NmArea area = nm_kit_area(kit, _("Ruler"), rect);
  nm_wheel_scroll_axis(kit, &area, axis);
  NmRulerEdit edit = drag(kit, ruler, &area, axis, rect);
  draw(kit, model, axis, rect);
  return edit;
}

void nm_ruler_draw_playhead(NmKit *kit, const NmRulerModel *model, const NmAxis *axis, NmRect rect)
{
  float x = nm_axis_get_x(axis, model->playhead);
  NmInk ink = nm_kit_get_ink(kit, NM_PAINT_LOOP);
  if (model->loops && model->loop_to > model->loop_from) {
    NmRect loop = span(axis, (double)model->loop_from, (double)model->loop_to, rect.y, rect.h);
    nm_draw_rect(kit, loop, nm_ink_fade(ink, .06f), 0);
    nm_draw_down(kit, loop.x, rect.y, rect.y + rect.h, nm_ink_fade(ink, .6f));
    nm_draw_down(kit, loop.x + loop.w, rect.y, rect.y + rect.h, nm_ink_fade(ink, .6f));
  }
  if (x >= rect.x && x < rect.x + rect.w)
    nm_draw_down(kit, x, rect.y, rect.y + rect.h, nm_kit_get_ink(kit, NM_PAINT_ACCENT));
}
