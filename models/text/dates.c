// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/normalise.h"

#include <string.h>

typedef struct {
  int day, month, year; // day 0: none; year -1: none
} Date;

static bool is_day(int32_t day)
{
  return day >= 1 && day <= 31;
}

// May third, twenty twenty one
static void say_month_first(NmNormaliser *n, Date date)
{
  nm_say(n, nm_month_names[date.month - 1]);
  if (date.day) nm_say_integer_ordinal(n, (uint64_t)date.day);
  if (date.year >= 0) nm_say_year(n, date.year);
}

// The third of May, twenty twenty one
static void say_day_first(NmNormaliser *n, Date date, bool article)
{
  if (article) nm_say(n, "the");
  nm_say_integer_ordinal(n, (uint64_t)date.day);
  nm_say(n, "of");
  nm_say(n, nm_month_names[date.month - 1]);
  if (date.year >= 0) nm_say_year(n, date.year);
}

// 2021-05-03, 2021/05/03
static size_t scan_iso(const char *s, Date *date)
{
  if (nm_scan_digits(s) != 4 || (s[4] != '-' && s[4] != '/') || nm_scan_digits(s + 5) != 2 || s[7] != s[4] ||
      nm_scan_digits(s + 8) != 2)
    return 0;
  *date = (Date){nm_parse_int(s + 8, 2), nm_parse_int(s + 5, 2), nm_parse_int(s, 4)};
  return date->month >= 1 && date->month <= 12 && is_day(date->day) ? 10 : 0;
}

static int expand_year(const char *s, size_t len)
{
  const int year = nm_parse_int(s, len);
  if (len == 4) return year;
  return year < 40 ? 2000 + year : 1900 + year;
}

// 5/3/2021, 05-03-21, 3.5.2021; the month comes first unless it cannot, and never before points
static size_t scan_numeric(const char *s, Date *date)
{
  const size_t len_a = nm_scan_digits(s);
  if (len_a < 1 || len_a > 2 || !nm_is_one_of((uint8_t)s[len_a], "/-.")) return 0;
  const char separator = s[len_a], *b = s + len_a + 1;
  const size_t len_b = nm_scan_digits(b);
  if (len_b < 1 || len_b > 2 || b[len_b] != separator) return 0;
  const char *c = b + len_b + 1;
  const size_t len_c = nm_scan_digits(c);
  if (len_c != 4 && (len_c != 2 || separator != '/')) return 0;
  const int32_t first = nm_parse_int(s, len_a), second = nm_parse_int(b, len_b);
  const bool day_first = separator == '.' || first > 12;
  *date = (Date){day_first ? first : second, day_first ? second : first, expand_year(c, len_c)};
  if (date->month < 1 || date->month > 12) return 0;
  return is_day(date->day) && !nm_is_alnum((uint8_t)c[len_c]) ? (size_t)(c - s) + len_c : 0;
}

// The year behind a month or a day, with an optional comma before it: its length from `s`, 0 when none.
static size_t scan_year(const char *s, int *year)
{
  size_t at = s[0] == ',';
  const size_t spaces = nm_scan_spaces(s + at);
  at += spaces;
  const size_t len = nm_scan_digits(s + at);
  if (!spaces || len != 4 || s[at] < '1' || s[at] > '2') return 0;
  const char *after = s + at + len;
  if (nm_is_alpha((uint8_t)*after) ||
      (nm_is_one_of((uint8_t)*after, ",.:/%") && nm_is_digit((uint8_t)after[1])))
    return 0;
  *year = nm_parse_int(s + at, len);
  return at + len;
}

static size_t scan_ordinal_suffix(const char *s)
{
  static const char *const suffixes[] = {"st", "nd", "rd", "th"};
  for (size_t i = 0; i < 4; i++)
    if (nm_scan_word(s, suffixes[i])) return 2;
  return 0;
}

// 3 May 2021, 3rd of May, 03-May-2021
static size_t match_day_month(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  Date date = {.year = -1};
  size_t len = nm_scan_digits(s), len_month, len_year;
  if (len < 1 || len > 2) return 0;
  date.day = nm_parse_int(s, len);
  const size_t len_suffix = scan_ordinal_suffix(s + len);
  len += len_suffix;
  const size_t spaces = s[len] == '-' ? 1 : nm_scan_spaces(s + len);
  if (!spaces || !is_day(date.day)) return 0;
  len += spaces;
  const size_t len_of = len_suffix ? nm_scan_word(s + len, "of") : 0;
  if (len_of) len += len_of + nm_scan_spaces(s + len + len_of);
  date.month = nm_scan_month(s + len, &len_month);
  if (!date.month) return 0;
  const bool has_point = s[len + len_month - 1] == '.';
  len += len_month;
  if (s[len] == '-' && nm_scan_digits(s + len + 1) == 4)
    date.year = nm_parse_int(s + len + 1, 4), len += 5;
  else if ((len_year = scan_year(s + len, &date.year)) > 0)
    len += len_year;
  else if (has_point && !nm_scan_spaces(s + len))
    len--;
  say_day_first(n, date, strcmp(nm_last_word(n), "the") != 0);
  return len;
}

// The last day of "May 3-5", mark and all: its length.
static size_t scan_last_day(const char *s)
{
  if (s[0] != '-' && (uint8_t)s[0] != NM_SYM_EN_DASH) return 0;
  const size_t len = nm_scan_digits(s + 1);
  if (len < 1 || len > 2 || !is_day(nm_parse_int(s + 1, len))) return 0;
  const size_t len_suffix = scan_ordinal_suffix(s + 1 + len);
  const uint8_t after = (uint8_t)s[1 + len + len_suffix];
  return nm_is_alnum(after) || nm_is_one_of(after, "-/:") ? 0 : 1 + len + len_suffix;
}

// May 3, 2021; Jan. 5; May 3rd; May 2021
static size_t match_month_day(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  size_t len_month;
  Date date = {.month = nm_scan_month(s, &len_month), .year = -1};
  if (!date.month) return 0;
  const size_t spaces = nm_scan_spaces(s + len_month);
  size_t len = len_month + spaces;
  const size_t len_day = nm_scan_digits(s + len);
  if (!spaces || !len_day) return 0;
  if (len_day == 4) {
    const size_t len_year = scan_year(s + len_month, &date.year);
    if (!len_year) return 0;
    say_month_first(n, date);
    return len_month + len_year;
  }
  date.day = nm_parse_int(s + len, len_day);
  if (len_day > 2 || !is_day(date.day)) return 0;
  len += len_day;
  len += scan_ordinal_suffix(s + len);
  if (nm_is_alpha((uint8_t)s[len]) || s[len] == ':' || s[len] == '%' || s[len] == '/') return 0;
  if ((s[len] == '.' || s[len] == ',') && nm_is_digit((uint8_t)s[len + 1])) return 0;
  const size_t len_last = scan_last_day(s + len);
  if (len_last) {
    say_month_first(n, date);
    nm_say(n, "to");
    nm_say_ordinal(n, s + len + 1, nm_scan_digits(s + len + 1));
    len += len_last;
    date = (Date){.month = date.month, .year = -1};
  }
  const size_t len_year = scan_year(s + len, &date.year);
  if (len_last && len_year) nm_say_year(n, date.year);
  if (!len_last) say_month_first(n, date);
  return len + len_year;
}

static const char *const weekdays[][2] = {{"mon", "monday"},     {"tue", "tuesday"},  {"tues", "tuesday"},
                                          {"wed", "wednesday"},  {"thu", "thursday"}, {"thur", "thursday"},
                                          {"thurs", "thursday"}, {"fri", "friday"},   {"sat", "saturday"},
                                          {"sun", "sunday"}};

static const char *scan_day_or_month(const char *s, size_t *len)
{
  for (size_t i = 0; i < sizeof weekdays / sizeof *weekdays; i++) {
    *len = nm_scan_word(s, weekdays[i][0]);
    if (*len && nm_is_upper((uint8_t)s[0])) return weekdays[i][1];
  }
  const int month = nm_scan_month(s, len);
  return month ? nm_month_names[month - 1] : NULL;
}

// Mon-Fri, Jan-Mar
static size_t match_name_range(NmNormaliser *n, const char *s)
{
  size_t len_first, len_second;
  const char *first = scan_day_or_month(s, &len_first);
  if (!first || (s[len_first] != '-' && (uint8_t)s[len_first] != NM_SYM_EN_DASH)) return 0;
  const char *second = scan_day_or_month(s + len_first + 1, &len_second);
  if (!second) return 0;
  nm_say(n, first);
  nm_say(n, "to");
  nm_say(n, second);
  return len_first + 1 + len_second;
}

size_t nm_match_date(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  Date date;
  if (nm_is_upper((uint8_t)s[0])) {
    const size_t len_range = match_name_range(n, s);
    return len_range ? len_range : match_month_day(n, at);
  }
  if (!nm_is_digit((uint8_t)s[0])) return 0;
  size_t len = scan_iso(s, &date);
  if (!len) len = scan_numeric(s, &date);
  if (!len) return match_day_month(n, at);
  if (nm_is_alnum((uint8_t)s[len]) && s[len] != 'T') return 0;
  say_month_first(n, date);
  return len;
}
