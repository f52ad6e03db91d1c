// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/divide.h"

#include "models/text/spelling.h"

#include <hyphen.h>
#include <stdlib.h>
#include <string.h>

static const float reward_words = 1.5f;

struct NmDivider {
  HyphenDict *patterns; // NULL: none
  const NmText *text;   // NULL: none
};

NmDivider *nm_divider_new(const char *path, const NmText *text, NmError *err)
{
  NmDivider *divider = calloc(1, sizeof *divider);
  if (!divider) {
    (void)nm_error_set(err, NM_ERR_NO_MEMORY, "the syllables: out of memory");
    return NULL;
  }
  divider->text = text;
  if (path && !(divider->patterns = hnj_hyphen_load(path))) {
    (void)nm_error_set(err, NM_ERR_IO, "%s: cannot be read as hyphenation patterns; install it again", path);
    free(divider);
    return NULL;
  }
  return divider;
}

void nm_divider_free(NmDivider *divider)
{
  if (!divider) return;
  if (divider->patterns) hnj_hyphen_free(divider->patterns);
  free(divider);
}

// A word with its phones: what the rules look at.
typedef struct {
  const NmText *text;
  const char *letters;
  int32_t n_letters;
  const int32_t *phones;
  int32_t n_phones;
  int32_t first[NM_SPELLING_PHONES_MAX + 1], len[NM_SPELLING_PHONES_MAX];
  char marks[NM_SPELLING_LETTERS_MAX + 8]; // [i] odd: the patterns divide behind letter i
} Word;

static void mark(const NmDivider *divider, Word *word)
{
  char **rep = NULL;
  int *pos = NULL, *cut = NULL;
  memset(word->marks, '0', sizeof word->marks);
  if (!divider->patterns || word->n_letters < 2) return;
  hnj_hyphen_hyphenate3(divider->patterns, word->letters, word->n_letters, word->marks, NULL, &rep, &pos,
                        &cut, 1, 2, 1, 2);
  for (int32_t i = 0; rep && i < word->n_letters - 1; ++i) free(rep[i]);
  free(rep);
  free(pos);
  free(cut);
}

static bool is_vowel_letter(char c)
{
  return strchr("aeiouy", c) != NULL;
}

// Short vowels draw the consonant behind them into their syllable: "nev-er", but "o-ver".
static bool is_short(int32_t phone)
{
  static const char *const names[] = {"AE", "EH", "IH", "AH", "UH"};
  const char *name = nm_phone_name(phone);
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    if (strncmp(name, names[i], 2) == 0 && name[2] != '0') return true;
  return false;
}

// Phone whose letters a division before letter `at` would tear apart, -1 when there is none.
static int32_t find_torn(const Word *word, int32_t at)
{
  for (int32_t i = 0; i < word->n_phones; ++i)
    if (word->first[i] < at && at < word->first[i] + word->len[i]) return i;
  return -1;
}

static bool has_vowel(const char *from, const char *to)
{
  while (from < to && !is_vowel_letter(*from)) ++from;
  return from < to;
}

static bool is_suffix(const char *letters, int32_t n)
{
  static const char *const suffixes[] = {"ly",  "er",  "ers",  "ed",   "en",  "ing", "ings",
                                         "est", "eth", "less", "ness", "ful", "ward"};
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; ++i)
    if (strlen(suffixes[i]) == (size_t)n && memcmp(suffixes[i], letters, (size_t)n) == 0) return true;
  return false;
}

// Whether a division before letter `at` leaves a word and its ending, or two words.
static bool parts_words(const Word *word, int32_t at)
{
  const int32_t n_behind = word->n_letters - at;
  const char *behind = word->letters + at;
  if (!word->text) return false;
  if (at == 1)
    return *word->letters == 'a' && n_behind >= 3 && nm_text_knows(word->text, behind, (size_t)n_behind);
  if (!nm_text_knows(word->text, word->letters, (size_t)at)) return false;
  return (at > 2 && is_suffix(behind, n_behind)) ||
         (n_behind > 2 && at > 2 && nm_text_knows(word->text, behind, (size_t)n_behind));
}

// "Jerusalem", JH ER0 . UW1...: the r may as well begin the next syllable.
static bool shares_r(const Word *word, int32_t vowel, int32_t next)
{
  const int32_t end = word->first[vowel] + word->len[vowel];
  return strncmp(nm_phone_name(word->phones[vowel]), "ER", 2) == 0 && nm_phone_is_vowel(word->phones[next]) &&
         word->len[vowel] > 1 && word->letters[end - 1] == 'r';
}

// How well a piece [from, at) would look, when the next syllable's first phone is `next`.
static float rate(const Word *word, int32_t from, int32_t at, int32_t vowel, int32_t next, int32_t vowel_next)
{
  const char *s = word->letters;
  const bool doubled = s[at - 1] == s[at] && !is_vowel_letter(s[at]);
  float rating = (word->marks[at - 1] & 1) ? 3 : 0;
  if (at == word->first[next]) rating += 1;
  if (doubled) rating += 2.5f;
  if (parts_words(word, at)) rating += reward_words;
  if (!doubled && !shares_r(word, vowel, next) && find_torn(word, at) >= 0) rating -= 4;
  if (s[at] == 'e' && at < word->first[vowel_next]) rating -= 1;
  if (!has_vowel(s + from, s + at)) rating -= 3;
  if (!has_vowel(s + at, s + word->n_letters)) rating -= 2;
  if (at == word->first[vowel_next] && next == vowel + 1 && vowel_next == next + 1 &&
      is_short(word->phones[vowel]))
    rating += 1.5f;
  return rating;
}

static int32_t clamp(int32_t value, int32_t low, int32_t high)
{
  return value < low ? low : value > high ? high : value;
}

// The best division between two vowels, within [low, high] letters.
static int32_t choose(const Word *word, int32_t vowel, int32_t next, int32_t vowel_next, int32_t low,
                      int32_t high)
{
  const int32_t end = word->first[vowel] + word->len[vowel] - shares_r(word, vowel, next);
  const int32_t from = clamp(end, low, high);
  const int32_t to = clamp(word->first[vowel_next], from, high);
  int32_t best = from;
  float rating_best = -1e9f;
  for (int32_t at = from; at <= to; ++at) {
    const float rating = rate(word, low - 1, at, vowel, next, vowel_next);
    if (rating > rating_best) best = at, rating_best = rating;
  }
  return best;
}

// The vowel of the syllable that begins with phone `first`, that phone itself when it has none.
static int32_t find_vowel(const int32_t *phones, const bool *starts, int32_t n_phones, int32_t first)
{
  for (int32_t i = first; i < n_phones && (i == first || !starts[i]); ++i)
    if (nm_phone_is_vowel(phones[i])) return i;
  return first;
}

static void cut_evenly(int32_t n_letters, int32_t n, int32_t *cuts)
{
  for (int32_t i = 1; i < n; ++i) cuts[i - 1] = (int32_t)((int64_t)i * n_letters / n);
}

void nm_divider_run(NmDivider *divider, const char *letters, int32_t n_letters, const int32_t *phones,
                    const bool *starts, int32_t n_phones, int32_t n, int32_t *cuts)
{
  Word word = {.text = divider->text,
               .letters = letters,
               .n_letters = n_letters,
               .phones = phones,
               .n_phones = n_phones};
  if (n < 2) return;
  if (!nm_spelling_align(letters, n_letters, phones, n_phones, word.first, word.len)) {
    cut_evenly(n_letters, n, cuts);
    return;
  }
  mark(divider, &word);
  int32_t vowel = find_vowel(phones, starts, n_phones, 0), i_cut = 0;
  for (int32_t i = 1; i < n_phones && i_cut < n - 1; ++i) {
    if (!starts[i]) continue;
    const int32_t vowel_next = find_vowel(phones, starts, n_phones, i);
    const int32_t low = i_cut ? cuts[i_cut - 1] + 1 : 1;
    cuts[i_cut] = choose(&word, vowel, i, vowel_next, low, n_letters - (n - 1 - i_cut));
    ++i_cut;
    vowel = vowel_next;
  }
}
