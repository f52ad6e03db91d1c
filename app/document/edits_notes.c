// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "app/document/edit.h"

static void close_notes(NmEdit *edit, NmEditNotes *list, NmOverlap overlap)
{
  if (edit->status == NM_OK && overlap == NM_OVERLAP_TRIM) nm_edit_notes_trim(list);
  nm_edit_notes_close(edit, list);
}

NmStatus nm_edit_add_note(NmDocument *doc, const NmSongNote *note, NmOverlap overlap, int32_t *id,
                          NmError *err)
{
  NmEditNotes list;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_notes_open(&edit, &list);
  const int32_t added = nm_edit_notes_add(&edit, &list, note);
  close_notes(&edit, &list, overlap);
  if (id) *id = added;
  return nm_edit_close(&edit, "add a note");
}

NmStatus nm_edit_remove_notes(NmDocument *doc, const int32_t *ids, int32_t n, NmError *err)
{
  NmEditNotes list;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_notes_open(&edit, &list);
  for (int32_t i = 0; i < n; ++i) {
    NmEditNote *note = nm_edit_notes_find(&edit, &list, ids[i]);
    if (note) note->gone = true;
  }
  nm_edit_notes_close(&edit, &list);
  return nm_edit_close(&edit, n == 1 ? "remove a note" : "remove notes");
}

NmStatus nm_edit_set_note(NmDocument *doc, int32_t id, const NmSongNote *note, NmOverlap overlap,
                          NmError *err)
{
  NmEditNotes list;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_notes_open(&edit, &list);
  NmEditNote *found = nm_edit_notes_find(&edit, &list, id);
  if (found) found->note = *note;
  close_notes(&edit, &list, overlap);
  return nm_edit_close(&edit, "change a note");
}

// Whether so many ticks can be added to any time of a song; what is out of range then, the schema says.
static bool check_ticks(NmEdit *edit, int64_t ticks)
{
  const int64_t most = (int64_t)NM_SONG_TIME_MAX * NM_SONG_TICKS_MAX;
  if (ticks < -most || ticks > most) nm_edit_fail(edit, NM_ERR_BAD_DATA, "that is too far away");
  return edit->status == NM_OK;
}

static int16_t add_pitch(NmEdit *edit, int pitch, int semitones)
{
  if (semitones < -127 || semitones > 127 || pitch + semitones < 0 || pitch + semitones > 127) {
    nm_edit_fail(edit, NM_ERR_BAD_DATA,
                 "a note of pitch %d cannot move by %d semitones: pitches are 0 to 127", pitch, semitones);
    return (int16_t)pitch;
  }
  return (int16_t)(pitch + semitones);
}

NmStatus nm_edit_move_notes(NmDocument *doc, const int32_t *ids, int32_t n, int64_t ticks, int semitones,
                            NmOverlap overlap, NmError *err)
{
  NmEditNotes list;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_notes_open(&edit, &list);
  for (int32_t i = 0; i < n && check_ticks(&edit, ticks); ++i) {
    NmEditNote *note = nm_edit_notes_find(&edit, &list, ids[i]);
    if (!note) break;
    note->note.onset += ticks;
    note->note.pitch = add_pitch(&edit, note->note.pitch, semitones);
  }
  close_notes(&edit, &list, overlap);
  return nm_edit_close(&edit, ticks ? "move notes" : "transpose notes");
}

// --- scales ---

// The scale's note at or below a pitch, counted in steps; *above: semitones from it to the pitch.
static int find_step(int pitch, int tonic, const int8_t scale[7], int *above)
{
  const int shifted = pitch - tonic + 12 * 12, octave = shifted / 12, place = shifted % 12;
  int step = 6;
  while (scale[step] > place) --step;
  *above = place - scale[step];
  return 7 * (octave - 12) + step;
}

static int find_pitch(int step, int tonic, const int8_t scale[7])
{
  const int shifted = step + 7 * 24;
  return tonic + 12 * (shifted / 7 - 24) + scale[shifted % 7];
}

static int move_by_steps(const NmSongKey *key, int pitch, int steps)
{
  static const int8_t scales[2][7] = {{0, 2, 4, 5, 7, 9, 11}, {0, 2, 3, 5, 7, 8, 10}};
  const int8_t *scale = scales[key->minor];
  const int tonic = (key->fifths * 7 + 12 * 7 + (key->minor ? 9 : 0)) % 12;
  int above;
  const int step = find_step(pitch, tonic, scale, &above);
  return find_pitch(step + steps, tonic, scale) + above;
}

NmStatus nm_edit_transpose_notes(NmDocument *doc, const int32_t *ids, int32_t n, int steps, NmError *err)
{
  NmEditNotes list;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_notes_open(&edit, &list);
  if (abs(steps) > 75) nm_edit_fail(&edit, NM_ERR_BAD_DATA, "%d steps are too many", steps);
  for (int32_t i = 0; i < n; ++i) {
    NmEditNote *note = nm_edit_notes_find(&edit, &list, ids[i]);
    if (!note) break;
    const NmSongKey key = nm_song_get_key(edit.song, note->note.onset);
    const int pitch = note->note.pitch;
    note->note.pitch = add_pitch(&edit, pitch, move_by_steps(&key, pitch, steps) - pitch);
  }
  nm_edit_notes_close(&edit, &list);
  return nm_edit_close(&edit, "transpose notes");
}

// --- lengths ---

NmStatus nm_edit_resize_notes(NmDocument *doc, const int32_t *ids, int32_t n, bool at_start, int64_t ticks,
                              NmOverlap overlap, NmError *err)
{
  NmEditNotes list;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_notes_open(&edit, &list);
  for (int32_t i = 0; i < n && check_ticks(&edit, ticks); ++i) {
    NmEditNote *note = nm_edit_notes_find(&edit, &list, ids[i]);
    if (!note) break;
    if (at_start) note->note.onset += ticks;
    note->note.len += at_start ? -ticks : ticks;
  }
  close_notes(&edit, &list, overlap);
  return nm_edit_close(&edit, "resize notes");
}

NmStatus nm_edit_set_velocity(NmDocument *doc, const int32_t *ids, int32_t n, int velocity, NmError *err)
{
  NmEditNotes list;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_notes_open(&edit, &list);
  if (velocity < 0 || velocity > 127)
    nm_edit_fail(&edit, NM_ERR_BAD_DATA, "a velocity of %d is not between 0 and 127", velocity);
  for (int32_t i = 0; i < n; ++i) {
    NmEditNote *note = nm_edit_notes_find(&edit, &list, ids[i]);
    if (note) note->note.velocity = (int16_t)velocity;
  }
  nm_edit_notes_close(&edit, &list);
  return nm_edit_close(&edit, "set the velocity");
}

// --- splitting and merging ---

// Whether a syllable is sung on the note of that id.
static bool is_on(const NmEditSyllable *entry, int32_t id)
{
  size_t i;
  json_t *name;
  json_array_foreach(json_object_get(entry->syllable, "notes"), i, name)
  {
    if (json_integer_value(name) == id) return true;
  }
  return false;
}

// What is sung on a note is sung on another behind it too.
static void hold_on(NmEdit *edit, int32_t id, int32_t id_new)
{
  NmEditWords words;
  size_t k;
  json_t *name;
  nm_edit_words_open(edit, &words);
  for (int32_t i = 0; i < words.n && edit->status == NM_OK; ++i) {
    if (!is_on(&words.syllables[i], id)) continue;
    json_t *syllable = nm_edit_words_own(edit, &words, i), *notes = json_array();
    json_array_foreach(json_object_get(syllable, "notes"), k, name)
    {
      nm_edit_append(edit, notes, json_incref(name));
      if (json_integer_value(name) == id) nm_edit_append(edit, notes, json_integer(id_new));
    }
    nm_edit_set(edit, syllable, "notes", notes);
  }
  nm_edit_words_close(edit, &words);
}

NmStatus nm_edit_split_note(NmDocument *doc, int32_t id, int64_t tick, int32_t *id_new, NmError *err)
{
  NmEditNotes list;
  int32_t added = 0;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_notes_open(&edit, &list);
  NmEditNote *note = nm_edit_notes_find(&edit, &list, id);
  if (note && (tick <= note->note.onset || tick >= note->note.onset + note->note.len))
    nm_edit_fail(&edit, NM_ERR_BAD_ARG, "a note can be split only inside");
  if (edit.status == NM_OK) {
    NmSongNote rest = note->note;
    rest.len -= tick - rest.onset;
    rest.onset = tick;
    note->note.len = tick - note->note.onset;
    added = nm_edit_notes_add(&edit, &list, &rest);
  }
  nm_edit_notes_close(&edit, &list);
  if (edit.status == NM_OK) hold_on(&edit, id, added);
  if (id_new) *id_new = added;
  return nm_edit_close(&edit, "split a note");
}

// Marks the chosen notes; they must stand side by side. Answers the first of them, -1 after a failure.
static int32_t choose_neighbours(NmEdit *edit, NmEditNotes *list, const int32_t *ids, int32_t n)
{
  int32_t first = INT32_MAX, last = -1, n_chosen = 0;
  for (int32_t i = 0; i < n && nm_edit_notes_find(edit, list, ids[i]); ++i) {
  }
  for (int32_t i = 0; i < list->n && edit->status == NM_OK; ++i) {
    if (!list->notes[i].changed) continue;
    if (i < first) first = i;
    last = i;
    ++n_chosen;
  }
  if (n_chosen < 1 || last - first + 1 != n_chosen)
    nm_edit_fail(edit, NM_ERR_BAD_ARG, "only notes side by side can become one");
  return edit->status == NM_OK ? first : -1;
}

// Syllables on the notes that go are sung on the first instead.
static void take_over(NmEdit *edit, const int32_t *ids, int32_t n, int32_t id)
{
  NmEditWords words;
  size_t k;
  json_t *name;
  nm_edit_words_open(edit, &words);
  for (int32_t i = 0; i < words.n && edit->status == NM_OK; ++i) {
    bool found = false;
    for (int32_t j = 0; j < n; ++j) found |= is_on(&words.syllables[i], ids[j]);
    if (!found || is_on(&words.syllables[i], id)) continue;
    json_t *syllable = nm_edit_words_own(edit, &words, i), *notes = json_array();
    nm_edit_append(edit, notes, json_integer(id));
    json_array_foreach(json_object_get(syllable, "notes"), k, name)
    {
      nm_edit_append(edit, notes, json_incref(name));
    }
    nm_edit_set(edit, syllable, "notes", notes);
  }
  nm_edit_words_close(edit, &words);
}

NmStatus nm_edit_merge_notes(NmDocument *doc, const int32_t *ids, int32_t n, NmError *err)
{
  NmEditNotes list;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_notes_open(&edit, &list);
  const int32_t first = choose_neighbours(&edit, &list, ids, n);
  if (first >= 0) {
    NmEditNote *kept = &list.notes[first];
    take_over(&edit, ids, n, kept->id);
    for (int32_t i = first + 1; i < list.n && list.notes[i].changed; ++i) {
      kept->note.len = list.notes[i].note.onset + list.notes[i].note.len - kept->note.onset;
      list.notes[i].gone = true;
    }
  }
  nm_edit_notes_close(&edit, &list);
  return nm_edit_close(&edit, "merge notes");
}

// --- quantising ---

static int64_t round_to(int64_t tick, int64_t grid)
{
  return (tick + grid / 2) / grid * grid;
}

// A note's beginning and end on the grid, behind the note before it where that is on the grid too.
static void quantise(NmEditNote *entry, int64_t grid, int64_t end_before)
{
  NmSongNote *note = &entry->note;
  const int64_t end = round_to(note->onset + note->len, grid);
  note->onset = round_to(note->onset, grid);
  while (note->onset < end_before) note->onset += grid;
  note->len = end > note->onset ? end - note->onset : grid;
}

// Where a chosen note's end runs into the next chosen one, it gives way.
static void cut_ends(NmEditNotes *list)
{
  for (int32_t i = 0; i + 1 < list->n; ++i) {
    NmSongNote *note = &list->notes[i].note;
    const NmSongNote *next = &list->notes[i + 1].note;
    if (list->notes[i].changed && next->onset > note->onset && note->onset + note->len > next->onset)
      note->len = next->onset - note->onset;
  }
}

NmStatus nm_edit_quantise_notes(NmDocument *doc, const int32_t *ids, int32_t n, int64_t grid, NmError *err)
{
  NmEditNotes list;
  int64_t onset_before = -1;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_notes_open(&edit, &list);
  if (grid < 1 || grid > (int64_t)NM_SONG_TICKS_MAX * 1024)
    nm_edit_fail(&edit, NM_ERR_BAD_ARG, "a grid of %lld ticks makes no sense", (long long)grid);
  for (int32_t i = 0; i < n && nm_edit_notes_find(&edit, &list, ids[i]); ++i) {
  }
  for (int32_t i = 0; i < list.n && edit.status == NM_OK; ++i) {
    if (!list.notes[i].changed) continue;
    quantise(&list.notes[i], grid, onset_before + 1);
    onset_before = list.notes[i].note.onset;
  }
  if (edit.status == NM_OK) cut_ends(&list);
  nm_edit_notes_close(&edit, &list);
  return nm_edit_close(&edit, "quantise notes");
}
