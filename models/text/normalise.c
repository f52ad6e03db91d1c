// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/normalise.h"

#include <string.h>

void nm_normaliser_fini(NmNormaliser *normaliser)
{
  nm_folded_fini(&normaliser->folded);
  nm_tokens_fini(&normaliser->tokens);
  nm_notes_fini(&normaliser->notes);
}

void nm_say(NmNormaliser *n, const char *words)
{
  for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
    const size_t len = strcspn(words, " ");
    const bool letter = len == 1 && *words != 'a';
    nm_tokens_add(&n->tokens, words, len, letter ? NM_TOKEN_LETTER : NM_TOKEN_WORD, NM_TOKEN_QUOTED);
    words += len;
  }
}

void nm_say_letter(NmNormaliser *n, char letter)
{
  nm_tokens_add(&n->tokens, &letter, 1, NM_TOKEN_LETTER, NM_TOKEN_QUOTED);
}

void nm_say_letters(NmNormaliser *n, const char *letters, size_t len)
{
  for (size_t i = 0; i < len; i++) nm_say_letter(n, letters[i]);
}

const char *nm_last_word(const NmNormaliser *n)
{
  if (!n->tokens.n) return "";
  const NmTextToken *last = &n->tokens.tokens[n->tokens.n - 1];
  return last->boundary == NM_BOUNDARY_NONE ? nm_token_text(&n->tokens, last) : "";
}

// [[HH AH0 L OW1]]: a word given in phones. What is no phone is noted and left out.
size_t nm_match_inline(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  if (strncmp(s, "[[", 2) != 0) return 0;
  const char *end = strstr(s, "]]");
  if (!end) return 0;
  const size_t first = n->tokens.n;

  nm_tokens_add(&n->tokens, s + 2, (size_t)(end - s) - 2, NM_TOKEN_PHONES, 0);
  for (const char *p = s + 2 + strspn(s + 2, " "); p < end; p += strspn(p, " ")) {
    size_t len = strcspn(p, " ]");
    const int32_t phone = nm_phone_find(p, len, 1);
    if (phone > NM_PHONE_PAUSE)
      nm_tokens_add_phone(&n->tokens, phone);
    else
      nm_notes_add(&n->notes, n->folded.source[at],
                   "what stands between [[ and ]] has parts that are no phones");
    p += len ? len : 1;
  }
  if (n->tokens.n > first && n->tokens.tokens[first].n_phones == 0) n->tokens.n = first;
  return (size_t)(end - s) + 2;
}

// Quotation marks that look like apostrophes: open behind a space, closed behind a letter.
static void watch_quotes(NmNormaliser *n, size_t at)
{
  const uint8_t c = n->folded.chars[at], before = nm_before(n, at), after = n->folded.chars[at + 1];
  if (c == '\'' && (before == ' ' || before == '(' || before == '"') && nm_is_alnum(after))
    n->i_quote_open = at + 1;
}

static bool is_quote_start(const NmNormaliser *n, size_t at)
{
  const uint8_t c = n->folded.chars[at];
  return c == '\'' || c == NM_SYM_QUOTE_OPEN;
}

// "to" between two amounts: $5-$10, 5%-10%.
static size_t say_range(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  if (s[0] != '-' && (uint8_t)s[0] != NM_SYM_EN_DASH) return 0;
  const uint8_t c = (uint8_t)s[1];
  const bool currency = c == '$' || (c >= NM_SYM_POUND && c <= NM_SYM_RUPEE);
  if (!nm_is_digit(c) && !(currency && nm_is_digit((uint8_t)s[2]))) return 0;
  nm_say(n, "to");
  return 1;
}

static size_t match_any(NmNormaliser *n, size_t at)
{
  static const NmMatcher digits[] = {nm_match_web,
                                     nm_match_telephone,
                                     nm_match_date,
                                     nm_match_time,
                                     nm_match_decade,
                                     nm_match_money,
                                     nm_match_scientific,
                                     nm_match_measure,
                                     nm_match_mixed,
                                     nm_match_number,
                                     NULL};
  static const NmMatcher letters[] = {nm_match_with,     nm_match_web,   nm_match_date,
                                      nm_match_money,    nm_match_mixed, nm_match_abbreviation,
                                      nm_match_initials, nm_match_roman, NULL};
  static const NmMatcher others[] = {
      nm_match_inline, nm_match_web, nm_match_telephone, nm_match_money, nm_match_measure,
      nm_match_number, NULL};
  const uint8_t c = n->folded.chars[at];
  size_t len = 0;
  const NmMatcher *matcher = nm_is_digit(c) ? digits : nm_is_alpha(c) ? letters : others;
  for (; *matcher && !len; matcher++) {
    len = (*matcher)(n, at);
    if (len && (*matcher == nm_match_money || *matcher == nm_match_measure)) len += say_range(n, at + len);
  }
  if (!len && (nm_is_alpha(c) || is_quote_start(n, at))) len = nm_match_word(n, at);
  if (!len) {
    watch_quotes(n, at);
    len = n->i_quote_open == at + 1 ? 1 : nm_match_symbol(n, at);
  }
  return len ? len : 1;
}

// Tokens from `first` on came from the folded bytes [at, at + len).
static void set_source(NmNormaliser *n, size_t first, size_t at, size_t len)
{
  for (size_t i = first; i < n->tokens.n; i++) {
    n->tokens.tokens[i].source_start = n->folded.source[at];
    n->tokens.tokens[i].source_end = n->folded.source[at + len];
  }
}

static void run_plain(NmNormaliser *n)
{
  for (size_t at = 0; at < n->folded.n;) {
    if (n->folded.chars[at] == ' ') {
      at++;
      continue;
    }
    const size_t first = n->tokens.n;
    size_t len = match_any(n, at);
    if (len > n->folded.n - at) len = n->folded.n - at;
    set_source(n, first, at, len);
    at += len;
  }
}

static void run_characters(NmNormaliser *n)
{
  for (size_t at = 0; at < n->folded.n; at++) {
    const size_t first = n->tokens.n;
    const uint8_t c = n->folded.chars[at];
    if (c != ' ') (void)nm_say_character(n, c);
    set_source(n, first, at, 1);
  }
}

// Cardinals, ordinals, digits, telephone numbers: every number in the text in the one way, the rest as it is.
static void run_numbers(NmNormaliser *n, NmSayAs say_as)
{
  for (size_t at = 0; at < n->folded.n;) {
    const size_t first = n->tokens.n;
    const char *s = nm_at(n, at);
    NmLiteral literal;
    size_t len = 1;
    if (*s == '-' && nm_is_digit((uint8_t)s[1]) && say_as == NM_SAY_CARDINAL &&
        !nm_is_alnum(nm_before(n, at))) {
      nm_say(n, "minus");
    } else if (nm_is_digit((uint8_t)*s) && nm_literal_parse(s, &literal)) {
      len = literal.len;
      if (say_as == NM_SAY_DIGITS || say_as == NM_SAY_TELEPHONE)
        len = nm_scan_digits(s), nm_say_digits(n, s, len);
      else if (say_as == NM_SAY_ORDINAL)
        len = literal.len_digits, nm_say_ordinal(n, s, len), len += nm_scan_alpha(s + len);
      else
        nm_say_literal(n, &literal);
    } else if (say_as == NM_SAY_TELEPHONE) {
      if (*s == '+') nm_say(n, "plus");
      if (nm_is_alpha((uint8_t)*s)) nm_say_letter(n, *s);
      if (nm_is_one_of((uint8_t)*s, " -.)/")) nm_tokens_mark(&n->tokens, NM_BOUNDARY_COMMA);
    } else if (*s != ' ') {
      len = match_any(n, at);
    }
    if (len > n->folded.n - at) len = n->folded.n - at;
    set_source(n, first, at, len);
    at += len;
  }
  if (say_as == NM_SAY_TELEPHONE && n->tokens.n)
    n->tokens.tokens[n->tokens.n - 1].boundary = NM_BOUNDARY_NONE;
}

// Whether capitals are the way this text is written: most of its words, and more than an acronym or two.
static bool is_shouting(const NmFolded *folded)
{
  size_t n_words = 0, n_capitals = 0;
  for (size_t i = 0; i < folded->n;) {
    size_t len = 0, upper = 0;
    while (nm_is_alpha(folded->chars[i + len])) upper += nm_is_upper(folded->chars[i + len++]);
    if (len > 1) n_words++, n_capitals += upper == len;
    i += len ? len : 1;
  }
  return n_capitals >= 3 && 2 * n_capitals > n_words;
}

static void note_silence(NmNormaliser *n)
{
  if (n->tokens.n || n->notes.n) return;
  if (n->folded.visible) nm_notes_add(&n->notes, 0, "there is nothing here that can be spoken");
}

NmStatus nm_normaliser_run(NmNormaliser *normaliser, const char *utf8, size_t len, NmSayAs say_as)
{
  nm_tokens_reset(&normaliser->tokens);
  normaliser->notes.n = 0;
  normaliser->i_quote_open = 0;
  const NmStatus status = nm_folded_set(&normaliser->folded, utf8, len, &normaliser->notes);
  if (status != NM_OK) return status;
  normaliser->shouting = is_shouting(&normaliser->folded);
  if (say_as == NM_SAY_CHARACTERS)
    run_characters(normaliser);
  else if (say_as == NM_SAY_PLAIN || say_as == NM_SAY_DATE || say_as == NM_SAY_TIME)
    run_plain(normaliser);
  else
    run_numbers(normaliser, say_as);
  note_silence(normaliser);
  return normaliser->tokens.failed ? NM_ERR_NO_MEMORY : NM_OK;
}
