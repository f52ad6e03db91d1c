// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame.h"

#include <math.h>

#include "app/studio/actions.h"
#include "app/studio/bar.h"
#include "app/studio/edit.h"
#include "app/studio/file.h"
#include "app/studio/state.h"
#include "ui/kit/widget.h"
#include "ui/kit/words.h"

enum { STATUS_HEIGHT = 26, WORDS_MIN = 120, LANES_MIN = 300 };

static void show_status(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  nm_kit_panel_begin(kit, "status", rect, 0);
  nm_draw_across(kit, rect.x, rect.x + rect.w, rect.y, nm_kit_get_ink(kit, NM_PAINT_LINE));
  nm_draw_label(kit, NM_FONT_SMALL, (NmRect){rect.x + 10, rect.y, rect.w - 20, rect.h},
                nm_kit_get_ink(kit, studio->status_is_warning ? NM_PAINT_WARNING : NM_PAINT_TEXT_DIM),
                studio->status);
  nm_kit_panel_end(kit);
}

static void place_axis(NmStudio *studio, float x, float w)
{
  studio->axis.x = x;
  studio->axis.w = w;
  int64_t beat = studio->model.time.ticks_per_beat, end = studio->model.time.end + 4 * beat;
  if (studio->fits) nm_axis_show(&studio->axis, -.5 * (double)beat, (double)end);
  studio->fits = false;
}

static void obey_ruler(NmStudio *studio, NmRulerEdit edit)
{
  if (edit.kind == NM_RULER_SEEK) nm_studio_seek(studio, (double)edit.from);
  if (edit.kind == NM_RULER_LOOP) nm_studio_set_loop(studio, edit.from, edit.to, true);
}

static void obey_roll(NmStudio *studio, NmRollEdit edit)
{
  switch (edit.kind) {
  case NM_ROLL_MOVE: nm_studio_move(studio, edit.ticks, edit.semitones); break;
  case NM_ROLL_START: nm_studio_resize(studio, true, edit.ticks); break;
  case NM_ROLL_END: nm_studio_resize(studio, false, edit.ticks); break;
  case NM_ROLL_ADD: nm_studio_add(studio, edit.tick, edit.ticks, edit.pitch); break;
  case NM_ROLL_TEXT: nm_studio_type(studio, edit.note); break;
  case NM_ROLL_MENU: nm_kit_popup_open(studio->kit, "notes"); break;
  case NM_ROLL_AUDITION: nm_studio_audition(studio, edit.pitch); break;
  case NM_ROLL_NOTHING: break;
  }
}

static const char *write_progress(const NmStudio *studio)
{
  const NmStudioVoiceState *state = &studio->voice_state;
  if (state->trouble[0]) return state->trouble;
  if (state->loads) return _("The voice is being loaded");
  if (state->works) return _("It is about to be sung");
  return studio->voice ? _("Nothing is sung") : _("Played by an instrument");
}

static void show_phones(NmStudio *studio, NmRect rect)
{
  const NmSung *sung = studio->sung;
  NmPhonesModel model = {.title = _("Phones"), .empty = write_progress(studio), .heard_s = -1};
  if (sung) model.boxes = sung->phones, model.n = sung->n_phones;
  if (studio->heard.plays) model.heard_s = (double)studio->heard.heard / NM_PLAYBACK_RATE_HZ;
  int box = nm_phones_show(studio->kit, &model, &studio->axis, rect);
  if (box >= 0)
    nm_studio_seek(studio,
                   nm_axis_get_tick_of_seconds(&studio->model.time, fmax(sung->phones[box].start_s, 0)));
}

static void show_waveform(NmStudio *studio, NmRect rect)
{
  NmWaveformModel model = {.pieces = studio->pieces,
                           .n = studio->n_pieces,
                           .rate_hz = NM_PLAYBACK_RATE_HZ,
                           .title = _("Waveform"),
                           .empty = write_progress(studio)};
  NmWaveformEdit edit = nm_waveform_show(studio->kit, &studio->waveform, &model, &studio->axis, rect);
  if (edit.kind == NM_WAVEFORM_SEEK) nm_studio_seek(studio, (double)edit.tick);
}

// A lane below the roll has its name at the left, where the keys are above.
static NmRect show_head(NmStudio *studio, NmRect *rest, float height, const char *name)
{
  NmKit *kit = studio->kit;
  NmRect lane = {rest->x, rest->y + rest->h - height, rest->w, height};
  rest->h -= height;
  nm_draw_rect(kit, lane, nm_kit_get_ink(kit, NM_PAINT_PANEL), 0);
  nm_draw_across(kit, lane.x, lane.x + lane.w, lane.y, nm_kit_get_ink(kit, NM_PAINT_LINE));
  nm_draw_label(kit, NM_FONT_SMALL,
                (NmRect){lane.x + 6, lane.y + 2, NM_ROLL_KEYS_WIDTH - 8, NM_PHONES_HEIGHT - 4},
                nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), name);
  return (NmRect){lane.x + NM_ROLL_KEYS_WIDTH, lane.y + 1, lane.w - NM_ROLL_KEYS_WIDTH, lane.h - 1};
}

// The line over a lane, by which it is made higher.
static void show_edge(NmStudio *studio, NmRect rect, float most)
{
  NmRect edge = {rect.x, rect.y - 4, rect.w, 7};
  NmArea area = nm_kit_area(studio->kit, "edge", edge);
  if (area.hovered || area.active) {
    nm_kit_set_cursor(studio->kit, NM_CURSOR_UP_DOWN);
    nm_draw_across(studio->kit, rect.x, rect.x + rect.w, rect.y - 1,
                   nm_kit_get_ink(studio->kit, NM_PAINT_ACCENT));
  }
  if (area.active) studio->height_waveform -= nm_kit_get_input(studio->kit)->dy;
  studio->height_waveform = fmaxf(fminf(studio->height_waveform, most), 30);
}

// Lanes from the bottom up; the roll has what is left.
static NmRect show_lower_lanes(NmStudio *studio, NmRect rect)
{
  NmRect rest = rect;
  if (!studio->hides_waveform) {
    NmRect lane = show_head(studio, &rest, studio->height_waveform, _("Sound"));
    show_edge(studio, lane, rect.h - 150);
    show_waveform(studio, lane);
  }
  if (!studio->hides_phones) show_phones(studio, show_head(studio, &rest, NM_PHONES_HEIGHT, _("Phones")));
  return rest;
}

static void show_lanes(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  NmRect ruler = {rect.x + NM_ROLL_KEYS_WIDTH, rect.y, rect.w - NM_ROLL_KEYS_WIDTH, NM_RULER_HEIGHT};
  NmRect below = {rect.x, rect.y + ruler.h, rect.w, rect.h - ruler.h};
  place_axis(studio, ruler.x, ruler.w);
  nm_kit_panel_begin(kit, "lanes", rect, 0);
  obey_ruler(studio, nm_ruler_show(kit, &studio->ruler, &studio->ruler_model, &studio->axis, ruler));
  NmRect roll = show_lower_lanes(studio, below);
  studio->roll_rect = (NmRect){ruler.x, roll.y, ruler.w, roll.h};
  studio->model.roll.draws = studio->draws;
  obey_roll(studio, nm_roll_show(kit, &studio->roll, &studio->model.roll, &studio->axis, roll));
  if (studio->roll.selects) nm_studio_model_mark(&studio->model);
  nm_ruler_draw_playhead(kit, &studio->ruler_model, &studio->axis,
                         (NmRect){ruler.x, below.y, ruler.w, below.h});
  nm_actions_show_popup(studio, "notes", NM_MENU_NOTES);
  nm_kit_panel_end(kit);
  nm_studio_show_typing(studio, studio->roll_rect);
}

static void obey_lyrics(NmStudio *studio, NmLyricsEdit edit)
{
  if (edit.kind == NM_LYRICS_CHOOSE && edit.syllable >= 0)
    nm_studio_choose_note(studio, studio->model.note_of_syllable[edit.syllable], edit.extends);
  if (edit.kind == NM_LYRICS_LINE) nm_studio_set_line(studio, edit.line, edit.text);
}

static void show_words(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  NmRect head = {rect.x + 14, rect.y, rect.w - 20, NM_RULER_HEIGHT};
  NmRect body = {rect.x, rect.y + head.h, rect.w - 1, rect.h - head.h};
  const char *title = nm_document_get_song(studio->doc)->title;
  nm_kit_panel_begin(kit, "words", rect, 0);
  nm_draw_label(kit, NM_FONT_BOLD, head, nm_kit_get_ink(kit, NM_PAINT_TEXT),
                title && *title ? title : _("Untitled"));
  obey_lyrics(studio, nm_lyrics_show(kit, &studio->lyrics, &studio->model.lyrics, body));
  nm_draw_across(kit, rect.x, rect.x + rect.w, body.y - 1, nm_kit_get_ink(kit, NM_PAINT_LINE));
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

void nm_studio_show(NmStudio *studio)
{
  NmRect bounds = nm_kit_get_bounds(studio->kit);
  float y = nm_actions_show_menu(studio), bottom = bounds.h - STATUS_HEIGHT;
  float x = studio->width_words;
  nm_studio_show_bar(studio, (NmRect){0, y, bounds.w, NM_STUDIO_BAR_HEIGHT});
  y += NM_STUDIO_BAR_HEIGHT;
  NmRect middle = {0, y, bounds.w, bottom - y};
  show_words(studio, (NmRect){0, y, x - 3, middle.h});
  show_lanes(studio, (NmRect){x + 3, y, bounds.w - x - 3, middle.h});
  studio->width_words = show_splitter(studio->kit, x, middle);
  show_status(studio, (NmRect){0, bottom, bounds.w, STATUS_HEIGHT});
  nm_actions_show_sheet(studio);
  nm_studio_show_files(studio);
  nm_actions_take_keys(studio);
}
