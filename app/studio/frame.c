// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame.h"

#include <math.h>
#include <string.h>

#include "app/studio/actions.h"
#include "app/studio/bar.h"
#include "app/studio/device.h"
#include "app/studio/edit.h"
#include "app/studio/feel.h"
#include "app/studio/file.h"
#include "app/studio/lanes.h"
#include "app/studio/sheet.h"
#include "app/studio/state.h"
#include "ui/kit/widget.h"
#include "ui/kit/words.h"

enum { STATUS_HEIGHT = 26, WORDS_MIN = 120, LANES_MIN = 300 };

static void show_status(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  nm_kit_panel_begin(kit, "status", rect, 0);
  nm_draw_across(kit, rect.x, rect.x + rect.w, rect.y, nm_kit_get_ink(kit, NM_PAINT_LINE));
  float taken = nm_studio_show_render_progress(studio, rect);
  char text[128];
  const char *composing = nm_studio_write_composing(studio, text, sizeof text);
  bool warns = !composing && studio->status_is_warning;
  nm_draw_label(kit, NM_FONT_SMALL, (NmRect){rect.x + 10, rect.y, rect.w - 20 - taken, rect.h},
                nm_kit_get_ink(kit, warns ? NM_PAINT_WARNING : NM_PAINT_TEXT_DIM),
                composing ? composing : studio->status);
  nm_kit_panel_end(kit);
}

static void obey_lyrics(NmStudio *studio, NmLyricsEdit edit)
{
  if (edit.kind == NM_LYRICS_CHOOSE && edit.syllable >= 0)
    nm_studio_choose_note(studio, studio->model.note_of_syllable[edit.syllable], edit.extends);
  if (edit.kind == NM_LYRICS_LINE) nm_studio_set_line(studio, edit.line, edit.text);
}

// The words, and below them what is to be chosen from, or else the plane of feelings.
static void show_words(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  float list = nm_studio_audition_get_height(studio, rect.h * .6f);
  float plane = studio->hides_plane || rect.h < 500 || list > 0 ? 0 : fminf(rect.w, rect.h * .4f);
  NmRect head = {rect.x + 14, rect.y, rect.w - 20, NM_RULER_HEIGHT};
  NmRect body = {rect.x, rect.y + head.h, rect.w - 1, rect.h - head.h - plane - list};
  const char *title = nm_document_get_song(studio->doc)->title;
  nm_kit_panel_begin(kit, "words", rect, 0);
  nm_draw_label(kit, NM_FONT_BOLD, head, nm_kit_get_ink(kit, NM_PAINT_TEXT),
                title && *title ? title : _("Untitled"));
  nm_tour_tell(studio, NM_SIGHT_WORDS, (NmRect){rect.x, rect.y, rect.w, rect.h - plane});
  obey_lyrics(studio, nm_lyrics_show(kit, &studio->lyrics, &studio->model.lyrics, body));
  nm_draw_across(kit, rect.x, rect.x + rect.w, body.y - 1, nm_kit_get_ink(kit, NM_PAINT_LINE));
  if (plane > 0) {
    nm_draw_across(kit, rect.x, rect.x + rect.w, body.y + body.h, nm_kit_get_ink(kit, NM_PAINT_LINE));
    nm_tour_tell(studio, NM_SIGHT_PLANE, (NmRect){rect.x, body.y + body.h, rect.w, plane});
    nm_studio_show_plane(studio, (NmRect){rect.x, body.y + body.h + 1, rect.w, plane - 1});
  }
  if (list > 0) {
    nm_draw_across(kit, rect.x, rect.x + rect.w, body.y + body.h, nm_kit_get_ink(kit, NM_PAINT_LINE));
    nm_studio_show_audition(studio, (NmRect){rect.x, body.y + body.h + 1, rect.w, list - 1});
  }
  nm_kit_panel_end(kit);
}

// Between two panels; answers its new place.
static float show_splitter(NmKit *kit, float x, NmRect rect)
{
  NmRect bar = {x - 3, rect.y, 6, rect.h};
  nm_kit_panel_begin(kit, "splitter", bar, 0);
  NmArea area = nm_kit_area(kit, "splitter", bar);
  if (area.hovered || area.active) nm_kit_set_cursor(kit, NM_CURSOR_LEFT_RIGHT);
  if (area.active) x += nm_kit_get_input(kit)->dx;
  nm_draw_rect(kit, (NmRect){bar.x + 2, bar.y, 2, bar.h},
               nm_kit_get_ink(kit, area.active || area.hovered ? NM_PAINT_ACCENT : NM_PAINT_LINE), 0);
  nm_kit_panel_end(kit);
  return fminf(fmaxf(x, rect.x + WORDS_MIN), fmaxf(rect.x + rect.w - LANES_MIN, WORDS_MIN));
}

// What stands at the right, when there is room; answers where that begins.
static float show_right(NmStudio *studio, NmRect middle)
{
  float right = middle.x + middle.w;
  if (!studio->settings.shown || middle.w < WORDS_MIN + LANES_MIN + NM_SETTINGS_WIDTH) return right;
  right -= NM_SETTINGS_WIDTH;
  nm_settings_show(studio, (NmRect){right, middle.y, NM_SETTINGS_WIDTH, middle.h});
  return right;
}

void nm_studio_show(NmStudio *studio)
{
  NmRect bounds = nm_kit_get_bounds(studio->kit);
  float y = nm_actions_show_menu(studio), bottom = bounds.h - STATUS_HEIGHT;
  float x = studio->width_words;
  if (nm_studio_update(studio)) return; // what was chosen from the menu
  memset(studio->tour.sights, 0, sizeof studio->tour.sights);
  nm_tour_tell(studio, NM_SIGHT_MENU, (NmRect){0, 0, bounds.w, y});
  nm_tour_tell(studio, NM_SIGHT_BAR, (NmRect){0, y, bounds.w, NM_STUDIO_BAR_HEIGHT});
  nm_studio_show_bar(studio, (NmRect){0, y, bounds.w, NM_STUDIO_BAR_HEIGHT});
  y += NM_STUDIO_BAR_HEIGHT;
  NmRect middle = {0, y, bounds.w, bottom - y};
  show_words(studio, (NmRect){0, y, x - 3, middle.h});
  float right = show_right(studio, middle);
  NmRect lanes = {x + 3, y, right - x - 3, middle.h};
  if (nm_studio_update(studio)) return; // what was changed there
  if (studio->tracing.on)
    nm_studio_show_tracing(studio, lanes);
  else
    nm_studio_show_lanes(studio, lanes);
  studio->width_words = show_splitter(studio->kit, x, (NmRect){0, y, right, middle.h});
  show_status(studio, (NmRect){0, bottom, bounds.w, STATUS_HEIGHT});
  nm_studio_show_sheet(studio);
  nm_tour_show(studio);
  nm_studio_show_files(studio);
  nm_studio_show_device(studio);
  nm_studio_show_render(studio);
  nm_studio_show_dialogs(studio);
  nm_studio_show_composing(studio);
  nm_actions_take_keys(studio);
}
