// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/attention.h"

#include <math.h>
#include <stdio.h>

#include "ui/views/wheel.h"

static const float row_most = 22, list_width = 190, list_row = 20, margin = 6;

typedef struct {
  NmKit *kit;
  const NmAttentionModel *model;
  const NmAxis *axis;
  NmRect rect; // of the weights
  float row;   // units of a syllable
} Picture;

static float x_of(const Picture *p, int note)
{
  return nm_axis_get_x(p->axis, (double)p->model->notes[note].onset);
}

static float end_of(const Picture *p, int note)
{
  const NmAttentionNote *at = &p->model->notes[note];
  return nm_axis_get_x(p->axis, (double)(at->onset + at->len));
}

static NmRect cell_of(const Picture *p, int note, int syllable)
{
  float x = x_of(p, note);
  return (NmRect){x, p->rect.y + margin + p->row * (float)syllable, fmaxf(end_of(p, note) - x, 2), p->row};
}

static bool is_in_sight(const Picture *p, int note)
{
  return end_of(p, note) >= p->rect.x && x_of(p, note) <= p->rect.x + p->rect.w;
}

static void draw_weights(const Picture *p)
{
  NmInk ink = nm_kit_get_ink(p->kit, NM_PAINT_WAVE);
  for (int i = 0; i < p->model->n_notes; i++) {
    if (!is_in_sight(p, i)) continue;
    for (int j = 0; j < p->model->n_syllables; j++) {
      NmRect cell = cell_of(p, i, j);
      float weight = p->model->weights ? p->model->weights[i * p->model->n_syllables + j] : 0;
      nm_draw_rect(p->kit, (NmRect){cell.x + .5f, cell.y + .5f, cell.w - 1, cell.h - 1},
                   nm_ink_fade(ink, .06f + .94f * fminf(fmaxf(weight, 0), 1)), 1);
    }
  }
}

// Outlines of the syllables' notes, and a line from one to the next.
static void draw_way(const Picture *p, const NmAttentionWay *way, NmInk ink, float width)
{
  float x_before = 0, y_before = 0;
  bool begun = false;
  for (int j = 0; j < p->model->n_syllables; j++) {
    int n = way->n_notes[j], first = way->note_first[j];
    if (n == 0 || first + n > p->model->n_notes) continue;
    NmRect from = cell_of(p, first, j), to = cell_of(p, first + n - 1, j);
    NmRect whole = {from.x, from.y, to.x + to.w - from.x, from.h};
    float x = from.x + from.w / 2, y = from.y + from.h / 2;
    if (begun) nm_draw_line(p->kit, x_before, y_before, x, y, nm_ink_fade(ink, .6f), width);
    x_before = to.x + to.w / 2, y_before = y;
    if (n > 1) nm_draw_line(p->kit, x, y, x_before, y, nm_ink_fade(ink, .6f), width);
    begun = true;
    if (whole.x <= p->rect.x + p->rect.w && whole.x + whole.w >= p->rect.x)
      nm_draw_outline(p->kit, whole, ink, 2, width);
  }
}

// Before the first note, or at the left edge when that is farther left.
static void draw_syllables(const Picture *p)
{
  float widest = 0;
  for (int j = 0; j < p->model->n_syllables; j++)
    widest = fmaxf(widest, nm_draw_get_text_width(p->kit, NM_FONT_SMALL, p->model->syllables[j], -1));
  float x = fmaxf(x_of(p, 0) - widest - 8, p->rect.x + 4);
  NmRect back = {x - 3, p->rect.y + margin, widest + 6, p->row * (float)p->model->n_syllables};
  nm_draw_rect(p->kit, back, nm_ink_fade(nm_kit_get_ink(p->kit, NM_PAINT_GROUND), .85f), 2);
  for (int j = 0; j < p->model->n_syllables; j++)
    nm_draw_text(p->kit, NM_FONT_SMALL, x, back.y + p->row * ((float)j + .5f) - 7,
                 nm_kit_get_ink(p->kit, NM_PAINT_TEXT), p->model->syllables[j], -1);
}

static void draw_picture(const Picture *p, int hovered)
{
  nm_draw_clip(p->kit, p->rect);
  draw_weights(p);
  if (hovered >= 0) draw_way(p, &p->model->ways[hovered], nm_kit_get_ink(p->kit, NM_PAINT_PITCH), 1);
  draw_way(p, &p->model->sung, nm_kit_get_ink(p->kit, NM_PAINT_ACCENT), 1.5f);
  draw_syllables(p);
  nm_draw_unclip(p->kit);
}

// --- the list ---

static void draw_entry(NmKit *kit, NmRect at, const char *text, const char *score, bool chosen, bool hovered)
{
  float width = nm_draw_get_text_width(kit, NM_FONT_SMALL, score, -1);
  NmInk ink = nm_kit_get_ink(kit, chosen ? NM_PAINT_ACCENT_TEXT : NM_PAINT_TEXT);
  if (chosen || hovered)
    nm_draw_rect(kit, (NmRect){at.x + 2, at.y + 1, at.w - 4, at.h - 2},
                 nm_kit_get_ink(kit, chosen ? NM_PAINT_ACCENT : NM_PAINT_HOVER), 3);
  nm_draw_label(kit, NM_FONT_SMALL, (NmRect){at.x + 8, at.y, at.w - width - 20, at.h}, ink, text);
  nm_draw_text(kit, NM_FONT_SMALL, at.x + at.w - width - 8, at.y + at.h / 2 - 7, ink, score, -1);
}

static void show_way(NmKit *kit, const NmAttentionModel *model, int way, NmRect at, bool hovered)
{
  char number[16];
  snprintf(number, sizeof number, "%d", way + 1);
  draw_entry(kit, at, way == model->way ? model->as_it_is : number, model->ways[way].score, way == model->way,
             hovered);
}

static int entry_at(NmRect list, float y, int n)
{
  int i = (int)floorf((y - list.y) / list_row);
  return i >= 0 && i < n ? i : -1;
}

// The sources above, the ways below; answers the way under the pointer.
static int show_list(NmKit *kit, const NmAttentionModel *model, NmRect list, NmAttentionEdit *edit)
{
  NmArea area = nm_kit_area(kit, "ways", list);
  const NmInput *input = nm_kit_get_input(kit);
  int n = model->n_sources + model->n_ways, hit = area.hovered ? entry_at(list, input->y, n) : -1;
  bool pressed = area.pressed[NM_BUTTON_LEFT] && hit >= 0;
  nm_draw_clip(kit, list);
  for (int i = 0; i < n; i++) {
    NmRect at = {list.x, list.y + list_row * (float)i, list.w, list_row};
    int way = i - model->n_sources;
    if (at.y > list.y + list.h) break;
    if (way < 0)
      nm_draw_label(kit, i == model->source ? NM_FONT_BOLD : NM_FONT_SMALL,
                    (NmRect){at.x + 8, at.y, at.w - 16, at.h},
                    nm_kit_get_ink(kit, i == model->source || i == hit ? NM_PAINT_TEXT : NM_PAINT_TEXT_DIM),
                    model->sources[i]);
    else
      show_way(kit, model, way, at, i == hit);
  }
  nm_draw_unclip(kit);
  if (pressed && hit < model->n_sources) *edit = (NmAttentionEdit){NM_ATTENTION_SOURCE, hit};
  if (pressed && hit >= model->n_sources) *edit = (NmAttentionEdit){NM_ATTENTION_WAY, hit - model->n_sources};
  return hit >= model->n_sources ? hit - model->n_sources : -1;
}

static void take_keys(NmKit *kit, const NmAttentionModel *model, const NmArea *area, NmAttentionEdit *edit)
{
  int way = model->way;
  if (nm_kit_area_take_key(kit, area, NM_KEY_DOWN, 0))
    way++;
  else if (nm_kit_area_take_key(kit, area, NM_KEY_UP, 0))
    way = way < 0 ? 0 : way - 1;
  else
    return;
  if (way >= 0 && way < model->n_ways) *edit = (NmAttentionEdit){NM_ATTENTION_WAY, way};
}

NmAttentionEdit nm_attention_show(NmKit *kit, const NmAttentionModel *model, NmAxis *axis, NmRect rect)
{
  NmAttentionEdit edit = {NM_ATTENTION_NOTHING, 0};
  NmRect weights = {rect.x, rect.y, fmaxf(rect.w - list_width, 0), rect.h},
         list = {rect.x + weights.w, rect.y + 2, rect.w - weights.w, rect.h - 4};
  NmArea area = nm_kit_area(kit, model->title, weights);
  nm_wheel_scroll_axis(kit, &area, axis);
  nm_draw_rect(kit, rect, nm_kit_get_ink(kit, NM_PAINT_GROUND), 0);
  nm_axis_draw_grid(kit, axis, weights);
  if (model->n_notes == 0 || model->n_syllables == 0) {
    nm_draw_text(kit, NM_FONT_SMALL, rect.x + 10, rect.y + 6, nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM),
                 model->empty, -1);
    return edit;
  }
  take_keys(kit, model, &area, &edit);
  nm_draw_rect(kit, (NmRect){list.x, rect.y, list.w, rect.h}, nm_kit_get_ink(kit, NM_PAINT_PANEL), 0);
  nm_draw_down(kit, list.x, rect.y, rect.y + rect.h, nm_kit_get_ink(kit, NM_PAINT_LINE));
  int hovered = show_list(kit, model, list, &edit);
  Picture picture = {kit, model, axis, weights, (rect.h - 2 * margin) / (float)model->n_syllables};
  picture.row = fminf(picture.row, row_most);
  draw_picture(&picture, hovered);
  return edit;
}
