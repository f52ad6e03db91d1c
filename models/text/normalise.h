// SPDX-License-Identifier: GPL-3.0-or-later
// The normaliser: from folded text to spoken words. Each kind of thing has a file of its own with a matcher.
#ifndef NM_TEXT_NORMALISE_H
#define NM_TEXT_NORMALISE_H

#include "models/text/fold.h"
#include "models/text/lexicon.h"
#include "models/text/tokens.h"

typedef struct {
  const NmLexicon *lexicon; // borrowed; NULL: nothing is a known word
  NmFolded folded;
  NmTextTokens tokens;
  NmNotes notes;
  bool shouting;       // most words of the text are in capitals
  size_t i_quote_open; // folded index behind an open single quote, 0 when there is none
} NmNormaliser;

// Zero-initialise an NmNormaliser, set its lexicon, then run it text by text; the words are in `tokens`.
// NM_ERR_NO_MEMORY.
NmStatus nm_normaliser_run(NmNormaliser *normaliser, const char *utf8, size_t len,
                           NmSayAs say_as) NM_NODISCARD;
void nm_normaliser_fini(NmNormaliser *normaliser);

// A matcher looks at the folded text from `at`, says what it understands and answers how many folded bytes
// that was; 0 and nothing said when it is not of its kind.
typedef size_t (*NmMatcher)(NmNormaliser *n, size_t at);

size_t nm_match_inline(NmNormaliser *n, size_t at);    // [[HH AH0 L OW1]]
size_t nm_match_web(NmNormaliser *n, size_t at);       // web.c: URLs, e-mail, @names, #tags
size_t nm_match_telephone(NmNormaliser *n, size_t at); // telephone.c
size_t nm_match_date(NmNormaliser *n, size_t at);      // dates.c: 2021-05-03, 5/3/2021, 3 May 2021, May 3rd
size_t nm_match_time(NmNormaliser *n, size_t at);      // times.c: 3:45 pm, 15:00, 5 p.m.
size_t nm_match_money(NmNormaliser *n, size_t at);     // units.c: $3.50, 20 euro signs, 5 cents
size_t nm_match_measure(NmNormaliser *n, size_t at);   // units.c: 5 km, 60mph, 5'11", 50%
size_t nm_match_decade(NmNormaliser *n, size_t at);    // numerals.c: 1990s, '80s
size_t nm_match_number(NmNormaliser *n, size_t at);    // numerals.c: all other numbers
size_t nm_match_abbreviation(NmNormaliser *n, size_t at); // abbreviations.c: Mr. St. No. e.g.
size_t nm_match_initials(NmNormaliser *n, size_t at);     // abbreviations.c: J. R. R., U.S.
size_t nm_match_roman(NmNormaliser *n, size_t at);        // roman.c: Henry VIII
size_t nm_match_scientific(NmNormaliser *n, size_t at);   // numerals.c: 1e10, 1.5e-3
size_t nm_match_mixed(NmNormaliser *n, size_t at);        // words.c: MP3, B2B, 4K
size_t nm_match_word(NmNormaliser *n, size_t at);         // words.c: words, acronyms, hyphens
size_t nm_match_with(NmNormaliser *n, size_t at);         // symbols.c: w/, w/o, c/o
size_t nm_match_symbol(NmNormaliser *n, size_t at);       // symbols.c: always matches

// Saying things: words, separated by spaces; the name of a letter.
void nm_say(NmNormaliser *n, const char *words);
void nm_say_letter(NmNormaliser *n, char letter);
void nm_say_letters(NmNormaliser *n, const char *letters, size_t len);
// The name of any folded byte; false when it has none.
bool nm_say_character(NmNormaliser *n, uint8_t c);

// Numbers, from `len` bytes of digits, among which commas and spaces are skipped. A cardinal with a leading
// zero or more than 18 digits is read digit by digit.
void nm_say_cardinal(NmNormaliser *n, const char *digits, size_t len);
void nm_say_ordinal(NmNormaliser *n, const char *digits, size_t len);
void nm_say_digits(NmNormaliser *n, const char *digits, size_t len);
void nm_say_integer(NmNormaliser *n, uint64_t value);
void nm_say_integer_ordinal(NmNormaliser *n, uint64_t value);
void nm_say_year(NmNormaliser *n, int year); // 0-9999, as years are spoken
void nm_say_pairs(NmNormaliser *n, const char *digits,
                  size_t len); // 380: three eighty; 1549: fifteen forty nine
// The last word said, as a plural: nineteen eighty -> nineteen eighties.
void nm_say_make_plural(NmNormaliser *n);
// The last word said, with 's behind it.
void nm_say_make_possessive(NmNormaliser *n);

// A number at `s`: digits, perhaps with commas (or spaces) by threes, perhaps with a fraction behind a point.
typedef struct {
  const char *digits, *fraction; // fraction NULL: none
  size_t len_digits, len_fraction, len;
  bool has_commas;
} NmLiteral;

// False when there is no number at `s`. A point that no digit follows is left alone.
bool nm_literal_parse(const char *s, NmLiteral *literal);
void nm_say_literal(NmNormaliser *n, const NmLiteral *literal);
// 1 when the number is exactly one.
bool nm_literal_is_one(const NmLiteral *literal);

// The value of up to 9 digits at `s`, -1 when there are none or more.
int32_t nm_parse_int(const char *s, size_t len);

// Scanning the folded text, which ends in 0.
static inline bool nm_is_digit(uint8_t c)
{
  return c >= '0' && c <= '9';
}
static inline bool nm_is_upper(uint8_t c)
{
  return c >= 'A' && c <= 'Z';
}
static inline bool nm_is_lower(uint8_t c)
{
  return c >= 'a' && c <= 'z';
}
static inline bool nm_is_alpha(uint8_t c)
{
  return nm_is_upper(c) || nm_is_lower(c);
}
static inline bool nm_is_alnum(uint8_t c)
{
  return nm_is_alpha(c) || nm_is_digit(c);
}
static inline bool nm_is_one_of(uint8_t c, const char *set)
{
  for (; *set; set++)
    if ((uint8_t)*set == c) return true;
  return false;
}
static inline char nm_lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}
size_t nm_scan_digits(const char *s);
size_t nm_scan_alpha(const char *s);
size_t nm_scan_spaces(const char *s);
// Length of `word` when it stands at `s` in any case and no letter or digit follows; else 0.
size_t nm_scan_word(const char *s, const char *word);
// As nm_scan_word, in this very case.
size_t nm_scan_exact(const char *s, const char *word);
// The month at `s` (1-12) by name or abbreviation with or without its point, its length in *len; 0 for none.
int nm_scan_month(const char *s, size_t *len);
extern const char *const nm_month_names[12];

static inline const char *nm_at(const NmNormaliser *n, size_t at)
{
  return (const char *)n->folded.chars + at;
}
// The byte before `at`, ' ' at the start.
static inline uint8_t nm_before(const NmNormaliser *n, size_t at)
{
  return at > 0 ? n->folded.chars[at - 1] : (uint8_t)' ';
}

// The last word said, "" when there is none or a boundary stands after it.
const char *nm_last_word(const NmNormaliser *n);
// Whether a lower-case word is in the lexicon.
bool nm_is_known(const NmNormaliser *n, const char *word, size_t len);
// Value of a roman numeral of `len` capitals in its canonical form, 0 when it is none.
int nm_roman_value(const char *s, size_t len);

#endif
