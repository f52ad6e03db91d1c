// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/edit_line.h"

#include <stdlib.h>
#include <string.h>

void nm_edit_line_fini(NmEditLine *line)
{
  free(line->notes);
  free(line->links);
  *line = (NmEditLine){0};
}

int32_t nm_edit_line_first(const NmSong *song, int32_t line)
{
  return song->words[song->lines[line].word_first].syllable_first;
}

int32_t nm_edit_line_count(const NmSong *song, int32_t line)
{
  const NmSongLine *l = &song->lines[line];
  const NmSongWord *last = &song->words[l->word_first + l->n_words - 1];
  return last->syllable_first + last->n_syllables - nm_edit_line_first(song, line);
}

static bool allocate(NmEdit *edit, NmEditLine *line, size_t n_notes, size_t n_links)
{
  *line = (NmEditLine){.notes = calloc(n_notes + 1, sizeof *line->notes),
                       .links = calloc(n_links + 1, sizeof *line->links)};
  nm_edit_check_memory(edit, line->notes && line->links);
  return edit->status == NM_OK;
}

// --- from songs ---

// The notes that a line of a song is sung on.
static void collect(NmEdit *edit, const NmSong *song, int32_t line, NmEditLine *out)
{
  const int32_t first = nm_edit_line_first(song, line), n = nm_edit_line_count(song, line);
  int32_t last = -1;
  if (!allocate(edit, out, (size_t)song->n_notes, (size_t)song->n_links)) return;
  for (int32_t i = 0; i < song->n_links; ++i) {
    const NmSongLink *link = &song->links[i];
    if (link->syllable < first || link->syllable >= first + n) continue;
    if (link->note != last) out->notes[out->n++] = song->notes[link->note];
    last = link->note;
    out->links[out->n_links++] = (NmSongLink){link->syllable - first, out->n - 1};
  }
}

void nm_edit_line_read(NmEdit *edit, int32_t line, NmEditLine *notes)
{
  collect(edit, edit->song, line, notes);
}

static int64_t greatest_divisor(int64_t a, int64_t b)
{
  while (b) {
    const int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

// Where in its bar a line begins, in ticks, and how long that bar is; the line must have notes.
static int64_t find_bar_place(const NmSong *song, int64_t tick, int64_t *len_bar)
{
  int64_t place;
  nm_song_get_bar(song, tick, &place, len_bar);
  return place;
}

// Where a line without notes would begin: at the first bar line behind what is sung before it.
static int64_t find_start(const NmSong *song, int32_t line)
{
  int64_t end = 0, place, len_bar;
  for (int32_t i = 0; i < song->n_links; ++i)
    if (song->links[i].syllable < nm_edit_line_first(song, line)) {
      const NmSongNote *note = &song->notes[song->links[i].note];
      if (note->onset + note->len > end) end = note->onset + note->len;
    }
  nm_song_get_bar(song, end, &place, &len_bar);
  return place ? end + len_bar - place : end;
}

// How far a melody that begins at `from` of `song` (of the draft's resolution, `factor` times that of the
// document) moves to begin at the line's place.
static int64_t find_shift(NmEdit *edit, int32_t line, const NmEditLine *before, const NmSong *song,
                          int64_t from, int64_t factor)
{
  int64_t len_from, len_bar;
  const int64_t place_from = find_bar_place(song, from, &len_from);
  const int64_t to = before->n ? before->notes[0].onset : find_start(edit->song, line);
  int64_t apart = place_from - factor * find_bar_place(edit->song, to, &len_bar);
  len_bar *= factor;
  apart %= len_bar;
  if (2 * apart >= len_bar) apart -= len_bar;
  if (2 * apart < -len_bar) apart += len_bar;
  int64_t start = factor * to + apart;
  while (start < 0) start += len_bar;
  return start - from;
}

static void place(NmEdit *edit, int32_t line, const NmSong *song, int32_t line_from, int32_t factor,
                  NmEditLine *notes)
{
  NmEditLine before = {0};
  collect(edit, song, line_from, notes);
  nm_edit_line_read(edit, line, &before);
  if (edit->status == NM_OK && notes->n) {
    const int64_t shift = find_shift(edit, line, &before, song, notes->notes[0].onset, factor);
    for (int32_t i = 0; i < notes->n; ++i) notes->notes[i].onset += shift;
  }
  nm_edit_line_fini(&before);
}

void nm_edit_line_from_song(NmEdit *edit, int32_t line, const NmSong *song, int32_t line_from,
                            NmEditLine *notes)
{
  *notes = (NmEditLine){0};
  if (!nm_edit_check_index(edit, "line", line, edit->song->n_lines) ||
      !nm_edit_check_index(edit, "line of that song", line_from, song->n_lines))
    return;
  const int32_t n = nm_edit_line_count(edit->song, line), n_from = nm_edit_line_count(song, line_from);
  const int64_t ticks = edit->song->ticks_per_beat, divisor = greatest_divisor(ticks, song->ticks_per_beat),
                common = ticks / divisor * song->ticks_per_beat;
  if (n != n_from)
    nm_edit_fail(edit, NM_ERR_BAD_ARG, "that melody is for %d syllables, and the line has %d", n_from, n);
  if (common > NM_SONG_TICKS_MAX)
    nm_edit_fail(edit, NM_ERR_BAD_DATA, "the two songs' ticks, %lld and %d to a beat, do not go together",
                 (long long)ticks, song->ticks_per_beat);
  NmDocument *other = edit->status == NM_OK ? nm_document_from_song(song, edit->err) : NULL;
  nm_edit_check_memory(edit, other != NULL);
  if (other && nm_edit_set_resolution(other, (int32_t)common, edit->err)) edit->status = edit->err->status;
  if (edit->status == NM_OK) nm_edit_scale_time(edit, (int32_t)common);
  if (edit->status == NM_OK)
    place(edit, line, nm_document_get_song(other), line_from, (int32_t)(common / ticks), notes);
  nm_document_free(other);
}

// --- takes ---

json_t *nm_edit_line_to_take(NmEdit *edit, const NmEditLine *line)
{
  json_t *list = json_array();
  for (int32_t i = 0, k = 0; i < line->n && edit->status == NM_OK; ++i) {
    json_t *note = nm_document_tree_of_note(0, &line->notes[i]), *syllables = json_array();
    for (; k < line->n_links && line->links[k].note == i; ++k)
      nm_edit_append(edit, syllables, json_integer(line->links[k].syllable));
    nm_edit_set(edit, note, "syllables", syllables);
    nm_edit_append(edit, list, note);
  }
  return list;
}

static size_t count_links(const json_t *notes)
{
  size_t n = 0;
  for (size_t i = 0; i < json_array_size(notes); ++i)
    n += json_array_size(json_object_get(json_array_get(notes, i), "syllables"));
  return n;
}

void nm_edit_line_from_take(NmEdit *edit, const json_t *take, NmEditLine *line)
{
  const json_t *notes = json_object_get(take, "notes");
  if (!allocate(edit, line, json_array_size(notes), count_links(notes))) return;
  for (size_t i = 0; i < json_array_size(notes); ++i) {
    const json_t *note = json_array_get(notes, i), *syllables = json_object_get(note, "syllables");
    line->notes[line->n++] =
        (NmSongNote){.onset = json_integer_value(json_object_get(note, "onset")),
                     .len = json_integer_value(json_object_get(note, "len")),
                     .pitch = (int16_t)json_integer_value(json_object_get(note, "pitch")),
                     .velocity = (int16_t)json_integer_value(json_object_get(note, "velocity"))};
    for (size_t k = 0; k < json_array_size(syllables); ++k)
      line->links[line->n_links++] =
          (NmSongLink){(int32_t)json_integer_value(json_array_get(syllables, k)), (int32_t)i};
  }
}

// --- exchanging ---

// What is known while notes are exchanged.
typedef struct {
  NmEdit *edit;
  const NmEditLine *line;
  int32_t first, n; // syllables of the line
  int32_t *rank;    // [n_notes] of the song: which of the line's old notes each is, -1: none
  int32_t *ids;     // [line->n] of the new notes
  int32_t n_old;
} Exchange;

static bool find_old(Exchange *x)
{
  const NmSong *song = x->edit->song;
  x->rank = malloc(((size_t)song->n_notes + 1) * sizeof *x->rank);
  x->ids = calloc((size_t)x->line->n + 1, sizeof *x->ids);
  nm_edit_check_memory(x->edit, x->rank && x->ids);
  if (x->edit->status != NM_OK) return false;
  for (int32_t i = 0; i < song->n_notes; ++i) x->rank[i] = -1;
  for (int32_t i = 0; i < song->n_links; ++i) {
    const NmSongLink *link = &song->links[i];
    if (link->syllable >= x->first && link->syllable < x->first + x->n && x->rank[link->note] < 0)
      x->rank[link->note] = x->n_old++;
  }
  return true;
}

static void exchange_notes(Exchange *x)
{
  NmEditNotes list;
  nm_edit_notes_open(x->edit, &list);
  for (int32_t i = 0; i < x->edit->song->n_notes && x->edit->status == NM_OK; ++i)
    if (x->rank[i] >= 0) list.notes[i].gone = true;
  for (int32_t i = 0; i < x->line->n; ++i) x->ids[i] = nm_edit_notes_add(x->edit, &list, &x->line->notes[i]);
  nm_edit_notes_close(x->edit, &list);
}

// The new note in place of an old one of another verse; -1 when there is none.
static int32_t find_new(const Exchange *x, int32_t rank)
{
  if (x->line->n == 0) return -1;
  if (x->n_old == x->line->n) return rank;
  return (int32_t)((int64_t)rank * x->line->n / x->n_old);
}

static void link_own(Exchange *x, NmEditWords *words)
{
  for (int32_t s = 0; s < x->n && x->edit->status == NM_OK; ++s) {
    json_t *ids = json_array();
    for (int32_t k = 0; k < x->line->n_links; ++k)
      if (x->line->links[k].syllable == s)
        nm_edit_append(x->edit, ids, json_integer(x->ids[x->line->links[k].note]));
    json_t *own = nm_edit_words_own(x->edit, words, x->first + s);
    nm_edit_set_notes(x->edit, own, nm_edit_sort_ids(x->edit, ids));
  }
}

// Words of other lines on the old notes.
static void link_others(Exchange *x, NmEditWords *words)
{
  const NmSong *song = x->edit->song;
  for (int32_t i = 0; i < song->n_links && x->edit->status == NM_OK; ++i) {
    const NmSongLink *link = &song->links[i];
    const bool is_own = link->syllable >= x->first && link->syllable < x->first + x->n;
    const int32_t fresh = x->rank[link->note] < 0 || is_own ? -1 : find_new(x, x->rank[link->note]);
    if (fresh < 0) continue;
    json_t *own = nm_edit_words_own(x->edit, words, link->syllable);
    json_t *ids = json_array();
    const json_t *kept = json_object_get(own, "notes");
    for (size_t k = 0; k < json_array_size(kept); ++k)
      nm_edit_append(x->edit, ids, json_incref(json_array_get(kept, k)));
    nm_edit_append(x->edit, ids, json_integer(x->ids[fresh]));
    nm_edit_set_notes(x->edit, own, nm_edit_sort_ids(x->edit, ids));
  }
}

static void check_links(const Exchange *x)
{
  for (int32_t k = 0; k < x->line->n_links; ++k)
    if (x->line->links[k].syllable >= x->n)
      nm_edit_fail(x->edit, NM_ERR_BAD_DATA, "that take is for more syllables than the line has now");
}

void nm_edit_line_put(NmEdit *edit, int32_t line, const NmEditLine *notes)
{
  NmEditWords words;
  if (edit->status != NM_OK) return;
  Exchange x = {.edit = edit,
                .line = notes,
                .first = nm_edit_line_first(edit->song, line),
                .n = nm_edit_line_count(edit->song, line)};
  check_links(&x);
  if (edit->status == NM_OK && find_old(&x)) {
    exchange_notes(&x);
    if (edit->status == NM_OK) {
      nm_edit_words_open(edit, &words);
      link_own(&x, &words);
      link_others(&x, &words);
      nm_edit_words_close(edit, &words);
    }
  }
  free(x.rank);
  free(x.ids);
}
