// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/letters.h"

#include <string.h>

static const char *const names[26] = {"EY1",
                                      "B IY1",
                                      "S IY1",
                                      "D IY1",
                                      "IY1",
                                      "EH1 F",
                                      "JH IY1",
                                      "EY1 CH",
                                      "AY1",
                                      "JH EY1",
                                      "K EY1",
                                      "EH1 L",
                                      "EH1 M",
                                      "EH1 N",
                                      "OW1",
                                      "P IY1",
                                      "K Y UW1",
                                      "AA1 R",
                                      "EH1 S",
                                      "T IY1",
                                      "Y UW1",
                                      "V IY1",
                                      "D AH1 B AH0 L Y UW0",
                                      "EH1 K S",
                                      "W AY1",
                                      "Z IY1"};

int nm_letter_name(char letter, int32_t *phones)
{
  if (letter < 'a' || letter > 'z') return 0;
  int n = 0;
  for (const char *p = names[letter - 'a']; *p; p += strspn(p, " ")) {
    const size_t len = strcspn(p, " ");
    phones[n++] = nm_phone_find(p, len, 0);
    p += len;
  }
  return n;
}

bool nm_letters_are_pron(const char *word, size_t len, const NmPron *pron)
{
  size_t at = 0;
  for (size_t i = 0; i < len; i++) {
    int32_t phones[NM_LETTER_PHONES_MAX];
    const int n = nm_letter_name(word[i], phones);
    if (!n) return false;
    for (int k = 0; k < n; k++, at++) {
      if (at >= pron->n_phones) return false;
      const int32_t phone = pron->phones[at] & ~NM_LEXICON_SYLLABLE;
      if (nm_phone_with_stress(phone, 0) != nm_phone_with_stress(phones[k], 0)) return false;
    }
  }
  return at == pron->n_phones;
}

static bool is_vowel(char c)
{
  return strchr("aeiouy", c) && c;
}

bool nm_letters_are_speakable(const char *word, size_t len)
{
  static const char *const onsets[] = {
      "bl", "br",  "ch",  "cl",  "cr",  "dr",  "dw",  "fl",  "fr",  "gh",  "gl",  "gn",   "gr", "kh",
      "kn", "kr",  "ll",  "mc",  "ph",  "pl",  "pr",  "ps",  "qu",  "rh",  "sc",  "sh",   "sk", "sl",
      "sm", "sn",  "sp",  "sq",  "st",  "sw",  "th",  "tr",  "ts",  "tw",  "vl",  "wh",   "wr", "zh",
      "kl", "sch", "scr", "shr", "spl", "spr", "str", "thr", "phr", "chr", "scl", "schm", NULL};
  size_t run = 0, n_vowels = 0, first = 0;
  while (first < len && !is_vowel(word[first])) first++;
  for (size_t i = 0; i < len; i++) {
    run = is_vowel(word[i]) ? 0 : run + 1;
    n_vowels += is_vowel(word[i]);
    if (run > 4) return false;
  }
  if (!n_vowels || run > 3) return false;
  if (first < 2) return true;
  for (const char *const *onset = onsets; *onset; onset++)
    if (strlen(*onset) == first && strncmp(*onset, word, first) == 0) return true;
  return false;
}
