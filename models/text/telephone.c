// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/normalise.h"

#include <string.h>

enum { GROUPS_MAX = 8 };

// Groups of digits and how they are kept apart.
typedef struct {
  size_t starts[GROUPS_MAX], lens[GROUPS_MAX];
  int n;
  size_t len; // bytes in all
  bool international, parenthesis, spaces;
} Groups;

// One step over what may stand between two groups: - . space ) or ") ".
static size_t scan_separator(const char *s, Groups *groups)
{
  size_t len = strspn(s, "-. )");
  if (len > 2) return 0;
  groups->spaces |= memchr(s, ' ', len) != NULL;
  if (s[len] == '(' && len <= 1) len++;
  return len;
}

static void scan_groups(const char *s, Groups *groups)
{
  *groups = (Groups){0};
  size_t at = 0;
  if (s[at] == '+') groups->international = true, at++;
  if (s[at] == '(') groups->parenthesis = true, at++;
  while (groups->n < GROUPS_MAX) {
    const size_t len = nm_scan_digits(s + at);
    if (!len) break;
    groups->starts[groups->n] = at;
    groups->lens[groups->n++] = len;
    groups->len = at + len;
    at += len;
    const size_t len_separator = scan_separator(s + at, groups);
    if (!len_separator) break;
    at += len_separator;
  }
}

static bool has_lens(const Groups *groups, const char *pattern)
{
  if ((int)strlen(pattern) != groups->n) return false;
  for (int i = 0; i < groups->n; i++)
    if (groups->lens[i] != (size_t)(pattern[i] - '0')) return false;
  return true;
}

static bool is_telephone(const char *s, const Groups *groups)
{
  size_t n_digits = 0;
  for (int i = 0; i < groups->n; i++) n_digits += groups->lens[i];
  if (groups->international) return n_digits >= 7 && n_digits <= 15;
  if (has_lens(groups, "334") || has_lens(groups, "1334")) return true;
  if (has_lens(groups, "34")) return s[3] == '-';
  if (groups->parenthesis) return s[0] == '(' && groups->n >= 2 && n_digits >= 7;
  return s[0] == '0' && groups->n >= 2 && n_digits >= 10 && n_digits <= 12 && groups->lens[0] >= 3;
}

// The number before a word on the keys: 1-800-FLOWERS.
static size_t match_named(NmNormaliser *n, const char *s)
{
  if (strncmp(s, "1-8", 3) != 0 || nm_scan_digits(s + 2) != 3 || s[5] != '-' || nm_scan_alpha(s + 6) < 3)
    return 0;
  nm_say_digits(n, s, 1);
  nm_say_cardinal(n, s + 2, 3);
  return 6;
}

size_t nm_match_telephone(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const uint8_t first = (uint8_t)s[0];
  if (!nm_is_digit(first) && first != '+' && first != '(') return 0;
  Groups groups;
  const size_t len_named = match_named(n, s);
  if (len_named) return len_named;
  scan_groups(s, &groups);
  if (!is_telephone(s, &groups) || nm_is_alnum((uint8_t)s[groups.len])) return 0;
  if (groups.international) nm_say(n, "plus");
  for (int i = 0; i < groups.n; i++) {
    const char *digits = s + groups.starts[i];
    if (groups.lens[i] == 3 && strncmp(digits, "800", 3) == 0 && i <= 1)
      nm_say(n, "eight hundred");
    else
      nm_say_digits(n, digits, groups.lens[i]);
    if (i + 1 < groups.n) nm_tokens_mark(&n->tokens, NM_BOUNDARY_COMMA);
  }
  return groups.len;
}
