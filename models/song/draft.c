// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/draft.h"

#include <stdlib.h>
#include <string.h>

#include "models/song/sung.h"

enum { LETTERS_MAX = 512 };

static bool reserve(NmDrafts *drafts, void *array, size_t *capacity, size_t wanted, size_t size)
{
  void **memory = array;
  if (wanted <= *capacity) return true;
  const size_t more = wanted + wanted / 2 + 64;
  void *grown = realloc(*memory, more * size);
  if (!grown) {
    drafts->failed = true;
    return false;
  }
  *memory = grown;
  *capacity = more;
  return true;
}

void nm_drafts_reset(NmDrafts *drafts)
{
  drafts->n_chars = drafts->n_drafts = drafts->n_phones = 0;
  drafts->failed = false;
}

void nm_drafts_fini(NmDrafts *drafts)
{
  nm_folded_fini(&drafts->folded);
  nm_notes_fini(&drafts->notes);
  free(drafts->chars);
  free(drafts->spare);
  free(drafts->drafts);
  free(drafts->phones);
}

char *nm_drafts_get_spare(NmDrafts *drafts, size_t len)
{
  return reserve(drafts, &drafts->spare, &drafts->capacity_spare, len + 1, 1) ? drafts->spare : NULL;
}

void nm_drafts_add_chars(NmDrafts *drafts, const char *text, size_t len)
{
  if (!len || !reserve(drafts, &drafts->chars, &drafts->capacity_chars, drafts->n_chars + len, 1)) return;
  memcpy(drafts->chars + drafts->n_chars, text, len);
  drafts->n_chars += len;
}

// The strongest of the vowels' stresses.
static int8_t find_stress(const int32_t *phones, int32_t n)
{
  int8_t found = 0;
  for (int32_t i = 0; i < n; ++i) {
    const int stress = nm_phone_get_stress(phones[i]);
    if (stress == 1 || (stress == 2 && found == 0)) found = (int8_t)stress;
  }
  return found;
}

static void add_draft(NmDrafts *drafts, const char *text, size_t len, const int32_t *phones, int32_t n_phones)
{
  if (len == 0) text = "-", len = 1; // spoken, but nowhere in the print
  const NmDraft draft = {.text = (uint32_t)drafts->n_chars,
                         .len_text = (uint32_t)len,
                         .phone_first = (int32_t)drafts->n_phones,
                         .n_phones = n_phones,
                         .stress = find_stress(phones, n_phones)};
  nm_drafts_add_chars(drafts, text, len);
  if (!reserve(drafts, &drafts->drafts, &drafts->capacity_drafts, drafts->n_drafts + 1, sizeof draft) ||
      !reserve(drafts, &drafts->phones, &drafts->capacity_phones, drafts->n_phones + (size_t)n_phones,
               sizeof *phones))
    return;
  drafts->drafts[drafts->n_drafts] = draft;
  memcpy(drafts->phones + drafts->n_phones, phones, (size_t)n_phones * sizeof *phones);
  drafts->n_phones += (size_t)n_phones;
  ++drafts->n_drafts;
}

// --- one spoken word under its print ---

// The letters of a print and where they stand.
typedef struct {
  char letters[LETTERS_MAX], key[LETTERS_MAX]; // key: with apostrophes
  uint32_t at[LETTERS_MAX];                    // byte of each letter
  int32_t n, n_key;
  bool capital;
} Letters;

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
  return c >= 'a' && c <= 'z';
}

static void find_letters(NmDrafts *drafts, const char *print, size_t len, Letters *letters)
{
  letters->n = letters->n_key = 0;
  letters->capital = false;
  drafts->notes.n = 0;
  if (nm_folded_set(&drafts->folded, print, len, &drafts->notes) != NM_OK) {
    drafts->failed = true;
    return;
  }
  for (size_t i = 0; i < drafts->folded.n && letters->n_key < LETTERS_MAX; ++i) {
    const char c = lower((char)drafts->folded.chars[i]);
    if (is_letter(c) || c == '\'') letters->key[letters->n_key++] = c;
    if (!is_letter(c)) continue;
    if (letters->n == 0) letters->capital = c != (char)drafts->folded.chars[i];
    letters->letters[letters->n] = c;
    letters->at[letters->n++] = drafts->folded.source[i];
  }
}

// Whether the print ends in an e with an accent and a d.
static bool has_grave(const char *print, size_t len)
{
  while (len && (unsigned char)print[len - 1] < 0x80 && !is_letter(lower(print[len - 1]))) --len;
  return len >= 3 && print[len - 1] == 'd' && (unsigned char)print[len - 3] == 0xC3 &&
         ((unsigned char)print[len - 2] == 0xA8 || (unsigned char)print[len - 2] == 0xA9);
}

// The marks around a word that are no apostrophes of its own do not count when its sung form is looked up.
static void read_sung(const char *print, size_t len, const Letters *letters, NmReading *reading)
{
  const char *key = letters->key;
  size_t n = (size_t)letters->n_key;
  if (nm_sung_find(key, n, reading)) return;
  while (n && *key == '\'') ++key, --n;
  while (n && key[n - 1] == '\'') --n;
  nm_sung_read(key, n, has_grave(print, len), reading);
}

static bool is_weak(const Letters *letters)
{
  return nm_sung_is_weak(letters->key, (size_t)letters->n_key) ||
         nm_sung_is_weak(letters->letters, (size_t)letters->n);
}

// Places where the print can be cut: a character may fold into several letters, as the German sharp s does.
static int32_t count_places(const Letters *letters)
{
  int32_t n = 0;
  for (int32_t i = 0; i < letters->n; ++i) n += i == 0 || letters->at[i] != letters->at[i - 1];
  return n;
}

// Turns the letters in cuts [n - 1] into bytes, each behind the one before and room left for those to come; n
// is at most count_places.
static void cut_bytes(const Letters *letters, int32_t n, int32_t *cuts)
{
  uint32_t places[LETTERS_MAX];
  int32_t place[LETTERS_MAX], n_places = 0;
  for (int32_t i = 0; i < letters->n; ++i) {
    if (i == 0 || letters->at[i] != letters->at[i - 1]) places[n_places++] = letters->at[i];
    place[i] = n_places - 1;
  }
  for (int32_t k = 0, last = 0; k < n - 1; ++k) {
    const int32_t most = n_places - (n - 1 - k);
    int32_t at = place[cuts[k]];
    if (at <= last) at = last + 1;
    last = at > most ? most : at;
    cuts[k] = (int32_t)places[last];
  }
}

// Adds `print` as the syllables of `reading`, which is merged down when there are too few letters.
static void add_pieces(NmDrafts *drafts, const char *print, size_t len, const Letters *letters,
                       NmReading *reading)
{
  int32_t cuts[NM_READING_PHONES_MAX], n = nm_sung_count(reading);
  const size_t first = drafts->n_drafts;
  while (n > 1 && n > count_places(letters)) nm_sung_merge(reading, --n - 1);
  nm_divider_run(drafts->divider, letters->letters, letters->n, reading->phones, reading->starts, reading->n,
                 n, cuts);
  cut_bytes(letters, n, cuts);
  size_t from = 0;
  int32_t phone = 0;
  for (int32_t k = 0; k < n; ++k) {
    const size_t to = k + 1 < n ? (size_t)cuts[k] : len;
    int32_t end = phone + 1;
    while (end < reading->n && !reading->starts[end]) ++end;
    add_draft(drafts, print + from, to - from, reading->phones + phone, end - phone);
    from = to;
    phone = end;
  }
  if (n == 1 && drafts->n_drafts == first + 1 && is_weak(letters)) drafts->drafts[first].stress = 0;
}

// The words of `spoken` written out between what stands before and behind in the print.
static void add_respelled(NmDrafts *drafts, const char *before, size_t len_before, const char *spoken,
                          const char *behind, size_t len_behind, bool capital, NmReading *reading)
{
  Letters letters;
  const size_t len = strlen(spoken), n = len_before + len + len_behind;
  if (!reserve(drafts, &drafts->spare, &drafts->capacity_spare, n + 1, 1)) return;
  memcpy(drafts->spare, before, len_before);
  memcpy(drafts->spare + len_before, spoken, len);
  memcpy(drafts->spare + len_before + len, behind, len_behind);
  if (capital && is_letter(*spoken)) drafts->spare[len_before] = (char)(*spoken - 'a' + 'A');
  find_letters(drafts, drafts->spare, n, &letters);
  if (!drafts->failed) add_pieces(drafts, drafts->spare, n, &letters, reading);
}

static void add_printed(NmDrafts *drafts, const char *print, size_t len, NmReading *reading)
{
  Letters letters;
  find_letters(drafts, print, len, &letters);
  if (drafts->failed) return;
  if (letters.n == 1 && letters.letters[0] == 'w' && nm_sung_count(reading) == 3) {
    const size_t at = letters.at[0];
    add_respelled(drafts, print, at, "double-u", print + at + 1, len - at - 1, letters.capital, reading);
    return;
  }
  read_sung(print, len, &letters, reading);
  add_pieces(drafts, print, len, &letters, reading);
}

// --- what was spoken for a part of the text ---

static void get_reading(const NmSentence *sentence, int32_t i_word, NmReading *reading)
{
  const NmWord *word = &sentence->words[i_word];
  reading->n = word->n_phones < NM_READING_PHONES_MAX ? word->n_phones : NM_READING_PHONES_MAX;
  for (int32_t i = 0; i < reading->n; ++i) {
    const int32_t at = word->phone_first + i;
    reading->phones[i] = sentence->phones[at];
    reading->starts[i] = i == 0 || sentence->syllables[at] != sentence->syllables[at - 1];
  }
}

static int32_t count_letters(const char *text)
{
  int32_t n = 0;
  for (; *text; ++text) n += is_letter(*text);
  return n;
}

// Whether the letters of the print are those of the spoken words, one after the other.
static bool is_as_printed(const NmDraftPart *part, const Letters *letters)
{
  int32_t at = 0;
  for (int32_t i = 0; i < part->n; ++i)
    for (const char *c = part->sentence->words[part->first + i].text; *c; ++c)
      if (is_letter(*c) && (at >= letters->n || letters->letters[at++] != *c)) return false;
  return at == letters->n;
}

static void add_as_printed(NmDrafts *drafts, const NmDraftPart *part, const Letters *letters)
{
  size_t from = part->from;
  int32_t letter = 0;
  for (int32_t i = 0; i < part->n; ++i) {
    NmReading reading;
    letter += count_letters(part->sentence->words[part->first + i].text);
    const size_t to = i + 1 < part->n ? part->from + letters->at[letter] : part->to;
    get_reading(part->sentence, part->first + i, &reading);
    add_printed(drafts, part->text + from, to - from, &reading);
    from = to;
  }
}

static size_t clip(size_t at, size_t low, size_t high)
{
  return at < low ? low : at > high ? high : at;
}

static void add_written_out(NmDrafts *drafts, const NmDraftPart *part, const Letters *letters)
{
  const NmWord *words = part->sentence->words + part->first;
  size_t end = 0;
  for (int32_t i = 0; i < part->n; ++i)
    if (words[i].source_start + words[i].len_source > end) end = words[i].source_start + words[i].len_source;
  const size_t start = clip(words[0].source_start, part->from, part->to);
  end = clip(end, start, part->to);
  for (int32_t i = 0; i < part->n; ++i) {
    NmReading reading;
    const size_t first = drafts->n_drafts;
    get_reading(part->sentence, part->first + i, &reading);
    add_respelled(drafts, part->text + part->from, i == 0 ? start - part->from : 0, words[i].text,
                  part->text + end, i + 1 == part->n ? part->to - end : 0, i == 0 && letters->capital,
                  &reading);
    if (first < drafts->n_drafts) drafts->drafts[first].begins_word = true;
  }
}

// Words that came from one stretch of letters; the print from there to the next stretch.
static void add_group(NmDrafts *drafts, const NmDraftPart *part)
{
  Letters letters;
  bool spelled = true;
  find_letters(drafts, part->text + part->from, part->to - part->from, &letters);
  if (drafts->failed) return;
  for (int32_t i = 0; i < part->n; ++i)
    if (count_letters(part->sentence->words[part->first + i].text) == 0) spelled = false;
  if (!spelled && part->n == 1) { // given in phones
    NmReading reading;
    get_reading(part->sentence, part->first, &reading);
    add_pieces(drafts, part->text + part->from, part->to - part->from, &letters, &reading);
  } else if (spelled && is_as_printed(part, &letters))
    add_as_printed(drafts, part, &letters);
  else
    add_written_out(drafts, part, &letters);
}

void nm_drafts_add_part(NmDrafts *drafts, const NmDraftPart *part)
{
  const NmWord *words = part->sentence->words;
  const int32_t end = part->first + part->n;
  NmDraftPart group = *part;
  const size_t first = drafts->n_drafts;
  bool begins = true;
  for (int32_t i = part->first; i < end && !drafts->failed; i += group.n) {
    size_t reach = words[i].source_start + words[i].len_source;
    int32_t k = i + 1;
    for (; k < end && (words[k].source_start < reach || words[k].source_start == words[i].source_start); ++k)
      if (words[k].source_start + words[k].len_source > reach)
        reach = words[k].source_start + words[k].len_source;
    group.first = i;
    group.n = k - i;
    group.to = k < end ? clip(words[k].source_start, group.from, part->to) : part->to;
    const size_t before = drafts->n_drafts;
    add_group(drafts, &group);
    const bool written_out = before < drafts->n_drafts && drafts->drafts[before].begins_word;
    if (before < drafts->n_drafts) drafts->drafts[before].begins_word |= begins;
    begins = written_out;
    group.from = group.to;
  }
  if (first < drafts->n_drafts) drafts->drafts[first].begins_word = true;
}
