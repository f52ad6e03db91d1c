// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/compile/dictionary.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

NmStatus dictionary_add(Dictionary *dictionary, const DictEntry *entry)
{
  if (dictionary->n == dictionary->capacity) {
    const size_t capacity = dictionary->capacity ? 2 * dictionary->capacity : 4096;
    DictEntry *entries = realloc(dictionary->entries, capacity * sizeof *entries);
    if (!entries) return NM_ERR_NO_MEMORY;
    dictionary->entries = entries;
    dictionary->capacity = capacity;
  }
  dictionary->entries[dictionary->n] = *entry;
  dictionary->entries[dictionary->n].order = (int32_t)dictionary->n;
  dictionary->n++;
  return NM_OK;
}

void dictionary_fini(Dictionary *dictionary)
{
  free(dictionary->entries);
  *dictionary = (Dictionary){0};
}

static int compare(const void *a, const void *b)
{
  const DictEntry *x = a, *y = b;
  const int order = strcmp(x->word, y->word);
  return order ? order : (x->order > y->order) - (x->order < y->order);
}

void dictionary_sort(Dictionary *dictionary)
{
  if (dictionary->n) qsort(dictionary->entries, dictionary->n, sizeof *dictionary->entries, compare);
}

const DictEntry *dictionary_find(const Dictionary *dictionary, const char *word, size_t *n)
{
  size_t low = 0, high = dictionary->n;
  while (low < high) {
    const size_t mid = low + (high - low) / 2;
    if (strcmp(dictionary->entries[mid].word, word) < 0)
      low = mid + 1;
    else
      high = mid;
  }
  size_t last = low;
  while (last < dictionary->n && strcmp(dictionary->entries[last].word, word) == 0) last++;
  if (n) *n = last - low;
  return last > low ? &dictionary->entries[low] : NULL;
}

// Lower case; false for what can never be asked for: empty, too long, or not made of letters, ' and -.
static bool set_word(DictEntry *entry, const char *word, size_t len)
{
  if (len < 1 || len > NM_LEXICON_WORD_MAX) return false;
  for (size_t i = 0; i < len; i++) {
    entry->word[i] = (char)tolower((unsigned char)word[i]);
    if (!strchr("abcdefghijklmnopqrstuvwxyz'-", entry->word[i])) return false;
  }
  entry->word[len] = '\0';
  return true;
}

static bool add_phone(DictEntry *entry, const char *name, size_t len, int stress)
{
  if (entry->n_phones == NM_LEXICON_PHONES_MAX) return false;
  const bool schwa = len == 2 && memcmp(name, "ax", 2) == 0;
  const int32_t phone = schwa ? nm_phone_find("AH", 2, stress) : nm_phone_find(name, len, stress);
  if (phone <= NM_PHONE_PAUSE) return false;
  entry->phones[entry->n_phones++] = phone;
  return true;
}

// One syllable: `((p ax) 0)`; *at moves behind it.
static bool read_syllable(DictEntry *entry, const char **at)
{
  const char *p = *at + strspn(*at, " ");
  if (strncmp(p, "((", 2) != 0) return false;
  const char *phones = p + 2, *end = strchr(phones, ')');
  if (!end || (end[1] != ' ') || (end[2] != '0' && end[2] != '1') || end[3] != ')') return false;
  if (entry->n_phones < NM_LEXICON_PHONES_MAX) entry->starts[entry->n_phones] = true;
  for (p = phones; p < end;) {
    const size_t len = strcspn(p, " )");
    if (!add_phone(entry, p, len, end[2] - '0')) return false;
    p += len + (p[len] == ' ');
  }
  *at = end + 4;
  return true;
}

// `("word" pos (((p r ow) 1) ((n ah n) 0)))`
static bool read_festival_line(DictEntry *entry, const char *line, bool *speakable)
{
  *entry = (DictEntry){.has_stress = true};
  if (strncmp(line, "(\"", 2) != 0) return false;
  const char *word = line + 2, *end = strchr(word, '"');
  if (!end) return false;
  *speakable = set_word(entry, word, (size_t)(end - word));
  const char *pos = end + 1 + strspn(end + 1, " ");
  entry->pos = strncmp(pos, "nil", 3) == 0 ? 0 : *pos;
  const char *at = strchr(pos, '(');
  if (!at) return false;
  at++;
  while (*at == '(' || *at == ' ')
    if (!read_syllable(entry, &at)) return false;
  return entry->n_phones > 0;
}

NmStatus dictionary_read_festival(Dictionary *dictionary, const char *path, NmError *err)
{
  NmStatus status = NM_OK;
  FILE *file = fopen(path, "r");
  if (!file) return nm_error_set(err, NM_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
  char line[1024];
  int64_t i_line = 0;
  while (status == NM_OK && fgets(line, sizeof line, file)) {
    DictEntry entry;
    bool speakable = false;
    i_line++;
    if (line[0] != '(') continue;
    if (!read_festival_line(&entry, line, &speakable))
      status = nm_error_set_at(err, NM_ERR_BAD_DATA, -1, i_line, "%s:%lld: not a Festival dictionary entry",
                               path, (long long)i_line);
    else if (speakable)
      status = dictionary_add(dictionary, &entry);
  }
  fclose(file);
  return status;
}

static bool read_phones(DictEntry *entry, const char *at, int stress)
{
  for (at += strspn(at, " \t\r\n"); *at && *at != '#'; at += strspn(at, " \t\r\n")) {
    const size_t len = strcspn(at, " \t\r\n");
    if (!add_phone(entry, at, len, stress)) return false;
    at += len;
  }
  return entry->n_phones > 0;
}

NmStatus dictionary_read_sphinx(Dictionary *dictionary, const char *path, NmError *err)
{
  NmStatus status = NM_OK;
  FILE *file = fopen(path, "r");
  if (!file) return nm_error_set(err, NM_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
  char line[1024];
  int64_t i_line = 0;
  while (status == NM_OK && fgets(line, sizeof line, file)) {
    DictEntry entry = {0};
    i_line++;
    const size_t len = strcspn(line, " \t\r\n");
    const bool alternative = len > 3 && line[len - 1] == ')';
    if (alternative || !set_word(&entry, line, len)) continue;
    if (!read_phones(&entry, line + len, 0))
      status = nm_error_set_at(err, NM_ERR_BAD_DATA, -1, i_line, "%s:%lld: not a word and its phones", path,
                               (long long)i_line);
    else
      status = dictionary_add(dictionary, &entry);
  }
  fclose(file);
  return status;
}

NmStatus dictionary_read_supplement(Dictionary *dictionary, const char *path, NmError *err)
{
  NmStatus status = NM_OK;
  FILE *file = fopen(path, "r");
  if (!file) return nm_error_set(err, NM_ERR_IO, "%s: cannot open: %s", path, strerror(errno));
  char line[1024];
  int64_t i_line = 0;
  while (status == NM_OK && fgets(line, sizeof line, file)) {
    DictEntry entry = {.has_stress = true};
    i_line++;
    if (line[strspn(line, " \t\r\n")] == '#' || !line[strspn(line, " \t\r\n")]) continue;
    const size_t len = strcspn(line, " \t/\r\n");
    const bool has_pos = line[len] == '/' && line[len + 1];
    if (has_pos) entry.pos = line[len + 1];
    if (!set_word(&entry, line, len) || !read_phones(&entry, line + len + (has_pos ? 2 : 0), 0))
      status = nm_error_set_at(err, NM_ERR_BAD_DATA, -1, i_line, "%s:%lld: not a word and its phones", path,
                               (long long)i_line);
    else
      status = dictionary_add(dictionary, &entry);
  }
  fclose(file);
  return status;
}
