// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bar.h"

#include <math.h>
#include <stdio.h>

#include "app/studio/state.h"
#include "ui/kit/icons.h"
#include "ui/kit/words.h"

static const float gap = 4, gap_group = 18;

static void show_playing(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  const NmRulerModel *ruler = &studio->ruler_model;
  bool plays = studio->heard.plays;
  if (nm_icon_button(kit, NM_ICON_START, "start", _("To the beginning (Home)"), false))
    nm_studio_seek(studio, 0);
  nm_kit_same_row(kit, gap);
  if (nm_icon_button(kit, plays ? NM_ICON_STOP : NM_ICON_PLAY, "play",
                     plays ? _("Stop (Space)") : _("Play (Space)"), plays))
    nm_studio_play(studio, !plays);
  nm_kit_same_row(kit, gap);
  nm_kit_disable(kit, ruler->loop_to <= ruler->loop_from);
  if (nm_icon_button(kit, NM_ICON_LOOP, "loop",
                     _("Again and again (L): drag along the bars above to say what"), ruler->loops))
    nm_studio_set_loop(studio, ruler->loop_from, ruler->loop_to, !ruler->loops);
  nm_kit_enable(kit);
  nm_kit_same_row(kit, gap);
  if (nm_icon_button(kit, NM_ICON_METRONOME, "metronome", _("Metronome (K)"), studio->clicks))
    nm_studio_set_clicks(studio, !studio->clicks);
}

static void write_place(const NmStudio *studio, char *text, size_t size)
{
  double tick = studio->ruler_model.playhead;
  NmBar bar = nm_axis_get_bar(&studio->model.time, tick);
  double beat = (tick - (double)bar.tick) / (double)bar.len_beat;
  snprintf(text, size, "%d.%d", bar.number, (int)floor(beat) + 1);
}

// Beside each other: bar and beat in large letters; time, and what is in force there, in small ones.
static void show_place(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  const NmSong *song = nm_document_get_song(studio->doc);
  double tick = studio->ruler_model.playhead, seconds = nm_axis_get_seconds(&studio->model.time, tick);
  double ahead = nm_axis_get_seconds(&studio->model.time, tick + song->ticks_per_beat);
  NmSongKey key = nm_song_get_key(song, (int64_t)tick);
  NmSongMeter meter = nm_song_get_meter(song, (int64_t)tick);
  static const char *const names[] = {"C♭", "G♭", "D♭", "A♭", "E♭", "B♭", "F",  "C",  "G",
                                      "D",  "A",  "E",  "B",  "F♯", "C♯", "G♯", "D♯", "A♯"};
  char place[32], time[32], about[96];
  write_place(studio, place, sizeof place);
  snprintf(time, sizeof time, "%d:%04.1f", (int)(seconds / 60), fmod(seconds, 60));
  snprintf(about, sizeof about, "%s %s    %d/%d    ♩ = %.4g", names[key.fifths + 7 + (key.minor ? 3 : 0)],
           key.minor ? _("minor") : _("major"), meter.n_beats, meter.beat_unit, 60 / (ahead - seconds));
  nm_draw_text(kit, NM_FONT_LARGE, rect.x, rect.y + 9, nm_kit_get_ink(kit, NM_PAINT_TEXT), place, -1);
  nm_draw_text(kit, NM_FONT_SMALL, rect.x + 76, rect.y + 6, nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), time, -1);
  nm_draw_text(kit, NM_FONT_SMALL, rect.x + 76, rect.y + 21, nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), about,
               -1);
}

static void show_tools(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  const char *names[16];
  for (int i = 0; i < nm_axis_n_snaps; i++) names[i] = _(nm_axis_snaps[i].name);
  if (nm_icon_button(kit, NM_ICON_PENCIL, "pencil", _("Draw notes (D)"), studio->model.roll.draws))
    studio->draws = !studio->draws;
  NmRect pencil = nm_kit_get_last_rect(kit);
  float width = nm_draw_get_text_width(kit, NM_FONT_SMALL, _("Grid"), -1),
        x = pencil.x + pencil.w + gap_group;
  nm_draw_text(kit, NM_FONT_SMALL, x, pencil.y + 7, nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), _("Grid"), -1);
  nm_kit_set_place(kit, x + width + 8, pencil.y + 3);
  nm_kit_set_width(kit, 82);
  nm_kit_choice(kit, "##grid", &studio->axis.snap, names, nm_axis_n_snaps);
  nm_kit_tip(kit, _("What is moved snaps to it; with Ctrl it does not"));
}

static void show_meter(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  float db = studio->heard.peak > 1e-6f ? 20 * log10f(studio->heard.peak) : -120;
  float part = fminf(fmaxf((db + 48) / 48, 0), 1);
  NmPaint paint = db > -.5f ? NM_PAINT_WARNING : NM_PAINT_LOOP;
  nm_draw_rect(kit, rect, nm_kit_get_ink(kit, NM_PAINT_RAISED), 2);
  if (part > 0)
    nm_draw_rect(kit, (NmRect){rect.x, rect.y, rect.w * part, rect.h}, nm_kit_get_ink(kit, paint), 2);
}

static void show_voice(NmStudio *studio, NmRect rect)
{
  const NmStudioVoiceState *state = &studio->voice_state;
  char text[64] = "";
  if (state->loads)
    snprintf(text, sizeof text, "%s", _("loading the voice"));
  else if (state->works)
    snprintf(text, sizeof text, _("singing %d of %d"), state->n_sung, state->n_phrases);
  float width = nm_draw_get_text_width(studio->kit, NM_FONT_SMALL, text, -1);
  nm_draw_text(studio->kit, NM_FONT_SMALL, rect.x + rect.w - width, rect.y + rect.h / 2 - 7,
               nm_kit_get_ink(studio->kit, NM_PAINT_TEXT_DIM), text, -1);
}

void nm_studio_show_bar(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  float y = rect.y + (rect.h - NM_ICON_SIZE) / 2,
        x_place = rect.x + 4 * (NM_ICON_SIZE + gap) + 10 + gap_group;
  nm_kit_panel_begin(kit, "bar", rect, 0);
  nm_kit_set_place(kit, rect.x + 10, y);
  show_playing(studio);
  show_place(studio, (NmRect){x_place, rect.y, 300, rect.h});
  nm_kit_set_place(kit, x_place + 320, y);
  show_tools(studio);
  show_meter(studio, (NmRect){rect.x + rect.w - 134, rect.y + rect.h / 2 - 3, 120, 6});
  show_voice(studio, (NmRect){rect.x, rect.y, rect.w - 146, rect.h});
  nm_draw_across(kit, rect.x, rect.x + rect.w, rect.y + rect.h - 1, nm_kit_get_ink(kit, NM_PAINT_LINE));
  nm_kit_panel_end(kit);
}
