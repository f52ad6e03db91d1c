// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/normalise.h"

#include <string.h>

// Nouns that are counted: Chapter IV is four.
static const char *const counted[] = {
    "chapter",  "part",     "volume", "book",     "act",      "scene",    "section",      "war",     "phase",
    "type",     "class",    "title",  "appendix", "article",  "figure",   "table",        "stage",   "level",
    "grade",    "mark",     "bowl",   "apollo",   "division", "canto",    "vol",          "episode", "world",
    "page",     "step",     "unit",   "factor",   "schedule", "exhibit",  "group",        "series",  "opus",
    "sonata",   "symphony", "corps",  "gemini",   "saturn",   "olympiad", "wrestlemania", "vatican", "tier",
    "category", "annex",    "plate",  "lesson",   "verse",    "psalm"};

// Names that rulers and popes share: Henry VIII is the eighth.
static const char *const regnal[] = {
    "henry",     "louis",      "elizabeth", "george",      "charles",    "edward",    "william",
    "richard",   "paul",       "pius",      "benedict",    "napoleon",   "philip",    "peter",
    "catherine", "ivan",       "nicholas",  "alexander",   "leo",        "gregory",   "james",
    "mary",      "francis",    "frederick", "ferdinand",   "otto",       "ramses",    "rameses",
    "ptolemy",   "darius",     "xerxes",    "constantine", "clement",    "innocent",  "urban",
    "wilhelm",   "christian",  "gustav",    "carl",        "haakon",     "olaf",      "harald",
    "carlos",    "john",       "joseph",    "leopold",     "ludwig",     "margaret",  "matilda",
    "robert",    "david",      "malcolm",   "stephen",     "thutmose",   "amenhotep", "seti",
    "cyrus",     "artaxerxes", "antiochus", "philippe",    "umberto",    "victor",    "emmanuel",
    "albert",    "baudouin",   "isabella",  "alfonso",     "pedro",      "manuel",    "sigismund",
    "casimir",   "selim",      "mehmed",    "murad",       "suleiman",   "boniface",  "celestine",
    "sixtus",    "julius",     "martin",    "eugene",      "theodore",   "justinian", "michael",
    "basil",     "andronicus", "conrad",    "rudolf",      "maximilian", "harold"};

static bool is_in(const char *word, const char *const *list, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp(word, list[i]) == 0) return true;
  return false;
}

// Two capitalised words before it: a person's full name, whose numeral is an ordinal.
static bool follows_full_name(const NmNormaliser *n)
{
  const NmTextTokens *tokens = &n->tokens;
  if (tokens->n < 2) return false;
  const NmTextToken *last = &tokens->tokens[tokens->n - 1], *before = last - 1;
  return (last->flags & NM_TOKEN_CAPITAL) && (before->flags & NM_TOKEN_CAPITAL) &&
         before->boundary == NM_BOUNDARY_NONE && last->kind == NM_TOKEN_WORD;
}

static size_t say_century(NmNormaliser *n, const char *s, size_t len, int value)
{
  const size_t suffix = nm_scan_word(s + len, "th");
  const size_t spaces = nm_scan_spaces(s + len + suffix);
  if (!nm_scan_word(s + len + suffix + spaces, "century") &&
      !nm_scan_word(s + len + suffix + spaces, "centuries"))
    return 0;
  nm_say_integer_ordinal(n, (uint64_t)value);
  return len + suffix;
}

// Scene iv: small letters, only behind what is counted.
static size_t match_small(NmNormaliser *n, const char *s)
{
  char capitals[8];
  const size_t len = strspn(s, "ivx");
  if (len < 1 || len > 6 || nm_is_alnum((uint8_t)s[len]) || s[len] == '\'') return 0;
  if (!is_in(nm_last_word(n), counted, sizeof counted / sizeof *counted)) return 0;
  for (size_t i = 0; i < len; i++) capitals[i] = (char)(s[i] - 'a' + 'A');
  const int value = nm_roman_value(capitals, len);
  if (!value) return 0;
  nm_say_integer(n, (uint64_t)value);
  return len;
}

size_t nm_match_roman(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  if (nm_is_lower((uint8_t)s[0]) && nm_before(n, at) == ' ') return match_small(n, s);
  const size_t len = strspn(s, "IVXLC");
  if (!len || len > 9 || nm_before(n, at) != ' ') return 0;
  const int value = nm_roman_value(s, len);
  if (!value) return 0;
  const size_t len_century = value < 40 && len > 1 ? say_century(n, s, len, value) : 0;
  if (len_century) return len_century;
  const bool possessive = s[len] == '\'' && s[len + 1] == 's' && !nm_is_alnum((uint8_t)s[len + 2]);
  if (nm_is_alnum((uint8_t)s[len]) || (s[len] == '\'' && !possessive)) return 0;
  const char *word = nm_last_word(n);
  const bool is_counted = is_in(word, counted, sizeof counted / sizeof *counted);
  const bool is_regnal = is_in(word, regnal, sizeof regnal / sizeof *regnal);
  const bool capital = n->tokens.n && (n->tokens.tokens[n->tokens.n - 1].flags & NM_TOKEN_CAPITAL);
  const bool simple = strspn(s, "IVX") >= len && len > 1;
  if (!(is_counted && (capital || len > 1)) && !(is_regnal && capital && value <= 30) && !(capital && simple))
    return 0;
  if (len == 1 && s[0] == 'I' && nm_scan_spaces(s + 1) && is_regnal &&
      (nm_scan_word(s + 2, "am") || nm_scan_word(s + 2, "have") || nm_scan_word(s + 2, "think")))
    return 0;
  if (!is_counted && (is_regnal || (follows_full_name(n) && value <= 5))) {
    nm_say(n, "the");
    nm_say_integer_ordinal(n, (uint64_t)value);
  } else {
    nm_say_integer(n, (uint64_t)value);
  }
  if (possessive) nm_say_make_possessive(n);
  return possessive ? len + 2 : len;
}
