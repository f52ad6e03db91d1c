// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "app/document/edit.h"

static bool grow(void **array, size_t size, int32_t n, int32_t *room)
{
  if (n < *room) return true;
  const int32_t wanted = *room ? 2 * *room : 16;
  void *moved = realloc(*array, (size_t)wanted * size);
  if (!moved) return false;
  *array = moved;
  *room = wanted;
  return true;
}

static bool make_room(NmEdit *edit, NmEditWords *words)
{
  void *array = words->syllables;
  if (edit->status == NM_OK)
    nm_edit_check_memory(edit, grow(&array, sizeof *words->syllables, words->n, &words->room));
  words->syllables = array;
  return edit->status == NM_OK;
}

static void add_word(NmEdit *edit, NmEditWords *words, json_t *word, int32_t line)
{
  size_t i;
  json_t *syllable;
  json_array_foreach(json_object_get(word, "syllables"), i, syllable)
  {
    if (!make_room(edit, words)) return;
    words->syllables[words->n++] =
        (NmEditSyllable){json_incref(syllable), i == 0 ? json_incref(word) : NULL, line, i == 0};
  }
}

void nm_edit_words_open(NmEdit *edit, NmEditWords *words)
{
  size_t i, k;
  json_t *line, *word;
  *words = (NmEditWords){0};
  json_array_foreach(json_object_get(edit->draft, "lines"), i, line)
  {
    nm_edit_words_insert_line(edit, words, (int32_t)i, json_incref(line));
    json_array_foreach(json_object_get(line, "words"), k, word)
    {
      add_word(edit, words, word, (int32_t)i);
    }
  }
}

json_t *nm_edit_words_own(NmEdit *edit, NmEditWords *words, int32_t i)
{
  json_t *own = edit->status == NM_OK ? json_copy(words->syllables[i].syllable) : NULL;
  nm_edit_check_memory(edit, own != NULL);
  if (!own) return NULL;
  json_decref(words->syllables[i].syllable);
  return words->syllables[i].syllable = own;
}

void nm_edit_set_notes(NmEdit *edit, json_t *syllable, json_t *ids)
{
  if (json_array_size(ids)) {
    nm_edit_set(edit, syllable, "notes", ids);
  } else {
    nm_edit_unset(edit, syllable, "notes");
    json_decref(ids);
  }
}

void nm_edit_words_insert(NmEdit *edit, NmEditWords *words, int32_t i, json_t *syllable, int32_t line,
                          bool begins_word)
{
  nm_edit_check_memory(edit, syllable != NULL);
  if (!make_room(edit, words)) {
    json_decref(syllable);
    return;
  }
  memmove(words->syllables + i + 1, words->syllables + i, (size_t)(words->n - i) * sizeof *words->syllables);
  words->syllables[i] = (NmEditSyllable){.syllable = syllable, .line = line, .begins_word = begins_word};
  ++words->n;
}

void nm_edit_words_remove(NmEditWords *words, int32_t i)
{
  NmEditSyllable *gone = &words->syllables[i];
  const bool goes_on = i + 1 < words->n && !gone[1].begins_word;
  if (gone->begins_word && goes_on) {
    gone[1].begins_word = true;
    gone[1].word = gone->word;
    gone->word = NULL;
  }
  json_decref(gone->syllable);
  json_decref(gone->word);
  memmove(gone, gone + 1, (size_t)(words->n - i - 1) * sizeof *gone);
  --words->n;
}

void nm_edit_words_insert_line(NmEdit *edit, NmEditWords *words, int32_t at, json_t *line)
{
  void *array = words->lines;
  nm_edit_check_memory(edit, line != NULL);
  if (edit->status == NM_OK)
    nm_edit_check_memory(edit, grow(&array, sizeof *words->lines, words->n_lines, &words->room_lines));
  words->lines = array;
  if (edit->status != NM_OK) {
    json_decref(line);
    return;
  }
  memmove(words->lines + at + 1, words->lines + at, (size_t)(words->n_lines - at) * sizeof *words->lines);
  words->lines[at] = line;
  ++words->n_lines;
  for (int32_t i = 0; i < words->n; ++i) words->syllables[i].line += words->syllables[i].line >= at;
}

// --- back into the tree ---

// Where the word that begins at i ends: at the next one or at the line's end.
static int32_t find_end(const NmEditWords *words, int32_t i)
{
  const int32_t line = words->syllables[i++].line;
  while (i < words->n && words->syllables[i].line == line && !words->syllables[i].begins_word) ++i;
  return i;
}

static bool is_same_word(const NmEditWords *words, int32_t first, int32_t end)
{
  const json_t *syllables = json_object_get(words->syllables[first].word, "syllables");
  if (json_array_size(syllables) != (size_t)(end - first)) return false;
  for (int32_t i = first; i < end; ++i)
    if (json_array_get(syllables, (size_t)(i - first)) != words->syllables[i].syllable) return false;
  return true;
}

static json_t *make_word(NmEdit *edit, const NmEditWords *words, int32_t first, int32_t end)
{
  json_t *word = words->syllables[first].word;
  if (is_same_word(words, first, end)) return json_incref(word);
  json_t *syllables = json_array();
  for (int32_t i = first; i < end; ++i)
    nm_edit_append(edit, syllables, json_incref(words->syllables[i].syllable));
  word = word ? json_copy(word) : json_object();
  nm_edit_set(edit, word, "syllables", syllables);
  return word;
}

static bool is_same_list(const json_t *a, const json_t *b)
{
  if (json_array_size(a) != json_array_size(b)) return false;
  for (size_t i = 0; i < json_array_size(a); ++i)
    if (json_array_get(a, i) != json_array_get(b, i)) return false;
  return true;
}

// The line of a slot with its syllables from *i on, which moves behind them.
static json_t *make_line(NmEdit *edit, const NmEditWords *words, int32_t slot, int32_t *i)
{
  json_t *line = words->lines[slot], *list = json_array();
  while (*i < words->n && words->syllables[*i].line == slot && edit->status == NM_OK) {
    const int32_t end = find_end(words, *i);
    nm_edit_append(edit, list, make_word(edit, words, *i, end));
    *i = end;
  }
  if (is_same_list(list, json_object_get(line, "words"))) {
    json_decref(list);
    return json_incref(line);
  }
  line = json_copy(line);
  nm_edit_set(edit, line, "words", list);
  return line;
}

void nm_edit_words_free(NmEditWords *words)
{
  for (int32_t i = 0; i < words->n; ++i) {
    json_decref(words->syllables[i].syllable);
    json_decref(words->syllables[i].word);
  }
  for (int32_t i = 0; i < words->n_lines; ++i) json_decref(words->lines[i]);
  free(words->syllables);
  free(words->lines);
  *words = (NmEditWords){0};
}

void nm_edit_words_close(NmEdit *edit, NmEditWords *words)
{
  int32_t i = 0;
  json_t *lines = edit->status == NM_OK ? json_array() : NULL;
  for (int32_t slot = 0; slot < words->n_lines && edit->status == NM_OK; ++slot)
    if (i < words->n && words->syllables[i].line == slot)
      nm_edit_append(edit, lines, make_line(edit, words, slot, &i));
  nm_edit_set(edit, edit->draft, "lines", lines);
  nm_edit_words_free(words);
}
