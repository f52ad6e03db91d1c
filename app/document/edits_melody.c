// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>

#include "app/document/edit_line.h"
#include "models/song/fit.h"

// A member of another tree in place of the draft's, or none.
static void take_member(NmEdit *edit, const json_t *from, const char *name)
{
  json_t *value = json_object_get(from, name);
  if (value)
    nm_edit_set(edit, edit->draft, name, json_incref(value));
  else
    nm_edit_unset(edit, edit->draft, name);
}

static void take_members(NmEdit *edit, const json_t *from, const char *const *names)
{
  for (int i = 0; names[i]; ++i) take_member(edit, from, names[i]);
}

// The tree of a song; NULL after a failure.
static json_t *make_tree(NmEdit *edit, const NmSong *song)
{
  NmError inner = {0};
  json_t *tree = edit->status == NM_OK ? nm_document_tree_from_song(song, &inner) : NULL;
  if (!tree && edit->status == NM_OK) nm_edit_fail(edit, inner.status, "%s", inner.message);
  return tree;
}

// --- all of a song ---

// Gives the draft's syllables the notes of those of another tree.
static void take_links(NmEdit *edit, const json_t *from)
{
  NmEditWords words, others;
  NmEdit other = *edit;
  other.draft = (json_t *)from;
  nm_edit_words_open(&other, &others);
  nm_edit_words_open(edit, &words);
  if (other.status != NM_OK) edit->status = other.status;
  for (int32_t i = 0; i < words.n && edit->status == NM_OK; ++i) {
    json_t *notes = json_object_get(others.syllables[i].syllable, "notes");
    json_t *own = nm_edit_words_own(edit, &words, i);
    nm_edit_set_notes(edit, own, notes ? json_incref(notes) : NULL);
  }
  nm_edit_words_close(edit, &words);
  nm_edit_words_free(&others);
}

static void drop_takes(NmEdit *edit)
{
  for (int32_t l = 0; l < edit->song->n_lines && edit->status == NM_OK; ++l) {
    const json_t *line = json_array_get(json_object_get(edit->draft, "lines"), (size_t)l);
    if (json_object_get(line, "takes")) nm_edit_unset(edit, nm_edit_own(edit, "/lines/%d", l), "takes");
  }
}

NmStatus nm_edit_replace_melody(NmDocument *doc, const NmSong *song, NmError *err)
{
  static const char *const names[] = {"ticks_per_beat", "pickup", "tempos", "meters", "keys", "notes", NULL};
  NmEdit edit = nm_edit_open(doc, err);
  if (song->n_syllables != edit.song->n_syllables)
    nm_edit_fail(&edit, NM_ERR_BAD_ARG, "that melody is for %d syllables, and there are %d",
                 song->n_syllables, edit.song->n_syllables);
  json_t *tree = make_tree(&edit, song);
  if (tree) {
    take_members(&edit, tree, names);
    nm_edit_unset(&edit, edit.draft, "chords");
    nm_edit_unset(&edit, edit.draft, "pitch_curve");
    take_links(&edit, tree);
    drop_takes(&edit);
  }
  json_decref(tree);
  return nm_edit_close(&edit, "replace the melody");
}

NmStatus nm_edit_replace_song(NmDocument *doc, const NmSong *song, NmError *err)
{
  static const char *const names[] = {"title",          "composer", "lyricist", "language",
                                      "ticks_per_beat", "pickup",   "tempos",   "meters",
                                      "keys",           "notes",    "lines",    NULL};
  NmEdit edit = nm_edit_open(doc, err);
  json_t *tree = make_tree(&edit, song);
  if (tree) {
    take_members(&edit, tree, names);
    nm_edit_unset(&edit, edit.draft, "chords");
    nm_edit_unset(&edit, edit.draft, "pitch_curve");
  }
  json_decref(tree);
  return nm_edit_close(&edit, "replace the song");
}

// --- one line's melody ---

// Moves what follows the line's place when it would be in the way of new notes.
static void make_room(NmEdit *edit, int32_t line, const NmEditLine *notes)
{
  NmEditNotes list;
  int64_t place, len_bar, next = INT64_MAX;
  NmEditLine before = {0};
  nm_edit_line_read(edit, line, &before);
  nm_edit_notes_open(edit, &list);
  const int64_t start = notes->n ? notes->notes[0].onset : 0;
  const int64_t end = notes->n ? notes->notes[notes->n - 1].onset + notes->notes[notes->n - 1].len : 0;
  for (int32_t i = 0, k = 0; i < list.n && edit->status == NM_OK; ++i) {
    while (k < before.n && before.notes[k].onset < edit->song->notes[i].onset) ++k;
    const bool is_old = k < before.n && before.notes[k].onset == edit->song->notes[i].onset;
    if (!is_old && list.notes[i].note.onset >= start && next == INT64_MAX) next = list.notes[i].note.onset;
  }
  free(list.notes);
  nm_edit_line_fini(&before);
  if (edit->status != NM_OK || next >= end) return;
  const json_int_t ticks = json_integer_value(json_object_get(edit->draft, "ticks_per_beat"));
  nm_song_get_bar(edit->song, next * edit->song->ticks_per_beat / ticks, &place, &len_bar);
  len_bar = len_bar * ticks / edit->song->ticks_per_beat;
  nm_edit_shift_time(edit, next, (end - next + len_bar - 1) / len_bar * len_bar);
}

NmStatus nm_edit_replace_line_melody(NmDocument *doc, int32_t line, const NmSong *song, int32_t line_from,
                                     bool shifts, NmError *err)
{
  NmEditLine notes;
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_line_from_song(&edit, line, song, line_from, &notes);
  if (edit.status == NM_OK && shifts) make_room(&edit, line, &notes);
  nm_edit_line_put(&edit, line, &notes);
  nm_edit_line_fini(&notes);
  return nm_edit_close(&edit, "replace a line's melody");
}

// --- words ---

static bool is_same_time(const NmSong *a, int64_t x, const NmSong *b, int64_t y)
{
  return (__int128)x * b->ticks_per_beat == (__int128)y * a->ticks_per_beat;
}

static bool has_same_notes(const NmSong *a, const NmSong *b)
{
  if (a->n_notes != b->n_notes) return false;
  for (int32_t i = 0; i < a->n_notes; ++i)
    if (a->notes[i].pitch != b->notes[i].pitch || !is_same_time(a, a->notes[i].onset, b, b->notes[i].onset) ||
        !is_same_time(a, a->notes[i].len, b, b->notes[i].len))
      return false;
  return true;
}

// Turns the ids of a song's tree, which count its notes from 1, into those of the document.
static void rename_notes(NmEdit *edit)
{
  NmEditWords words;
  nm_edit_words_open(edit, &words);
  for (int32_t i = 0; i < words.n && edit->status == NM_OK; ++i) {
    json_t *own = nm_edit_words_own(edit, &words, i), *ids = json_array();
    const json_t *notes = json_object_get(own, "notes");
    for (size_t k = 0; k < json_array_size(notes); ++k) {
      const int32_t note = (int32_t)json_integer_value(json_array_get(notes, k)) - 1;
      nm_edit_append(edit, ids, json_integer(nm_document_get_note_id(edit->doc, note)));
    }
    nm_edit_set_notes(edit, own, ids);
  }
  nm_edit_words_close(edit, &words);
}

// Lines keep how they are sung when there are as many as before.
static void keep_voices(NmEdit *edit, const json_t *before)
{
  const json_t *lines = json_object_get(edit->draft, "lines");
  if (json_array_size(lines) != json_array_size(before)) return;
  for (size_t i = 0; i < json_array_size(before) && edit->status == NM_OK; ++i) {
    json_t *voice = json_object_get(json_array_get(before, i), "voice");
    if (voice) nm_edit_set(edit, nm_edit_own(edit, "/lines/%zu", i), "voice", json_incref(voice));
  }
}

NmStatus nm_edit_replace_words(NmDocument *doc, const NmSong *song, NmError *err)
{
  static const char *const names[] = {"lines", NULL};
  NmEdit edit = nm_edit_open(doc, err);
  if (!has_same_notes(edit.song, song))
    nm_edit_fail(&edit, NM_ERR_BAD_ARG, "those words are for other notes");
  json_t *tree = make_tree(&edit, song);
  if (tree) {
    const json_t *before = json_object_get(doc->root, "lines");
    take_members(&edit, tree, names);
    rename_notes(&edit);
    keep_voices(&edit, before);
  }
  json_decref(tree);
  return nm_edit_close(&edit, "replace the words");
}

// --- one line's words ---

// The line's notes as neighbours [*first, + *n) of the song; the edit fails when others stand between them.
static bool find_range(NmEdit *edit, int32_t line, int32_t *first, int32_t *n)
{
  const NmSong *song = edit->song;
  const int32_t syllable = nm_edit_line_first(song, line), end = syllable + nm_edit_line_count(song, line);
  int32_t last = -1, n_found = 0;
  *first = 0;
  for (int32_t i = 0; i < song->n_links; ++i) {
    const NmSongLink *link = &song->links[i];
    if (link->syllable < syllable || link->syllable >= end || link->note == last) continue;
    if (n_found++ == 0) *first = link->note;
    last = link->note;
  }
  *n = n_found;
  if (n_found && last - *first + 1 != n_found)
    nm_edit_fail(edit, NM_ERR_BAD_DATA, "notes of other lines stand among those of the line");
  if (!n_found) nm_edit_fail(edit, NM_ERR_BAD_DATA, "the line has no notes to lay words on");
  return edit->status == NM_OK;
}

static json_t *list_notes(NmEdit *edit, int32_t first, int32_t n)
{
  json_t *ids = json_array();
  for (int32_t i = first; i < first + n; ++i)
    nm_edit_append(edit, ids, json_integer(nm_document_get_note_id(edit->doc, i)));
  return ids;
}

// Lays the syllables of the line's new words, which are those of `from`, on its notes.
static void fit_words(NmEdit *edit, int32_t line, const NmSong *from, int32_t line_from, NmEditWords *words,
                      int32_t first)
{
  NmFitConfig config = nm_fit_defaults();
  NmFitWays ways;
  NmError inner = {0};
  NmFitPair pair = {.lyrics = from,
                    .melody = edit->song,
                    .syllable_first = nm_edit_line_first(from, line_from),
                    .n_syllables = nm_edit_line_count(from, line_from)};
  if (!find_range(edit, line, &pair.note_first, &pair.n_notes)) return;
  if (nm_fit_run(&pair, &config, &ways, &inner)) {
    nm_edit_fail(edit, inner.status, "%s", inner.message);
    return;
  }
  for (int32_t i = 0; i < pair.n_syllables && edit->status == NM_OK; ++i)
    nm_edit_set_notes(edit, nm_edit_words_own(edit, words, first + i),
                      list_notes(edit, ways.note_first[i], ways.n_notes[i]));
  nm_fit_ways_fini(&ways);
}

// As many syllables stand where the old ones did, which are those of `before`.
static void keep_links(NmEdit *edit, NmEditWords *words, int32_t first, const json_t *before, int32_t n)
{
  NmEditWords old;
  NmEdit other = *edit;
  other.draft = (json_t *)before;
  nm_edit_words_open(&other, &old);
  if (other.status != NM_OK) edit->status = other.status;
  for (int32_t i = first; i < first + n && edit->status == NM_OK; ++i) {
    json_t *notes = json_object_get(old.syllables[i].syllable, "notes");
    json_t *own = nm_edit_words_own(edit, words, i);
    nm_edit_set_notes(edit, own, notes ? json_incref(notes) : NULL);
  }
  nm_edit_words_free(&old);
}

NmStatus nm_edit_replace_line_words(NmDocument *doc, int32_t line, const NmSong *song, int32_t line_from,
                                    NmError *err)
{
  NmEditWords words;
  NmEdit edit = nm_edit_open(doc, err);
  if (!nm_edit_check_index(&edit, "line", line, edit.song->n_lines) ||
      !nm_edit_check_index(&edit, "line of those words", line_from, song->n_lines))
    return nm_edit_close(&edit, "");
  const int32_t first = nm_edit_line_first(edit.song, line), n = nm_edit_line_count(edit.song, line);
  const bool is_same = n == nm_edit_line_count(song, line_from);
  json_t *fresh = nm_document_tree_of_line(song, line_from), *own = nm_edit_own(&edit, "/lines/%d", line);
  nm_edit_check_memory(&edit, fresh != NULL);
  if (edit.status == NM_OK) nm_edit_set(&edit, own, "words", json_incref(json_object_get(fresh, "words")));
  if (!is_same) nm_edit_unset(&edit, own, "takes");
  json_decref(fresh);
  if (edit.status == NM_OK) {
    nm_edit_words_open(&edit, &words);
    if (is_same)
      keep_links(&edit, &words, first, doc->root, n);
    else
      fit_words(&edit, line, song, line_from, &words, first);
    nm_edit_words_close(&edit, &words);
  }
  return nm_edit_close(&edit, "replace a line's words");
}
