// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/normalise.h"

#include <string.h>

const char *const nm_month_names[12] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};

size_t nm_scan_digits(const char *s)
{
  size_t len = 0;
  while (nm_is_digit((uint8_t)s[len])) len++;
  return len;
}

size_t nm_scan_alpha(const char *s)
{
  size_t len = 0;
  while (nm_is_alpha((uint8_t)s[len])) len++;
  return len;
}

size_t nm_scan_spaces(const char *s)
{
  return strspn(s, " ");
}

size_t nm_scan_word(const char *s, const char *word)
{
  size_t len = 0;
  while (word[len] && nm_lower(s[len]) == word[len]) len++;
  return word[len] || nm_is_alnum((uint8_t)s[len]) ? 0 : len;
}

size_t nm_scan_exact(const char *s, const char *word)
{
  const size_t len = strlen(word);
  return strncmp(s, word, len) != 0 || nm_is_alnum((uint8_t)s[len]) ? 0 : len;
}

int nm_scan_month(const char *s, size_t *len)
{
  for (int i = 0; i < 12; i++) {
    const char *name = nm_month_names[i];
    char three[5] = {name[0], name[1], name[2], 0};
    *len = nm_scan_word(s, name);
    if (!*len) {
      *len = i == 8 ? nm_scan_word(s, "sept") : 0;
      if (!*len) *len = nm_scan_word(s, three);
      if (*len && s[*len] == '.') ++*len;
    }
    if (*len) return nm_is_upper((uint8_t)s[0]) ? i + 1 : 0;
  }
  return 0;
}

int nm_roman_value(const char *s, size_t len)
{
  static const struct {
    const char *letters;
    int value;
  } steps[] = {{"M", 1000}, {"CM", 900}, {"D", 500}, {"CD", 400}, {"C", 100}, {"XC", 90}, {"L", 50},
               {"XL", 40},  {"X", 10},   {"IX", 9},  {"V", 5},    {"IV", 4},  {"I", 1}};
  int value = 0;
  size_t at = 0;
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    const size_t len_step = strlen(steps[i].letters);
    const bool repeats = len_step == 1 && strchr("MCXI", steps[i].letters[0]);
    for (int times = 0; times < (repeats ? 3 : 1); times++) {
      if (at + len_step > len || strncmp(s + at, steps[i].letters, len_step) != 0) break;
      at += len_step;
      value += steps[i].value;
    }
  }
  return at == len && len > 0 ? value : 0;
}
