// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/sing/syllables.h"

#include <string.h>

#include "models/song/sung.h"
#include "models/text/spelling.h"

enum { LETTERS_MAX = NM_SPELLING_LETTERS_MAX };

// First phone of syllable k; reading->n behind the last.
static int32_t find_start(const NmReading *reading, int32_t k)
{
  for (int32_t i = 0; i < reading->n; ++i)
    if ((reading->starts[i] || i == 0) && k-- == 0) return i;
  return reading->n;
}

static int32_t find_vowel(const NmReading *reading, int32_t first, int32_t end)
{
  for (int32_t i = first; i < end; ++i)
    if (nm_phone_is_vowel(reading->phones[i])) return i;
  return -1;
}

static bool is_named(int32_t phone, const char *name)
{
  return strcmp(nm_phone_name(phone), name) == 0;
}

// --- too many syllables ---

// The syllable (from 1 on) whose vowel is weakest, ER0 before others: it goes most easily.
static int32_t find_weakest(const NmReading *reading)
{
  int32_t best = 1, best_cost = 100;
  for (int32_t k = 1; k < nm_sung_count(reading); ++k) {
    const int32_t vowel = find_vowel(reading, find_start(reading, k), find_start(reading, k + 1));
    const int stress = vowel < 0 ? 0 : nm_phone_get_stress(reading->phones[vowel]);
    const int cost = 4 * (stress ? 3 - stress : 0) - (vowel >= 0 && is_named(reading->phones[vowel], "ER0"));
    if (cost < best_cost) best_cost = cost, best = k;
  }
  return best;
}

static void merge_one(NmReading *reading)
{
  const int32_t k = find_weakest(reading), end = find_start(reading, k + 1);
  const bool leads_on = end < reading->n && is_named(reading->phones[end - 1], "ER0");
  nm_sung_merge(reading, leads_on ? k : k - 1);
}

static void cut_at_starts(const NmReading *reading, int32_t n, NmSungPiece *pieces)
{
  for (int32_t k = 0; k < n; ++k) {
    pieces[k].first = find_start(reading, k);
    pieces[k].n = find_start(reading, k + 1) - pieces[k].first;
  }
}

// --- too few ---

// The letters of all pieces, and how many there are up to the end of each.
static int32_t gather_letters(const char *const *texts, int32_t n, char *letters, int32_t *ends)
{
  int32_t n_letters = 0;
  for (int32_t k = 0; k < n; ++k) {
    for (const char *c = texts[k]; *c; ++c) {
      const char small = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
      if (small >= 'a' && small <= 'z' && n_letters < LETTERS_MAX) letters[n_letters++] = small;
    }
    ends[k] = n_letters;
  }
  return n_letters;
}

// The piece of each phone by the letters that spell it; evenly where that cannot be told.
static void assign_pieces(const NmReading *reading, const char *const *texts, int32_t n, int32_t *piece_of)
{
  char letters[LETTERS_MAX];
  int32_t ends[NM_READING_PHONES_MAX], first[NM_SPELLING_PHONES_MAX + 1], len[NM_SPELLING_PHONES_MAX];
  const int32_t n_letters = gather_letters(texts, n, letters, ends);
  const bool spelt = n_letters > 0 && reading->n <= NM_SPELLING_PHONES_MAX &&
                     nm_spelling_align(letters, n_letters, reading->phones, reading->n, first, len);
  for (int32_t i = 0, k = 0; i < reading->n; ++i) {
    if (!spelt)
      k = (int32_t)((int64_t)i * n / reading->n);
    else
      while (k + 1 < n && first[i] >= ends[k]) ++k;
    piece_of[i] = k;
  }
}

// A vowel in each piece: what is missing holds the vowel before it, or is the syllabic r that is there.
static bool fill_pieces(const NmReading *from, const int32_t *piece_of, int32_t n, NmReading *to,
                        NmSungPiece *pieces)
{
  int32_t i = 0, vowel = from->phones[find_vowel(from, 0, from->n)];
  const int32_t er = nm_phone_find("ER0", 3, 0), r = nm_phone_find("R", 1, 0);
  to->n = 0;
  for (int32_t k = 0; k < n; ++k) {
    int32_t end = i;
    while (end < from->n && piece_of[end] == k) ++end;
    const int32_t own = find_vowel(from, i, end);
    const bool syllabic = own < 0 && i < end && from->phones[i] == r;
    if (to->n + end - i + 1 > NM_READING_PHONES_MAX) return false;
    pieces[k].first = to->n;
    if (own < 0 && !syllabic) to->phones[to->n++] = k == 0 ? vowel : nm_phone_with_stress(vowel, 0);
    for (int32_t p = i; p < end; ++p) to->phones[to->n++] = syllabic && p == i ? er : from->phones[p];
    pieces[k].n = to->n - pieces[k].first;
    if (own >= 0) vowel = from->phones[own];
    i = end;
  }
  return true;
}

static bool stretch(NmReading *reading, const char *const *texts, int32_t n, NmSungPiece *pieces)
{
  int32_t piece_of[NM_READING_PHONES_MAX];
  NmReading longer = {0};
  if (n > NM_READING_PHONES_MAX / 2) return false;
  if (find_vowel(reading, 0, reading->n) < 0) { // "sh-sh"
    if (reading->n + n > NM_READING_PHONES_MAX) return false;
    const int32_t last = reading->phones[reading->n - 1];
    while (reading->n < n) reading->phones[reading->n++] = last;
    for (int32_t k = 0; k < n; ++k) {
      pieces[k].first = (int32_t)((int64_t)k * reading->n / n);
      pieces[k].n = (int32_t)((int64_t)(k + 1) * reading->n / n) - pieces[k].first;
    }
    return true;
  }
  assign_pieces(reading, texts, n, piece_of);
  if (!fill_pieces(reading, piece_of, n, &longer, pieces)) return false;
  for (int32_t k = 0; k < n; ++k) longer.starts[pieces[k].first] = true;
  *reading = longer;
  return true;
}

bool nm_sung_divide(NmReading *reading, const char *const *texts, int32_t n, NmSungPiece *pieces)
{
  // A reading written out ("1984" on one note) keeps its syllables; others lose weak ones, as poets do.
  while (nm_sung_count(reading) > n && nm_sung_count(reading) - n <= 2) {
    const int32_t before = nm_sung_count(reading);
    merge_one(reading);
    if (nm_sung_count(reading) == before) break;
  }
  if (nm_sung_count(reading) < n) return stretch(reading, texts, n, pieces);
  cut_at_starts(reading, n, pieces);
  pieces[n - 1].n = reading->n - pieces[n - 1].first;
  return true;
}
