// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/syllables.h"

#include <string.h>

// Legal onsets of two and three consonants; every single consonant but NG is one.
static const char *const onsets[] = {
    "P R",  "P L",   "P Y",   "B R",   "B L",   "B Y",   "T R",   "T W",   "D R",   "D W",  "K R",  "K L",
    "K W",  "K Y",   "G R",   "G L",   "G W",   "G Y",   "F R",   "F L",   "F Y",   "V Y",  "TH R", "TH W",
    "SH R", "S P",   "S T",   "S K",   "S M",   "S N",   "S L",   "S W",   "S F",   "HH Y", "HH W", "M Y",
    "V R",  "S P R", "S P L", "S P Y", "S T R", "S K R", "S K W", "S K Y", "S K L", "SH M", "SH L", "SH N"};

static bool is_onset(const int32_t *phones, int32_t n)
{
  if (n == 1) return strcmp(nm_phone_name(phones[0]), "NG") != 0;
  if (n > 3) return false;
  char key[16] = "";
  for (int32_t i = 0; i < n; i++) {
    if (i) strcat(key, " ");
    strcat(key, nm_phone_name(phones[i]));
  }
  for (size_t i = 0; i < sizeof onsets / sizeof *onsets; i++)
    if (strcmp(onsets[i], key) == 0) return true;
  return false;
}

void nm_syllables_find(const int32_t *phones, int32_t n, bool *starts)
{
  int32_t vowel_last = -1;
  for (int32_t i = 0; i < n; i++) {
    starts[i] = i == 0;
    if (!nm_phone_is_vowel(phones[i])) continue;
    if (vowel_last >= 0) {
      int32_t first = i;
      while (first - 1 > vowel_last && i - (first - 1) <= 3 && is_onset(phones + first - 1, i - (first - 1)))
        first--;
      starts[first] = true;
    }
    vowel_last = i;
  }
}
