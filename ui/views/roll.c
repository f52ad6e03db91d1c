// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/roll.h"

#include <math.h>
#include <string.h>

#include "ui/views/wheel.h"

static const float row_min = 5, row_max = 48, row_usual = 18;
static const float edge = 6; // units at a note's ends that make it longer or shorter

int nm_roll_find(const NmRollModel *model, double tick)
{
  int low = 0, high = model->n;
  while (low < high) {
    int middle = (low + high) / 2;
    if ((double)(model->notes[middle].onset + model->notes[middle].len) <= tick)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void keep_in_sight(NmRoll *roll, float height)
{
  roll->top = fmin(fmax(roll->top, height / roll->row - 1), 127);
}

void nm_roll_fit(NmRoll *roll, const NmRollModel *model, float height)
{
  int low = model->n ? 127 : 55, high = model->n ? 0 : 79;
  for (int i = 0; i < model->n; i++) {
    low = model->notes[i].pitch < low ? model->notes[i].pitch : low;
    high = model->notes[i].pitch > high ? model->notes[i].pitch : high;
  }
  roll->row = fminf(fmaxf(floorf(height / (float)(high - low + 7)), 9), row_usual);
  roll->top = (low + high) / 2. + height / roll->row / 2 - .5;
  keep_in_sight(roll, height);
}

void nm_roll_reveal(NmRoll *roll, int pitch, float height)
{
  double bottom = roll->top - height / roll->row;
  if (pitch + 1 > roll->top) roll->top = pitch + 1;
  if (pitch - 2 < bottom) roll->top += pitch - 2 - bottom;
}

static int pitch_at(const NmRoll *roll, NmRect rect, float y)
{
  int pitch = (int)floor(roll->top - (y - rect.y) / roll->row) + 1;
  return pitch < 0 ? 0 : pitch > 127 ? 127 : pitch;
}

static int note_at(const NmRoll *roll, const NmRollModel *model, const NmAxis *axis, NmRect rect, float x,
                   float y)
{
  double tick = nm_axis_get_tick(axis, x);
  int i = nm_roll_find(model, tick);
  bool hit = i < model->n && (double)model->notes[i].onset <= tick &&
             model->notes[i].pitch == pitch_at(roll, rect, y);
  return hit ? i : -1;
}

static NmRollDrag part_at(const NmRoll *roll, const NmRollModel *model, const NmAxis *axis, NmRect rect,
                          int note, float x)
{
  NmRect at = nm_roll_get_rect(roll, axis, rect, &model->notes[note]);
  float reach = fminf(edge, at.w / 4);
  if (x < at.x + reach) return NM_ROLL_STARTING;
  return x > at.x + at.w - reach ? NM_ROLL_ENDING : NM_ROLL_MOVING;
}

static void wheel(NmKit *kit, NmRoll *roll, const NmArea *area, NmAxis *axis, NmRect rect)
{
  const NmInput *input = nm_kit_get_input(kit);
  bool zooms = (input->mods & NM_MOD_CTRL) && (input->mods & NM_MOD_SHIFT);
  if (zooms && area->wheel_y != 0) {
    double pitch = roll->top - (input->y - rect.y) / roll->row;
    roll->row = fminf(fmaxf(roll->row * powf(1.15f, area->wheel_y), row_min), row_max);
    roll->top = pitch + (input->y - rect.y) / roll->row;
  } else {
    roll->top += nm_wheel_move_axis(kit, area, axis) * 2;
    if (area->active && input->down[NM_BUTTON_MIDDLE]) roll->top += input->dy / roll->row;
  }
  keep_in_sight(roll, rect.h);
}

static void select_only(const NmRollModel *model, int note)
{
  memset(model->selected, 0, (size_t)model->n);
  if (note >= 0) model->selected[note] = 1;
}

// Notes that the box touches; those that were selected stay so with Shift.
static void select_box(NmKit *kit, const NmRoll *roll, const NmRollModel *model, const NmAxis *axis,
                       NmRect rect)
{
  const NmInput *input = nm_kit_get_input(kit);
  double tick = nm_axis_get_tick(axis, input->x), from = fmin(tick, roll->tick_from),
         to = fmax(tick, roll->tick_from);
  int a = pitch_at(roll, rect, input->y), b = pitch_at(roll, rect, roll->y_from);
  if (!(input->mods & NM_MOD_SHIFT)) select_only(model, -1);
  for (int i = nm_roll_find(model, from); i < model->n && (double)model->notes[i].onset < to; i++) {
    int pitch = model->notes[i].pitch;
    if (pitch >= (a < b ? a : b) && pitch <= (a < b ? b : a)) model->selected[i] = 1;
  }
}

static NmRollEdit press_note(NmRoll *roll, const NmRollModel *model, const NmAxis *axis, NmRect rect,
                             int note, const NmInput *input)
{
  roll->was_selected = model->selected[note];
  if (input->mods & NM_MOD_SHIFT)
    model->selected[note] = 1;
  else if (!model->selected[note])
    select_only(model, note);
  roll->drag = part_at(roll, model, axis, rect, note, input->x);
  roll->note = note;
  return (NmRollEdit){.kind = NM_ROLL_AUDITION, .note = note, .pitch = model->notes[note].pitch};
}

static NmRollEdit press(NmKit *kit, NmRoll *roll, const NmRollModel *model, const NmAxis *axis, NmRect rect,
                        int note)
{
  const NmInput *input = nm_kit_get_input(kit);
  roll->tick_from = nm_axis_get_tick(axis, input->x);
  roll->y_from = input->y;
  roll->pitch_from = roll->audible = pitch_at(roll, rect, input->y);
  roll->ticks = roll->semitones = 0;
  roll->moved = false;
  if (note >= 0) return press_note(roll, model, axis, rect, note, input);
  if (!(input->mods & NM_MOD_SHIFT)) select_only(model, -1);
  roll->drag = model->draws ? NM_ROLL_DRAWING : NM_ROLL_BOXING;
  return (NmRollEdit){
      .kind = model->draws ? NM_ROLL_AUDITION : NM_ROLL_NOTHING, .note = -1, .pitch = roll->pitch_from};
}

// How far the dragged note goes, so that the edge that is dragged snaps.
static int64_t snapped(const NmRoll *roll, const NmRollModel *model, const NmAxis *axis, const NmInput *input)
{
  double way = nm_axis_get_tick(axis, input->x) - roll->tick_from;
  const NmRollNote *note = &model->notes[roll->note];
  int64_t from = roll->drag == NM_ROLL_ENDING ? note->onset + note->len : note->onset;
  if (input->mods & NM_MOD_CTRL) return (int64_t)round(way);
  // A small move stays where it is, though that be beside the grid.
  if (fabs(way) * 2 < (double)nm_axis_get_snap_len(axis, (double)from)) return 0;
  return nm_axis_snap(axis, (double)from + way) - from;
}

static NmRollEdit audition_if_new(NmRoll *roll, int pitch)
{
  if (pitch == roll->audible) return (NmRollEdit){.note = -1};
  roll->audible = pitch;
  return (NmRollEdit){.kind = NM_ROLL_AUDITION, .note = -1, .pitch = pitch};
}

static NmRollEdit drag(NmKit *kit, NmRoll *roll, const NmRollModel *model, const NmAxis *axis, NmRect rect)
{
  const NmInput *input = nm_kit_get_input(kit);
  bool far = fabsf(input->x - nm_axis_get_x(axis, roll->tick_from)) > 3 || fabsf(input->y - roll->y_from) > 3;
  roll->moved |= far;
  if (!roll->moved) return (NmRollEdit){.note = -1};
  if (roll->drag == NM_ROLL_BOXING) {
    select_box(kit, roll, model, axis, rect);
    return (NmRollEdit){.note = -1};
  }
  if (roll->drag == NM_ROLL_DRAWING) return (NmRollEdit){.note = -1};
  roll->ticks = snapped(roll, model, axis, input);
  if (roll->drag != NM_ROLL_MOVING) return (NmRollEdit){.note = -1};
  roll->semitones = pitch_at(roll, rect, input->y) - roll->pitch_from;
  return audition_if_new(roll, model->notes[roll->note].pitch + roll->semitones);
}

NmRollNote nm_roll_get_dragged(const NmRoll *roll, const NmRollModel *model, const NmAxis *axis, int note)
{
  if (note < 0) { // one that is drawn
    int64_t from = nm_axis_snap_down(axis, roll->tick_from);
    int64_t len = nm_axis_get_snap_len(axis, (double)from);
    return (NmRollNote){
        .onset = from, .len = roll->ticks > len ? roll->ticks : len, .pitch = (int16_t)roll->pitch_from};
  }
  NmRollNote dragged = model->notes[note];
  if (roll->drag == NM_ROLL_MOVING) {
    dragged.onset += roll->ticks;
    dragged.pitch = (int16_t)(dragged.pitch + roll->semitones);
  } else {
    if (roll->drag == NM_ROLL_STARTING) dragged.onset += roll->ticks;
    dragged.len += roll->drag == NM_ROLL_STARTING ? -roll->ticks : roll->ticks;
    dragged.len = dragged.len > 1 ? dragged.len : 1;
  }
  return dragged;
}

static NmRollEdit release(NmKit *kit, NmRoll *roll, const NmRollModel *model, const NmAxis *axis)
{
  static const NmRollEditKind kinds[] = {NM_ROLL_NOTHING, NM_ROLL_MOVE, NM_ROLL_START, NM_ROLL_END};
  NmRollDrag drag = roll->drag;
  NmRollEdit edit = {.note = roll->note};
  roll->drag = NM_ROLL_IDLE;
  if (drag == NM_ROLL_DRAWING) {
    NmRollNote note = nm_roll_get_dragged(roll, model, axis, -1);
    return (NmRollEdit){NM_ROLL_ADD, -1, note.onset, note.len, 0, note.pitch};
  }
  if (drag == NM_ROLL_IDLE || drag == NM_ROLL_BOXING) return edit;
  if (roll->moved && (roll->ticks || roll->semitones)) {
    edit.kind = kinds[drag];
    edit.ticks = roll->ticks;
    edit.semitones = roll->semitones;
  } else if (!roll->moved && (nm_kit_get_input(kit)->mods & NM_MOD_SHIFT)) {
    model->selected[roll->note] = !roll->was_selected;
  } else if (!roll->moved) {
    select_only(model, roll->note);
  }
  return edit;
}

static NmRollEdit double_click(NmRoll *roll, const NmRollModel *model, const NmAxis *axis, NmRect rect,
                               int note, const NmInput *input)
{
  roll->drag = NM_ROLL_IDLE;
  if (note >= 0) return (NmRollEdit){.kind = NM_ROLL_TEXT, .note = note};
  double tick = nm_axis_get_tick(axis, input->x);
  int64_t from = nm_axis_snap_down(axis, tick), len = nm_axis_get_snap_len(axis, tick);
  if (len == 1) len = axis->time->ticks_per_beat;
  return (NmRollEdit){NM_ROLL_ADD, -1, from, len, 0, pitch_at(roll, rect, input->y)};
}

static NmRollEdit use_mouse(NmKit *kit, NmRoll *roll, const NmRollModel *model, const NmArea *area,
                            const NmAxis *axis, NmRect rect, int note)
{
  const NmInput *input = nm_kit_get_input(kit);
  if (area->pressed[NM_BUTTON_RIGHT]) {
    if (note >= 0 && !model->selected[note]) select_only(model, note);
    return (NmRollEdit){.kind = NM_ROLL_MENU, .note = note};
  }
  if (area->double_clicked) return double_click(roll, model, axis, rect, note, input);
  if (area->pressed[NM_BUTTON_LEFT]) return press(kit, roll, model, axis, rect, note);
  if (roll->drag == NM_ROLL_IDLE) return (NmRollEdit){.note = -1};
  if (roll->drag == NM_ROLL_DRAWING)
    roll->ticks =
        nm_axis_snap(axis, nm_axis_get_tick(axis, input->x)) - nm_axis_snap_down(axis, roll->tick_from);
  NmRollEdit edit = drag(kit, roll, model, axis, rect);
  bool over = area->released[NM_BUTTON_LEFT] || !area->active;
  return over ? release(kit, roll, model, axis) : edit;
}

static void set_cursor(NmKit *kit, const NmRoll *roll, const NmRollModel *model, const NmAxis *axis,
                       NmRect rect, int note)
{
  if (note < 0) return;
  NmRollDrag part = part_at(roll, model, axis, rect, note, nm_kit_get_input(kit)->x);
  if (part != NM_ROLL_MOVING) nm_kit_set_cursor(kit, NM_CURSOR_LEFT_RIGHT);
}

static NmRollEdit use_keys(NmKit *kit, NmRoll *roll, NmRect rect)
{
  NmArea keys = nm_kit_area(kit, "keys", (NmRect){rect.x, rect.y, NM_ROLL_KEYS_WIDTH, rect.h});
  if (keys.active && nm_kit_get_input(kit)->down[NM_BUTTON_LEFT]) {
    if (keys.pressed[NM_BUTTON_LEFT]) roll->audible = -1;
    return audition_if_new(roll, pitch_at(roll, rect, nm_kit_get_input(kit)->y));
  }
  return (NmRollEdit){.note = -1};
}

NmRollEdit nm_roll_show(NmKit *kit, NmRoll *roll, const NmRollModel *model, NmAxis *axis, NmRect rect)
{
  NmRect lane = {rect.x + NM_ROLL_KEYS_WIDTH, rect.y, rect.w - NM_ROLL_KEYS_WIDTH, rect.h};
  if (roll->row == 0) nm_roll_fit(roll, model, rect.h);
  if (roll->note >= model->n) roll->note = 0, roll->drag = NM_ROLL_IDLE;
  NmRollEdit heard = use_keys(kit, roll, rect);
  NmArea area = nm_kit_area(kit, model->title, lane);
  wheel(kit, roll, &area, axis, lane);
  const NmInput *input = nm_kit_get_input(kit);
  int note = area.hovered ? note_at(roll, model, axis, lane, input->x, input->y) : -1;
  roll->selects = area.active || area.hovered;
  NmRollEdit edit = use_mouse(kit, roll, model, &area, axis, lane, note);
  set_cursor(kit, roll, model, axis, lane, roll->drag == NM_ROLL_IDLE ? note : -1);
  nm_roll_draw(kit, roll, model, axis, rect, roll->drag == NM_ROLL_IDLE ? note : -1);
  return edit.kind == NM_ROLL_NOTHING ? heard : edit;
}
