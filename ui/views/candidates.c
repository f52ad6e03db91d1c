// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/candidates.h"

#include <math.h>

static const float row_height = 42, head_height = 28, foot_height = 36, picture_width = 104, margin = 10;

static NmRect list_of(NmRect rect)
{
  return (NmRect){rect.x, rect.y + head_height, rect.w, rect.h - head_height - foot_height};
}

float nm_candidates_get_height(int n)
{
  return head_height + foot_height + row_height * (float)n;
}

static void keep_in_sight(NmCandidates *candidates, int n, float height)
{
  candidates->scroll = fmaxf(fminf(candidates->scroll, row_height * (float)n - height), 0);
}

void nm_candidates_reveal(NmCandidates *candidates, int row, int n, NmRect rect)
{
  float y = row_height * (float)row, height = list_of(rect).h;
  candidates->scroll = fmaxf(fminf(candidates->scroll, y), y + row_height - height);
  keep_in_sight(candidates, n, height);
}

static void draw_picture(NmKit *kit, const NmCandidate *row, NmRect rect, NmInk ink)
{
  for (int i = 0; i < row->n_notes; i++) {
    const NmCandidateNote *note = &row->notes[i];
    nm_draw_rect(kit,
                 (NmRect){rect.x + note->x * rect.w, rect.y + (1 - note->y) * (rect.h - 3),
                          fmaxf(note->w * rect.w - 1, 1), 3},
                 ink, 0);
  }
}

static void draw_row(NmKit *kit, const NmCandidate *row, NmRect at, bool chosen, bool hovered)
{
  NmInk text = nm_kit_get_ink(kit, chosen ? NM_PAINT_ACCENT_TEXT : NM_PAINT_TEXT);
  NmInk dim = chosen ? nm_ink_fade(text, .8f) : nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM);
  NmRect back = {at.x + 4, at.y + 1, at.w - 8, at.h - 2};
  float width = nm_draw_get_text_width(kit, NM_FONT_SMALL, row->score, -1),
        words = at.w - picture_width - 2 * margin - 10;
  if (chosen || hovered)
    nm_draw_rect(kit, back, nm_kit_get_ink(kit, chosen ? NM_PAINT_ACCENT : NM_PAINT_HOVER), 4);
  if (!row->n_notes) words += picture_width;
  nm_draw_label(kit, NM_FONT_BODY, (NmRect){at.x + margin, at.y + 3, words, 19}, text, row->title);
  nm_draw_label(kit, NM_FONT_SMALL, (NmRect){at.x + margin, at.y + 21, words - width - 6, 17}, dim,
                row->detail);
  nm_draw_text(kit, NM_FONT_SMALL, at.x + margin + words - width, at.y + 22, dim, row->score, -1);
  draw_picture(kit, row, (NmRect){at.x + at.w - picture_width - margin, at.y + 7, picture_width, at.h - 14},
               chosen ? text : nm_kit_get_ink(kit, NM_PAINT_NOTE));
}

// Answers the row under the pointer, -1 for none.
static int show_rows(NmKit *kit, NmCandidates *candidates, const NmCandidatesModel *model, NmRect list)
{
  const NmInput *input = nm_kit_get_input(kit);
  NmArea area = nm_kit_area(kit, model->title, list);
  if (area.hovered && area.wheel_y != 0) candidates->scroll -= area.wheel_y * row_height;
  keep_in_sight(candidates, model->n, list.h);
  int hit = area.hovered ? (int)floorf((input->y - list.y + candidates->scroll) / row_height) : -1;
  if (hit >= model->n) hit = -1;
  nm_draw_clip(kit, list);
  for (int i = (int)(candidates->scroll / row_height); i < model->n; i++) {
    NmRect at = {list.x, list.y + row_height * (float)i - candidates->scroll, list.w, row_height};
    if (at.y > list.y + list.h) break;
    draw_row(kit, &model->rows[i], at, i == model->chosen, i == hit);
  }
  nm_draw_unclip(kit);
  return area.pressed[NM_BUTTON_LEFT] ? hit : -1;
}

static NmCandidatesEdit take_keys(NmKit *kit, const NmCandidatesModel *model)
{
  NmCandidatesEdit edit = {NM_CANDIDATES_NOTHING, model->chosen};
  if (nm_kit_take_key(kit, NM_KEY_ESCAPE, 0))
    edit.kind = NM_CANDIDATES_DROP;
  else if (nm_kit_take_key(kit, NM_KEY_ENTER, 0))
    edit.kind = NM_CANDIDATES_KEEP;
  else if (nm_kit_take_key(kit, NM_KEY_UP, 0))
    edit.kind = NM_CANDIDATES_CHOOSE, edit.row--;
  else if (nm_kit_take_key(kit, NM_KEY_DOWN, 0))
    edit.kind = NM_CANDIDATES_CHOOSE, edit.row++;
  if (edit.row < 0 || edit.row >= model->n) edit.kind = NM_CANDIDATES_NOTHING;
  return edit;
}

static void show_head(NmKit *kit, const NmCandidatesModel *model, NmRect rect)
{
  const char *hint = model->works ? model->coming : model->hint;
  float width = nm_draw_get_text_width(kit, NM_FONT_SMALL, hint, -1);
  nm_draw_label(kit, NM_FONT_BOLD,
                (NmRect){rect.x + margin, rect.y, rect.w - 2 * margin - width, head_height},
                nm_kit_get_ink(kit, NM_PAINT_TEXT), model->title);
  nm_draw_text(kit, NM_FONT_SMALL, rect.x + rect.w - margin - width, rect.y + 7,
               nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), hint, -1);
}

NmCandidatesEdit nm_candidates_show(NmKit *kit, NmCandidates *candidates, const NmCandidatesModel *model,
                                    NmRect rect)
{
  NmCandidatesEdit edit = take_keys(kit, model);
  if (edit.kind == NM_CANDIDATES_CHOOSE) nm_candidates_reveal(candidates, edit.row, model->n, rect);
  nm_draw_rect(kit, rect, nm_kit_get_ink(kit, NM_PAINT_PANEL), 0);
  show_head(kit, model, rect);
  int hit = show_rows(kit, candidates, model, list_of(rect));
  if (hit >= 0) edit = (NmCandidatesEdit){NM_CANDIDATES_CHOOSE, hit};
  nm_kit_set_place(kit, rect.x + margin, rect.y + rect.h - foot_height + 6);
  if (nm_kit_button(kit, model->keep)) edit.kind = NM_CANDIDATES_KEEP;
  nm_kit_same_row(kit, 8);
  if (nm_kit_button(kit, model->drop)) edit.kind = NM_CANDIDATES_DROP;
  return edit;
}
