// SPDX-License-Identifier: GPL-3.0-or-later
// Songs of any source as trees. The texts of a song are whatever its file had; those of a document are UTF-8.
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "app/document/document_internal.h"
#include "models/text/phones.h"

// The bytes of the character that a text begins with, 0 when it is none.
static size_t take_char(const char *text, size_t len)
{
  utf8proc_int32_t c;
  const utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &c);
  return n > 0 ? (size_t)n : 0;
}

static bool is_valid(const char *text, size_t len)
{
  size_t n = 1;
  for (size_t i = 0; i < len && n > 0; i += n) n = take_char(text + i, len - i);
  return n > 0;
}

// A text with what is no UTF-8 replaced; NULL when memory is out.
json_t *nm_document_tree_of_text(const char *text)
{
  const size_t len = strlen(text);
  if (is_valid(text, len)) return json_stringn(text, len);
  char *clean = malloc(3 * len + 1);
  size_t n = 0, taken = 0;
  for (size_t i = 0; clean && i < len; i += taken ? taken : 1) {
    taken = take_char(text + i, len - i);
    memcpy(clean + n, taken ? text + i : "\xef\xbf\xbd", taken ? taken : 3);
    n += taken ? taken : 3;
  }
  json_t *string = clean ? json_stringn(clean, n) : NULL;
  free(clean);
  return string;
}

// What all helpers below add to: any failure is memory that was out.
static void put(json_t *object, const char *name, json_t *value, bool *ok)
{
  *ok &= json_object_set_new(object, name, value) == 0;
}

static void append(json_t *array, json_t *value, bool *ok)
{
  *ok &= json_array_append_new(array, value) == 0;
}

static void put_text(json_t *object, const char *name, const char *text, bool *ok)
{
  if (text) put(object, name, nm_document_tree_of_text(text), ok);
}

// --- maps ---

static json_t *make_tempos(const NmSong *song, bool *ok)
{
  json_t *list = json_array();
  for (int32_t i = 0; i < song->n_tempos; ++i)
    append(list,
           json_pack("{s:I, s:f}", "tick", (json_int_t)song->tempos[i].tick, "bpm", song->tempos[i].bpm), ok);
  return list;
}

static json_t *make_meters(const NmSong *song, bool *ok)
{
  json_t *list = json_array();
  for (int32_t i = 0; i < song->n_meters; ++i)
    append(list,
           json_pack("{s:I, s:i, s:i}", "tick", (json_int_t)song->meters[i].tick, "beats",
                     (int)song->meters[i].n_beats, "unit", (int)song->meters[i].beat_unit),
           ok);
  return list;
}

static json_t *make_keys(const NmSong *song, bool *ok)
{
  json_t *list = json_array();
  for (int32_t i = 0; i < song->n_keys; ++i)
    append(list,
           json_pack("{s:I, s:i, s:s}", "tick", (json_int_t)song->keys[i].tick, "fifths",
                     (int)song->keys[i].fifths, "mode", song->keys[i].minor ? "minor" : "major"),
           ok);
  return list;
}

// --- notes and words ---

json_t *nm_document_tree_of_note(int32_t id, const NmSongNote *note)
{
  bool ok = true;
  json_t *object = json_object();
  if (id) put(object, "id", json_integer(id), &ok);
  put(object, "onset", json_integer(note->onset), &ok);
  put(object, "len", json_integer(note->len), &ok);
  put(object, "pitch", json_integer(note->pitch), &ok);
  if (note->velocity) put(object, "velocity", json_integer(note->velocity), &ok);
  if (ok) return object;
  json_decref(object);
  return NULL;
}

static json_t *make_notes(const NmSong *song, bool *ok)
{
  json_t *list = json_array();
  for (int32_t i = 0; i < song->n_notes; ++i)
    append(list, nm_document_tree_of_note(i + 1, &song->notes[i]), ok);
  return list;
}

json_t *nm_document_tree_of_syllable(const NmSong *song, int32_t i)
{
  bool ok = true;
  json_t *object = json_object();
  const NmSongSyllable *syllable = &song->syllables[i];
  put_text(object, "text", syllable->text, &ok);
  if (syllable->stress >= 0) put(object, "stress", json_integer(syllable->stress), &ok);
  if (syllable->n_phones) {
    json_t *phones = json_array();
    for (int32_t k = 0; k < syllable->n_phones; ++k)
      append(phones, json_string(nm_phone_name(song->phones[syllable->phone_first + k])), &ok);
    put(object, "phones", phones, &ok);
  }
  if (syllable->n_lengths) {
    json_t *lengths = json_array();
    for (int32_t k = 0; k < syllable->n_lengths; ++k)
      append(lengths, json_real((double)syllable->lengths_s[k]), &ok);
    put(object, "lengths_s", lengths, &ok);
  }
  if (syllable->shift_s != 0) put(object, "shift_s", json_real((double)syllable->shift_s), &ok);
  if (ok) return object;
  json_decref(object);
  return NULL;
}

json_t *nm_document_tree_of_line(const NmSong *song, int32_t l)
{
  bool ok = true;
  const NmSongLine *line = &song->lines[l];
  json_t *words = json_array();
  for (int32_t w = line->word_first; w < line->word_first + line->n_words; ++w) {
    json_t *syllables = json_array();
    for (int32_t k = 0; k < song->words[w].n_syllables; ++k)
      append(syllables, nm_document_tree_of_syllable(song, song->words[w].syllable_first + k), &ok);
    append(words, json_pack("{s:o}", "syllables", syllables), &ok);
  }
  json_t *object = json_object();
  put(object, "verse", json_integer(line->verse), &ok);
  put(object, "stanza", json_integer(line->stanza), &ok);
  put(object, "words", words, &ok);
  if (ok) return object;
  json_decref(object);
  return NULL;
}

// The syllable objects of lines in order, [n] borrowed.
static void list_syllables(json_t *lines, json_t **syllables)
{
  size_t i, k, j, n = 0;
  json_t *line, *word, *syllable;
  json_array_foreach(lines, i, line)
  {
    json_array_foreach(json_object_get(line, "words"), k, word)
    {
      json_array_foreach(json_object_get(word, "syllables"), j, syllable)
      {
        syllables[n++] = syllable;
      }
    }
  }
}

static void put_links(const NmSong *song, json_t *lines, bool *ok)
{
  json_t **syllables = calloc((size_t)song->n_syllables + 1, sizeof *syllables);
  *ok &= syllables != NULL;
  if (!*ok) {
    free(syllables);
    return;
  }
  list_syllables(lines, syllables);
  for (int32_t i = 0; i < song->n_links; ++i) {
    json_t *syllable = syllables[song->links[i].syllable], *notes = json_object_get(syllable, "notes");
    if (!notes) {
      put(syllable, "notes", json_array(), ok);
      notes = json_object_get(syllable, "notes");
    }
    append(notes, json_integer(song->links[i].note + 1), ok);
  }
  free(syllables);
}

static json_t *make_lines(const NmSong *song, bool *ok)
{
  json_t *list = json_array();
  for (int32_t l = 0; l < song->n_lines; ++l) append(list, nm_document_tree_of_line(song, l), ok);
  if (list) put_links(song, list, ok);
  return list;
}

static void put_map(json_t *root, const char *name, json_t *list, bool *ok)
{
  if (json_array_size(list))
    put(root, name, list, ok);
  else
    json_decref(list);
}

json_t *nm_document_tree_from_song(const NmSong *song, NmError *err)
{
  bool ok = true;
  json_t *root = json_object();
  put(root, "format", json_string("neume"), &ok);
  put(root, "version", json_integer(NM_DOCUMENT_VERSION), &ok);
  put_text(root, "title", song->title, &ok);
  put_text(root, "composer", song->composer, &ok);
  put_text(root, "lyricist", song->lyricist, &ok);
  put_text(root, "language", song->language, &ok);
  put(root, "ticks_per_beat", json_integer(song->ticks_per_beat), &ok);
  if (song->pickup) put(root, "pickup", json_integer(song->pickup), &ok);
  put_map(root, "tempos", make_tempos(song, &ok), &ok);
  put_map(root, "meters", make_meters(song, &ok), &ok);
  put_map(root, "keys", make_keys(song, &ok), &ok);
  put(root, "notes", make_notes(song, &ok), &ok);
  put(root, "lines", make_lines(song, &ok), &ok);
  NmStatus status = ok ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK && nm_schema_check(&nm_document_field, root, "", err)) {
    if (err) err->status = NM_ERR_UNSUPPORTED;
    status = NM_ERR_UNSUPPORTED;
  }
  if (status == NM_OK) return root;
  json_decref(root);
  return NULL;
}
