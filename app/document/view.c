// SPDX-License-Identifier: GPL-3.0-or-later
// From trees that are as the schema says to songs and curves: what is left to check is how parts fit
// together.
#include <stdlib.h>
#include <string.h>

#include "app/document/document_internal.h"
#include "models/text/phones.h"

typedef struct {
  NmSongView *view;
  NmSong *song;
  NmError *err;
} Maker;

static NmStatus no_memory(NmError *err)
{
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

static int64_t get_int(const json_t *object, const char *name)
{
  return json_integer_value(json_object_get(object, name));
}

// --- notes ---

static uint32_t hash_id(int32_t id)
{
  uint32_t x = (uint32_t)id * 0x9e3779b1u;
  return x ^ x >> 15;
}

// The slot of an id: where it is, or the empty one where it would be.
static uint32_t find_slot(const NmSongView *view, int32_t id)
{
  uint32_t slot = hash_id(id) & (view->n_places - 1);
  while (view->places[slot] && view->note_ids[view->places[slot] - 1] != id)
    slot = (slot + 1) & (view->n_places - 1);
  return slot;
}

int32_t nm_song_view_find(const NmSongView *view, int32_t id)
{
  return view->places[find_slot(view, id)] - 1;
}

static NmStatus make_table(Maker *m, size_t n)
{
  NmSongView *view = m->view;
  for (view->n_places = 16; view->n_places < 2 * n;) view->n_places *= 2;
  view->note_ids = nm_arena_calloc(&m->song->arena, n + 1, sizeof *view->note_ids);
  view->places = nm_arena_calloc(&m->song->arena, view->n_places, sizeof *view->places);
  return view->note_ids && view->places ? NM_OK : no_memory(m->err);
}

static NmStatus check_order(Maker *m, int32_t i)
{
  const NmSongNote *note = &m->song->notes[i], *before = note - 1;
  if (i == 0 || before->onset + before->len <= note->onset) return NM_OK;
  if (before->onset > note->onset)
    return nm_error_set(m->err, NM_ERR_BAD_DATA, "notes[%d].onset: notes stand by onset", i);
  return nm_error_set(
      m->err, NM_ERR_BAD_DATA,
      "notes[%d].onset: it begins at %lld, before notes[%d] ends at %lld: a melody has one note "
      "at a time",
      i, (long long)note->onset, i - 1, (long long)(before->onset + before->len));
}

static NmStatus add_note(Maker *m, int32_t i, const json_t *note)
{
  const int32_t id = (int32_t)get_int(note, "id");
  const uint32_t slot = find_slot(m->view, id);
  if (m->view->places[slot])
    return nm_error_set(m->err, NM_ERR_BAD_DATA, "notes[%d].id: notes[%d] has the id %d already", i,
                        m->view->places[slot] - 1, id);
  m->view->places[slot] = i + 1;
  m->view->note_ids[i] = id;
  if (nm_song_add_note(m->song, get_int(note, "onset"), get_int(note, "len"), (int)get_int(note, "pitch"),
                       (int)get_int(note, "velocity")) < 0)
    return no_memory(m->err);
  return check_order(m, i);
}

static NmStatus add_notes(Maker *m, const json_t *notes)
{
  const size_t n = json_array_size(notes);
  NmStatus status = make_table(m, n);
  for (size_t i = 0; i < n && status == NM_OK; ++i)
    status = add_note(m, (int32_t)i, json_array_get(notes, i));
  return status;
}

// --- lyrics ---

static NmStatus add_phones(Maker *m, const json_t *phones)
{
  size_t i;
  json_t *name;
  json_array_foreach((json_t *)phones, i, name)
  {
    const int32_t phone = nm_phone_find(json_string_value(name), json_string_length(name), 0);
    if (nm_song_add_phones(m->song, &phone, 1) < 0) return no_memory(m->err);
  }
  return NM_OK;
}

// What was set by hand.
static NmStatus add_lengths(Maker *m, const json_t *syllable)
{
  const json_t *lengths = json_object_get(syllable, "lengths_s"),
               *shift = json_object_get(syllable, "shift_s");
  const size_t n = json_array_size(lengths);
  if (n == 0 && !shift) return NM_OK;
  float *list = malloc((n + 1) * sizeof *list);
  for (size_t i = 0; list && i < n; ++i) list[i] = (float)json_number_value(json_array_get(lengths, i));
  const bool done = list && nm_song_set_lengths(m->song, list, (int32_t)n, (float)json_number_value(shift));
  free(list);
  return done ? NM_OK : no_memory(m->err);
}

static NmStatus add_links(Maker *m, const json_t *notes, const char *text)
{
  size_t i;
  json_t *id;
  json_array_foreach((json_t *)notes, i, id)
  {
    const int32_t note = nm_song_view_find(m->view, (int32_t)json_integer_value(id));
    if (note < 0)
      return nm_error_set(m->err, NM_ERR_BAD_DATA, "syllable %d (\"%.40s\"): there is no note of id %d",
                          m->song->n_syllables, text, (int)json_integer_value(id));
    if (nm_song_add_link(m->song, m->song->n_syllables - 1, note) < 0) return no_memory(m->err);
  }
  return NM_OK;
}

static NmStatus add_syllable(Maker *m, const json_t *syllable)
{
  const json_t *text = json_object_get(syllable, "text"), *stress = json_object_get(syllable, "stress");
  if (nm_song_add_syllable(m->song, json_string_value(text), json_string_length(text),
                           stress ? (int)json_integer_value(stress) : -1) < 0)
    return no_memory(m->err);
  NmStatus status = add_phones(m, json_object_get(syllable, "phones"));
  if (status == NM_OK) status = add_lengths(m, syllable);
  return status ? status : add_links(m, json_object_get(syllable, "notes"), json_string_value(text));
}

static NmStatus add_word(Maker *m, const json_t *word)
{
  size_t i;
  json_t *syllable;
  if (nm_song_add_word(m->song) < 0) return no_memory(m->err);
  NmStatus status = NM_OK;
  json_array_foreach(json_object_get(word, "syllables"), i, syllable)
  {
    if (status == NM_OK) status = add_syllable(m, syllable);
  }
  return status;
}

static NmStatus add_lines(Maker *m, const json_t *lines)
{
  size_t i, k;
  json_t *line, *word;
  NmStatus status = NM_OK;
  json_array_foreach((json_t *)lines, i, line)
  {
    if (nm_song_add_line(m->song, (int)get_int(line, "verse"), (int)get_int(line, "stanza")) < 0)
      return no_memory(m->err);
    json_array_foreach(json_object_get(line, "words"), k, word)
    {
      if (status == NM_OK) status = add_word(m, word);
    }
  }
  return status;
}

// --- maps ---

// Entries stand by tick, one at a tick.
static NmStatus check_ticks(const json_t *entries, const char *name, NmError *err)
{
  int64_t before = -1;
  size_t i;
  json_t *entry;
  json_array_foreach((json_t *)entries, i, entry)
  {
    const int64_t tick = get_int(entry, "tick");
    if (tick <= before)
      return nm_error_set(err, NM_ERR_BAD_DATA, "%s[%zu].tick: %s stand by tick, one at a tick", name, i,
                          name);
    before = tick;
  }
  return NM_OK;
}

static bool add_tempo(NmSong *song, const json_t *entry)
{
  return nm_song_add_tempo(song, get_int(entry, "tick"), json_number_value(json_object_get(entry, "bpm"))) >=
         0;
}

static bool add_meter(NmSong *song, const json_t *entry)
{
  return nm_song_add_meter(song, get_int(entry, "tick"), (int)get_int(entry, "beats"),
                           (int)get_int(entry, "unit")) >= 0;
}

static bool add_key(NmSong *song, const json_t *entry)
{
  const char *mode = json_string_value(json_object_get(entry, "mode"));
  return nm_song_add_key(song, get_int(entry, "tick"), (int)get_int(entry, "fifths"),
                         strcmp(mode, "minor") == 0) >= 0;
}

static NmStatus add_map(Maker *m, const json_t *root, const char *name,
                        bool (*add)(NmSong *song, const json_t *entry))
{
  const json_t *entries = json_object_get(root, name);
  const NmStatus status = check_ticks(entries, name, m->err);
  for (size_t i = 0; i < json_array_size(entries) && status == NM_OK; ++i)
    if (!add(m->song, json_array_get(entries, i))) return no_memory(m->err);
  return status;
}

static NmStatus add_texts(Maker *m, const json_t *root)
{
  const struct {
    const char *name, **text;
  } texts[] = {{"title", &m->song->title},
               {"composer", &m->song->composer},
               {"lyricist", &m->song->lyricist},
               {"language", &m->song->language}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
    const json_t *text = json_object_get(root, texts[i].name);
    if (!text) continue;
    *texts[i].text = nm_song_keep(m->song, json_string_value(text), json_string_length(text));
    if (!*texts[i].text) return no_memory(m->err);
  }
  return NM_OK;
}

static NmStatus fill(Maker *m, const json_t *root)
{
  m->song->ticks_per_beat = (int32_t)get_int(root, "ticks_per_beat");
  m->song->pickup = get_int(root, "pickup");
  NmStatus status = add_texts(m, root);
  if (status == NM_OK) status = add_notes(m, json_object_get(root, "notes"));
  if (status == NM_OK) status = add_lines(m, json_object_get(root, "lines"));
  if (status == NM_OK) status = add_map(m, root, "tempos", add_tempo);
  if (status == NM_OK) status = add_map(m, root, "meters", add_meter);
  if (status == NM_OK) status = add_map(m, root, "keys", add_key);
  return status == NM_OK ? nm_song_finish(m->song, m->err) : status;
}

NmSongView *nm_song_view_new(const json_t *root, NmError *err)
{
  Maker m = {.view = calloc(1, sizeof *m.view), .song = nm_song_new(), .err = err};
  if (m.view && m.song) {
    *m.view = (NmSongView){.n_users = 1, .song = m.song};
    if (fill(&m, root) == NM_OK) return m.view;
  } else {
    no_memory(err);
  }
  nm_song_free(m.song);
  free(m.view);
  return NULL;
}

NmSongView *nm_song_view_share(NmSongView *view)
{
  atomic_fetch_add(&view->n_users, 1);
  return view;
}

void nm_song_view_free(NmSongView *view)
{
  if (!view || atomic_fetch_sub(&view->n_users, 1) > 1) return;
  nm_song_free(view->song);
  free(view);
}

// --- curves ---

static NmStatus read_pitch(NmCurveView *view, const json_t *points, NmError *err)
{
  const size_t n = json_array_size(points);
  view->pitch = nm_arena_calloc(&view->arena, n + 1, sizeof *view->pitch);
  if (!view->pitch) return no_memory(err);
  for (size_t i = 0; i < n; ++i) {
    const json_t *point = json_array_get(points, i);
    view->pitch[i] = (NmPitchPoint){json_integer_value(json_array_get(point, 0)),
                                    json_number_value(json_array_get(point, 1))};
    if (i > 0 && view->pitch[i].tick < view->pitch[i - 1].tick)
      return nm_error_set(err, NM_ERR_BAD_DATA, "pitch_curve[%zu]: points stand by tick", i);
  }
  view->n_pitch = (int32_t)n;
  return NM_OK;
}

static NmStatus read_emotion(NmCurveView *view, const json_t *points, NmError *err)
{
  const size_t n = json_array_size(points);
  view->emotion = nm_arena_calloc(&view->arena, n + 1, sizeof *view->emotion);
  if (!view->emotion) return no_memory(err);
  for (size_t i = 0; i < n; ++i) {
    const json_t *point = json_array_get(points, i);
    view->emotion[i] = (NmEmotionPoint){json_number_value(json_array_get(point, 0)),
                                        json_number_value(json_array_get(point, 1)),
                                        json_number_value(json_array_get(point, 2))};
    if (i > 0 && view->emotion[i].seconds < view->emotion[i - 1].seconds)
      return nm_error_set(err, NM_ERR_BAD_DATA, "emotion_curve[%zu]: points stand by time", i);
  }
  view->n_emotion = (int32_t)n;
  return NM_OK;
}

static const char *keep_text(NmArena *arena, const json_t *text)
{
  const size_t size = json_string_length(text) + 1;
  char *copy = nm_arena_alloc(arena, size);
  return copy ? memcpy(copy, json_string_value(text), size) : NULL;
}

static NmStatus read_chords(NmCurveView *view, const json_t *chords, NmError *err)
{
  const size_t n = json_array_size(chords);
  view->chords = nm_arena_calloc(&view->arena, n + 1, sizeof *view->chords);
  if (!view->chords) return no_memory(err);
  for (size_t i = 0; i < n; ++i) {
    const json_t *chord = json_array_get(chords, i);
    view->chords[i].tick = get_int(chord, "tick");
    view->chords[i].name = keep_text(&view->arena, json_object_get(chord, "name"));
    if (!view->chords[i].name) return no_memory(err);
  }
  view->n_chords = (int32_t)n;
  return check_ticks(chords, "chords", err);
}

static NmStatus read_markers(NmCurveView *view, const json_t *markers, NmError *err)
{
  const size_t n = json_array_size(markers);
  view->markers = nm_arena_calloc(&view->arena, n + 1, sizeof *view->markers);
  if (!view->markers) return no_memory(err);
  for (size_t i = 0; i < n; ++i) {
    const json_t *marker = json_array_get(markers, i);
    view->markers[i].tick = get_int(marker, "tick");
    view->markers[i].name = keep_text(&view->arena, json_object_get(marker, "name"));
    if (!view->markers[i].name) return no_memory(err);
  }
  view->n_markers = (int32_t)n;
  return check_ticks(markers, "markers", err);
}

NmCurveView *nm_curve_view_new(const json_t *root, NmError *err)
{
  NmCurveView *view = calloc(1, sizeof *view);
  if (!view) {
    no_memory(err);
    return NULL;
  }
  view->n_users = 1;
  nm_arena_init(&view->arena, 1024);
  NmStatus status = read_pitch(view, json_object_get(root, "pitch_curve"), err);
  if (status == NM_OK) status = read_emotion(view, json_object_get(root, "emotion_curve"), err);
  if (status == NM_OK) status = read_chords(view, json_object_get(root, "chords"), err);
  if (status == NM_OK) status = read_markers(view, json_object_get(root, "markers"), err);
  if (status == NM_OK) return view;
  nm_curve_view_free(view);
  return NULL;
}

NmCurveView *nm_curve_view_share(NmCurveView *view)
{
  atomic_fetch_add(&view->n_users, 1);
  return view;
}

void nm_curve_view_free(NmCurveView *view)
{
  if (!view || atomic_fetch_sub(&view->n_users, 1) > 1) return;
  nm_arena_fini(&view->arena);
  free(view);
}
