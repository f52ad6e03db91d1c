// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/sung.h"

#include <string.h>

// Words whose sung form no rule gives.
static const struct {
  const char *word, *phones;
} table[] = {{"th'", "DH AH0"},    {"blessed", "B L EH1 S IH0 D"}, {"beloved", "B IH0 L AH1 V IH0 D"},
             {"ave", "AA1 V EY0"}, {"winged", "W IH1 NG IH0 D"},   {"there'll", "DH EH1 R L"},
             {"i'th", "IH1 TH"}};

static const char weak_words[] =
    " a an the and or but nor of to in on at by for from with as if than that so o i you he she it we they "
    "me "
    "him us them my your his her its our their thy thou thee ye is are was were be been am do does did has "
    "have had can could will would shall should may might must when while till where who which whose what "
    "there's it's i'm i'll i'd i've he's she's you're we're they're that's 'tis 'twas 'mid then there this "
    "these upon some no not ";

bool nm_sung_is_weak(const char *word, size_t len)
{
  char key[12];
  if (len + 3 > sizeof key) return false;
  key[0] = ' ';
  memcpy(key + 1, word, len);
  key[len + 1] = ' ';
  key[len + 2] = '\0';
  return strstr(weak_words, key) != NULL;
}

bool nm_sung_find(const char *word, size_t len, NmReading *reading)
{
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i)
    if (strlen(table[i].word) == len && memcmp(table[i].word, word, len) == 0)
      return nm_reading_parse(reading, table[i].phones, strlen(table[i].phones));
  return false;
}

int32_t nm_sung_count(const NmReading *reading)
{
  int32_t n = 0;
  for (int32_t i = 0; i < reading->n; ++i) n += reading->starts[i] || i == 0;
  return n;
}

// The first phone of syllable k, reading->n behind the last.
static int32_t find_start(const NmReading *reading, int32_t k)
{
  for (int32_t i = 0; i < reading->n; ++i)
    if ((reading->starts[i] || i == 0) && k-- == 0) return i;
  return reading->n;
}

// The vowel among phones [first, end), -1 when there is none.
static int32_t find_vowel(const NmReading *reading, int32_t first, int32_t end)
{
  for (int32_t i = first; i < end; ++i)
    if (nm_phone_is_vowel(reading->phones[i])) return i;
  return -1;
}

static bool is_phone(const NmReading *reading, int32_t i, const char *name)
{
  return strcmp(nm_phone_name(reading->phones[i]), name) == 0;
}

static void drop(NmReading *reading, int32_t i)
{
  const size_t n = (size_t)(reading->n - i - 1);
  if (reading->starts[i] && n) reading->starts[i + 1] = true;
  memmove(reading->phones + i, reading->phones + i + 1, n * sizeof *reading->phones);
  memmove(reading->starts + i, reading->starts + i + 1, n * sizeof *reading->starts);
  --reading->n;
}

void nm_sung_merge(NmReading *reading, int32_t k)
{
  const int32_t first = find_start(reading, k), second = find_start(reading, k + 1);
  if (second >= reading->n) return;
  const int32_t a = find_vowel(reading, first, second);
  const int32_t b = find_vowel(reading, second, find_start(reading, k + 2));
  reading->starts[second] = false;
  if (a < 0 || b < 0) return;
  if (is_phone(reading, b, "ER0") && b == a + 1)
    reading->phones[b] = nm_phone_find("R", 1, 0);
  else if (is_phone(reading, a, "ER0") && b == a + 1)
    reading->phones[a] = nm_phone_find("R", 1, 0);
  else if (is_phone(reading, a, "IY0") && b == a + 1)
    reading->phones[a] = nm_phone_find("Y", 1, 0);
  else if (nm_phone_get_stress(reading->phones[b]) == 0)
    drop(reading, b);
  else if (nm_phone_get_stress(reading->phones[a]) == 0)
    drop(reading, a);
}

static bool ends_in(const char *word, size_t len, const char *endings)
{
  while (*endings) {
    const size_t n = strcspn(endings, " ");
    if (n <= len && memcmp(word + len - n, endings, n) == 0) return true;
    endings += n + (endings[n] == ' ');
  }
  return false;
}

// "fire", "our", "choir": the diphthong and the r behind it are one syllable.
static void join_r(const char *word, size_t len, NmReading *reading)
{
  if (!ends_in(word, len, "our ours our's our'll ire ires ired ire's oir oirs yre yres o'er our'd ire'd"))
    return;
  for (int32_t i = reading->n - 1; i > 0; --i) {
    if (!nm_phone_is_vowel(reading->phones[i])) continue;
    if (!is_phone(reading, i, "ER0") || !nm_phone_is_vowel(reading->phones[i - 1])) return;
    reading->starts[i] = false;
    reading->phones[i] = nm_phone_find("R", 1, 0);
    return;
  }
}

static bool is_vowel_letter(char c)
{
  return c && strchr("aeiouy", c) != NULL;
}

// Groups of vowel letters, which an apostrophe parts, without a silent e at the end.
static int32_t count_groups(const char *word, size_t len)
{
  int32_t n = 0;
  for (size_t i = 0; i < len; ++i) n += is_vowel_letter(word[i]) && !(i && is_vowel_letter(word[i - 1]));
  if (n > 1 && len > 2 && word[len - 1] == 'e' && !is_vowel_letter(word[len - 2])) --n;
  return n;
}

// Whether an apostrophe stands for a letter left out inside the word: "wand'ring", "heav'n", not "you'll".
static bool is_shortened(const char *word, size_t len)
{
  const char *mark = memchr(word, '\'', len);
  if (!mark || mark == word) return false;
  const size_t n_behind = len - (size_t)(mark - word);
  return n_behind > 1 && !(n_behind <= 3 && ends_in(word, len, "'s 'd 'll 've 're 'm 't 'em 'n"));
}

// The weakest syllable that can go; -1 when none can.
static int32_t find_weak(const NmReading *reading)
{
  const int32_t n = nm_sung_count(reading);
  for (int32_t k = 1; k < n; ++k) {
    const int32_t vowel = find_vowel(reading, find_start(reading, k), find_start(reading, k + 1));
    if (vowel < 0 || nm_phone_get_stress(reading->phones[vowel]) == 0) return k;
  }
  return -1;
}

static void shorten(const char *word, size_t len, NmReading *reading)
{
  if (!is_shortened(word, len)) return;
  const int32_t n_groups = count_groups(word, len);
  while (n_groups > 0 && nm_sung_count(reading) > n_groups) {
    const int32_t k = find_weak(reading), end = k < 0 ? 0 : find_start(reading, k + 1);
    if (k < 0) return;
    nm_sung_merge(reading, end < reading->n && is_phone(reading, end - 1, "ER0") ? k : k - 1);
  }
}

// "reigned" with a grave: R EY1 N D gets its vowel back.
static void lengthen(NmReading *reading)
{
  const int32_t n = reading->n;
  if (n < 2 || n + 1 > NM_READING_PHONES_MAX || nm_phone_is_vowel(reading->phones[n - 2])) return;
  if (!is_phone(reading, n - 1, "D") && !is_phone(reading, n - 1, "T")) return;
  int32_t phones[NM_READING_PHONES_MAX];
  memcpy(phones, reading->phones, (size_t)n * sizeof *phones);
  phones[n - 1] = nm_phone_find("IH", 2, 0);
  phones[n] = nm_phone_find("D", 1, 0);
  nm_reading_set_phones(reading, phones, n + 1);
}

void nm_sung_read(const char *word, size_t len, bool grave, NmReading *reading)
{
  if (nm_sung_find(word, len, reading)) return;
  join_r(word, len, reading);
  shorten(word, len, reading);
  if (grave) lengthen(reading);
}
