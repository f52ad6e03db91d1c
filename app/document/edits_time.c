// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "app/document/edit.h"

// A list of the draft to be changed, made when it is not there.
static json_t *own_list(NmEdit *edit, const char *name)
{
  if (edit->status == NM_OK && !json_object_get(edit->draft, name))
    nm_edit_set(edit, edit->draft, name, json_array());
  return nm_edit_own(edit, "/%s", name);
}

static int64_t get_tick(const json_t *list, size_t i)
{
  return json_integer_value(json_object_get(json_array_get(list, i), "tick"));
}

// Members of `entry` (NULL: it goes) for the map entry at a tick; what else it holds stays.
static void put_entry(NmEdit *edit, const char *name, int64_t tick, json_t *entry)
{
  json_t *list = own_list(edit, name);
  size_t i = 0;
  while (list && i < json_array_size(list) && get_tick(list, i) < tick) ++i;
  const bool is_there = list && i < json_array_size(list) && get_tick(list, i) == tick;
  if (is_there && entry) {
    json_t *own = nm_tree_own_item(list, i);
    nm_edit_check_memory(edit, own && !json_object_update(own, entry));
  } else if (is_there) {
    json_array_remove(list, i);
  } else if (entry && list) {
    nm_edit_check_memory(edit, json_array_insert(list, i, entry) == 0);
  }
  if (list && json_array_size(list) == 0) nm_edit_unset(edit, edit->draft, name);
  json_decref(entry);
}

NmStatus nm_edit_set_tempo(NmDocument *doc, int64_t tick, double bpm, NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  json_t *entry = bpm == 0 ? NULL : json_pack("{s:I, s:f}", "tick", (json_int_t)tick, "bpm", bpm);
  nm_edit_check_memory(&edit, bpm == 0 || entry);
  put_entry(&edit, "tempos", tick, entry);
  return nm_edit_close(&edit, bpm == 0 ? "remove a tempo" : "set the tempo");
}

NmStatus nm_edit_set_meter(NmDocument *doc, int64_t tick, int n_beats, int beat_unit, NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  json_t *entry = n_beats == 0 ? NULL
                               : json_pack("{s:I, s:i, s:i}", "tick", (json_int_t)tick, "beats", n_beats,
                                           "unit", beat_unit);
  nm_edit_check_memory(&edit, n_beats == 0 || entry);
  put_entry(&edit, "meters", tick, entry);
  return nm_edit_close(&edit, n_beats == 0 ? "remove a meter" : "set the meter");
}

NmStatus nm_edit_set_key(NmDocument *doc, int64_t tick, int fifths, bool minor, NmError *err)
{
  const bool goes = fifths < -7 || fifths > 7;
  NmEdit edit = nm_edit_open(doc, err);
  json_t *entry = goes ? NULL
                       : json_pack("{s:I, s:i, s:s}", "tick", (json_int_t)tick, "fifths", fifths, "mode",
                                   minor ? "minor" : "major");
  nm_edit_check_memory(&edit, goes || entry);
  put_entry(&edit, "keys", tick, entry);
  return nm_edit_close(&edit, goes ? "remove a key" : "set the key");
}

// A named moment in one of the document's lists; without a name it goes.
static NmStatus set_named(NmDocument *doc, const char *list, int64_t tick, const char *name, const char *what,
                          NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  json_t *entry = NULL;
  if (name) {
    entry = json_pack("{s:I, s:o}", "tick", (json_int_t)tick, "name", nm_document_tree_of_text(name));
    nm_edit_check_memory(&edit, entry != NULL);
  }
  put_entry(&edit, list, tick, entry);
  return nm_edit_close(&edit, what);
}

NmStatus nm_edit_set_chord(NmDocument *doc, int64_t tick, const char *name, NmError *err)
{
  return set_named(doc, "chords", tick, name, name ? "set a chord" : "remove a chord", err);
}

NmStatus nm_edit_set_marker(NmDocument *doc, int64_t tick, const char *name, NmError *err)
{
  return set_named(doc, "markers", tick, name, name ? "set a marker" : "remove a marker", err);
}

NmStatus nm_edit_set_pickup(NmDocument *doc, int64_t ticks, NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  if (ticks)
    nm_edit_set(&edit, edit.draft, "pickup", json_integer(ticks));
  else
    nm_edit_unset(&edit, edit.draft, "pickup");
  return nm_edit_close(&edit, "set the pick-up");
}

// --- all times ---

// Changes a time; false when it cannot be changed so.
typedef bool (*ChangeTick)(int64_t *tick, const void *context);

typedef struct {
  NmEdit *edit;
  ChangeTick change;
  const void *context;
} Mover;

// A whole number of an object, by name, through the mover. The object is the draft's own.
static void move_member(const Mover *m, json_t *object, const char *name)
{
  int64_t tick = json_integer_value(json_object_get(object, name));
  if (!json_object_get(object, name) || m->edit->status != NM_OK) return;
  if (m->change(&tick, m->context))
    nm_edit_set(m->edit, object, name, json_integer(tick));
  else
    nm_edit_fail(m->edit, NM_ERR_BAD_DATA, "%s %lld cannot be moved there", name, (long long)tick);
}

static void move_items(const Mover *m, json_t *list, const char *const *names)
{
  for (size_t i = 0; i < json_array_size(list) && m->edit->status == NM_OK; ++i) {
    json_t *item = nm_tree_own_item(list, i);
    nm_edit_check_memory(m->edit, item != NULL);
    for (int k = 0; item && names[k]; ++k) move_member(m, item, names[k]);
  }
}

static void move_list(const Mover *m, const char *name, const char *const *names)
{
  if (json_object_get(m->edit->draft, name)) move_items(m, nm_edit_own(m->edit, "/%s", name), names);
}

static void move_points(const Mover *m)
{
  json_t *points =
      json_object_get(m->edit->draft, "pitch_curve") ? nm_edit_own(m->edit, "/pitch_curve") : NULL;
  for (size_t i = 0; i < json_array_size(points) && m->edit->status == NM_OK; ++i) {
    json_t *point = nm_tree_own_item(points, i);
    int64_t tick = json_integer_value(json_array_get(point, 0));
    if (!m->change(&tick, m->context))
      nm_edit_fail(m->edit, NM_ERR_BAD_DATA, "the drawn pitch cannot be moved");
    nm_edit_check_memory(m->edit, point && !json_array_set_new(point, 0, json_integer(tick)));
  }
}

static void move_takes(const Mover *m, const char *const *names)
{
  for (int32_t l = 0; l < m->edit->song->n_lines && m->edit->status == NM_OK; ++l) {
    if (!json_object_get(json_array_get(json_object_get(m->edit->draft, "lines"), (size_t)l), "takes"))
      continue;
    json_t *takes = nm_edit_own(m->edit, "/lines/%d/takes", l);
    for (size_t i = 0; i < json_array_size(takes) && m->edit->status == NM_OK; ++i)
      move_items(m, nm_edit_own(m->edit, "/lines/%d/takes/%zu/notes", l, i), names);
  }
}

static const char *const ticks_names[] = {"tick", NULL}, *const onset_names[] = {"onset", NULL},
                         *const note_names[] = {"onset", "len", NULL};

static void move_maps(const Mover *m)
{
  move_list(m, "tempos", ticks_names);
  move_list(m, "meters", ticks_names);
  move_list(m, "keys", ticks_names);
  move_list(m, "chords", ticks_names);
  move_list(m, "markers", ticks_names);
}

static bool scale(int64_t *tick, const void *context)
{
  const int32_t *ratio = context;
  const __int128 scaled = (__int128)*tick * ratio[0];
  if (scaled % ratio[1]) return false;
  *tick = (int64_t)(scaled / ratio[1]);
  return true;
}

void nm_edit_scale_time(NmEdit *edit, int32_t ticks_per_beat)
{
  const int32_t ratio[2] = {ticks_per_beat, edit->song->ticks_per_beat};
  const Mover m = {edit, scale, ratio};
  if (ticks_per_beat < 1 || ticks_per_beat > NM_SONG_TICKS_MAX)
    nm_edit_fail(edit, NM_ERR_BAD_DATA, "%d ticks to a beat are not between 1 and %d", ticks_per_beat,
                 NM_SONG_TICKS_MAX);
  if (edit->status != NM_OK || ratio[0] == ratio[1]) return;
  nm_edit_set(edit, edit->draft, "ticks_per_beat", json_integer(ticks_per_beat));
  move_member(&m, edit->draft, "pickup");
  move_list(&m, "notes", note_names);
  move_maps(&m);
  move_points(&m);
  move_takes(&m, note_names);
}

NmStatus nm_edit_set_resolution(NmDocument *doc, int32_t ticks_per_beat, NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_scale_time(&edit, ticks_per_beat);
  return nm_edit_close(&edit, "change the resolution");
}

static bool shift(int64_t *tick, const void *context)
{
  const int64_t *place = context; // from where, by how much
  if (*tick < place[0]) return true;
  *tick += place[1];
  return *tick >= 0;
}

// Going back, what stands in the ticks that vanish would be in the way; map entries there go instead.
static void clear_entries(NmEdit *edit, const char *name, int64_t from, int64_t to)
{
  const json_t *before = json_object_get(edit->draft, name);
  json_t *kept = json_array();
  for (size_t i = 0; i < json_array_size(before); ++i) {
    const int64_t tick = get_tick(before, i);
    if (tick < from || tick >= to) nm_edit_append(edit, kept, json_incref(json_array_get(before, i)));
  }
  if (json_array_size(kept) < json_array_size(before))
    nm_edit_set(edit, edit->draft, name, kept);
  else
    json_decref(kept);
  if (before && json_array_size(json_object_get(edit->draft, name)) == 0)
    nm_edit_unset(edit, edit->draft, name);
}

static bool is_sounding(const NmSong *song, int64_t from, int64_t to)
{
  for (int32_t i = 0; i < song->n_notes; ++i)
    if (song->notes[i].onset < to && song->notes[i].onset + song->notes[i].len > from) return true;
  return false;
}

static void clear_time(NmEdit *edit, int64_t from, int64_t to)
{
  if (is_sounding(edit->song, from, to))
    nm_edit_fail(edit, NM_ERR_BAD_DATA, "notes are in the time that would go: remove them first");
  clear_entries(edit, "tempos", from, to);
  clear_entries(edit, "meters", from, to);
  clear_entries(edit, "keys", from, to);
  clear_entries(edit, "chords", from, to);
  clear_entries(edit, "markers", from, to);
}

void nm_edit_shift_time(NmEdit *edit, int64_t tick, int64_t ticks)
{
  const int64_t most = (int64_t)NM_SONG_TIME_MAX * NM_SONG_TICKS_MAX, place[2] = {tick, ticks};
  const Mover m = {edit, shift, place};
  if (tick < 0 || tick > most || ticks < -most || ticks > most)
    nm_edit_fail(edit, NM_ERR_BAD_DATA, "that is too far away");
  if (edit->status == NM_OK && ticks < 0) clear_time(edit, tick + ticks < 0 ? 0 : tick + ticks, tick);
  if (edit->status != NM_OK || ticks == 0) return;
  move_list(&m, "notes", onset_names);
  move_maps(&m);
  move_points(&m);
  move_takes(&m, onset_names);
}

NmStatus nm_edit_insert_time(NmDocument *doc, int64_t tick, int64_t ticks, NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_shift_time(&edit, tick, ticks);
  return nm_edit_close(&edit, ticks < 0 ? "remove time" : "insert time");
}
