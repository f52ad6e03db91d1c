// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/normalise.h"

#include <string.h>

enum { CARDINAL_DIGITS_MAX = 18 };

static const char *const units[] = {"zero",    "one",     "two",       "three",    "four",
                                    "five",    "six",     "seven",     "eight",    "nine",
                                    "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
static const char *const tens[] = {"",      "",      "twenty",  "thirty", "forty",
                                   "fifty", "sixty", "seventy", "eighty", "ninety"};
static const char *const scales[] = {"", "thousand", "million", "billion", "trillion", "quadrillion"};

static void say_below_hundred(NmNormaliser *n, unsigned value)
{
  if (value < 20) {
    nm_say(n, units[value]);
    return;
  }
  nm_say(n, tens[value / 10]);
  if (value % 10) nm_say(n, units[value % 10]);
}

static void say_below_thousand(NmNormaliser *n, unsigned value)
{
  if (value >= 100) {
    nm_say(n, units[value / 100]);
    nm_say(n, "hundred");
    if (value % 100 == 0) return;
  }
  say_below_hundred(n, value % 100);
}

void nm_say_integer(NmNormaliser *n, uint64_t value)
{
  uint64_t scale = 1000000000000000u;
  if (value == 0) nm_say(n, units[0]);
  for (int i = 5; i >= 0; i--, scale /= 1000) {
    const unsigned group = (unsigned)(value / scale % 1000);
    if (!group) continue;
    say_below_thousand(n, group);
    if (i) nm_say(n, scales[i]);
  }
}

// Replaces the last word said.
static void replace_last(NmNormaliser *n, const char *text)
{
  NmTextTokens *tokens = &n->tokens;
  if (!tokens->n) return;
  tokens->n--;
  nm_say(n, text);
}

static void make_ordinal(NmNormaliser *n)
{
  static const char *const irregular[][2] = {{"one", "first"},     {"two", "second"},   {"three", "third"},
                                             {"five", "fifth"},    {"eight", "eighth"}, {"nine", "ninth"},
                                             {"twelve", "twelfth"}};
  if (!n->tokens.n) return;
  const NmTextToken *last = &n->tokens.tokens[n->tokens.n - 1];
  char word[32];
  const size_t len = last->len_text < 24 ? last->len_text : 24;
  memcpy(word, nm_token_text(&n->tokens, last), len);
  word[len] = '\0';
  for (size_t i = 0; i < sizeof irregular / sizeof *irregular; i++)
    if (strcmp(word, irregular[i][0]) == 0) {
      replace_last(n, irregular[i][1]);
      return;
    }
  if (len && word[len - 1] == 'y')
    strcpy(word + len - 1, "ieth");
  else
    strcpy(word + len, "th");
  replace_last(n, word);
}

void nm_say_make_possessive(NmNormaliser *n)
{
  if (!n->tokens.n) return;
  const NmTextToken *last = &n->tokens.tokens[n->tokens.n - 1];
  char word[32];
  const size_t len = last->len_text < 24 ? last->len_text : 24;
  memcpy(word, nm_token_text(&n->tokens, last), len);
  strcpy(word + len, "'s");
  replace_last(n, word);
}

void nm_say_make_plural(NmNormaliser *n)
{
  if (!n->tokens.n) return;
  const NmTextToken *last = &n->tokens.tokens[n->tokens.n - 1];
  char word[32];
  const size_t len = last->len_text < 24 ? last->len_text : 24;
  memcpy(word, nm_token_text(&n->tokens, last), len);
  word[len] = '\0';
  if (len && word[len - 1] == 'y')
    strcpy(word + len - 1, "ies");
  else if (len && (word[len - 1] == 'x' || word[len - 1] == 's'))
    strcpy(word + len, "es");
  else if (len > 2 && strcmp(word + len - 2, "lf") == 0)
    strcpy(word + len - 1, "ves");
  else
    strcpy(word + len, "s");
  replace_last(n, word);
}

void nm_say_integer_ordinal(NmNormaliser *n, uint64_t value)
{
  nm_say_integer(n, value);
  make_ordinal(n);
}

void nm_say_digits(NmNormaliser *n, const char *digits, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (nm_is_digit((uint8_t)digits[i])) nm_say(n, units[digits[i] - '0']);
}

void nm_say_cardinal(NmNormaliser *n, const char *digits, size_t len)
{
  uint64_t value = 0;
  int n_digits = 0;
  for (size_t i = 0; i < len && n_digits <= CARDINAL_DIGITS_MAX; i++)
    if (nm_is_digit((uint8_t)digits[i])) value = 10 * value + (uint64_t)(digits[i] - '0'), n_digits++;
  if (n_digits > CARDINAL_DIGITS_MAX || (digits[0] == '0' && n_digits > 1))
    nm_say_digits(n, digits, len);
  else
    nm_say_integer(n, value);
}

void nm_say_ordinal(NmNormaliser *n, const char *digits, size_t len)
{
  nm_say_cardinal(n, digits, len);
  make_ordinal(n);
}

void nm_say_year(NmNormaliser *n, int year)
{
  const int century = year / 100, rest = year % 100;
  const bool thousands = century % 10 == 0 && rest < 10;
  if (year < 1000 || thousands) {
    nm_say_integer(n, (uint64_t)year);
    return;
  }
  nm_say_integer(n, (uint64_t)century);
  if (rest == 0)
    nm_say(n, "hundred");
  else if (rest < 10)
    nm_say(n, "oh"), nm_say(n, units[rest]);
  else
    say_below_hundred(n, (unsigned)rest);
}

void nm_say_pairs(NmNormaliser *n, const char *digits, size_t len)
{
  const int32_t value = nm_parse_int(digits, len);
  if (len == 4 && digits[0] != '0') {
    nm_say_year(n, value);
  } else if (len == 3 && digits[0] != '0' && value % 100 >= 10) {
    nm_say(n, units[value / 100]);
    say_below_hundred(n, (unsigned)(value % 100));
  } else if (len <= 3 && !(digits[0] == '0' && len > 1) && value % 100 == 0) {
    nm_say_cardinal(n, digits, len);
  } else if (len == 3 && digits[0] != '0') {
    nm_say(n, units[value / 100]);
    nm_say(n, "oh");
    nm_say(n, units[value % 10]);
  } else if (len <= 2) {
    nm_say_cardinal(n, digits, len);
  } else {
    nm_say_digits(n, digits, len);
  }
}

int32_t nm_parse_int(const char *s, size_t len)
{
  if (len < 1 || len > 9) return -1;
  int32_t value = 0;
  for (size_t i = 0; i < len; i++) {
    if (!nm_is_digit((uint8_t)s[i])) return -1;
    value = 10 * value + (s[i] - '0');
  }
  return value;
}

// Length of an integer with spaces before every three digits, the last of which must be zeros: 10 000.
static size_t scan_spaced(const char *s)
{
  size_t len = nm_scan_digits(s);
  if (len < 1 || len > 3 || s[0] == '0') return 0;
  const size_t len_first = len;
  while (s[len] == ' ' && nm_scan_digits(s + len + 1) == 3) len += 4;
  return len > len_first && strncmp(s + len - 3, "000", 3) == 0 ? len : 0;
}

// Length of an integer with commas before every three digits, 0 when it is not one.
static size_t scan_grouped(const char *s)
{
  size_t len = nm_scan_digits(s);
  if (len < 1 || len > 3 || s[len] != ',') return 0;
  size_t n_groups = 0;
  while (s[len] == ',' && nm_scan_digits(s + len + 1) == 3) len += 4, n_groups++;
  return n_groups ? len : 0;
}

bool nm_literal_parse(const char *s, NmLiteral *literal)
{
  *literal = (NmLiteral){.digits = s};
  const size_t len_commas = scan_grouped(s), len_grouped = len_commas ? len_commas : scan_spaced(s);
  literal->has_commas = len_grouped > 0;
  literal->len_digits = len_grouped ? len_grouped : nm_scan_digits(s);
  literal->len = literal->len_digits;
  const char *point = s + literal->len_digits;
  if (*point == '.' && nm_is_digit((uint8_t)point[1])) {
    literal->fraction = point + 1;
    literal->len_fraction = nm_scan_digits(point + 1);
    literal->len += 1 + literal->len_fraction;
  }
  return literal->len > 0;
}

void nm_say_literal(NmNormaliser *n, const NmLiteral *literal)
{
  if (literal->len_digits)
    nm_say_cardinal(n, literal->digits, literal->len_digits);
  else if (literal->fraction)
    nm_say(n, units[0]);
  if (!literal->fraction) return;
  nm_say(n, "point");
  nm_say_digits(n, literal->fraction, literal->len_fraction);
}

bool nm_literal_is_one(const NmLiteral *literal)
{
  return !literal->fraction && literal->len_digits == 1 && literal->digits[0] == '1';
}
