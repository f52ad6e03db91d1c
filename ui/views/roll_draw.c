// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <stdio.h>

#include "ui/views/roll.h"

static const float len_text_min = 18; // of a syllable that is cut: less is noise

static bool is_black(int pitch)
{
  return 0x54a >> pitch % 12 & 1;
}

static bool is_in_scale(const NmRollModel *model, int pitch)
{
  return model->scale >> pitch % 12 & 1;
}

static float row_y(const NmRoll *roll, NmRect rect, double pitch)
{
  return rect.y + (float)((roll->top - pitch) * roll->row);
}

static void pitches_in_sight(const NmRoll *roll, NmRect rect, int *low, int *high)
{
  *high = (int)fmin(ceil(roll->top), 127);
  *low = (int)fmax(floor(roll->top - rect.h / roll->row), 0);
}

NmRect nm_roll_get_rect(const NmRoll *roll, const NmAxis *axis, NmRect rect, const NmRollNote *note)
{
  float x = nm_axis_get_x(axis, (double)note->onset), w = nm_axis_get_width(axis, (double)note->len);
  return (NmRect){x, row_y(roll, rect, note->pitch), fmaxf(w - 1, 2), roll->row - 1};
}

static void draw_rows(NmKit *kit, const NmRoll *roll, const NmRollModel *model, NmRect rect)
{
  int low, high;
  NmInk dark = nm_kit_get_ink(kit, NM_PAINT_ROW_BLACK),
        line = nm_ink_fade(nm_kit_get_ink(kit, NM_PAINT_LINE), .5f);
  pitches_in_sight(roll, rect, &low, &high);
  nm_draw_rect(kit, rect, nm_kit_get_ink(kit, NM_PAINT_GROUND), 0);
  for (int pitch = low; pitch <= high; pitch++) {
    bool is_dark = model->scale ? !is_in_scale(model, pitch) : is_black(pitch);
    float y = row_y(roll, rect, pitch);
    if (is_dark) nm_draw_rect(kit, (NmRect){rect.x, y, rect.w, roll->row}, dark, 0);
    if (pitch % 12 == 0)
      nm_draw_across(kit, rect.x, rect.x + rect.w, y + roll->row - 1, nm_kit_get_ink(kit, NM_PAINT_LINE));
    else if (pitch % 12 == 5)
      nm_draw_across(kit, rect.x, rect.x + rect.w, y + roll->row - 1, line);
  }
}

static void draw_key(NmKit *kit, const NmRoll *roll, NmRect rect, int pitch, bool sounds)
{
  NmRect key = {rect.x, row_y(roll, rect, pitch), rect.w - 1, roll->row};
  NmInk ink = nm_kit_get_ink(kit, NM_PAINT_LINE_STRONG);
  if (is_black(pitch))
    nm_draw_rect(kit, (NmRect){key.x, key.y, key.w * .6f, key.h}, nm_kit_get_ink(kit, NM_PAINT_KEY_BLACK), 0);
  if (sounds) nm_draw_rect(kit, key, nm_ink_fade(nm_kit_get_ink(kit, NM_PAINT_ACCENT), .8f), 0);
  if (pitch % 12 == 0 || pitch % 12 == 5) nm_draw_across(kit, key.x, key.x + key.w, key.y + key.h - 1, ink);
  if (pitch % 12 != 0) return;
  char name[16];
  snprintf(name, sizeof name, "C%d", pitch / 12 - 1);
  float width = nm_draw_get_text_width(kit, NM_FONT_SMALL, name, -1);
  nm_draw_text(kit, NM_FONT_SMALL, key.x + key.w - width - 4, key.y + (key.h - 12) / 2 - 1, 0x30343cff, name,
               -1);
}

static void draw_keys(NmKit *kit, const NmRoll *roll, const NmRollModel *model, NmRect rect)
{
  int low, high, sounding = -1;
  NmRect keys = {rect.x, rect.y, NM_ROLL_KEYS_WIDTH, rect.h};
  int at = model->sounding >= 0 ? nm_roll_find(model, (double)model->sounding) : model->n;
  if (at < model->n && model->notes[at].onset <= model->sounding) sounding = model->notes[at].pitch;
  pitches_in_sight(roll, rect, &low, &high);
  nm_draw_clip(kit, keys);
  nm_draw_rect(kit, keys, nm_kit_get_ink(kit, NM_PAINT_KEY_WHITE), 0);
  for (int pitch = low; pitch <= high; pitch++) draw_key(kit, roll, keys, pitch, pitch == sounding);
  nm_draw_down(kit, keys.x + keys.w - 1, keys.y, keys.y + keys.h, nm_kit_get_ink(kit, NM_PAINT_LINE_STRONG));
  nm_draw_unclip(kit);
}

// On the note in its ink; what is longer than the note goes on beside it until the next one begins.
static void draw_syllable(NmKit *kit, const char *text, NmRect note, float x_next, NmInk inside)
{
  float x = note.x + 4, y = note.y + (note.h - 14) / 2 - 1;
  float end = x + nm_draw_get_text_width(kit, NM_FONT_BODY, text, -1);
  if (note.h < 9 || fminf(end, x_next) - x < fminf(end - x, len_text_min)) return;
  nm_draw_clip(kit, (NmRect){note.x, note.y - 4, note.w, note.h + 8});
  nm_draw_text(kit, NM_FONT_BODY, x, y, inside, text, -1);
  nm_draw_unclip(kit);
  if (end <= note.x + note.w || x_next <= note.x + note.w + 2) return;
  nm_draw_clip(kit, (NmRect){note.x + note.w, note.y - 4, x_next - note.x - note.w - 1, note.h + 8});
  nm_draw_text(kit, NM_FONT_BODY, x, y, nm_kit_get_ink(kit, NM_PAINT_TEXT), text, -1);
  nm_draw_unclip(kit);
}

// A syllable that goes on from note to note is bound by a line.
static void draw_melisma(NmKit *kit, const NmRoll *roll, const NmAxis *axis, NmRect rect,
                         const NmRollNote *before, const NmRollNote *note, NmInk ink)
{
  NmRect a = nm_roll_get_rect(roll, axis, rect, before), b = nm_roll_get_rect(roll, axis, rect, note);
  float x0 = a.x + a.w, y0 = a.y + a.h / 2, x1 = b.x, y1 = b.y + b.h / 2;
  nm_draw_polyline(kit, (float[]){x0 - 3, y0, x0 + .5f, y0, x1 - .5f, y1, x1 + 3, y1}, 4, ink, 2);
}

static void draw_note(NmKit *kit, NmRect at, const NmRollNote *note, bool selected, bool hovered)
{
  NmInk ink = nm_kit_get_ink(kit, selected ? NM_PAINT_ACCENT : NM_PAINT_NOTE);
  if (note->continues && !selected) ink = nm_ink_mix(ink, nm_kit_get_ink(kit, NM_PAINT_GROUND), .3f);
  nm_draw_rect(kit, at, ink, fminf(3, at.w / 3));
  if (hovered) nm_draw_outline(kit, at, nm_kit_get_ink(kit, NM_PAINT_TEXT), fminf(3, at.w / 3), 1);
}

static void draw_text(NmKit *kit, NmRect at, const NmRollNote *note, bool selected, float x_next)
{
  NmInk ink = nm_kit_get_ink(kit, selected ? NM_PAINT_ACCENT_TEXT : NM_PAINT_NOTE_TEXT);
  if (note->text && note->text[0]) draw_syllable(kit, note->text, at, x_next, ink);
}

static bool is_dragged(const NmRoll *roll, const NmRollModel *model, int note)
{
  return model->selected[note] && roll->moved && roll->drag && roll->drag <= NM_ROLL_ENDING;
}

static void draw_notes(NmKit *kit, const NmRoll *roll, const NmRollModel *model, const NmAxis *axis,
                       NmRect rect, int hovered)
{
  double end = nm_axis_get_tick(axis, rect.x + rect.w);
  for (int i = nm_roll_find(model, axis->first); i < model->n && (double)model->notes[i].onset < end; i++) {
    const NmRollNote *note = &model->notes[i];
    NmInk ink = nm_kit_get_ink(kit, model->selected[i] ? NM_PAINT_ACCENT : NM_PAINT_NOTE);
    NmRect at = nm_roll_get_rect(roll, axis, rect, note);
    if (note->continues && i > 0) draw_melisma(kit, roll, axis, rect, note - 1, note, nm_ink_fade(ink, .7f));
    if (is_dragged(roll, model, i))
      nm_draw_outline(kit, at, nm_ink_fade(ink, .5f), 3, 1);
    else
      draw_note(kit, at, note, model->selected[i], i == hovered);
  }
}

static void draw_texts(NmKit *kit, const NmRoll *roll, const NmRollModel *model, const NmAxis *axis,
                       NmRect rect)
{
  double end = nm_axis_get_tick(axis, rect.x + rect.w);
  for (int i = nm_roll_find(model, axis->first); i < model->n && (double)model->notes[i].onset < end; i++) {
    const NmRollNote *note = &model->notes[i];
    float x_next = i + 1 < model->n ? nm_axis_get_x(axis, (double)note[1].onset) : HUGE_VALF;
    if (!is_dragged(roll, model, i))
      draw_text(kit, nm_roll_get_rect(roll, axis, rect, note), note, model->selected[i], x_next);
  }
}

// Notes that a drag takes with it may come from out of sight; then their new places are what counts.
static void draw_dragged(NmKit *kit, const NmRoll *roll, const NmRollModel *model, const NmAxis *axis,
                         NmRect rect)
{
  double end = nm_axis_get_tick(axis, rect.x + rect.w);
  if (!roll->moved || roll->drag == NM_ROLL_IDLE || roll->drag > NM_ROLL_ENDING) return;
  int64_t shift = roll->drag == NM_ROLL_MOVING ? roll->ticks : 0;
  for (int i = nm_roll_find(model, axis->first - (double)shift); i < model->n; i++) {
    NmRollNote note = nm_roll_get_dragged(roll, model, axis, i);
    if ((double)(model->notes[i].onset + shift) > end) break;
    if (!model->selected[i]) continue;
    draw_note(kit, nm_roll_get_rect(roll, axis, rect, &note), &note, true, false);
    draw_text(kit, nm_roll_get_rect(roll, axis, rect, &note), &note, true, HUGE_VALF);
  }
}

// The middle of a key's row is its pitch.
static float curve_y(const NmRoll *roll, NmRect rect, float key)
{
  return row_y(roll, rect, key) + roll->row / 2;
}

// A point about every two units.
static void draw_curve(NmKit *kit, const NmRoll *roll, const NmRollCurve *curve, const NmAxis *axis,
                       NmRect rect, double from_s, double to_s)
{
  enum { N_MAX = 2048 };
  float xy[2 * N_MAX];
  double stride = fmax((to_s - from_s) / axis->w * 2, curve->step_s);
  double end = fmin(to_s, curve->start_s + curve->step_s * (curve->n - 1));
  int n = 0;
  for (double at = fmax(from_s, curve->start_s); at <= end && n < N_MAX; at += stride, n++) {
    int32_t i = (int32_t)((at - curve->start_s) / curve->step_s);
    xy[2 * n] = nm_axis_get_x(axis, nm_axis_get_tick_of_seconds(axis->time, at));
    xy[2 * n + 1] = curve_y(roll, rect, curve->keys[i < curve->n ? i : curve->n - 1]);
  }
  if (n > 1) nm_draw_polyline(kit, xy, n, nm_ink_fade(nm_kit_get_ink(kit, NM_PAINT_PITCH), .8f), 1.5f);
}

static void draw_curves(NmKit *kit, const NmRoll *roll, const NmRollModel *model, const NmAxis *axis,
                        NmRect rect)
{
  double from_s = nm_axis_get_seconds(axis->time, axis->first);
  double to_s = nm_axis_get_seconds(axis->time, nm_axis_get_tick(axis, rect.x + rect.w));
  int low = 0, high = model->n_curves;
  while (low < high) {
    int middle = (low + high) / 2;
    const NmRollCurve *curve = &model->curves[middle];
    if (curve->start_s + curve->step_s * curve->n < from_s)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < model->n_curves && model->curves[low].start_s < to_s; low++)
    draw_curve(kit, roll, &model->curves[low], axis, rect, from_s, to_s);
}

static void draw_box(NmKit *kit, const NmRoll *roll, const NmAxis *axis)
{
  const NmInput *input = nm_kit_get_input(kit);
  float x = nm_axis_get_x(axis, roll->tick_from);
  NmRect box = {fminf(x, input->x), fminf(roll->y_from, input->y), fabsf(input->x - x),
                fabsf(input->y - roll->y_from)};
  NmInk ink = nm_kit_get_ink(kit, NM_PAINT_ACCENT);
  nm_draw_rect(kit, box, nm_ink_fade(ink, .12f), 0);
  nm_draw_outline(kit, box, nm_ink_fade(ink, .7f), 0, 1);
}

void nm_roll_draw(NmKit *kit, const NmRoll *roll, const NmRollModel *model, const NmAxis *axis, NmRect rect,
                  int hovered)
{
  NmRect lane = {rect.x + NM_ROLL_KEYS_WIDTH, rect.y, rect.w - NM_ROLL_KEYS_WIDTH, rect.h};
  nm_draw_clip(kit, lane);
  draw_rows(kit, roll, model, lane);
  nm_axis_draw_grid(kit, axis, lane);
  draw_notes(kit, roll, model, axis, lane, hovered);
  if (!roll->moved || !roll->drag) draw_curves(kit, roll, model, axis, lane);
  draw_texts(kit, roll, model, axis, lane);
  draw_dragged(kit, roll, model, axis, lane);
  if (roll->drag == NM_ROLL_BOXING && roll->moved) draw_box(kit, roll, axis);
  if (roll->drag == NM_ROLL_DRAWING) {
    NmRollNote note = nm_roll_get_dragged(roll, model, axis, -1);
    draw_note(kit, nm_roll_get_rect(roll, axis, lane, &note), &note, true, false);
  }
  nm_draw_unclip(kit);
  draw_keys(kit, roll, model, rect);
}
