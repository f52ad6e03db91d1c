// SPDX-License-Identifier: GPL-3.0-or-later
// Typing words on notes.
#include <stdlib.h>
#include <string.h>

#include "app/document/edit.h"

// A syllable as typed.
typedef struct {
  const char *text;
  size_t len;
  int32_t n_notes;
  bool begins_word;
} Typed;

typedef struct {
  NmEdit *edit;
  NmEditWords words;
  Typed *typed; // [n]
  int32_t n;
  int32_t n_held, held;         // notes on which the syllable before them is held; that syllable, -1: none
  bool joins;                   // what follows is the same word
  int32_t verse, note, n_notes; // the notes [note, note + n_notes)
  int32_t *first, *last;        // [n_syllables] notes of each before the edit; -1: none
} Typing;

// --- the text ---

static void add_typed(Typing *t, const char *text, size_t len)
{
  t->typed[t->n++] = (Typed){text, len, 1, !t->joins};
  t->n_notes += 1;
  t->joins = false;
}

static void hold(Typing *t)
{
  if (t->n)
    ++t->typed[t->n - 1].n_notes;
  else
    ++t->n_held;
  t->n_notes += 1;
}

static void read_text(Typing *t, const char *text)
{
  t->typed = malloc((strlen(text) + 1) * sizeof *t->typed);
  nm_edit_check_memory(t->edit, t->typed != NULL);
  while (t->typed && *text) {
    const size_t len = strcspn(text, " \t\r\n-_");
    if (len)
      add_typed(t, text, len);
    else if (*text == '_')
      hold(t);
    else if (*text == '-')
      t->joins = t->n > 0;
    text += len ? len : 1;
  }
}

// --- what stands there ---

static bool is_of_verse(const NmSong *song, int32_t syllable, int32_t verse)
{
  return song->lines[song->words[song->syllables[syllable].word].line].verse == verse;
}

// The notes of every syllable of the verse.
static void find_notes(Typing *t)
{
  const NmSong *song = t->edit->song;
  t->first = malloc(2 * ((size_t)song->n_syllables + 1) * sizeof *t->first);
  nm_edit_check_memory(t->edit, t->first != NULL);
  if (!t->first) return;
  t->last = t->first + song->n_syllables + 1;
  for (int32_t i = 0; i < song->n_syllables; ++i) t->first[i] = t->last[i] = -1;
  for (int32_t i = 0; i < song->n_links; ++i) {
    const NmSongLink *link = &song->links[i];
    if (!is_of_verse(song, link->syllable, t->verse)) continue;
    if (t->first[link->syllable] < 0) t->first[link->syllable] = link->note;
    t->last[link->syllable] = link->note;
  }
}

static bool is_covered(const Typing *t, int32_t i)
{
  return t->first[i] >= t->note && t->last[i] < t->note + t->n_notes;
}

// The ids of n notes from one on behind those that `list` has.
static void add_ids(Typing *t, json_t *list, int32_t note, int32_t n)
{
  for (int32_t k = 0; k < n; ++k)
    nm_edit_append(t->edit, list, json_integer(nm_document_get_note_id(t->edit->doc, note + k)));
}

// Takes the typed notes away from a syllable that has others too; `old` is its index before the edit. The one
// that is held gets those on which it is.
static void make_way(Typing *t, int32_t i, int32_t old)
{
  size_t k;
  json_t *id;
  const bool is_held = old == t->held,
             is_in_way = t->last[old] >= t->note && t->first[old] < t->note + t->n_notes;
  if (t->first[old] < 0 || (!is_in_way && !is_held)) return;
  json_t *own = nm_edit_words_own(t->edit, &t->words, i), *kept = json_array();
  json_array_foreach(json_object_get(own, "notes"), k, id)
  {
    const int32_t note = nm_document_find_note(t->edit->doc, (int32_t)json_integer_value(id));
    if (note < t->note || (!is_held && note >= t->note + t->n_notes))
      nm_edit_append(t->edit, kept, json_incref(id));
  }
  if (is_held) add_ids(t, kept, t->note, t->n_held);
  nm_edit_set_notes(t->edit, own, kept);
}

// Finds the syllable that is sung on the note before, to be held.
static void find_held(Typing *t)
{
  int32_t i = t->edit->song->n_syllables - 1;
  while (i >= 0 && (t->note == 0 || t->first[i] < 0 || t->first[i] >= t->note || t->last[i] < t->note - 1))
    --i;
  if (i < 0)
    nm_edit_fail(t->edit, NM_ERR_BAD_ARG, "there is nothing to hold: the note before is sung on nothing");
  t->held = i;
}

// --- where it goes ---

static void fill(Typing *t, json_t *syllable, const Typed *typed, int32_t note)
{
  json_t *notes = json_array();
  add_ids(t, notes, note, typed->n_notes);
  nm_edit_set(t->edit, syllable, "text", json_stringn(typed->text, typed->len));
  nm_edit_set(t->edit, syllable, "notes", notes);
  nm_edit_unset(t->edit, syllable, "phones");
  nm_edit_unset(t->edit, syllable, "stress");
  nm_edit_unset(t->edit, syllable, "lengths_s");
  nm_edit_unset(t->edit, syllable, "shift_s");
}

static void set_begins(NmEditSyllable *syllable, bool begins)
{
  syllable->begins_word = begins;
  if (begins) return;
  json_decref(syllable->word);
  syllable->word = NULL;
}

// A line for words of a verse that has none.
static int32_t add_line(Typing *t)
{
  const NmSong *song = t->edit->song;
  const int32_t n = t->words.n_lines, stanza = n ? song->lines[n - 1].stanza + 1 : 0;
  nm_edit_words_insert_line(t->edit, &t->words, n,
                            json_pack("{s:i, s:i}", "verse", (int)t->verse, "stanza", (int)stanza));
  return n;
}

// Where new syllables stand when they replace none: behind the one sung before, else before the one sung
// after, else at the end of the verse. *line is theirs.
static int32_t find_place(Typing *t, int32_t *line)
{
  const NmEditWords *words = &t->words;
  const NmSong *song = t->edit->song;
  int32_t place = -1, behind = -1, end = -1;
  for (int32_t i = 0; i < song->n_syllables; ++i) {
    if (!is_of_verse(song, i, t->verse)) continue;
    end = i;
    if (t->first[i] >= 0 && t->first[i] < t->note) place = i;
    if (t->first[i] >= t->note + t->n_notes && behind < 0) behind = i;
  }
  if (place < 0 && behind >= 0) {
    *line = words->syllables[behind].line;
    return behind;
  }
  if (place < 0) place = end;
  *line = place >= 0 ? words->syllables[place].line : add_line(t);
  return place >= 0 ? place + 1 : words->n;
}

// Puts the typed syllables in place of those that are covered, further ones behind them, and takes away what
// is left of those; answers where the last one stands.
static int32_t put_typed(Typing *t)
{
  NmEditWords *words = &t->words;
  int32_t k = 0, note = t->note + t->n_held, at = -1, line = 0, n_removed = 0;
  for (int32_t i = 0, old = 0; old < t->edit->song->n_syllables && t->edit->status == NM_OK; ++i, ++old) {
    if (!is_covered(t, old)) {
      make_way(t, i, old);
      continue;
    }
    if (k == t->n) {
      nm_edit_words_remove(words, i--);
      ++n_removed;
      continue;
    }
    fill(t, nm_edit_words_own(t->edit, words, i), &t->typed[k], note);
    if (k > 0) set_begins(&words->syllables[i], t->typed[k].begins_word);
    note += t->typed[k++].n_notes;
    at = i + 1;
    line = words->syllables[i].line;
  }
  if (k < t->n && at < 0) at = find_place(t, &line);
  for (; k < t->n && t->edit->status == NM_OK; ++k, ++at) {
    json_t *syllable = json_object();
    fill(t, syllable, &t->typed[k], note);
    nm_edit_words_insert(t->edit, words, at, syllable, line, t->typed[k].begins_word);
    note += t->typed[k].n_notes;
  }
  return at - 1;
}

// What follows the last typed syllable is a new word, unless it was typed with a hyphen.
static void mend_next(Typing *t, int32_t at)
{
  NmEditWords *words = &t->words;
  if (t->n == 0 || at < 0 || at + 1 >= words->n || words->syllables[at + 1].line != words->syllables[at].line)
    return;
  set_begins(&words->syllables[at + 1], !t->joins);
}

static void type(Typing *t, const char *text)
{
  NmEdit *edit = t->edit;
  read_text(t, text);
  if (edit->status == NM_OK && t->note + (int64_t)t->n_notes > edit->song->n_notes)
    nm_edit_fail(edit, NM_ERR_BAD_ARG, "the words need %d notes, and there are only %d from here on",
                 t->n_notes, edit->song->n_notes - t->note);
  if (edit->status == NM_OK) find_notes(t);
  if (edit->status != NM_OK || t->n_notes == 0) return;
  if (t->n_held) find_held(t);
  if (edit->status != NM_OK) return;
  nm_edit_words_open(edit, &t->words);
  if (edit->status == NM_OK) mend_next(t, put_typed(t));
  nm_edit_words_close(edit, &t->words);
}

NmStatus nm_edit_type_lyrics(NmDocument *doc, int32_t note, int verse, const char *text, NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  Typing t = {.edit = &edit, .held = -1, .verse = verse, .note = nm_document_find_note(doc, note)};
  if (t.note < 0) nm_edit_fail(&edit, NM_ERR_BAD_ARG, "there is no note of id %d", note);
  if (edit.status == NM_OK) type(&t, text);
  free(t.typed);
  free(t.first);
  return nm_edit_close(&edit, "type words");
}
