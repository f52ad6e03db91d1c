// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/pronounce.h"

#include "models/text/letters.h"
#include "models/text/rules.h"
#include "models/text/syllables.h"

#include <string.h>

enum { WORD_MAX = 64, DEPTH_MAX = 3 };

void nm_reading_set_pron(NmReading *reading, const NmPron *pron)
{
  reading->n = pron->n_phones;
  for (int32_t i = 0; i < reading->n; i++) {
    reading->phones[i] = pron->phones[i] & ~NM_LEXICON_SYLLABLE;
    reading->starts[i] = (pron->phones[i] & NM_LEXICON_SYLLABLE) != 0;
  }
}

void nm_reading_set_phones(NmReading *reading, const int32_t *phones, int32_t n)
{
  if (n > NM_READING_PHONES_MAX) n = NM_READING_PHONES_MAX;
  memmove(reading->phones, phones, sizeof *phones * (size_t)n);
  reading->n = n;
  if (n) nm_syllables_find(reading->phones, n, reading->starts);
}

bool nm_reading_parse(NmReading *reading, const char *names, size_t len)
{
  int32_t phones[NM_READING_PHONES_MAX], n = 0;
  bool any_vowel = false;
  for (size_t at = 0; at < len;) {
    size_t end = at;
    while (end < len && names[end] != ' ' && names[end] != '\t') end++;
    if (end > at) {
      const int32_t phone = nm_phone_find(names + at, end - at, any_vowel ? 0 : 1);
      if (phone <= NM_PHONE_PAUSE || n == NM_READING_PHONES_MAX) return false;
      any_vowel |= nm_phone_is_vowel(phone);
      phones[n++] = phone;
    }
    at = end + 1;
  }
  nm_reading_set_phones(reading, phones, n);
  return n > 0;
}

static void append(NmReading *reading, const char *names)
{
  while (*names) {
    const size_t len = strcspn(names, " ");
    if (reading->n < NM_READING_PHONES_MAX) reading->phones[reading->n++] = nm_phone_find(names, len, 0);
    names += len + (names[len] == ' ');
  }
}

static const char *last_name(const NmReading *reading)
{
  return reading->n ? nm_phone_name(reading->phones[reading->n - 1]) : "";
}

static bool is_among(const char *name, const char *const *names)
{
  for (; *names; names++)
    if (strcmp(name, *names) == 0) return true;
  return false;
}

// The s of plurals, verbs and possessives, voiced as the phone before it.
static void append_s(NmReading *reading)
{
  static const char *const sibilants[] = {"S", "Z", "SH", "ZH", "CH", "JH", NULL};
  if (is_among(last_name(reading), sibilants))
    append(reading, "IH0 Z");
  else if (!reading->n || nm_phone_is_voiced(reading->phones[reading->n - 1]))
    append(reading, "Z");
  else
    append(reading, "S");
}

static void append_ed(NmReading *reading)
{
  const char *last = last_name(reading);
  if (strcmp(last, "T") == 0 || strcmp(last, "D") == 0)
    append(reading, "IH0 D");
  else if (!reading->n || nm_phone_is_voiced(reading->phones[reading->n - 1]))
    append(reading, "D");
  else
    append(reading, "T");
}

typedef enum { ADD_PHONES, ADD_S, ADD_ED } Joint;

typedef struct {
  const char *ending, *replacement;
  Joint joint;
  const char *phones;
  bool doubles; // the base may have doubled its last consonant: stop, stopped
} Ending;

static const Ending endings[] = {{"'s", "", ADD_S, "", false},
                                 {"s'", "s", ADD_PHONES, "", false},
                                 {"'d", "", ADD_PHONES, "D", false},
                                 {"'d", "e", ADD_ED, "", false},
                                 {"'st", "", ADD_PHONES, "S T", false},
                                 {"'ll", "", ADD_PHONES, "AH0 L", false},
                                 {"'ve", "", ADD_PHONES, "AH0 V", false},
                                 {"'re", "", ADD_PHONES, "ER0", false},
                                 {"n't", "", ADD_PHONES, "AH0 N T", false},
                                 {"in'", "ing", ADD_PHONES, "", false},
                                 {"ies", "y", ADD_S, "", false},
                                 {"es", "", ADD_S, "", false},
                                 {"s", "", ADD_S, "", false},
                                 {"ied", "y", ADD_ED, "", false},
                                 {"ed", "e", ADD_ED, "", false},
                                 {"ed", "", ADD_ED, "", true},
                                 {"'ed", "", ADD_ED, "", true},
                                 {"ing", "e", ADD_PHONES, "IH0 NG", false},
                                 {"ing", "", ADD_PHONES, "IH0 NG", true},
                                 {"iness", "y", ADD_PHONES, "N AH0 S", false},
                                 {"ness", "", ADD_PHONES, "N AH0 S", false},
                                 {"less", "", ADD_PHONES, "L AH0 S", false},
                                 {"lessly", "", ADD_PHONES, "L AH0 S L IY0", false},
                                 {"fully", "", ADD_PHONES, "F AH0 L IY0", false},
                                 {"ful", "", ADD_PHONES, "F AH0 L", false},
                                 {"ily", "y", ADD_PHONES, "L IY0", false},
                                 {"ly", "", ADD_PHONES, "L IY0", false},
                                 {"ment", "", ADD_PHONES, "M AH0 N T", false},
                                 {"ers", "", ADD_PHONES, "ER0 Z", true},
                                 {"ers", "e", ADD_PHONES, "ER0 Z", false},
                                 {"er", "", ADD_PHONES, "ER0", true},
                                 {"er", "e", ADD_PHONES, "ER0", false},
                                 {"ier", "y", ADD_PHONES, "ER0", false},
                                 {"iest", "y", ADD_PHONES, "AH0 S T", false},
                                 {"est", "", ADD_PHONES, "AH0 S T", true},
                                 {"est", "e", ADD_PHONES, "AH0 S T", false},
                                 {"est", "e", ADD_PHONES, "AH0 S T", false},
                                 {"eth", "", ADD_PHONES, "AH0 TH", true},
                                 {"eth", "e", ADD_PHONES, "AH0 TH", false},
                                 {"able", "", ADD_PHONES, "AH0 B AH0 L", true},
                                 {"able", "e", ADD_PHONES, "AH0 B AH0 L", false},
                                 {"ish", "", ADD_PHONES, "IH0 SH", true},
                                 {"ism", "", ADD_PHONES, "IH0 Z AH0 M", false},
                                 {"ist", "", ADD_PHONES, "IH0 S T", false},
                                 {"ize", "", ADD_PHONES, "AY2 Z", false},
                                 {"ise", "ize", ADD_PHONES, "", false},
                                 {"ised", "ized", ADD_PHONES, "", false},
                                 {"ising", "izing", ADD_PHONES, "", false},
                                 {"isation", "ization", ADD_PHONES, "", false},
                                 {"our", "or", ADD_PHONES, "", false},
                                 {"ours", "ors", ADD_PHONES, "", false},
                                 {"oured", "ored", ADD_PHONES, "", false},
                                 {"tre", "ter", ADD_PHONES, "", false},
                                 {"hood", "", ADD_PHONES, "HH UH2 D", false},
                                 {"ship", "", ADD_PHONES, "SH IH0 P", false},
                                 {"like", "", ADD_PHONES, "L AY2 K", false},
                                 {"wise", "", ADD_PHONES, "W AY2 Z", false},
                                 {"ward", "", ADD_PHONES, "W ER0 D", false},
                                 {"y", "", ADD_PHONES, "IY0", true}};

static bool pronounce_at(const NmPronouncer *pronouncer, const char *word, size_t len, int depth,
                         NmReading *reading);

static bool pronounce_base(const NmPronouncer *pronouncer, const char *word, size_t len, const Ending *ending,
                           int depth, NmReading *reading)
{
  char base[WORD_MAX + 8];
  const size_t len_base = len - strlen(ending->ending), len_more = strlen(ending->replacement);
  memcpy(base, word, len_base);
  memcpy(base + len_base, ending->replacement, len_more);
  const size_t len_all = len_base + len_more;
  if (len_all < 2 || (len_all < 3 && ending->ending[0] != '\'')) return false;
  if (pronounce_at(pronouncer, base, len_all, depth + 1, reading)) return true;
  const bool doubled = ending->doubles && len_base >= 4 && base[len_base - 1] == base[len_base - 2];
  return doubled && !len_more && pronounce_at(pronouncer, base, len_base - 1, depth + 1, reading);
}

static bool pronounce_derived(const NmPronouncer *pronouncer, const char *word, size_t len, int depth,
                              NmReading *reading)
{
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    const Ending *ending = &endings[i];
    const size_t len_ending = strlen(ending->ending);
    if (len < len_ending + 2 || memcmp(word + len - len_ending, ending->ending, len_ending) != 0) continue;
    if (ending->joint == ADD_S && word[len - 1] == 's' && word[len - 2] == 's') continue;
    if (!pronounce_base(pronouncer, word, len, ending, depth, reading)) continue;
    if (ending->joint == ADD_S)
      append_s(reading);
    else if (ending->joint == ADD_ED)
      append_ed(reading);
    else
      append(reading, ending->phones);
    nm_syllables_find(reading->phones, reading->n, reading->starts);
    return true;
  }
  return false;
}

// Two readings one after the other; the second one's primary stress becomes secondary.
static void join(NmReading *first, const NmReading *second)
{
  for (int32_t i = 0; i < second->n && first->n < NM_READING_PHONES_MAX; i++) {
    const int32_t phone = second->phones[i];
    first->starts[first->n] = second->starts[i];
    first->phones[first->n++] = nm_phone_get_stress(phone) == 1 ? nm_phone_with_stress(phone, 2) : phone;
  }
}

static const struct {
  const char *letters, *phones;
} prefixes[] = {{"un", "AH0 N"},
                {"re", "R IY0"},
                {"non", "N AA2 N"},
                {"pre", "P R IY0"},
                {"anti", "AE2 N T IY0"},
                {"dis", "D IH0 S"},
                {"mis", "M IH0 S"},
                {"over", "OW2 V ER0"},
                {"under", "AH2 N D ER0"},
                {"super", "S UW2 P ER0"},
                {"inter", "IH2 N T ER0"},
                {"out", "AW2 T"},
                {"sub", "S AH0 B"},
                {"semi", "S EH2 M IY0"},
                {"multi", "M AH2 L T IY0"},
                {"micro", "M AY2 K R OW0"},
                {"mini", "M IH2 N IY0"},
                {"co", "K OW0"},
                {"de", "D IY0"},
                {"ex", "EH2 K S"},
                {"fore", "F AO0 R"},
                {"mid", "M IH0 D"},
                {"ultra", "AH2 L T R AH0"},
                {"cyber", "S AY2 B ER0"},
                {"counter", "K AW2 N T ER0"},
                {"tele", "T EH2 L AH0"},
                {"auto", "AO2 T OW0"},
                {"bio", "B AY2 OW0"},
                {"mega", "M EH2 G AH0"},
                {"hyper", "HH AY2 P ER0"},
                {"trans", "T R AE0 N Z"},
                {"mc", "M AH0 K"}};

static bool pronounce_prefixed(const NmPronouncer *pronouncer, const char *word, size_t len, int depth,
                               NmReading *reading)
{
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    const size_t len_prefix = strlen(prefixes[i].letters);
    NmReading rest;
    if (len < len_prefix + 4 || memcmp(word, prefixes[i].letters, len_prefix) != 0) continue;
    if (!pronounce_at(pronouncer, word + len_prefix, len - len_prefix, depth + 1, &rest)) continue;
    reading->n = 0;
    append(reading, prefixes[i].phones);
    for (int32_t k = 0; k < rest.n && reading->n < NM_READING_PHONES_MAX; k++)
      reading->phones[reading->n++] = rest.phones[k];
    nm_syllables_find(reading->phones, reading->n, reading->starts);
    return true;
  }
  return false;
}

// Two words of the lexicon written as one, each of at least three letters, the first as long as can be.
static bool pronounce_compound(const NmPronouncer *pronouncer, const char *word, size_t len,
                               NmReading *reading)
{
  NmPron first[NM_LEXICON_PRONS_MAX], second[NM_LEXICON_PRONS_MAX];
  for (size_t cut = len > 3 ? len - 3 : 0; cut >= 3; cut--) {
    if (cut + len < 7 || !nm_lexicon_find(pronouncer->lexicon, word, cut, first) ||
        !nm_lexicon_find(pronouncer->lexicon, word + cut, len - cut, second))
      continue;
    NmReading rest;
    nm_reading_set_pron(reading, &first[0]);
    nm_reading_set_pron(&rest, &second[0]);
    join(reading, &rest);
    return true;
  }
  return false;
}

static bool pronounce_at(const NmPronouncer *pronouncer, const char *word, size_t len, int depth,
                         NmReading *reading)
{
  NmPron prons[NM_LEXICON_PRONS_MAX];
  if (len > WORD_MAX || depth > DEPTH_MAX) return false;
  if (nm_lexicon_find(pronouncer->lexicon, word, len, prons)) {
    nm_reading_set_pron(reading, &prons[0]);
    return true;
  }
  return pronounce_derived(pronouncer, word, len, depth, reading) ||
         (depth < 2 && pronounce_prefixed(pronouncer, word, len, depth, reading)) ||
         pronounce_compound(pronouncer, word, len, reading);
}

bool nm_pronounce_known(const NmPronouncer *pronouncer, const char *word, size_t len, NmReading *reading)
{
  if (!pronouncer->lexicon) return false;
  return pronounce_at(pronouncer, word, len, 0, reading);
}

// The same letter three times.
static bool is_drawn_out(const char *word, size_t len)
{
  for (size_t i = 2; i < len; i++)
    if (word[i] == word[i - 1] && word[i] == word[i - 2]) return true;
  return false;
}

// Letters drawn out for effect ("sooo") are tried with fewer.
static bool pronounce_drawn_out(const NmPronouncer *pronouncer, const char *word, size_t len,
                                NmReading *reading)
{
  NmPron prons[NM_LEXICON_PRONS_MAX];
  if (!pronouncer->lexicon || nm_lexicon_find(pronouncer->lexicon, word, len, prons)) return false;
  const bool at_end = word[len - 1] == word[len - 2];
  for (int round = 0; round < 4; round++) {
    const size_t keep = (round % 2 == 0) == at_end ? 1 : 2;
    char shorter[WORD_MAX];
    size_t n = 0, run = 0;
    bool cut = false;
    for (size_t i = 0; i < len && n < WORD_MAX; i++) {
      run = i && word[i] == word[i - 1] ? run + 1 : 1;
      if (run > keep)
        cut = true;
      else
        shorter[n++] = word[i];
    }
    if (!cut) continue;
    const int n_prons = nm_lexicon_find(pronouncer->lexicon, shorter, n, prons);
    if (n_prons) nm_reading_set_pron(reading, &prons[0]);
    if (n_prons || (round >= 2 && nm_pronounce_known(pronouncer, shorter, n, reading))) return true;
  }
  return false;
}

// Letters without a vowel are spelled, others are read by the model or the rules.
static void guess(const NmPronouncer *pronouncer, const char *word, size_t len, NmReading *reading)
{
  int32_t phones[NM_READING_PHONES_MAX], n = 0;
  char letters[WORD_MAX];
  size_t n_letters = 0;
  bool vowel = false;
  for (size_t i = 0; i < len && n_letters < WORD_MAX; i++)
    if (word[i] >= 'a' && word[i] <= 'z') {
      letters[n_letters++] = word[i];
      vowel |= strchr("aeiouy", word[i]) != NULL;
    }
  if (!vowel && n_letters <= 8) {
    for (size_t i = 0; i < n_letters; i++) n += nm_letter_name(letters[i], phones + n);
    if (n) {
      nm_reading_set_phones(reading, phones, n);
      return;
    }
  }
  if (pronouncer->guess && pronouncer->guess(pronouncer->user, letters, n_letters, reading) && reading->n > 0)
    return;
  n = nm_rules_read(letters, n_letters, phones, NM_READING_PHONES_MAX);
  nm_reading_set_phones(reading, phones, n);
}

// An unknown word with an ending behind an apostrophe: the stem is guessed, the ending is not.
static bool guess_possessive(const NmPronouncer *pronouncer, const char *word, size_t len, NmReading *reading)
{
  const bool bare = len > 2 && word[len - 1] == '\'' && word[len - 2] == 's';
  if (!bare && (len < 4 || word[len - 2] != '\'' || word[len - 1] != 's')) return false;
  guess(pronouncer, word, bare ? len - 1 : len - 2, reading);
  if (!bare) append_s(reading);
  nm_syllables_find(reading->phones, reading->n, reading->starts);
  return true;
}

static void pronounce_part(const NmPronouncer *pronouncer, const char *word, size_t len, NmReading *reading)
{
  if (is_drawn_out(word, len) && pronounce_drawn_out(pronouncer, word, len, reading)) return;
  if (nm_pronounce_known(pronouncer, word, len, reading)) return;
  if (!guess_possessive(pronouncer, word, len, reading)) guess(pronouncer, word, len, reading);
}

void nm_pronounce(const NmPronouncer *pronouncer, const char *word, size_t len, uint32_t splits,
                  NmReading *reading)
{
  NmPron prons[NM_LEXICON_PRONS_MAX];
  if (!splits || nm_lexicon_find(pronouncer->lexicon, word, len, prons)) {
    pronounce_part(pronouncer, word, len, reading);
    return;
  }
  reading->n = 0;
  for (size_t at = 0; at < len;) {
    size_t end = at + 1;
    while (end < len && !(end < 32 && (splits >> end & 1))) end++;
    NmReading part;
    if (end - at == 1)
      nm_pronounce_letter(word + at, 1, &part);
    else
      pronounce_part(pronouncer, word + at, end - at, &part);
    if (at == 0)
      *reading = part;
    else
      join(reading, &part);
    at = end;
  }
}

void nm_pronounce_letter(const char *text, size_t len, NmReading *reading)
{
  int32_t phones[NM_LETTER_PHONES_MAX + 4];
  const int n = nm_letter_name(text[0], phones);
  nm_reading_set_phones(reading, phones, n);
  if (len > 1) append_s(reading);
  if (!reading->n) append(reading, "AH0");
  nm_syllables_find(reading->phones, reading->n, reading->starts);
}
