// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/phones.h"

#include <string.h>

// In the order of the ids: consonants, then vowels without their digit.
static const char consonants[NM_N_CONSONANTS][3] = {"B",  "CH", "D",  "DH", "F",  "G", "HH", "JH",
                                                    "K",  "L",  "M",  "N",  "NG", "P", "R",  "S",
                                                    "SH", "T",  "TH", "V",  "W",  "Y", "Z",  "ZH"};
static const char vowels[NM_N_VOWELS][3][4] = {
    {"AA0", "AA1", "AA2"}, {"AE0", "AE1", "AE2"}, {"AH0", "AH1", "AH2"}, {"AO0", "AO1", "AO2"},
    {"AW0", "AW1", "AW2"}, {"AY0", "AY1", "AY2"}, {"EH0", "EH1", "EH2"}, {"ER0", "ER1", "ER2"},
    {"EY0", "EY1", "EY2"}, {"IH0", "IH1", "IH2"}, {"IY0", "IY1", "IY2"}, {"OW0", "OW1", "OW2"},
    {"OY0", "OY1", "OY2"}, {"UH0", "UH1", "UH2"}, {"UW0", "UW1", "UW2"}};

const char *nm_phone_name(int32_t phone)
{
  if (phone == NM_PHONE_PAUSE) return "pau";
  if (phone < 0 || phone >= NM_N_PHONES) return NULL;
  if (phone < NM_PHONE_VOWEL_FIRST) return consonants[phone - 1];
  const int32_t i = phone - NM_PHONE_VOWEL_FIRST;
  return vowels[i / 3][i % 3];
}

static char upper(char c)
{
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

int32_t nm_phone_find(const char *name, size_t len, int stress_default)
{
  if (len < 1 || len > 3) return -1;
  char folded[4] = {0};
  for (size_t i = 0; i < len; i++) folded[i] = upper(name[i]);
  if (strcmp(folded, "PAU") == 0) return NM_PHONE_PAUSE;
  int stress = stress_default;
  if (len == 3) {
    if (folded[2] < '0' || folded[2] > '2') return -1;
    stress = folded[2] - '0';
    folded[2] = '\0';
  }
  for (int i = 0; i < NM_N_VOWELS; i++)
    if (folded[1] && memcmp(vowels[i][0], folded, 2) == 0) return NM_PHONE_VOWEL_FIRST + 3 * i + stress;
  for (int i = 0; i < NM_N_CONSONANTS && len < 3; i++)
    if (strcmp(consonants[i], folded) == 0) return i + 1;
  return -1;
}

bool nm_phone_is_stop(int32_t phone)
{
  static const char *const stops[] = {"B", "CH", "D", "G", "JH", "K", "P", "T"};
  const char *name = nm_phone_name(phone);
  for (size_t i = 0; name && i < sizeof stops / sizeof *stops; i++)
    if (strcmp(name, stops[i]) == 0) return true;
  return false;
}

bool nm_phone_is_voiced(int32_t phone)
{
  static const char voiceless[] = " CH F HH K P S SH T TH ";
  if (phone <= NM_PHONE_PAUSE || phone >= NM_N_PHONES) return false;
  if (nm_phone_is_vowel(phone)) return true;
  const char *name = consonants[phone - 1];
  for (const char *p = voiceless + 1; *p; p++) {
    const size_t len = strcspn(p, " ");
    if (len == strlen(name) && memcmp(p, name, len) == 0) return false;
    p += len;
  }
  return true;
}
