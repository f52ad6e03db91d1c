// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/normalise.h"

#include <string.h>

// am, pm, a.m., P.M. behind a time, spaces before it allowed; 'a', 'p' or 0 into *half. A point that ends the
// sentence as well is left to be seen again.
static size_t scan_half(const char *s, char *half)
{
  const size_t spaces = nm_scan_spaces(s);
  const char *p = s + spaces;
  *half = 0;
  const char first = nm_lower(p[0]);
  if (first != 'a' && first != 'p') return 0;
  const size_t dot = p[1] == '.';
  if (nm_lower(p[1 + dot]) != 'm' || nm_is_alnum((uint8_t)p[2 + dot])) return 0;
  if (!dot && spaces && nm_is_lower((uint8_t)p[0]) != nm_is_lower((uint8_t)p[1])) return 0;
  *half = first;
  size_t len = spaces + 2 + dot;
  if (dot && s[len] == '.') {
    const size_t more = nm_scan_spaces(s + len + 1);
    const uint8_t next = (uint8_t)s[len + 1 + more];
    if (next && !nm_is_upper(next)) len++;
  }
  return len;
}

static void say_half(NmNormaliser *n, char half)
{
  if (!half) return;
  nm_say_letter(n, half);
  nm_say_letter(n, 'm');
}

static void say_minutes(NmNormaliser *n, int32_t minutes)
{
  if (minutes < 10) nm_say(n, "oh");
  nm_say_integer(n, (uint64_t)minutes);
}

// h:mm[:ss] [am]
static size_t match_clock(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const size_t len_hours = nm_scan_digits(s);
  if (len_hours < 1 || len_hours > 2 || s[len_hours] != ':' || nm_scan_digits(s + len_hours + 1) != 2)
    return 0;
  const int32_t hours = nm_parse_int(s, len_hours), minutes = nm_parse_int(s + len_hours + 1, 2);
  size_t len = len_hours + 3;
  int32_t seconds = -1;
  char half;
  if (hours > 24 || minutes > 59) return 0;
  if (s[len] == ':' && nm_scan_digits(s + len + 1) == 2) seconds = nm_parse_int(s + len + 1, 2), len += 3;
  if (nm_is_alnum((uint8_t)s[len]) && !scan_half(s + len, &half)) return 0;
  len += scan_half(s + len, &half);
  nm_say_integer(n, (uint64_t)hours);
  if (minutes || seconds > 0)
    say_minutes(n, minutes);
  else if (!half)
    nm_say(n, hours > 12 || hours == 0 ? "hundred" : "o'clock");
  if (seconds > 0) say_minutes(n, seconds);
  say_half(n, half);
  return len;
}

// 5pm, 5 p.m., 12 noon needs nothing
static size_t match_hour(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const size_t len = nm_scan_digits(s);
  char half;
  if (len < 1 || len > 2) return 0;
  const size_t len_half = scan_half(s + len, &half);
  if (!half || nm_parse_int(s, len) > 24) return 0;
  nm_say_integer(n, (uint64_t)nm_parse_int(s, len));
  say_half(n, half);
  return len + len_half;
}

size_t nm_match_time(NmNormaliser *n, size_t at)
{
  if (!nm_is_digit(n->folded.chars[at])) return 0;
  const char *s = nm_at(n, at);
  size_t len = match_clock(n, at);
  if (!len) len = match_hour(n, at);
  if (!len) return 0;
  const bool range = (s[len] == '-' || (uint8_t)s[len] == NM_SYM_EN_DASH) && nm_is_digit((uint8_t)s[len + 1]);
  if (range) nm_say(n, "to");
  return len + range;
}
