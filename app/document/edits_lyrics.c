// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "app/document/edit.h"
#include "models/text/phones.h"

static bool check_syllable(NmEdit *edit, int32_t syllable)
{
  return nm_edit_check_index(edit, "syllable", syllable, edit->song->n_syllables);
}

static bool check_word(NmEdit *edit, int32_t word)
{
  return nm_edit_check_index(edit, "word", word, edit->song->n_words);
}

static bool check_line(NmEdit *edit, int32_t line)
{
  return nm_edit_check_index(edit, "line", line, edit->song->n_lines);
}

// Opens the words of an edit that did not fail; false when it did.
static bool open_words(NmEdit *edit, NmEditWords *words)
{
  *words = (NmEditWords){0};
  if (edit->status == NM_OK) nm_edit_words_open(edit, words);
  return edit->status == NM_OK;
}

static void set_text(NmEdit *edit, json_t *syllable, const char *text)
{
  nm_edit_set(edit, syllable, "text", nm_document_tree_of_text(text));
}

static const char *get_text(const NmEditWords *words, int32_t i)
{
  return json_string_value(json_object_get(words->syllables[i].syllable, "text"));
}

// What no longer holds when the letters are others.
static void forget_sound(NmEdit *edit, json_t *syllable)
{
  nm_edit_unset(edit, syllable, "phones");
  nm_edit_unset(edit, syllable, "stress");
  nm_edit_unset(edit, syllable, "lengths_s");
  nm_edit_unset(edit, syllable, "shift_s");
}

static bool is_letter(unsigned char c)
{
  return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '\'';
}

// Whether two texts have the same letters in the same order, in either case, whatever stands around them.
static bool has_same_letters(const char *a, const char *b)
{
  for (;; ++a, ++b) {
    while (*a && !is_letter((unsigned char)*a)) ++a;
    while (*b && !is_letter((unsigned char)*b)) ++b;
    const char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 'a' - 'A') : *a;
    const char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 'a' - 'A') : *b;
    if (x != y) return false;
    if (!x) return true;
  }
}

NmStatus nm_edit_set_syllable(NmDocument *doc, int32_t syllable, const char *text, NmError *err)
{
  NmEditWords words = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (check_syllable(&edit, syllable) && open_words(&edit, &words)) {
    const bool keeps = has_same_letters(get_text(&words, syllable), text);
    json_t *own = nm_edit_words_own(&edit, &words, syllable);
    set_text(&edit, own, text);
    if (!keeps) forget_sound(&edit, own);
  }
  nm_edit_words_close(&edit, &words);
  return nm_edit_close(&edit, "change a syllable");
}

// "HH AE1 P" as a list.
static json_t *list_phones(NmEdit *edit, const char *text)
{
  json_t *list = json_array();
  while (*(text += strspn(text, " "))) {
    const size_t len = strcspn(text, " ");
    const int32_t phone = nm_phone_find(text, len, 0);
    if (phone < 0) nm_edit_fail(edit, NM_ERR_BAD_DATA, "%.*s is no phone", (int)(len < 32 ? len : 32), text);
    if (phone >= 0) nm_edit_append(edit, list, json_string(nm_phone_name(phone)));
    text += len;
  }
  return list;
}

NmStatus nm_edit_set_phones(NmDocument *doc, int32_t syllable, const char *phones, int stress, NmError *err)
{
  NmEditWords words = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (check_syllable(&edit, syllable) && open_words(&edit, &words)) {
    json_t *own = nm_edit_words_own(&edit, &words, syllable);
    forget_sound(&edit, own);
    if (phones) nm_edit_set(&edit, own, "phones", list_phones(&edit, phones));
    if (stress >= 0) nm_edit_set(&edit, own, "stress", json_integer(stress));
  }
  nm_edit_words_close(&edit, &words);
  return nm_edit_close(&edit, "change how a syllable is sung");
}

NmStatus nm_edit_set_lengths(NmDocument *doc, int32_t syllable, const double *lengths_s, int32_t n,
                             double shift_s, NmError *err)
{
  NmEditWords words = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (check_syllable(&edit, syllable) && open_words(&edit, &words)) {
    json_t *own = nm_edit_words_own(&edit, &words, syllable), *list = json_array();
    bool any = false;
    for (int32_t i = 0; i < n; ++i) {
      nm_edit_append(&edit, list, json_real(lengths_s[i]));
      any |= lengths_s[i] != 0;
    }
    nm_edit_unset(&edit, own, "lengths_s");
    nm_edit_unset(&edit, own, "shift_s");
    if (any) nm_edit_set(&edit, own, "lengths_s", json_incref(list));
    if (shift_s != 0) nm_edit_set(&edit, own, "shift_s", json_real(shift_s));
    json_decref(list);
  }
  nm_edit_words_close(&edit, &words);
  return nm_edit_close(&edit,
                       n || shift_s != 0 ? "change lengths of sounds" : "lengths of sounds as they were");
}

// Ids of notes by their place, each once.
static json_t *list_ids(NmEdit *edit, const int32_t *ids, int32_t n)
{
  json_t *list = json_array();
  for (int32_t i = 0; i < n; ++i) nm_edit_append(edit, list, json_integer(ids[i]));
  return nm_edit_sort_ids(edit, list);
}

NmStatus nm_edit_set_links(NmDocument *doc, int32_t syllable, const int32_t *ids, int32_t n, NmError *err)
{
  NmEditWords words = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (check_syllable(&edit, syllable) && open_words(&edit, &words)) {
    json_t *own = nm_edit_words_own(&edit, &words, syllable);
    nm_edit_set_notes(&edit, own, list_ids(&edit, ids, n));
  }
  nm_edit_words_close(&edit, &words);
  return nm_edit_close(&edit, "lay a syllable on notes");
}

// --- splitting and joining syllables ---

// Moves the last of several notes from one syllable to another.
static void give_last_note(NmEdit *edit, json_t *from, json_t *to)
{
  const json_t *notes = json_object_get(from, "notes");
  const size_t n = json_array_size(notes);
  json_t *first = json_array(), *last = json_array();
  for (size_t i = 0; i < n; ++i)
    nm_edit_append(edit, n > 1 && i + 1 == n ? last : first, json_incref(json_array_get(notes, i)));
  nm_edit_set_notes(edit, from, first);
  nm_edit_set_notes(edit, to, last);
}

static void split_syllable(NmEdit *edit, NmEditWords *words, int32_t i, size_t bytes)
{
  const char *text = get_text(words, i);
  const size_t len = strlen(text);
  if (bytes == 0 || bytes >= len || ((unsigned char)text[bytes] & 0xc0) == 0x80) {
    nm_edit_fail(edit, NM_ERR_BAD_ARG, "a syllable can be cut only between its letters");
    return;
  }
  json_t *rest = json_object(), *own;
  nm_edit_set(edit, rest, "text", json_stringn(text + bytes, len - bytes));
  json_t *head = json_stringn(text, bytes);
  own = nm_edit_words_own(edit, words, i);
  nm_edit_set(edit, own, "text", head);
  forget_sound(edit, own);
  if (edit->status == NM_OK) give_last_note(edit, own, rest);
  nm_edit_words_insert(edit, words, i + 1, rest, words->syllables[i].line, false);
}

NmStatus nm_edit_split_syllable(NmDocument *doc, int32_t syllable, size_t bytes, NmError *err)
{
  NmEditWords words = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (check_syllable(&edit, syllable) && open_words(&edit, &words))
    split_syllable(&edit, &words, syllable, bytes);
  nm_edit_words_close(&edit, &words);
  return nm_edit_close(&edit, "split a syllable");
}

static json_t *join_texts(NmEdit *edit, const char *a, const char *b)
{
  const size_t n = strlen(a), m = strlen(b);
  char *text = malloc(n + m + 1);
  nm_edit_check_memory(edit, text != NULL);
  if (!text) return NULL;
  memcpy(text, a, n);
  memcpy(text + n, b, m);
  json_t *joined = json_stringn(text, n + m);
  free(text);
  return joined;
}

// The items of both lists, those of the first behind which the others come anew.
static json_t *join_lists(NmEdit *edit, const json_t *a, const json_t *b)
{
  size_t i;
  json_t *item, *list = json_array();
  json_array_foreach((json_t *)a, i, item)
  {
    nm_edit_append(edit, list, json_incref(item));
  }
  json_array_foreach((json_t *)b, i, item)
  {
    nm_edit_append(edit, list, json_incref(item));
  }
  return list;
}

// Notes of both, by place.
static json_t *join_notes(NmEdit *edit, const json_t *a, const json_t *b)
{
  return nm_edit_sort_ids(edit, join_lists(edit, a, b));
}

// 1 wins over 2, and both over 0; -1 when one is not known.
static int join_stress(const json_t *a, const json_t *b)
{
  const json_t *x = json_object_get(a, "stress"), *y = json_object_get(b, "stress");
  const int p = (int)json_integer_value(x), q = (int)json_integer_value(y);
  if (!x || !y) return -1;
  return p == 1 || q == 1 ? 1 : p > q ? p : q;
}

static void join_syllables(NmEdit *edit, NmEditWords *words, int32_t i)
{
  const json_t *next = words->syllables[i + 1].syllable;
  const json_t *phones = json_object_get(words->syllables[i].syllable, "phones"),
               *phones_next = json_object_get(next, "phones");
  const int stress = join_stress(words->syllables[i].syllable, next);
  json_t *text = join_texts(edit, get_text(words, i), get_text(words, i + 1));
  json_t *list = phones && phones_next ? join_lists(edit, phones, phones_next) : NULL;
  json_t *own = nm_edit_words_own(edit, words, i);
  nm_edit_set(edit, own, "text", text);
  forget_sound(edit, own);
  if (list) nm_edit_set(edit, own, "phones", list);
  if (stress >= 0) nm_edit_set(edit, own, "stress", json_integer(stress));
  if (own)
    nm_edit_set_notes(edit, own,
                      join_notes(edit, json_object_get(own, "notes"), json_object_get(next, "notes")));
  if (edit->status == NM_OK) nm_edit_words_remove(words, i + 1);
}

NmStatus nm_edit_join_syllables(NmDocument *doc, int32_t syllable, NmError *err)
{
  NmEditWords words = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (check_syllable(&edit, syllable) && open_words(&edit, &words)) {
    if (syllable + 1 >= words.n || words.syllables[syllable + 1].begins_word)
      nm_edit_fail(&edit, NM_ERR_BAD_ARG, "the word has no further syllable; join the words first");
    else
      join_syllables(&edit, &words, syllable);
  }
  nm_edit_words_close(&edit, &words);
  return nm_edit_close(&edit, "join syllables");
}

// --- words ---

NmStatus nm_edit_split_word(NmDocument *doc, int32_t syllable, NmError *err)
{
  NmEditWords words = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (check_syllable(&edit, syllable) && open_words(&edit, &words))
    words.syllables[syllable].begins_word = true;
  nm_edit_words_close(&edit, &words);
  return nm_edit_close(&edit, "split a word");
}

NmStatus nm_edit_join_words(NmDocument *doc, int32_t word, NmError *err)
{
  NmEditWords words = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (check_word(&edit, word) && open_words(&edit, &words)) {
    const NmSongWord *joined = &edit.song->words[word];
    NmEditSyllable *first = &words.syllables[joined->syllable_first];
    if (word == edit.song->lines[joined->line].word_first)
      nm_edit_fail(&edit, NM_ERR_BAD_ARG, "the first word of a line has none before it to join");
    first->begins_word = false;
    json_decref(first->word);
    first->word = NULL;
  }
  nm_edit_words_close(&edit, &words);
  return nm_edit_close(&edit, "join words");
}

NmStatus nm_edit_remove_syllables(NmDocument *doc, int32_t first, int32_t n, NmError *err)
{
  NmEditWords words = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (n > 0 && check_syllable(&edit, first) &&
      nm_edit_check_index(&edit, "syllable", (int64_t)first + n - 1, edit.song->n_syllables) &&
      open_words(&edit, &words))
    for (int32_t i = 0; i < n; ++i) nm_edit_words_remove(&words, first);
  if (words.n_lines) nm_edit_words_close(&edit, &words);
  return nm_edit_close(&edit, "remove words");
}

// --- lines ---

NmStatus nm_edit_split_line(NmDocument *doc, int32_t word, NmError *err)
{
  NmEditWords words = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (check_word(&edit, word) && open_words(&edit, &words)) {
    const int32_t line = edit.song->words[word].line, first = edit.song->words[word].syllable_first;
    if (word == edit.song->lines[line].word_first)
      nm_edit_fail(&edit, NM_ERR_BAD_ARG, "a line is there already");
    json_t *rest = json_copy(words.lines[line]);
    nm_edit_unset(&edit, rest, "takes");
    nm_edit_words_insert_line(&edit, &words, line + 1, rest);
    for (int32_t i = first; i < words.n && words.syllables[i].line == line; ++i) ++words.syllables[i].line;
  }
  nm_edit_words_close(&edit, &words);
  return nm_edit_close(&edit, "split a line");
}

NmStatus nm_edit_join_lines(NmDocument *doc, int32_t line, NmError *err)
{
  NmEditWords words = {0};
  NmEdit edit = nm_edit_open(doc, err);
  if (check_line(&edit, line) && check_line(&edit, line + 1) && open_words(&edit, &words))
    for (int32_t i = 0; i < words.n; ++i)
      if (words.syllables[i].line == line + 1) words.syllables[i].line = line;
  nm_edit_words_close(&edit, &words);
  return nm_edit_close(&edit, "join lines");
}

NmStatus nm_edit_set_line(NmDocument *doc, int32_t line, int verse, int stanza, NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  if (check_line(&edit, line)) {
    json_t *own = nm_edit_own(&edit, "/lines/%d", line);
    nm_edit_set(&edit, own, "verse", json_integer(verse));
    nm_edit_set(&edit, own, "stanza", json_integer(stanza));
  }
  return nm_edit_close(&edit, "change a line");
}

NmStatus nm_edit_add_line(NmDocument *doc, int32_t at, const NmSong *from, int32_t line, NmError *err)
{
  NmEdit edit = nm_edit_open(doc, err);
  nm_edit_check_index(&edit, "line", at, (int64_t)edit.song->n_lines + 1);
  if (nm_edit_check_index(&edit, "line of those words", line, from->n_lines)) {
    json_t *lines = nm_edit_own(&edit, "/lines"), *added = nm_document_tree_of_line(from, line);
    nm_edit_check_memory(&edit, lines && added && !json_array_insert(lines, (size_t)at, added));
    json_decref(added);
  }
  return nm_edit_close(&edit, "add a line");
}

// Marks as gone the notes that only lines [first, first + n) are sung on.
static void drop_notes(NmEdit *edit, NmEditNotes *list, int32_t first, int32_t n)
{
  const NmSong *song = edit->song;
  for (int pass = 0; pass < 2 && edit->status == NM_OK; ++pass)
    for (int32_t i = 0; i < song->n_links; ++i) {
      const int32_t line = song->words[song->syllables[song->links[i].syllable].word].line;
      if ((line >= first && line < first + n) == (pass == 0))
        list->notes[song->links[i].note].gone = pass == 0;
    }
}

NmStatus nm_edit_remove_lines(NmDocument *doc, int32_t first, int32_t n, bool with_notes, NmError *err)
{
  NmEditNotes list;
  NmEdit edit = nm_edit_open(doc, err);
  if (n > 0 && check_line(&edit, first) &&
      nm_edit_check_index(&edit, "line", (int64_t)first + n - 1, edit.song->n_lines)) {
    if (with_notes) {
      nm_edit_notes_open(&edit, &list);
      drop_notes(&edit, &list, first, n);
      nm_edit_notes_close(&edit, &list);
    }
    json_t *lines = nm_edit_own(&edit, "/lines");
    for (int32_t i = 0; i < n && lines; ++i) json_array_remove(lines, (size_t)first);
  }
  return nm_edit_close(&edit, n == 1 ? "remove a line" : "remove lines");
}
