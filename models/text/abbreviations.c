// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/abbreviations.h"

#include "models/text/normalise.h"

#include <string.h>

#define TITLE (NM_ABBR_CAPITAL | NM_ABBR_INSIDE)
#define NUMBERED (NM_ABBR_BEFORE_NUMBER | NM_ABBR_INSIDE)

// Sorted by text.
static const NmAbbreviation abbreviations[] = {
    {"adm", "admiral", TITLE | NM_ABBR_POINT},
    {"approx", "approximately", NM_ABBR_INSIDE},
    {"apr", "april", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"apt", "apartment", NUMBERED},
    {"assn", "association", 0},
    {"asst", "assistant", 0},
    {"aug", "august", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"ave", "avenue", NM_ABBR_CAPITAL},
    {"avg", "average", 0},
    {"bldg", "building", 0},
    {"blvd", "boulevard", 0},
    {"brig", "brigadier", TITLE | NM_ABBR_POINT},
    {"bros", "brothers", NM_ABBR_CAPITAL},
    {"c", "circa", NUMBERED | NM_ABBR_POINT | NM_ABBR_SMALL},
    {"ca", "circa", NUMBERED | NM_ABBR_POINT},
    {"capt", "captain", TITLE},
    {"cf", "compare", NM_ABBR_POINT | NM_ABBR_INSIDE},
    {"ch", "chapter", NUMBERED | NM_ABBR_POINT},
    {"chap", "chapter", NUMBERED | NM_ABBR_POINT},
    {"cmdr", "commander", TITLE},
    {"co", "company", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"col", "colonel", TITLE | NM_ABBR_POINT},
    {"corp", "corporation", NM_ABBR_CAPITAL},
    {"cpl", "corporal", TITLE},
    {"dec", "december", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"dept", "department", 0},
    {"dr", "doctor", NM_ABBR_CAPITAL},
    {"esq", "esquire", 0},
    {"est", "established", NM_ABBR_BEFORE_NUMBER | NM_ABBR_POINT},
    {"etc", "et cetera", 0},
    {"ext", "extension", NUMBERED},
    {"feb", "february", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"fig", "figure", NUMBERED | NM_ABBR_POINT},
    {"figs", "figures", NUMBERED | NM_ABBR_POINT},
    {"fr", "father", TITLE | NM_ABBR_POINT | NM_ABBR_BEFORE_NAME},
    {"fri", "friday", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"ft", "fort", TITLE | NM_ABBR_BEFORE_NAME},
    {"gen", "general", TITLE | NM_ABBR_POINT},
    {"gov", "governor", TITLE | NM_ABBR_POINT},
    {"govt", "government", 0},
    {"hon", "honorable", TITLE | NM_ABBR_POINT},
    {"hr", "hour", NM_ABBR_POINT},
    {"hrs", "hours", 0},
    {"hwy", "highway", 0},
    {"inc", "incorporated", NM_ABBR_CAPITAL},
    {"incl", "including", NM_ABBR_POINT},
    {"jan", "january", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"jr", "junior", NM_ABBR_CAPITAL},
    {"jul", "july", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"jun", "june", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"lb", "pound", 0},
    {"lbs", "pounds", 0},
    {"lieut", "lieutenant", TITLE},
    {"ln", "lane", NM_ABBR_CAPITAL},
    {"lt", "lieutenant", TITLE},
    {"ltd", "limited", NM_ABBR_CAPITAL},
    {"maj", "major", TITLE | NM_ABBR_POINT},
    {"mar", "march", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"messrs", "messrs", TITLE},
    {"mfg", "manufacturing", 0},
    {"mgr", "manager", 0},
    {"misc", "miscellaneous", NM_ABBR_POINT},
    {"mlle", "mademoiselle", TITLE},
    {"mme", "madame", TITLE},
    {"mon", "monday", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"mr", "mister", TITLE},
    {"mrs", "missus", TITLE},
    {"ms", "ms", TITLE},
    {"mt", "mount", TITLE | NM_ABBR_BEFORE_NAME},
    {"mts", "mountains", NM_ABBR_CAPITAL},
    {"no", "number", NUMBERED | NM_ABBR_POINT},
    {"nos", "numbers", NUMBERED | NM_ABBR_POINT},
    {"nov", "november", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"oct", "october", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"oz", "ounces", NM_ABBR_POINT},
    {"p", "page", NUMBERED | NM_ABBR_POINT | NM_ABBR_SMALL},
    {"para", "paragraph", NUMBERED | NM_ABBR_POINT},
    {"pkwy", "parkway", 0},
    {"pp", "pages", NUMBERED},
    {"pres", "president", TITLE | NM_ABBR_POINT},
    {"prof", "professor", TITLE},
    {"pt", "part", NUMBERED | NM_ABBR_POINT},
    {"pvt", "private", TITLE},
    {"qty", "quantity", 0},
    {"rd", "road", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"rep", "representative", TITLE | NM_ABBR_POINT | NM_ABBR_BEFORE_NAME},
    {"rev", "reverend", TITLE | NM_ABBR_POINT},
    {"sat", "saturday", NM_ABBR_CAPITAL | NM_ABBR_POINT | NM_ABBR_BEFORE_NUMBER},
    {"sec", "section", NUMBERED | NM_ABBR_CAPITAL},
    {"sen", "senator", TITLE | NM_ABBR_POINT},
    {"sep", "september", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"sept", "september", NM_ABBR_CAPITAL},
    {"sgt", "sergeant", TITLE},
    {"sq", "square", NM_ABBR_POINT},
    {"sr", "senior", NM_ABBR_CAPITAL},
    {"st", "saint", NM_ABBR_CAPITAL},
    {"supt", "superintendent", TITLE},
    {"tbsp", "tablespoons", 0},
    {"tel", "telephone", NM_ABBR_POINT},
    {"thurs", "thursday", NM_ABBR_CAPITAL},
    {"tsp", "teaspoons", 0},
    {"tues", "tuesday", NM_ABBR_CAPITAL},
    {"univ", "university", NM_ABBR_POINT},
    {"v", "versus", NM_ABBR_INSIDE | NM_ABBR_POINT | NM_ABBR_BEFORE_NAME | NM_ABBR_SMALL},
    {"vol", "volume", NUMBERED},
    {"vols", "volumes", NM_ABBR_POINT},
    {"vs", "versus", NM_ABBR_INSIDE},
    {"wed", "wednesday", NM_ABBR_CAPITAL | NM_ABBR_POINT},
    {"yr", "year", NM_ABBR_POINT},
    {"yrs", "years", 0}};

static int compare_folded(const char *s, size_t len, const char *word)
{
  for (size_t i = 0; i < len; i++) {
    const int order = (unsigned char)nm_lower(s[i]) - (unsigned char)word[i];
    if (order || !word[i]) return order;
  }
  return word[len] ? -1 : 0;
}

const NmAbbreviation *nm_abbreviation_find(const char *s, size_t len)
{
  size_t low = 0, high = sizeof abbreviations / sizeof *abbreviations;
  while (low < high) {
    const size_t mid = low + (high - low) / 2;
    const int order = compare_folded(s, len, abbreviations[mid].text);
    if (order == 0) return &abbreviations[mid];
    if (order < 0)
      high = mid;
    else
      low = mid + 1;
  }
  return NULL;
}

bool nm_is_sentence_opener(const char *s, size_t len)
{
  static const char *const openers[] = {
      "the",  "a",       "an",    "he",    "she",   "it",   "they",  "we",    "i",      "you",
      "this", "that",    "these", "those", "there", "then", "but",   "and",   "so",     "in",
      "on",   "at",      "when",  "if",    "as",    "his",  "her",   "their", "its",    "our",
      "my",   "your",    "what",  "who",   "how",   "why",  "where", "after", "before", "for",
      "from", "however", "not",   "now",   "one",   "some", "to",    "with",  "was"};
  for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
    if (compare_folded(s, len, openers[i]) == 0) return true;
  return false;
}

// A point that belongs to an abbreviation also ends the sentence at the end of the text, or before an opener.
static void mark_end(NmNormaliser *n, const char *after, bool inside)
{
  const size_t spaces = nm_scan_spaces(after);
  const char *next = after + spaces + strspn(after + spaces, "\"')(");
  const size_t len_next = nm_scan_alpha(next);
  if (!*next || (!inside && spaces && nm_is_upper((uint8_t)*next) && nm_is_sentence_opener(next, len_next)))
    nm_tokens_mark(&n->tokens, NM_BOUNDARY_PERIOD);
}

// St. and Dr. before a name are a saint and a doctor, behind one a street and a drive.
static size_t match_street(NmNormaliser *n, size_t at)
{
  static const char *const words[2][3] = {{"st", "saint", "street"}, {"dr", "doctor", "drive"}};
  const char *s = nm_at(n, at);
  for (int i = 0; i < 2; i++) {
    const size_t len = nm_scan_word(s, words[i][0]);
    if (!len || !nm_is_upper((uint8_t)s[0])) continue;
    const size_t point = s[len] == '.';
    const char *next = s + len + point + nm_scan_spaces(s + len + point);
    const bool opens = point && nm_is_sentence_opener(next, nm_scan_alpha(next));
    const bool name_follows = nm_is_upper((uint8_t)*next) && !opens;
    const NmTextToken *last = n->tokens.n ? &n->tokens.tokens[n->tokens.n - 1] : NULL;
    const bool name_before = last && last->boundary == NM_BOUNDARY_NONE && (last->flags & NM_TOKEN_CAPITAL) &&
                             !nm_is_sentence_opener(nm_token_text(&n->tokens, last), last->len_text) &&
                             n->tokens.n > 1;
    const bool street =
        !name_follows || (name_before && i == 0 && n->tokens.n > 1 && nm_before(n, at) == ' ');
    if (street && !name_before && !last) return 0;
    nm_say(n, street ? words[i][2] : words[i][1]);
    if (point && street) mark_end(n, s + len + 1, false);
    return len + point;
  }
  return 0;
}

// Figures, # or a roman numeral.
static bool is_number(const char *s)
{
  const size_t len = strspn(s, "IVXLC");
  return nm_is_digit((uint8_t)*s) || *s == '#' ||
         (len > 0 && !nm_is_alnum((uint8_t)s[len]) && nm_roman_value(s, len) > 0);
}

size_t nm_match_abbreviation(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const size_t len = nm_scan_alpha(s);
  if (!len || len > 6 || nm_is_alnum(nm_before(n, at)) || nm_before(n, at) == '\'') return 0;
  const size_t len_street = match_street(n, at);
  if (len_street) return len_street;
  const NmAbbreviation *abbreviation = nm_abbreviation_find(s, len);
  if (!abbreviation || nm_is_alnum((uint8_t)s[len]) || s[len] == '\'' || s[len] == '-') return 0;
  const size_t point = s[len] == '.';
  const char *next = s + len + point + nm_scan_spaces(s + len + point);
  const int flags = abbreviation->flags;
  if ((flags & NM_ABBR_POINT) && !point) return 0;
  if ((flags & NM_ABBR_CAPITAL) && !nm_is_upper((uint8_t)s[0])) return 0;
  if ((flags & NM_ABBR_SMALL) && nm_is_upper((uint8_t)s[0])) return 0;
  const bool number_of = point && abbreviation->text[0] == 'n' && nm_scan_exact(next, "of");
  if ((flags & NM_ABBR_BEFORE_NUMBER) && !is_number(next) && !number_of) return 0;
  if ((flags & NM_ABBR_BEFORE_NAME) && !nm_is_upper((uint8_t)*next)) return 0;
  if (!point && len > 1 && nm_is_upper((uint8_t)s[0]) && nm_is_upper((uint8_t)s[1])) return 0;
  nm_say(n, abbreviation->words);
  if (point) mark_end(n, s + len + 1, (flags & NM_ABBR_INSIDE) != 0);
  return len + point;
}

// Ph.D., Ph.D
static size_t match_degree(NmNormaliser *n, const char *s)
{
  if (strncmp(s, "Ph.D", 4) != 0 || nm_is_alnum((uint8_t)s[4])) return 0;
  nm_say_letters(n, "phd", 3);
  if (s[4] == '.') mark_end(n, s + 5, false);
  return 4 + (s[4] == '.');
}

// Letters each with a point: U.S., e.g., J.R.R.; a single one before a name: J. Smith.
size_t nm_match_initials(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const uint8_t before = nm_before(n, at);
  if (!nm_is_alpha((uint8_t)s[0]) || nm_is_alnum(before) || before == '\'' || before == '.') return 0;
  const size_t len_degree = match_degree(n, s);
  if (len_degree) return len_degree;
  size_t n_letters = 0, len = 0;
  while (nm_is_alpha((uint8_t)s[len]) && s[len + 1] == '.') len += 2, n_letters++;
  if (n_letters < 1) return 0;
  const bool open = nm_is_alpha((uint8_t)s[len]) && !nm_is_alnum((uint8_t)s[len + 1]) && s[len + 1] != '\'';
  if (nm_is_alpha((uint8_t)s[len]) && !open) return 0;
  const size_t spaces = nm_scan_spaces(s + len);
  const char *next = s + len + spaces;
  const bool name = nm_is_upper((uint8_t)*next) && !nm_is_sentence_opener(next, nm_scan_alpha(next));
  if (n_letters == 1 && !open && !(nm_is_upper((uint8_t)s[0]) && spaces && name)) return 0;
  for (size_t i = 0; i < n_letters; i++) nm_say_letter(n, s[2 * i]);
  if (open) {
    nm_say_letter(n, s[len]);
    return len + 1;
  }
  mark_end(n, s + len, false);
  return len;
}
