// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "app/document/edit.h"

enum { ID_MAX = INT32_MAX };

static int64_t get_int(const json_t *object, const char *name)
{
  return json_integer_value(json_object_get(object, name));
}

static NmSongNote read_note(const json_t *object)
{
  return (NmSongNote){.onset = get_int(object, "onset"),
                      .len = get_int(object, "len"),
                      .pitch = (int16_t)get_int(object, "pitch"),
                      .velocity = (int16_t)get_int(object, "velocity")};
}

void nm_edit_notes_open(NmEdit *edit, NmEditNotes *list)
{
  const json_t *notes = json_object_get(edit->draft, "notes");
  *list = (NmEditNotes){.room = edit->song->n_notes + 16, .id_free = 1};
  list->notes = malloc((size_t)list->room * sizeof *list->notes);
  nm_edit_check_memory(edit, list->notes != NULL);
  for (int32_t i = 0; edit->status == NM_OK && i < edit->song->n_notes; ++i) {
    const int32_t id = nm_document_get_note_id(edit->doc, i);
    list->notes[list->n++] =
        (NmEditNote){.id = id, .before = i, .note = read_note(json_array_get(notes, (size_t)i))};
    if (id >= list->id_free) list->id_free = id < ID_MAX ? id + 1 : 0;
  }
}

NmEditNote *nm_edit_notes_find(NmEdit *edit, NmEditNotes *list, int32_t id)
{
  const int32_t i = edit->status == NM_OK ? nm_document_find_note(edit->doc, id) : -1;
  if (i < 0) {
    nm_edit_fail(edit, NM_ERR_BAD_ARG, "there is no note of id %d", id);
    return NULL;
  }
  list->notes[i].changed = true;
  return &list->notes[i];
}

// The least id that no note has, once the greatest one is taken.
static int32_t find_free_id(const NmEditNotes *list)
{
  for (int32_t id = 1;; ++id) {
    bool taken = false;
    for (int32_t i = 0; i < list->n && !taken; ++i) taken = list->notes[i].id == id;
    if (!taken) return id;
  }
}

int32_t nm_edit_notes_add(NmEdit *edit, NmEditNotes *list, const NmSongNote *note)
{
  if (edit->status == NM_OK && list->n == list->room) {
    NmEditNote *moved = realloc(list->notes, 2 * (size_t)list->room * sizeof *moved);
    nm_edit_check_memory(edit, moved != NULL);
    if (moved) list->notes = moved, list->room *= 2;
  }
  if (edit->status != NM_OK) return 0;
  const int32_t id = list->id_free ? list->id_free : find_free_id(list);
  if (list->id_free) list->id_free = id < ID_MAX ? id + 1 : 0;
  list->notes[list->n++] = (NmEditNote){.id = id, .before = -1, .note = *note, .changed = true};
  return id;
}

// --- trimming ---

static void give_way(NmSongNote *note, bool *gone, const NmSongNote *above)
{
  const int64_t end = note->onset + note->len, end_above = above->onset + above->len;
  if (end <= above->onset || note->onset >= end_above) return;
  if (note->onset < above->onset) {
    note->len = above->onset - note->onset;
  } else if (end > end_above) {
    note->len = end - end_above;
    note->onset = end_above;
  } else {
    *gone = true;
  }
}

void nm_edit_notes_trim(NmEditNotes *list)
{
  for (int32_t i = 0; i < list->n; ++i) {
    if (!list->notes[i].changed || list->notes[i].gone) continue;
    for (int32_t k = 0; k < list->n; ++k)
      if (!list->notes[k].changed && !list->notes[k].gone)
        give_way(&list->notes[k].note, &list->notes[k].gone, &list->notes[i].note);
  }
}

// --- back into the tree ---

static int compare_notes(const void *a, const void *b)
{
  const NmEditNote *x = a, *y = b;
  if (x->gone != y->gone) return x->gone - y->gone;
  if (x->note.onset != y->note.onset) return x->note.onset < y->note.onset ? -1 : 1;
  return (x->id > y->id) - (x->id < y->id);
}

static bool is_equal(const NmSongNote *a, const NmSongNote *b)
{
  return a->onset == b->onset && a->len == b->len && a->pitch == b->pitch && a->velocity == b->velocity;
}

// The object of a note: as it was, a changed copy with what else it holds, or a new one.
static json_t *make_note(NmEdit *edit, const json_t *before, const NmEditNote *entry)
{
  const NmSongNote *note = &entry->note;
  if (entry->before < 0) return nm_document_tree_of_note(entry->id, note);
  json_t *object = json_array_get(before, (size_t)entry->before);
  const NmSongNote note_before = read_note(object);
  if (is_equal(note, &note_before)) return json_incref(object);
  object = json_copy(object);
  nm_edit_set(edit, object, "onset", json_integer(note->onset));
  nm_edit_set(edit, object, "len", json_integer(note->len));
  nm_edit_set(edit, object, "pitch", json_integer(note->pitch));
  if (note->velocity)
    nm_edit_set(edit, object, "velocity", json_integer(note->velocity));
  else
    nm_edit_unset(edit, object, "velocity");
  return object;
}

static json_t *make_notes(NmEdit *edit, const NmEditNotes *list)
{
  const json_t *before = json_object_get(edit->draft, "notes");
  json_t *notes = json_array();
  for (int32_t i = 0; i < list->n && !list->notes[i].gone && edit->status == NM_OK; ++i)
    nm_edit_append(edit, notes, make_note(edit, before, &list->notes[i]));
  return notes;
}

// --- links ---

// place [n_notes of the song]: where each note of before is now, -1: gone.
static int32_t *find_places(NmEdit *edit, const NmEditNotes *list)
{
  int32_t *place = malloc(((size_t)edit->song->n_notes + 1) * sizeof *place);
  nm_edit_check_memory(edit, place != NULL);
  for (int32_t i = 0; place && i < list->n; ++i)
    if (list->notes[i].before >= 0) place[list->notes[i].before] = list->notes[i].gone ? -1 : i;
  return place;
}

// Whether links of a syllable, which stand by note before the edit, must be written anew.
static bool is_disturbed(const NmSong *song, const int32_t *place, int32_t *last)
{
  bool found = false;
  for (int32_t i = 0; i < song->n_links; ++i) {
    const NmSongLink *link = &song->links[i];
    const int32_t now = place[link->note];
    if (now < 0 || now < last[link->syllable]) {
      last[link->syllable] = INT32_MAX;
      found = true;
    } else {
      last[link->syllable] = now;
    }
  }
  return found;
}

static int compare_ints(const void *a, const void *b)
{
  const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
  return (x > y) - (x < y);
}

// The ids that a list names, by where their notes are now.
static json_t *sort_ids(NmEdit *edit, const json_t *ids, const NmEditNotes *list, const int32_t *place)
{
  const size_t n = json_array_size(ids);
  size_t n_kept = 0;
  json_t *sorted = json_array();
  int32_t *kept = malloc((n + 1) * sizeof *kept);
  nm_edit_check_memory(edit, kept != NULL);
  for (size_t i = 0; kept && i < n; ++i) {
    const int32_t id = (int32_t)json_integer_value(json_array_get(ids, i));
    const int32_t now = place[nm_document_find_note(edit->doc, id)];
    if (now >= 0) kept[n_kept++] = now;
  }
  if (n_kept) qsort(kept, n_kept, sizeof *kept, compare_ints);
  for (size_t i = 0; i < n_kept; ++i) nm_edit_append(edit, sorted, json_integer(list->notes[kept[i]].id));
  free(kept);
  return sorted;
}

static void mend_links(NmEdit *edit, const NmEditNotes *list, const int32_t *place)
{
  NmEditWords words;
  int32_t *last = calloc((size_t)edit->song->n_syllables + 1, sizeof *last);
  nm_edit_check_memory(edit, last != NULL);
  if (last && is_disturbed(edit->song, place, last)) {
    nm_edit_words_open(edit, &words);
    for (int32_t i = 0; i < words.n && edit->status == NM_OK; ++i) {
      if (last[i] != INT32_MAX) continue;
      json_t *syllable = nm_edit_words_own(edit, &words, i);
      json_t *ids = sort_ids(edit, json_object_get(syllable, "notes"), list, place);
      nm_edit_set_notes(edit, syllable, ids);
    }
    nm_edit_words_close(edit, &words);
  }
  free(last);
}

void nm_edit_notes_close(NmEdit *edit, NmEditNotes *list)
{
  int32_t *place = NULL;
  if (edit->status == NM_OK) {
    qsort(list->notes, (size_t)list->n, sizeof *list->notes, compare_notes);
    json_t *notes = make_notes(edit, list);
    nm_edit_set(edit, edit->draft, "notes", notes);
    place = find_places(edit, list);
  }
  if (edit->status == NM_OK) mend_links(edit, list, place);
  free(place);
  free(list->notes);
  *list = (NmEditNotes){0};
}

// --- lists of ids ---

typedef struct {
  int32_t id, place;
} PlacedId;

static int compare_placed(const void *a, const void *b)
{
  return ((const PlacedId *)a)->place - ((const PlacedId *)b)->place;
}

static int32_t find_place(const json_t *notes, int32_t id)
{
  for (size_t i = 0; i < json_array_size(notes); ++i)
    if (get_int(json_array_get(notes, i), "id") == id) return (int32_t)i;
  return -1;
}

json_t *nm_edit_sort_ids(NmEdit *edit, json_t *list)
{
  const json_t *notes = json_object_get(edit->draft, "notes");
  const size_t n = json_array_size(list);
  json_t *sorted = json_array();
  PlacedId *placed = malloc((n + 1) * sizeof *placed);
  nm_edit_check_memory(edit, placed != NULL);
  for (size_t i = 0; placed && i < n; ++i) {
    const int32_t id = (int32_t)json_integer_value(json_array_get(list, i));
    placed[i] = (PlacedId){id, find_place(notes, id)};
    if (placed[i].place < 0) nm_edit_fail(edit, NM_ERR_BAD_ARG, "there is no note of id %d", id);
  }
  if (placed && n) qsort(placed, n, sizeof *placed, compare_placed);
  for (size_t i = 0; edit->status == NM_OK && i < n; ++i)
    if (i == 0 || placed[i].place != placed[i - 1].place)
      nm_edit_append(edit, sorted, json_integer(placed[i].id));
  free(placed);
  json_decref(list);
  return sorted;
}
