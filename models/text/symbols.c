// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/normalise.h"

#include <string.h>

static const char *const ascii_names[128] = {['!'] = "exclamation mark",
                                             ['"'] = "quote",
                                             ['#'] = "hash",
                                             ['$'] = "dollar",
                                             ['%'] = "percent",
                                             ['&'] = "and",
                                             ['\''] = "apostrophe",
                                             ['('] = "left parenthesis",
                                             [')'] = "right parenthesis",
                                             ['*'] = "star",
                                             ['+'] = "plus",
                                             [','] = "comma",
                                             ['-'] = "dash",
                                             ['.'] = "dot",
                                             ['/'] = "slash",
                                             [':'] = "colon",
                                             [';'] = "semicolon",
                                             ['<'] = "less than",
                                             ['='] = "equals",
                                             ['>'] = "greater than",
                                             ['?'] = "question mark",
                                             ['@'] = "at",
                                             ['['] = "left bracket",
                                             ['\\'] = "backslash",
                                             [']'] = "right bracket",
                                             ['^'] = "caret",
                                             ['_'] = "underscore",
                                             ['`'] = "backquote",
                                             ['{'] = "left brace",
                                             ['|'] = "vertical bar",
                                             ['}'] = "right brace",
                                             ['~'] = "tilde"};

static const char *const symbol_names[] = {"dash",
                                           "dash",
                                           "quote",
                                           "pounds",
                                           "euros",
                                           "yen",
                                           "rupees",
                                           "cents",
                                           "degrees",
                                           "times",
                                           "divided by",
                                           "plus or minus",
                                           "section",
                                           "paragraph",
                                           "copyright",
                                           "registered",
                                           "trademark",
                                           "squared",
                                           "cubed",
                                           "is less than or equal to",
                                           "is greater than or equal to",
                                           "is not equal to",
                                           "is about",
                                           "infinity",
                                           "square root of",
                                           "to",
                                           "per mille",
                                           "mu",
                                           "alpha",
                                           "beta",
                                           "gamma",
                                           "delta",
                                           "epsilon",
                                           "zeta",
                                           "eta",
                                           "theta",
                                           "iota",
                                           "kappa",
                                           "lambda",
                                           "mu",
                                           "nu",
                                           "xi",
                                           "omicron",
                                           "pi",
                                           "rho",
                                           "sigma",
                                           "tau",
                                           "upsilon",
                                           "phi",
                                           "chi",
                                           "psi",
                                           "omega"};

bool nm_say_character(NmNormaliser *n, uint8_t c)
{
  if (nm_is_alpha(c)) {
    nm_say_letter(n, (char)c);
  } else if (nm_is_digit(c)) {
    nm_say_digits(n, (const char *)&c, 1);
  } else {
    const size_t i = c < NM_SYM_FIRST ? c : (size_t)(c - NM_SYM_FIRST);
    const bool has_name =
        c < NM_SYM_FIRST ? ascii_names[i] != NULL : i < sizeof symbol_names / sizeof *symbol_names;
    if (!has_name) return false;
    nm_say(n, c < NM_SYM_FIRST ? ascii_names[i] : symbol_names[i]);
  }
  return true;
}

// A run of points: an ellipsis is a comma, as in the transcripts; a single one ends the sentence unless
// something goes on right behind it.
static size_t match_point(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const size_t len = strspn(s, ".");
  if (len == 1 && nm_is_alnum((uint8_t)s[1])) {
    const bool name = !nm_is_upper((uint8_t)s[1]) || nm_before(n, at) == ' ';
    if (name) nm_say(n, "dot");
    if (!name) nm_tokens_mark(&n->tokens, NM_BOUNDARY_PERIOD);
    return 1;
  }
  nm_tokens_mark(&n->tokens, len == 1 ? NM_BOUNDARY_PERIOD : NM_BOUNDARY_COMMA);
  return len;
}

// A dash between words: -- or one with spaces around it. Others are hyphens and silent.
static size_t match_dash(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  size_t len = 0;
  while (s[len] == '-' || (uint8_t)s[len] == NM_SYM_EM_DASH || (uint8_t)s[len] == NM_SYM_EN_DASH) len++;
  const bool em = memchr(s, NM_SYM_EM_DASH, len) != NULL;
  const bool spaced = nm_before(n, at) == ' ' && (s[len] == ' ' || s[len] == 0);
  if (em || len > 1 || spaced) nm_tokens_mark(&n->tokens, NM_BOUNDARY_DASH);
  return len;
}

// x^2, e^10: what a letter is raised to.
static size_t match_power(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const size_t len = nm_scan_digits(s + 1);
  if (s[0] != '^' || !len || !nm_is_alpha(nm_before(n, at))) return 0;
  if (len == 1 && (s[1] == '2' || s[1] == '3')) {
    nm_say(n, s[1] == '2' ? "squared" : "cubed");
  } else {
    nm_say(n, "to the power of");
    nm_say_cardinal(n, s + 1, len);
  }
  return 1 + len;
}

// & + = @ / * # ~ stand for words between spaces or words; as decoration they are silent.
static size_t match_sign(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const uint8_t c = (uint8_t)s[0], before = nm_before(n, at), after = (uint8_t)s[1];
  const bool free_before = before == ' ', free_after = after == ' ' || after == 0;
  const bool joined = nm_is_alnum(before) && nm_is_alnum(after);
  const bool spoken = n->tokens.n > 0 && free_before && after == ' ' && nm_is_alnum((uint8_t)s[2]);
  if (c == '#' && nm_is_digit(after)) {
    nm_say(n, "number");
  } else if (c == '~' && nm_is_digit(after)) {
    nm_say(n, "about");
  } else if (c == '*' || c == '_' || c == '~' || c == '#' || c == '^' || c == '|') {
    if (spoken && c != '_' && c != '|') nm_say_character(n, c);
  } else if ((c == '<' || c == '>') && !spoken && !nm_is_digit(after)) {
    return 1;
  } else if (c == '\\' && !joined) {
    return 1;
  } else if (c == '/' && !joined && !(free_before && free_after)) {
    return 1;
  } else if (c == '<' || c == '>') {
    nm_say(n, c == '<' ? "is less than" : "is greater than");
  } else if (c == NM_SYM_REGISTERED || c == NM_SYM_TRADEMARK) {
    return 1;
  } else if (c == '/' && joined && strcmp(nm_last_word(n), "and") == 0 && nm_scan_word(s + 1, "or")) {
    return 1;
  } else {
    nm_say_character(n, c);
  }
  return 1;
}

// w/ and w/o
size_t nm_match_with(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  if (!nm_is_alnum(nm_before(n, at)) && nm_scan_exact(s, "c/o")) {
    nm_say(n, "care of");
    return 3;
  }
  if (nm_is_alnum(nm_before(n, at)) || nm_lower(s[0]) != 'w' || s[1] != '/') return 0;
  const bool without = nm_lower(s[2]) == 'o' && !nm_is_alnum((uint8_t)s[3]);
  if (!without && s[2] != ' ') return 0;
  nm_say(n, without ? "without" : "with");
  return without ? 3 : 2;
}

// :-) and its like are silent.
static size_t scan_smiley(const char *s)
{
  if (!nm_is_one_of((uint8_t)s[0], ":;")) return 0;
  const size_t nose = s[1] == '-';
  if (!nm_is_one_of((uint8_t)s[1 + nose], ")(DP|/") || nm_is_alnum((uint8_t)s[2 + nose])) return 0;
  return s[1 + nose] == '/' && !nose ? 0 : 2 + nose;
}

size_t nm_match_symbol(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const uint8_t c = (uint8_t)s[0];
  const size_t len_smiley = scan_smiley(s);
  if (len_smiley) return len_smiley;
  const size_t len_power = match_power(n, at);
  if (len_power) return len_power;
  switch (c) {
  case ',': nm_tokens_mark(&n->tokens, NM_BOUNDARY_COMMA); return 1;
  case ';':
  case ':': nm_tokens_mark(&n->tokens, NM_BOUNDARY_SEMICOLON); return 1;
  case '!': nm_tokens_mark(&n->tokens, NM_BOUNDARY_EXCLAMATION); return 1;
  case '?': nm_tokens_mark(&n->tokens, NM_BOUNDARY_QUESTION); return 1;
  case '.': return match_point(n, at);
  case '-':
  case NM_SYM_EM_DASH:
  case NM_SYM_EN_DASH:
    if (c == NM_SYM_EN_DASH && nm_is_digit(nm_before(n, at)) && nm_is_alpha((uint8_t)s[1])) nm_say(n, "to");
    return match_dash(n, at);
  case '\'': n->i_quote_open = 0; return 1;
  case NM_SYM_QUOTE_OPEN: n->i_quote_open = at + 1; return 1;
  case '"':
  case '(':
  case ')':
  case '[':
  case ']':
  case '{':
  case '}':
  case '`': return 1;
  default: return match_sign(n, at);
  }
}
