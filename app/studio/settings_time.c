// SPDX-License-Identifier: GPL-3.0-or-later
// The song's title, and its tempo, meter and key at the playhead.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/document/edits.h"
#include "app/studio/edit.h"
#include "app/studio/settings_parts.h"
#include "app/studio/settings_row.h"
#include "ui/kit/words.h"

enum { WIDTH = 118, N_KEYS = 30 };

// An entry of a map.
typedef enum { TEMPO, METER, KEY } Map;

static const char *const map_names[] = {"tempo", "meter", "key"};

static int64_t get_tick(const NmSong *song, Map map, int32_t i)
{
  return map == TEMPO ? song->tempos[i].tick : map == METER ? song->meters[i].tick : song->keys[i].tick;
}

static int32_t count(const NmSong *song, Map map)
{
  return map == TEMPO ? song->n_tempos : map == METER ? song->n_meters : song->n_keys;
}

// The tick of the entry in force at the playhead, -1: there is none.
static int64_t find_since(const NmStudio *studio, Map map)
{
  const NmSong *song = nm_document_get_song(studio->doc);
  int64_t since = -1;
  for (int32_t i = 0; i < count(song, map); i++)
    if ((double)get_tick(song, map, i) <= studio->ruler_model.playhead) since = get_tick(song, map, i);
  return since;
}

// The bar line before the playhead.
static int64_t find_bar(const NmStudio *studio)
{
  int64_t tick = nm_axis_get_bar(&studio->model.time, studio->ruler_model.playhead).tick;
  return tick > 0 ? tick : 0;
}

// --- changes ---

static double bpm_at(const NmSong *song, int64_t tick)
{
  double bpm = song->n_tempos ? song->tempos[0].bpm : 120;
  for (int32_t i = 0; i < song->n_tempos && song->tempos[i].tick <= tick; i++) bpm = song->tempos[i].bpm;
  return bpm;
}

static bool begin(NmStudio *studio, const char *label, Map map, int64_t tick)
{
  return nm_studio_begin_joined(studio, label,
                                (uint64_t)studio->settings.stroke << 32 ^ (uint64_t)tick << 3 ^ (map + 1));
}

static void set_tempo(NmStudio *studio, int64_t tick, double bpm)
{
  if (begin(studio, _("Tempo"), TEMPO, tick))
    nm_studio_end(studio, nm_edit_set_tempo(studio->doc, tick, bpm, &studio->err));
}

static void set_meter(NmStudio *studio, int64_t tick, int n_beats, int unit)
{
  if (begin(studio, _("Meter"), METER, tick))
    nm_studio_end(studio, nm_edit_set_meter(studio->doc, tick, n_beats, unit, &studio->err));
}

static void set_key(NmStudio *studio, int64_t tick, int fifths, bool minor)
{
  if (begin(studio, _("Key"), KEY, tick))
    nm_studio_end(studio, nm_edit_set_key(studio->doc, tick, fifths, minor, &studio->err));
}

static void remove_entry(NmStudio *studio, Map map, int64_t tick)
{
  if (map == TEMPO) set_tempo(studio, tick, 0);
  if (map == METER) set_meter(studio, tick, 0, 0);
  if (map == KEY) set_key(studio, tick, 99, false);
}

// The same again from a bar on, to be changed there.
static void repeat(NmStudio *studio, Map map, int64_t tick)
{
  const NmSong *song = nm_document_get_song(studio->doc);
  NmSongMeter meter = nm_song_get_meter(song, tick);
  NmSongKey key = nm_song_get_key(song, tick);
  if (map == TEMPO) set_tempo(studio, tick, bpm_at(song, tick));
  if (map == METER) set_meter(studio, tick, meter.n_beats, meter.beat_unit);
  if (map == KEY) set_key(studio, tick, key.fifths, key.minor);
}

// --- what is seen ---

static void show_tempo(NmStudio *studio, int64_t tick)
{
  double bpm = bpm_at(nm_document_get_song(studio->doc), tick);
  nm_kit_set_width(studio->kit, WIDTH);
  if (nm_kit_number(studio->kit, _("♩ a minute"), &bpm, 1, 10, 600, "%.4g")) set_tempo(studio, tick, bpm);
}

static void show_meter(NmStudio *studio, int64_t tick)
{
  static const char *const units[] = {"1", "2", "4", "8", "16", "32"};
  NmSongMeter meter = nm_song_get_meter(nm_document_get_song(studio->doc), tick);
  double n_beats = meter.n_beats;
  int unit = 0;
  while (unit < 5 && 1 << unit < meter.beat_unit) unit++;
  nm_kit_set_width(studio->kit, WIDTH / 2 - 4);
  bool changed = nm_kit_number(studio->kit, "##beats", &n_beats, 1, 1, 32, "%.0f");
  nm_kit_same_row(studio->kit, 8);
  nm_kit_set_width(studio->kit, WIDTH / 2 - 4);
  changed |= nm_kit_choice(studio->kit, _("beats##unit"), &unit, units, 6);
  if (changed) set_meter(studio, tick, (int)lround(n_beats), 1 << unit);
}

// "C♭ major" to "A♯ minor", by fifths.
static void name_keys(char texts[N_KEYS][32], const char *names[N_KEYS])
{
  static const char *const tonics[] = {"C♭", "G♭", "D♭", "A♭", "E♭", "B♭", "F",  "C",  "G",
                                       "D",  "A",  "E",  "B",  "F♯", "C♯", "G♯", "D♯", "A♯"};
  for (int i = 0; i < N_KEYS; i++) {
    bool minor = i >= N_KEYS / 2;
    snprintf(texts[i], 32, "%s %s", tonics[minor ? i - N_KEYS / 2 + 3 : i], minor ? _("minor") : _("major"));
    names[i] = texts[i];
  }
}

static void show_key(NmStudio *studio, int64_t tick)
{
  char texts[N_KEYS][32];
  const char *names[N_KEYS];
  NmSongKey key = nm_song_get_key(nm_document_get_song(studio->doc), tick);
  int chosen = key.fifths + 7 + (key.minor ? N_KEYS / 2 : 0);
  name_keys(texts, names);
  nm_kit_set_width(studio->kit, WIDTH);
  if (nm_kit_choice(studio->kit, "##key", &chosen, names, N_KEYS))
    set_key(studio, tick, chosen % (N_KEYS / 2) - 7, chosen >= N_KEYS / 2);
}

static void show_map(NmStudio *studio, Map map, const char *title,
                     void (*show)(NmStudio *studio, int64_t tick))
{
  NmKit *kit = studio->kit;
  char text[96];
  int64_t since = find_since(studio, map), bar = find_bar(studio);
  NmBar at = nm_axis_get_bar(&studio->model.time, (double)(since < 0 ? 0 : since));
  snprintf(text, sizeof text, _("%s, since bar %d"), title, at.number);
  nm_kit_text(kit, NM_FONT_SMALL, NM_PAINT_TEXT_DIM, text);
  if (nm_row_cross(studio, map_names[map], since >= 0, since > 0 ? _("As before") : _("As usual")))
    remove_entry(studio, map, since);
  show(studio, since < 0 ? 0 : since);
  if (bar == since || (since < 0 && bar == 0)) return;
  NmBar here = nm_axis_get_bar(&studio->model.time, (double)bar);
  snprintf(text, sizeof text, _("Otherwise from bar %d on##%s"), here.number, map_names[map]);
  if (nm_kit_button(kit, text)) repeat(studio, map, bar);
}

// --- title ---

static void set_text(NmStudio *studio, const char *pointer, const char *label, const char *text)
{
  if (nm_studio_begin(studio, label))
    nm_studio_end(studio,
                  nm_edit_set_value(studio->doc, pointer, *text ? json_string(text) : NULL, &studio->err));
}

static void show_text(NmStudio *studio, int i, const char *pointer, const char *label)
{
  char *typed = studio->settings.typed[i];
  const char *text = json_string_value(nm_document_get(studio->doc, pointer));
  if (studio->settings.types != i + 1) snprintf(typed, NM_SETTINGS_TEXT, "%s", text ? text : "");
  nm_kit_set_width(studio->kit, 168);
  NmFieldEvent event = nm_kit_field(studio->kit, label, NULL, typed, NM_SETTINGS_TEXT);
  if (event == NM_FIELD_CHANGED) studio->settings.types = i + 1;
  if (event == NM_FIELD_NOTHING || event == NM_FIELD_CHANGED) return;
  studio->settings.types = 0;
  if (event != NM_FIELD_ESCAPED && strcmp(typed, text ? text : "")) set_text(studio, pointer, label, typed);
}

void nm_settings_show_time(NmStudio *studio)
{
  show_text(studio, 0, "/title", _("title"));
  show_text(studio, 1, "/lyricist", _("words"));
  show_text(studio, 2, "/composer", _("melody"));
  nm_kit_space(studio->kit, 6);
  show_map(studio, TEMPO, _("Tempo"), show_tempo);
  nm_kit_space(studio->kit, 4);
  show_map(studio, METER, _("Meter"), show_meter);
  nm_kit_space(studio->kit, 4);
  show_map(studio, KEY, _("Key"), show_key);
}
