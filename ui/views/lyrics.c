// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/lyrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const float row_height = 24, margin = 14;
static const float wheel_step = 60;

static float y_of_row(const NmLyrics *lyrics, NmRect rect, int row)
{
  return rect.y + 10 + (float)row * row_height - lyrics->scroll;
}

// The first line that ends below a row.
static int first_line(const NmLyricsModel *model, float row)
{
  int low = 0, high = model->n_lines;
  while (low < high) {
    int middle = (low + high) / 2;
    if ((float)(model->lines[middle].row + 1) <= row)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static int line_of_syllable(const NmLyricsModel *model, int syllable)
{
  for (int i = 0; i < model->n_lines; i++)
    if (syllable < model->lines[i].syllable_first + model->lines[i].n_syllables) return i;
  return -1;
}

static void keep_in_sight(NmLyrics *lyrics, const NmLyricsModel *model, float height)
{
  float rows = model->n_lines ? (float)model->lines[model->n_lines - 1].row + 1 : 0;
  lyrics->scroll = fmaxf(fminf(lyrics->scroll, rows * row_height + 20 - height), 0);
}

void nm_lyrics_reveal(NmLyrics *lyrics, const NmLyricsModel *model, int syllable, float height)
{
  int line = line_of_syllable(model, syllable);
  if (line < 0) return;
  float y = (float)model->lines[line].row * row_height;
  lyrics->scroll = fmaxf(fminf(lyrics->scroll, y - row_height), y + 3 * row_height - height);
  keep_in_sight(lyrics, model, height);
}

static float width_of(NmKit *kit, const NmLyricsSyllable *syllable)
{
  float space = syllable->ends_word ? nm_draw_get_text_width(kit, NM_FONT_BODY, " ", 1) : 0;
  return nm_draw_get_text_width(kit, NM_FONT_BODY, syllable->text, -1) + space;
}

static void draw_syllable(NmKit *kit, const NmLyricsSyllable *syllable, NmRect at, bool heard)
{
  float width = nm_draw_get_text_width(kit, NM_FONT_BODY, syllable->text, -1);
  NmRect back = {at.x - 1, at.y + 2, width + 2, at.h - 4};
  NmInk ink = nm_kit_get_ink(kit, syllable->sung ? NM_PAINT_TEXT : NM_PAINT_TEXT_DIM);
  if (syllable->selected) {
    nm_draw_rect(kit, back, nm_kit_get_ink(kit, NM_PAINT_ACCENT), 2);
    ink = nm_kit_get_ink(kit, NM_PAINT_ACCENT_TEXT);
  } else if (heard) {
    nm_draw_rect(kit, back, nm_ink_fade(nm_kit_get_ink(kit, NM_PAINT_ACCENT), .3f), 2);
  }
  nm_draw_text(kit, NM_FONT_BODY, at.x, at.y + 4, ink, syllable->text, -1);
}

// Draws a line and answers the syllable under the pointer, -1 for none.
static int draw_line(NmKit *kit, const NmLyricsModel *model, const NmLyricsLine *line, float x, float y)
{
  const NmInput *input = nm_kit_get_input(kit);
  int hit = -1;
  for (int i = line->syllable_first; i < line->syllable_first + line->n_syllables; i++) {
    float width = width_of(kit, &model->syllables[i]);
    draw_syllable(kit, &model->syllables[i], (NmRect){x, y, width, row_height}, i == model->heard);
    if (input->x >= x && input->x < x + width && input->y >= y && input->y < y + row_height) hit = i;
    x += width;
  }
  return hit;
}

void nm_lyrics_type(NmKit *kit, NmLyrics *lyrics, const NmLyricsModel *model, int line)
{
  size_t n = 0;
  if (line < 0 || line >= model->n_lines) return;
  const NmLyricsLine *at = &model->lines[line];
  lyrics->text[0] = 0;
  for (int i = 0; i < at->n_syllables && n < sizeof lyrics->text; i++) {
    const NmLyricsSyllable *syllable = &model->syllables[at->syllable_first + i];
    bool space = syllable->ends_word && i + 1 < at->n_syllables;
    n +=
        (size_t)snprintf(lyrics->text + n, sizeof lyrics->text - n, "%s%s", syllable->text, space ? " " : "");
  }
  lyrics->types = true;
  lyrics->line = line;
  nm_kit_focus_next(kit);
}

static NmLyricsEdit show_field(NmKit *kit, NmLyrics *lyrics, const NmLyricsModel *model, NmRect rect)
{
  NmLyricsEdit edit = {.line = lyrics->line, .syllable = -1, .text = lyrics->text};
  if (lyrics->line >= model->n_lines) lyrics->types = false;
  if (!lyrics->types) return edit;
  float y = y_of_row(lyrics, rect, model->lines[lyrics->line].row);
  nm_kit_overlay_begin(kit, "line", (NmRect){rect.x + margin - 8, y, rect.w - margin + 4, row_height});
  nm_kit_set_width(kit, rect.w - margin + 4);
  NmFieldEvent event = nm_kit_field(kit, "##line", NULL, lyrics->text, sizeof lyrics->text);
  nm_kit_overlay_end(kit);
  if (event == NM_FIELD_DONE || event == NM_FIELD_LEFT) edit.kind = NM_LYRICS_LINE;
  if (event != NM_FIELD_NOTHING && event != NM_FIELD_CHANGED) lyrics->types = false;
  return edit;
}

static NmLyricsEdit use_mouse(NmKit *kit, NmLyrics *lyrics, const NmLyricsModel *model, const NmArea *area,
                              NmRect rect, int syllable)
{
  const NmInput *input = nm_kit_get_input(kit);
  int line = first_line(model, (input->y - y_of_row(lyrics, rect, 0)) / row_height);
  NmLyricsEdit edit = {.line = line < model->n_lines ? line : -1, .syllable = syllable};
  if (area->double_clicked && edit.line >= 0) {
    nm_lyrics_type(kit, lyrics, model, edit.line);
  } else if (area->pressed[NM_BUTTON_RIGHT]) {
    edit.kind = NM_LYRICS_MENU;
  } else if (area->pressed[NM_BUTTON_LEFT]) {
    edit.kind = NM_LYRICS_CHOOSE;
    edit.extends = input->mods & NM_MOD_SHIFT;
  }
  return edit;
}

// Draws the lines in sight; answers the syllable under the pointer.
static int draw(NmKit *kit, const NmLyrics *lyrics, const NmLyricsModel *model, NmRect rect)
{
  int hit = -1;
  nm_draw_clip(kit, rect);
  for (int i = first_line(model, (lyrics->scroll - 10) / row_height); i < model->n_lines; i++) {
    float y = y_of_row(lyrics, rect, model->lines[i].row);
    if (y > rect.y + rect.h) break;
    if (lyrics->types && i == lyrics->line) continue; // the field stands there
    int here = draw_line(kit, model, &model->lines[i], rect.x + margin, y);
    hit = here >= 0 ? here : hit;
  }
  nm_draw_unclip(kit);
  return hit;
}

NmLyricsEdit nm_lyrics_show(NmKit *kit, NmLyrics *lyrics, const NmLyricsModel *model, NmRect rect)
{
  NmArea area = nm_kit_area(kit, model->title, rect);
  lyrics->scroll -= area.wheel_y * wheel_step;
  keep_in_sight(lyrics, model, rect.h);
  int syllable = draw(kit, lyrics, model, rect);
  if (lyrics->types) return show_field(kit, lyrics, model, rect);
  return use_mouse(kit, lyrics, model, &area, rect, area.hovered ? syllable : -1);
}
