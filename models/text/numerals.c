// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers in text that are nothing else: fractions, ordinals, decades, ranges, years, versions, plain ones.
#include "models/text/normalise.h"

#include <string.h>

static const char *const denominators[] = {"",      "",        "half",   "third", "quarter", "fifth",
                                           "sixth", "seventh", "eighth", "ninth", "tenth"};

// The fraction a/b at `s`; its length, 0 when there is none.
static size_t scan_fraction(const char *s, size_t *len_numerator, size_t *len_denominator)
{
  *len_numerator = nm_scan_digits(s);
  if (!*len_numerator || *len_numerator > 4 || s[*len_numerator] != '/') return 0;
  *len_denominator = nm_scan_digits(s + *len_numerator + 1);
  const size_t len = *len_numerator + 1 + *len_denominator;
  if (!*len_denominator || *len_denominator > 4) return 0;
  const uint8_t after = (uint8_t)s[len];
  if (after == '/' || nm_is_digit(after)) return 0;
  return nm_is_alpha(after) && !nm_scan_word(s + len, "th") && !nm_scan_word(s + len, "ths") &&
                 !nm_scan_word(s + len, "rds") && !nm_scan_word(s + len, "nds")
             ? 0
             : len;
}

static void say_fraction(NmNormaliser *n, const char *s, size_t len_numerator, size_t len_denominator,
                         bool mixed)
{
  const char *lower = s + len_numerator + 1;
  const int32_t a = nm_parse_int(s, len_numerator), b = nm_parse_int(lower, len_denominator);
  const bool ordinary = b >= 2 && b <= 100 && a < 100 && (a <= 2 * b || b <= 10);
  if (a == b && a > 1) {
    nm_say_cardinal(n, s, len_numerator);
    nm_say_cardinal(n, lower, len_denominator);
  } else if (a == 24 && b == 7) {
    nm_say(n, "twenty four seven");
  } else if (a == 9 && b == 11) {
    nm_say(n, "nine eleven");
  } else if (!ordinary) {
    nm_say_cardinal(n, s, len_numerator);
    nm_say(n, "over");
    nm_say_cardinal(n, lower, len_denominator);
  } else {
    if (mixed && a == 1 && b == 2)
      nm_say(n, "a");
    else
      nm_say_cardinal(n, s, len_numerator);
    if (b <= 10)
      nm_say(n, denominators[b]);
    else
      nm_say_ordinal(n, lower, len_denominator);
    if (a != 1) nm_say_make_plural(n);
  }
}

// 1/2, 3 3/4, 3-1/2
static size_t match_fraction(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  size_t len_a, len_b;
  size_t len = scan_fraction(s, &len_a, &len_b);
  if (len) {
    say_fraction(n, s, len_a, len_b, false);
    return len + nm_scan_alpha(s + len);
  }
  const size_t len_whole = nm_scan_digits(s);
  const size_t spaces = s[len_whole] == '-' ? 1 : nm_scan_spaces(s + len_whole);
  if (!len_whole || spaces != 1) return 0;
  const char *fraction = s + len_whole + 1;
  len = scan_fraction(fraction, &len_a, &len_b);
  if (!len || nm_parse_int(fraction, len_a) >= nm_parse_int(fraction + len_a + 1, len_b)) return 0;
  nm_say_cardinal(n, s, len_whole);
  nm_say(n, "and");
  say_fraction(n, fraction, len_a, len_b, true);
  return len_whole + 1 + len;
}

static size_t scan_ordinal(const char *s, const NmLiteral *literal)
{
  static const char *const suffixes[] = {"st", "nd", "rd", "th", "ths", "nds", "rds"};
  if (literal->fraction) return 0;
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
    const size_t len = nm_scan_word(s + literal->len, suffixes[i]);
    if (len) return len;
  }
  return 0;
}

// The mark of 10th-12th.
static size_t say_ordinal_range(NmNormaliser *n, const char *s)
{
  NmLiteral last;
  if (s[0] != '-' && (uint8_t)s[0] != NM_SYM_EN_DASH) return 0;
  if (!nm_is_digit((uint8_t)s[1]) || !nm_literal_parse(s + 1, &last) || !scan_ordinal(s + 1, &last)) return 0;
  nm_say(n, "to");
  return 1;
}

// 1st, 22nd, 1,000th
static size_t match_ordinal(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  NmLiteral literal;
  if (!nm_literal_parse(s, &literal)) return 0;
  const size_t len_suffix = scan_ordinal(s, &literal);
  if (!len_suffix) return 0;
  nm_say_ordinal(n, literal.digits, literal.len_digits);
  if (len_suffix == 3) nm_say_make_plural(n);
  return literal.len + len_suffix + say_ordinal_range(n, s + literal.len + len_suffix);
}

// B-52s, F-16s: a type's number behind its hyphen.
static size_t match_type(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const size_t len = nm_scan_digits(s);
  if (len < 1 || len > 3 || at < 2 || s[-1] != '-' || !nm_is_upper((uint8_t)s[-2])) return 0;
  if (s[len] != 's' || nm_is_alnum((uint8_t)s[len + 1])) return 0;
  nm_say_pairs(n, s, len);
  nm_say_make_plural(n);
  return len + 1;
}

// 1990s, 90s, '90s, 1990's
size_t nm_match_decade(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const size_t len_type = match_type(n, at);
  if (len_type) return len_type;
  const size_t quote = s[0] == '\'' || (uint8_t)s[0] == NM_SYM_QUOTE_OPEN;
  const size_t len = nm_scan_digits(s + quote);
  const char *digits = s + quote;
  if (len < 2 || len > 4 || digits[len - 1] != '0') return 0;
  const size_t apostrophe = digits[len] == '\'';
  if (digits[len + apostrophe] != 's' || nm_is_alnum((uint8_t)digits[len + apostrophe + 1])) return 0;
  const int32_t value = nm_parse_int(digits, len);
  if (value == 10 || value == 100 || value == 1000) {
    nm_say(n, value == 10 ? "tens" : value == 100 ? "hundreds" : "thousands");
    return quote + len + apostrophe + 1;
  }
  if (len == 3) return 0;
  if (len == 4)
    nm_say_year(n, nm_parse_int(digits, 4));
  else
    nm_say_cardinal(n, digits, len);
  nm_say_make_plural(n);
  return quote + len + apostrophe + 1;
}

// '90, '05: a year without its century
static size_t match_short_year(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  if (s[0] != '\'' || nm_scan_digits(s + 1) != 2 || nm_is_alnum((uint8_t)s[3]) || s[3] == '\'') return 0;
  if (s[1] == '0') {
    nm_say(n, "oh");
    nm_say_digits(n, s + 2, 1);
  } else {
    nm_say_cardinal(n, s + 1, 2);
  }
  return 3;
}

static bool is_in(const char *word, const char *const *list, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(word, list[i]) == 0) return true;
  return false;
}
#define IS_IN(word, list) is_in(word, list, sizeof list / sizeof *list)

static bool is_year(const char *digits, size_t len)
{
  const int32_t year = nm_parse_int(digits, len);
  return len == 4 &&
         ((year >= 1100 && year <= 2099) || (year > 2099 && year < 10000 && year % 100 == 0 && year % 1000));
}

// 1066 AD, 44 B.C.: what follows counts years.
static bool is_era(const char *s)
{
  static const char *const eras[] = {"AD", "BC", "BCE", "CE", "A.D", "B.C"};
  s += nm_scan_spaces(s);
  for (size_t i = 0; i < sizeof eras / sizeof *eras; i++)
    if (nm_scan_exact(s, eras[i])) return true;
  return false;
}

// Numbers from 1010 to 1099 are years only where the words around say so.
static bool is_old_year(const NmNormaliser *n, const char *digits, size_t len)
{
  static const char *const words[] = {"in",   "since",  "of",     "by",    "year",   "until", "till", "circa",
                                      "from", "around", "before", "after", "during", "anno",  "d"};
  const int32_t year = nm_parse_int(digits, len);
  return len == 4 && year >= 1010 && year <= 1099 && (IS_IN(nm_last_word(n), words) || is_era(digits + len));
}

// Three figures that name a room, a road or an aeroplane are read as one and two: seven forty seven.
static bool is_name_number(const NmNormaliser *n, const char *digits, size_t len)
{
  static const char *const words[] = {"room",       "flight", "boeing", "airbus", "route",   "highway",
                                      "interstate", "suite",  "bus",    "train",  "channel", "area",
                                      "apartment",  "unit",   "gate",   "psalm"};
  return len == 3 && digits[0] != '0' && IS_IN(nm_last_word(n), words);
}

// Words after which digits are a code and are read one by one.
static bool is_code_word(const char *word)
{
  static const char *const words[] = {"code",      "pin",  "password", "passcode",
                                      "extension", "dial", "zip",      "passwords"};
  return IS_IN(word, words);
}

// "the pin is 1234", "call 911"
static bool is_code(const NmNormaliser *n, const NmLiteral *literal)
{
  static const char *const calls[] = {"call", "called", "calling", "dial", "phone", "ring"};
  const char *last = nm_last_word(n);
  if (is_code_word(last)) return true;
  if (literal->len == 3 && IS_IN(last, calls)) return true;
  if (strcmp(last, "is") != 0 && strcmp(last, "was") != 0 && strcmp(last, "number") != 0) return false;
  const NmTextTokens *tokens = &n->tokens;
  return tokens->n > 1 && is_code_word(nm_token_text(tokens, &tokens->tokens[tokens->n - 2]));
}

static bool is_quoted(const NmNormaliser *n, size_t at, size_t len)
{
  const uint8_t before = nm_before(n, at), after = (uint8_t)nm_at(n, at)[len];
  return (before == '\'' || before == NM_SYM_QUOTE_OPEN) && after == '\'' && n->i_quote_open;
}

static void say_plain(NmNormaliser *n, size_t at, const NmLiteral *literal)
{
  const bool code = !literal->fraction && !literal->has_commas &&
                    (is_code(n, literal) || (is_quoted(n, at, literal->len) && literal->len > 2));
  if (code)
    nm_say_digits(n, literal->digits, literal->len);
  else if (!literal->fraction && !literal->has_commas &&
           (is_year(literal->digits, literal->len_digits) ||
            is_old_year(n, literal->digits, literal->len_digits)))
    nm_say_year(n, nm_parse_int(literal->digits, 4));
  else if (!literal->fraction && is_name_number(n, literal->digits, literal->len_digits))
    nm_say_pairs(n, literal->digits, literal->len_digits);
  else
    nm_say_literal(n, literal);
}

// 1.2.3, 192.168.0.1
static size_t match_version(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  size_t len = 0, n_parts = 0;
  for (;;) {
    const size_t digits = nm_scan_digits(s + len);
    if (!digits) return 0;
    len += digits;
    n_parts++;
    if (s[len] != '.' || !nm_is_digit((uint8_t)s[len + 1])) break;
    len++;
  }
  if (n_parts < 3 || nm_is_alpha((uint8_t)s[len])) return 0;
  for (size_t i = 0; i < len;) {
    const size_t digits = nm_scan_digits(s + i);
    nm_say_cardinal(n, s + i, digits);
    i += digits;
    if (i < len) nm_say(n, n_parts == 4 ? "dot" : "point"), i++;
  }
  return len;
}

// 1e10, 6.02e23, 1.5E-3. A capital E between whole numbers is a name: 3E5.
size_t nm_match_scientific(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  NmLiteral literal;
  if (!nm_literal_parse(s, &literal) || literal.has_commas || nm_is_alnum(nm_before(n, at))) return 0;
  const char *e = s + literal.len;
  const size_t sign = nm_is_one_of((uint8_t)e[1], "+-"), len = nm_scan_digits(e + 1 + sign);
  if (*e != 'e' && (*e != 'E' || !(literal.fraction || sign))) return 0;
  if (len < 1 || len > 3 || nm_is_alnum((uint8_t)e[1 + sign + len])) return 0;
  nm_say_literal(n, &literal);
  nm_say(n, "times ten to the power of");
  if (e[1] == '-') nm_say(n, "minus");
  nm_say_cardinal(n, e + 1 + sign, len);
  return literal.len + 1 + sign + len;
}

// What may stand between the ends of a range; its length.
static size_t scan_range_mark(const char *s)
{
  const uint8_t c = (uint8_t)s[0];
  if ((c == '-' || c == NM_SYM_EN_DASH || c == NM_SYM_EM_DASH) && nm_is_digit((uint8_t)s[1])) return 1;
  return c == ' ' && (uint8_t)s[1] == NM_SYM_EN_DASH && s[2] == ' ' && nm_is_digit((uint8_t)s[3]) ? 3 : 0;
}

// 10-20, 1914-18: says the first number and "to", and leaves the second to be seen as what it is.
static size_t match_range(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  NmLiteral first, second;
  if (nm_before(n, at) == '-' || !nm_literal_parse(s, &first)) return 0;
  if (nm_scan_exact(s, "24-7")) {
    nm_say(n, "twenty four seven");
    return 4;
  }
  const size_t len_mark = scan_range_mark(s + first.len);
  if (!len_mark || !nm_literal_parse(s + first.len + len_mark, &second)) return 0;
  const char *after = s + first.len + len_mark + second.len;
  if (*after == '-' && nm_is_digit((uint8_t)after[1])) return 0;
  say_plain(n, at, &first);
  nm_say(n, "to");
  if (is_year(first.digits, first.len_digits) && second.len == 2 && !first.has_commas) {
    nm_say_cardinal(n, second.digits, second.len);
    return first.len + len_mark + second.len;
  }
  return first.len + len_mark;
}

// 10^6, 10 with an exponent sign
static size_t say_power(NmNormaliser *n, const char *s)
{
  const uint8_t c = (uint8_t)s[0];
  if (c == NM_SYM_SQUARED) nm_say(n, "squared");
  if (c == NM_SYM_CUBED) nm_say(n, "cubed");
  if (c == NM_SYM_SQUARED || c == NM_SYM_CUBED) return 1;
  if (c != '^') return 0;
  const size_t minus = s[1] == '-';
  const size_t len = nm_scan_digits(s + 1 + minus);
  if (!len) return 0;
  nm_say(n, "to the power of");
  if (minus) nm_say(n, "minus");
  nm_say_cardinal(n, s + 1 + minus, len);
  return 1 + minus + len;
}

// Signs between two numbers: 2+2=4, 3 x 5, 3:1
static size_t say_operator(NmNormaliser *n, const char *s)
{
  static const struct {
    const char *sign, *words;
  } operators[] = {
      {"+", "plus"}, {"=", "equals"}, {"*", "times"},        {"\x89", "times"},        {"\x8a", "divided by"},
      {":", "to"},   {"x", "by"},     {"<", "is less than"}, {">", "is greater than"}, {"/", "divided by"}};
  const size_t spaces = nm_scan_spaces(s);
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
    if (s[spaces] != operators[i].sign[0]) continue;
    if (s[spaces] == ':' && spaces) return 0;
    const size_t after = nm_scan_spaces(s + spaces + 1);
    const size_t len = spaces + 1 + after;
    if (spaces > 1 || after > 1 || (!nm_is_digit((uint8_t)s[len]) && s[len] != '-')) return 0;
    if (s[len] == '-' && !nm_is_digit((uint8_t)s[len + 1])) return 0;
    const bool product = operators[i].sign[0] == 'x' && (strchr(s, '=') || strncmp(s + len, "10^", 3) == 0);
    nm_say(n, product ? "times" : operators[i].words);
    return len;
  }
  return 0;
}

// "5 - 3 = 2": a dash between numbers is a minus when an equals sign follows.
static size_t say_minus(NmNormaliser *n, const char *s)
{
  const size_t spaces = nm_scan_spaces(s);
  if (spaces != 1 || s[1] != '-' || s[2] != ' ' || !nm_is_digit((uint8_t)s[3])) return 0;
  const size_t len = 3 + nm_scan_digits(s + 3);
  if (s[len + nm_scan_spaces(s + len)] != '=') return 0;
  nm_say(n, "minus");
  return 3;
}

static size_t match_plain(NmNormaliser *n, size_t at)
{
  NmLiteral literal;
  const char *s = nm_at(n, at);
  if (!nm_literal_parse(s, &literal)) return 0;
  say_plain(n, at, &literal);
  size_t len = literal.len;
  len += say_power(n, s + len);
  const size_t len_operator = say_operator(n, s + len);
  return len + (len_operator ? len_operator : say_minus(n, s + len));
}

size_t nm_match_number(NmNormaliser *n, size_t at)
{
  static const NmMatcher matchers[] = {match_fraction, match_ordinal, match_version, match_range,
                                       match_plain};
  const char *s = nm_at(n, at);
  const uint8_t before = nm_before(n, at), first = (uint8_t)s[0];
  size_t len = 0;
  if (first == '\'' || first == NM_SYM_QUOTE_OPEN) {
    if (nm_is_alnum(before)) return 0;
    len = nm_match_decade(n, at);
    return len ? len : match_short_year(n, at);
  }
  const size_t sign = nm_is_one_of(first, "+-") && nm_is_digit((uint8_t)s[1]);
  const size_t sign_long = first == NM_SYM_PLUS_MINUS && nm_is_digit((uint8_t)s[1]);
  if (!nm_is_digit((uint8_t)s[sign + sign_long]) && !(s[0] == '.' && nm_is_digit((uint8_t)s[1]))) return 0;
  if ((sign || s[0] == '.') && nm_is_alnum(before)) return 0;
  if (sign) nm_say(n, first == '-' ? "minus" : "plus");
  if (sign_long) nm_say(n, "plus or minus");
  for (size_t i = 0; i < sizeof matchers / sizeof *matchers && !len; i++)
    len = matchers[i](n, at + sign + sign_long);
  return len + sign + sign_long;
}
