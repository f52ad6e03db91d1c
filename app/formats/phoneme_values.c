// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/formats/phoneme_values.h"

#include <ctype.h>
#include <string.h>

#include "models/text/phones.h"

enum { N_PHONES_MAX = 256 };

// A word on its way: phones, and whether the writer gave any stress.
typedef struct {
  int32_t phones[N_PHONES_MAX];
  int n;
  bool has_stress;
} Word;

static bool add(Word *word, int32_t phone)
{
  if (phone < 0 || phone == NM_PHONE_PAUSE || word->n == N_PHONES_MAX) return false;
  word->phones[word->n++] = phone;
  return true;
}

// Without any stress mark the first vowel bears it.
static void stress_first_vowel(Word *word)
{
  for (int i = 0; i < word->n && !word->has_stress; i++) {
    if (!nm_phone_is_vowel(word->phones[i])) continue;
    word->phones[i] = nm_phone_with_stress(word->phones[i], 1);
    return;
  }
}

static bool print(Word *word, char *phones, size_t size)
{
  size_t len = 0;
  stress_first_vowel(word);
  for (int i = 0; i < word->n; i++) {
    const char *name = nm_phone_name(word->phones[i]);
    const size_t n = strlen(name);
    if (len + n + 2 > size) return false;
    if (len) phones[len++] = ' ';
    memcpy(phones + len, name, n);
    len += n;
  }
  if (len < size) phones[len] = '\0';
  return word->n > 0;
}

bool nm_phonemes_from_arpabet(const char *text, char *phones, size_t size)
{
  Word word = {0};
  while (*text) {
    const size_t n = strcspn(text, " \t\r\n.-");
    if (n && !add(&word, nm_phone_find(text, n, 0))) return false;
    if (n && isdigit((unsigned char)text[n - 1])) word.has_stress = true;
    text += n + (text[n] != '\0');
  }
  return print(&word, phones, size);
}

// Longest first where one begins another. Two phones where English has no single one.
static const struct {
  const char *ipa, *first, *second;
} ipa_phones[] = {
    {"tʃ", "CH", NULL}, {"t͡ʃ", "CH", NULL}, {"dʒ", "JH", NULL}, {"d͡ʒ", "JH", NULL}, {"ʧ", "CH", NULL},
    {"ʤ", "JH", NULL},  {"aɪ", "AY", NULL}, {"aʊ", "AW", NULL}, {"eɪ", "EY", NULL}, {"oʊ", "OW", NULL},
    {"əʊ", "OW", NULL}, {"ɔɪ", "OY", NULL}, {"ɪə", "IH", "R"},  {"eə", "EH", "R"},  {"ɛə", "EH", "R"},
    {"ʊə", "UH", "R"},  {"ɝ", "ER", NULL},  {"ɚ", "ER", NULL},  {"ɜɹ", "ER", NULL}, {"ɜr", "ER", NULL},
    {"ɜː", "ER", NULL}, {"əɹ", "ER", NULL}, {"ər", "ER", NULL}, {"ɜ", "ER", NULL},  {"l̩", "AH", "L"},
    {"n̩", "AH", "N"},   {"m̩", "AH", "M"},   {"ɑ", "AA", NULL},  {"ɒ", "AA", NULL},  {"æ", "AE", NULL},
    {"ʌ", "AH", NULL},  {"ə", "AH", NULL},  {"ɐ", "AH", NULL},  {"ɔ", "AO", NULL},  {"ɛ", "EH", NULL},
    {"e", "EY", NULL},  {"ɪ", "IH", NULL},  {"ɨ", "IH", NULL},  {"i", "IY", NULL},  {"o", "OW", NULL},
    {"ʊ", "UH", NULL},  {"u", "UW", NULL},  {"ʉ", "UW", NULL},  {"a", "AA", NULL},  {"b", "B", NULL},
    {"d", "D", NULL},   {"ð", "DH", NULL},  {"f", "F", NULL},   {"ɡ", "G", NULL},   {"g", "G", NULL},
    {"h", "HH", NULL},  {"k", "K", NULL},   {"l", "L", NULL},   {"ɫ", "L", NULL},   {"m", "M", NULL},
    {"n", "N", NULL},   {"ŋ", "NG", NULL},  {"p", "P", NULL},   {"ɹ", "R", NULL},   {"r", "R", NULL},
    {"ɾ", "D", NULL},   {"s", "S", NULL},   {"ʃ", "SH", NULL},  {"t", "T", NULL},   {"θ", "TH", NULL},
    {"v", "V", NULL},   {"w", "W", NULL},   {"ʍ", "W", NULL},   {"j", "Y", NULL},   {"z", "Z", NULL},
    {"ʒ", "ZH", NULL},  {"x", "K", NULL},   {"ʔ", "T", NULL},
};

static const char *const ipa_ignored[] = {"ː", "ˑ", "͡", "‿", ".", " ", "ʰ", "̃", "ʲ", "̚", "|", "/", "[", "]"};

static size_t match(const char *text, const char *part)
{
  const size_t n = strlen(part);
  return !strncmp(text, part, n) ? n : 0;
}

static size_t skip_ignored(const char *text)
{
  for (size_t i = 0; i < sizeof ipa_ignored / sizeof *ipa_ignored; i++) {
    const size_t n = match(text, ipa_ignored[i]);
    if (n) return n;
  }
  return 0;
}

static bool add_named(Word *word, const char *name, int *stress)
{
  int32_t phone = name ? nm_phone_find(name, strlen(name), 0) : -1;
  if (!name) return true;
  if (nm_phone_is_vowel(phone)) {
    phone = nm_phone_with_stress(phone, *stress);
    *stress = 0;
  }
  return add(word, phone);
}

// One symbol of the text; 0 when it is unknown.
static size_t add_ipa(Word *word, const char *text, int *stress)
{
  for (size_t i = 0; i < sizeof ipa_phones / sizeof *ipa_phones; i++) {
    const size_t n = match(text, ipa_phones[i].ipa);
    if (!n) continue;
    return add_named(word, ipa_phones[i].first, stress) && add_named(word, ipa_phones[i].second, stress) ? n
                                                                                                         : 0;
  }
  return skip_ignored(text);
}

bool nm_phonemes_from_ipa(const char *text, char *phones, size_t size)
{
  Word word = {0};
  int stress = 0;
  while (*text) {
    size_t n = match(text, "ˈ");
    if (!n) n = match(text, "'");
    if (n) stress = 1;
    const size_t n_secondary = n ? 0 : match(text, "ˌ");
    if (n_secondary) stress = 2, n = n_secondary;
    if (n) word.has_stress = true;
    if (!n) n = add_ipa(&word, text, &stress);
    if (!n) return false;
    text += n;
  }
  return print(&word, phones, size);
}
