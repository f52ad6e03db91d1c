// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/compile/stress.h"

#include <stdlib.h>
#include <string.h>

enum { VOWELS_MAX = NM_LEXICON_PHONES_MAX, PART_LEN_MIN = 3, NEIGHBOURS_MAX = 400 };

static int find_vowels(const DictEntry *entry, int32_t *places)
{
  int n = 0;
  for (int32_t i = 0; i < entry->n_phones; i++)
    if (nm_phone_is_vowel(entry->phones[i])) places[n++] = i;
  return n;
}

static bool starts_with(const char *word, const char *prefix)
{
  return strncmp(word, prefix, strlen(prefix)) == 0;
}

static bool ends_with(const char *word, const char *suffix)
{
  const size_t len = strlen(word), len_suffix = strlen(suffix);
  return len >= len_suffix && strcmp(word + len - len_suffix, suffix) == 0;
}

static bool ends_with_one_of(const char *word, const char *const *suffixes)
{
  for (; *suffixes; suffixes++)
    if (ends_with(word, *suffixes)) return true;
  return false;
}

static int compare_reversed(const char *a, const char *b)
{
  size_t i = strlen(a), j = strlen(b);
  while (i > 0 && j > 0) {
    i--, j--;
    if (a[i] != b[j]) return (unsigned char)a[i] < (unsigned char)b[j] ? -1 : 1;
  }
  return (i > j) - (i < j);
}

static int compare_entries(const void *a, const void *b)
{
  const DictEntry *x = *(const DictEntry *const *)a, *y = *(const DictEntry *const *)b;
  const int order = compare_reversed(x->word, y->word);
  return order ? order : (x->order > y->order) - (x->order < y->order);
}

NmStatus stress_index_init(StressIndex *index, const Dictionary *known)
{
  *index = (StressIndex){.known = known, .n = known->n};
  index->by_ending = malloc((known->n + 1) * sizeof *index->by_ending);
  if (!index->by_ending) return NM_ERR_NO_MEMORY;
  for (size_t i = 0; i < known->n; i++) index->by_ending[i] = &known->entries[i];
  qsort(index->by_ending, index->n, sizeof *index->by_ending, compare_entries);
  return NM_OK;
}

void stress_index_fini(StressIndex *index)
{
  free(index->by_ending);
  *index = (StressIndex){0};
}

// True when the word is two known words put together.
static bool find_parts(const StressIndex *index, const char *word, const DictEntry **first,
                       const DictEntry **second)
{
  char part[NM_LEXICON_WORD_MAX + 1];
  const size_t len = strlen(word);
  for (size_t cut = len; cut-- > PART_LEN_MIN;) {
    if (len - cut < PART_LEN_MIN) continue;
    memcpy(part, word, cut);
    part[cut] = '\0';
    *first = dictionary_find(index->known, part, NULL);
    *second = *first ? dictionary_find(index->known, word + cut, NULL) : NULL;
    if (*second) return true;
  }
  return false;
}

// Endings that carry the primary stress themselves, and prefixes that pass it on to what follows.
static const char *const endings_strong[] = {
    "oon",   "ee",   "eer", "ese",  "ette", "self",   "selves", "tain", "oons",  "ees",    "eers", "ettes",
    "esque", "ique", "nel", "neur", "teen", "teenth", "teens",  "ever", "tains", "tained", NULL};
static const char *const prefixes_weak[] = {"un",    "re",    "dis",   "under", "inter", "mis",  "over",
                                            "north", "south", "there", "where", "hence", "here", "corre",
                                            "intro", "coin",  "never", "after", "mal",   NULL};
// Endings before which the primary stress goes back one more stressed syllable.
static const char *const endings_back[] = {"ary",      "aries", "ory",    "ories", "ery",  "eries", "ony",
                                           "onies",    "acy",   "acies",  "asm",   "man",  "men",   "ative",
                                           "woman",    "women", "ism",    "isms",  "ship", "ships", "poonful",
                                           "poonfuls", "body",  "bodies", NULL};
// Endings right behind the stress, wherever the word may be divided.
static const char *const endings_near[] = {"tion",   "tions",  "sion",    "sions",   "ic",     "ics",
                                           "ical",   "ically", "ity",     "ities",   "ian",    "ians",
                                           "ial",    "ially",  "ental",   "entally", "entary", "tional",
                                           "sional", "arily",  "ologies", "ology",   "ever",   NULL};
static const char *const endings_inflected[] = {"ing", "ings", "ed", "er", "ers",
                                                "or",  "ors",  "es", "ly", NULL};
static const char *const endings_verbal[] = {"ated", "ating", "ates", "ator",  "ators", "ized",  "izing",
                                             "izes", "izer",  "ised", "ising", "fied",  "fying", "fies",
                                             "fier", "ate",   "ize",  "ise",   "fy",    "ately", NULL};

// A prefix before a word that is known by itself.
static bool has_weak_prefix(const StressIndex *index, const char *word)
{
  for (const char *const *prefix = prefixes_weak; *prefix; prefix++)
    if (starts_with(word, *prefix) &&
        (dictionary_find(index->known, word + strlen(*prefix), NULL) || strlen(*prefix) > 3))
      return true;
  return false;
}

static int choose(const StressIndex *index, const DictEntry *entry, const int *ones, int n_ones, int n_vowels)
{
  const DictEntry *first, *second;
  const int last = ones[n_ones - 1];
  const bool final = last == n_vowels - 1;
  const bool before_inflection = last == n_vowels - 2 && ends_with_one_of(entry->word, endings_inflected);
  const bool near = !final && ends_with_one_of(entry->word, endings_near);
  if (near) return last;
  if (ends_with_one_of(entry->word, endings_back) || ends_with_one_of(entry->word, endings_verbal))
    return ones[n_ones - 2];
  if (!final && !before_inflection) {
    const bool compound = n_ones == 2 && find_parts(index, entry->word, &first, &second);
    return compound && !has_weak_prefix(index, entry->word) ? ones[0] : last;
  }
  if (final && ends_with_one_of(entry->word, endings_strong)) return last;
  return n_ones == 2 && has_weak_prefix(index, entry->word) ? last : ones[n_ones - 2];
}

void stress_choose_primary(const StressIndex *index, DictEntry *entry)
{
  int32_t places[VOWELS_MAX];
  int ones[VOWELS_MAX], n_ones = 0;
  const int n = find_vowels(entry, places);
  for (int i = 0; i < n; i++)
    if (nm_phone_get_stress(entry->phones[places[i]]) == 1) ones[n_ones++] = i;
  if (n == 1 && n_ones == 0) entry->phones[places[0]] = nm_phone_with_stress(entry->phones[places[0]], 1);
  if (n_ones < 2) return;
  const int primary = choose(index, entry, ones, n_ones, n);
  for (int i = 0; i < n_ones; i++) {
    int32_t *phone = &entry->phones[places[ones[i]]];
    *phone = nm_phone_with_stress(*phone, ones[i] == primary ? 1 : 2);
  }
}

// Copies the stresses of `n` vowels of `from`, beginning with vowel `i_from`, to vowels from `i_to`.
static void copy_stress(const DictEntry *from, int i_from, DictEntry *to, int i_to, int n, bool demote)
{
  int32_t places_from[VOWELS_MAX], places_to[VOWELS_MAX];
  const int n_from = find_vowels(from, places_from), n_to = find_vowels(to, places_to);
  for (int i = 0; i < n && i_from + i < n_from && i_to + i < n_to; i++) {
    const int stress = nm_phone_get_stress(from->phones[places_from[i_from + i]]);
    int32_t *phone = &to->phones[places_to[i_to + i]];
    *phone = nm_phone_with_stress(*phone, demote && stress == 1 ? 2 : stress);
  }
}

typedef struct {
  const char *ending, *replacement;
} Derivation;

static const Derivation derivations[] = {
    {"'s", ""},   {"s'", ""},      {"s", ""},    {"es", ""},    {"ies", "y"},  {"ed", ""},   {"d", ""},
    {"ied", "y"}, {"ing", ""},     {"ing", "e"}, {"ings", ""},  {"ings", "e"}, {"ly", ""},   {"y", ""},
    {"er", ""},   {"r", ""},       {"ers", ""},  {"rs", ""},    {"est", ""},   {"ness", ""}, {"iness", "y"},
    {"less", ""}, {"poonful", ""}, {"able", ""}, {"able", "e"}, {"ment", ""},  {"'d", ""},   {"'ll", ""},
    {"'ve", ""},  {"ally", "al"},  {"ily", "y"}, {"ism", ""},   {"ist", ""},   {"ists", ""}, {"like", ""},
    {"ship", ""}, {"in'", "ing"}};

static bool guess_by_derivation(const StressIndex *index, DictEntry *entry, int n_vowels)
{
  char base[NM_LEXICON_WORD_MAX + 8];
  int32_t places[VOWELS_MAX];
  for (size_t i = 0; i < sizeof derivations / sizeof *derivations; i++) {
    const Derivation *d = &derivations[i];
    const size_t len = strlen(entry->word), len_ending = strlen(d->ending);
    if (len < len_ending + 3 || !ends_with(entry->word, d->ending)) continue;
    memcpy(base, entry->word, len - len_ending);
    strcpy(base + len - len_ending, d->replacement);
    const DictEntry *known = dictionary_find(index->known, base, NULL);
    const int n = known ? find_vowels(known, places) : 0;
    if (!known || n > n_vowels || n_vowels - n > 2) continue;
    copy_stress(known, 0, entry, 0, n, false);
    return true;
  }
  return false;
}

static bool guess_by_prefix(const StressIndex *index, DictEntry *entry, int n_vowels)
{
  static const char *const prefixes[] = {"un",    "re",   "non",   "pre",   "anti", "co",  "de", "dis", "mis",
                                         "inter", "over", "under", "super", "sub",  "out", "mc", "mac", NULL};
  int32_t places[VOWELS_MAX];
  for (const char *const *prefix = prefixes; *prefix; prefix++) {
    if (!starts_with(entry->word, *prefix)) continue;
    const char *rest = entry->word + strlen(*prefix);
    const DictEntry *known = strlen(rest) >= 3 ? dictionary_find(index->known, rest, NULL) : NULL;
    const int n = known ? find_vowels(known, places) : 0;
    if (!known || n >= n_vowels) continue;
    copy_stress(known, 0, entry, n_vowels - n, n, false);
    return true;
  }
  return false;
}

static bool guess_by_parts(const StressIndex *index, DictEntry *entry, int n_vowels)
{
  const DictEntry *first, *second;
  int32_t places[VOWELS_MAX];
  if (!find_parts(index, entry->word, &first, &second)) return false;
  const int n_first = find_vowels(first, places), n_second = find_vowels(second, places);
  if (n_first + n_second != n_vowels) return false;
  copy_stress(first, 0, entry, 0, n_first, false);
  copy_stress(second, 0, entry, n_first, n_second, true);
  return true;
}

static size_t common_ending(const char *a, const char *b)
{
  size_t i = strlen(a), j = strlen(b), n = 0;
  while (i > 0 && j > 0 && a[--i] == b[--j]) n++;
  return n;
}

// A neighbour's stress fits when it does not fall on what is spelled as a schwa here, and the other way
// round.
static int fit(const DictEntry *entry, const DictEntry *known, int n_vowels)
{
  int32_t a[VOWELS_MAX], b[VOWELS_MAX];
  if (find_vowels(known, b) != n_vowels) return -1;
  (void)find_vowels(entry, a);
  int same = 0;
  for (int i = 0; i < n_vowels; i++)
    same += nm_phone_with_stress(entry->phones[a[i]], 0) == nm_phone_with_stress(known->phones[b[i]], 0);
  return same;
}

static void guess_by_ending(const StressIndex *index, DictEntry *entry, int n_vowels)
{
  size_t low = 0, high = index->n;
  while (low < high) {
    const size_t mid = low + (high - low) / 2;
    if (compare_reversed(index->by_ending[mid]->word, entry->word) < 0)
      low = mid + 1;
    else
      high = mid;
  }
  const DictEntry *best = NULL;
  size_t score_best = 0;
  for (size_t i = low > NEIGHBOURS_MAX ? low - NEIGHBOURS_MAX : 0; i < low + NEIGHBOURS_MAX && i < index->n;
       i++) {
    const DictEntry *known = index->by_ending[i];
    const int same = fit(entry, known, n_vowels);
    if (same < 0) continue;
    const size_t score = 1 + 2 * common_ending(entry->word, known->word) + 3 * (size_t)same;
    if (score > score_best) best = known, score_best = score;
  }
  if (best) copy_stress(best, 0, entry, 0, n_vowels, false);
}

void stress_guess(const StressIndex *index, DictEntry *entry)
{
  int32_t places[VOWELS_MAX];
  const int n = find_vowels(entry, places);
  entry->has_stress = true;
  if (n == 0) return;
  if (n == 1) {
    entry->phones[places[0]] = nm_phone_with_stress(entry->phones[places[0]], 1);
    return;
  }
  if (!guess_by_derivation(index, entry, n) && !guess_by_prefix(index, entry, n) &&
      !guess_by_parts(index, entry, n))
    guess_by_ending(index, entry, n);
  bool primary = false;
  for (int i = 0; i < n; i++) primary |= nm_phone_get_stress(entry->phones[places[i]]) == 1;
  if (!primary) entry->phones[places[0]] = nm_phone_with_stress(entry->phones[places[0]], 1);
}
