// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/abbreviations.h"
#include "models/text/normalise.h"
#include "models/text/text.h"

#include <string.h>

// White space of one byte at `i`, or of two or three (no-break and wide spaces): its length.
static size_t scan_space(const char *s, size_t i, size_t len)
{
  const uint8_t c = (uint8_t)s[i];
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  if (c == 0xC2 && i + 1 < len && (uint8_t)s[i + 1] == 0xA0) return 2;
  return i + 2 < len && memcmp(s + i, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

// A closing quote or bracket at `i`: its length.
static size_t scan_close(const char *s, size_t i, size_t len)
{
  if (strchr("\"')]}*_", s[i]) && s[i]) return 1;
  if (i + 2 >= len) return 0;
  return memcmp(s + i, "\xE2\x80\x9D", 3) == 0 || memcmp(s + i, "\xE2\x80\x99", 3) == 0 ? 3 : 0;
}

// An end mark at `i`: . ! ? and the ellipsis sign; its length.
static size_t scan_end(const char *s, size_t i, size_t len)
{
  if (s[i] == '.' || s[i] == '!' || s[i] == '?') return 1;
  return i + 2 < len && (memcmp(s + i, "\xE2\x80\xA6", 3) == 0 || memcmp(s + i, "\xE3\x80\x82", 3) == 0) ? 3
                                                                                                         : 0;
}

static bool is_word_byte(uint8_t c)
{
  return nm_is_alnum(c) || c >= 0x80;
}

// A point at `i` that only closes an abbreviation or an initial, given the word that follows at `next`.
static bool is_inner_point(const char *s, size_t i, size_t next, size_t len)
{
  size_t first = i;
  while (first > 0 && i - first < 16 && nm_is_alpha((uint8_t)s[first - 1])) first--;
  const size_t len_word = i - first;
  if (first > 0 && is_word_byte((uint8_t)s[first - 1])) return false;
  size_t len_next = 0;
  while (next + len_next < len && nm_is_alpha((uint8_t)s[next + len_next])) len_next++;
  const bool opener = nm_is_sentence_opener(s + next, len_next);
  const bool capital = next < len && nm_is_upper((uint8_t)s[next]);
  if (len_word == 1 && nm_is_upper((uint8_t)s[first])) {
    const bool letter_before = first > 1 && s[first - 1] == '.';
    return letter_before ? !opener : capital && !opener && s[first] != 'I';
  }
  if (len_word == 1) return first > 0 && s[first - 1] == '.' && !opener;
  const NmAbbreviation *abbreviation = nm_abbreviation_find(s + first, len_word);
  if (!abbreviation) return false;
  if ((abbreviation->flags & NM_ABBR_CAPITAL) && !nm_is_upper((uint8_t)s[first])) return false;
  if ((abbreviation->flags & NM_ABBR_SMALL) && nm_is_upper((uint8_t)s[first])) return false;
  if (abbreviation->flags & NM_ABBR_BEFORE_NUMBER) return next < len && nm_is_digit((uint8_t)s[next]);
  return (abbreviation->flags & NM_ABBR_INSIDE) || !opener;
}

// The end of white space from `i` on; two line ends in it make a paragraph.
static size_t skip_space(const char *s, size_t i, size_t len, bool *blank_line)
{
  size_t n_lines = 0, step;
  while (i < len && (step = scan_space(s, i, len)) > 0) {
    n_lines += s[i] == '\n';
    i += step;
  }
  *blank_line = n_lines >= 2;
  return i;
}

typedef struct {
  size_t end;                  // behind the sentence and its white space
  bool found, paragraph, open; // open: more text is needed to decide
} Candidate;

// Whether a sentence ends with the mark at `i`.
static Candidate try_end(const char *s, size_t i, size_t len, bool at_end)
{
  Candidate candidate = {0};
  size_t j = i, step;
  const bool point = s[i] == '.' && !(i + 1 < len && s[i + 1] == '.');
  while (j < len && (step = scan_end(s, j, len)) > 0) j += step;
  while (j < len && (step = scan_close(s, j, len)) > 0) j += step;
  if (j < len && !scan_space(s, j, len)) return candidate;
  const size_t next = skip_space(s, j, len, &candidate.paragraph);
  if (next >= len && !at_end) {
    candidate.open = true;
    return candidate;
  }
  candidate.end = next;
  if (next >= len) {
    candidate.found = true;
    return candidate;
  }
  const bool small = nm_is_lower((uint8_t)s[next]);
  if (candidate.paragraph)
    candidate.found = true;
  else if (point)
    candidate.found = !small && !is_inner_point(s, i, next, len);
  else
    candidate.found = !small;
  return candidate;
}

// Where to cut a sentence that is too long: behind the last clause mark, else space, else whole character.
static size_t cut(const char *s, size_t len)
{
  size_t clause = 0, space = 0;
  for (size_t i = 1; i < len; i++) {
    if (!scan_space(s, i, len)) continue;
    space = i + 1;
    if (strchr(",;:-)", s[i - 1])) clause = i + 1;
  }
  if (clause > len / 2) return clause;
  if (space > len / 4) return space;
  size_t end = len;
  while (end > len - 4 && ((uint8_t)s[end] & 0xC0) == 0x80) end--;
  return end;
}

size_t nm_text_find_sentence(const char *utf8, size_t len, bool at_end, bool *paragraph)
{
  const bool whole = len <= NM_SENTENCE_LEN_MAX;
  const size_t limit = whole ? len : NM_SENTENCE_LEN_MAX;
  const bool decide = at_end || !whole;
  bool blank_line = false;
  if (paragraph) *paragraph = false;
  for (size_t i = 0; i < limit; i++) {
    if (utf8[i] == '\n') {
      const size_t end = skip_space(utf8, i, limit, &blank_line);
      if (end >= limit && !decide) return 0;
      if (paragraph) *paragraph = blank_line && end < len;
      if (blank_line) return end;
    } else if (scan_end(utf8, i, limit)) {
      const Candidate candidate = try_end(utf8, i, limit, decide);
      if (candidate.open) return 0;
      if (paragraph) *paragraph = candidate.paragraph && candidate.end < len;
      if (candidate.found) return candidate.end;
    }
  }
  if (paragraph) *paragraph = false;
  if (!whole) return cut(utf8, limit);
  return at_end ? len : 0;
}
