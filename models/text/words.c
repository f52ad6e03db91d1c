// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/normalise.h"

#include "models/text/letters.h"

#include <string.h>

enum { WORD_LEN_MAX = 48, SHORT_ACRONYM = 3 };

bool nm_is_known(const NmNormaliser *n, const char *word, size_t len)
{
  NmPron prons[NM_LEXICON_PRONS_MAX];
  return nm_lexicon_find(n->lexicon, word, len, prons) > 0;
}

static bool is_in(const char *word, const char *const *list)
{
  for (; *list; list++)
    if (strcmp(word, *list) == 0) return true;
  return false;
}

// In capitals these are spelled although they look like words; the first few only when the text around is not
// in capitals as well.
static const char *const spelled_if_calm[] = {"it", "us", "am", "id", "ad", "ed",
                                              "pa", "ma", "la", "ir", NULL};
static const char *const spelled[] = {
    "ai",  "api",  "ass",  "atm",  "bbc", "cbs",  "cd",     "cds",  "ceo",  "cfo",  "cia",  "cnn", "cpu",
    "cto", "cv",   "dc",   "dj",   "dna", "dvd",  "ecb",    "eu",   "faq",  "fbi",  "fda",  "gdp", "gm",
    "gmt", "gop",  "gps",  "gpu",  "hbo", "hiv",  "hr",     "html", "http", "ibm",  "imf",  "ios", "ip",
    "ira", "irs",  "isp",  "llc",  "lsd", "md",   "mit",    "mp",   "mtv",  "nba",  "nbc",  "nfl", "ngo",
    "nhl", "nhs",  "nypd", "pc",   "pdf", "phd",  "pm",     "pr",   "pro",  "rna",  "rpm",  "sql", "suv",
    "tv",  "uae",  "ufo",  "uk",   "un",  "url",  "usa",    "usb",  "usda", "ussr", "va",   "vip", "wto",
    "xml", "ymca", "mri",  "ucla", "usc", "epa",  "fcc",    "fdr",  "jfk",  "lbj",  "lgbt", "diy", "ect",
    "eeg", "ekg",  "ecg",  "iq",   "iou", "lapd", "nsa",    "oed",  "pta",  "rip",  "sec",  "tnt", "tva",
    "aa",  "aaa",  "aarp", "abc",  "ac",  "adhd", "nato's", NULL};
static const char *const short_words[] = {"ok", "no", "go", "so", "we", "he", "in", "on", "of", "to",
                                          "is", "as", "at", "be", "by", "do", "if", "me", "my", "or",
                                          "up", "an", "ox", "ah", "oh", "hi", "ha", "ow", "us", "it",
                                          "am", "ho", "yo", "eh", "uh", "um", NULL};

// Whether capitals are read letter by letter.
static bool is_spelled(const NmNormaliser *n, const char *word, size_t len)
{
  NmPron prons[NM_LEXICON_PRONS_MAX];
  if (!n->shouting && is_in(word, spelled_if_calm)) return true;
  if (strcmp(word, "pro") != 0 && strcmp(word, "ass") != 0 && is_in(word, spelled)) return true;
  if (len == 2) return !is_in(word, short_words);
  const int n_prons = nm_lexicon_find(n->lexicon, word, len, prons);
  if (n_prons) return nm_letters_are_pron(word, len, &prons[0]);
  return len <= SHORT_ACRONYM || !nm_letters_are_speakable(word, len);
}

typedef struct {
  size_t len;                       // of the word in the text
  size_t n_upper, n_lower, n_inner; // inner capitals: behind a small letter
  bool apostrophe;
} Shape;

// A word: letters, apostrophes between letters, and a last one behind s where no quotation is open.
static Shape scan_shape(const NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  Shape shape = {0};
  while (shape.len < WORD_LEN_MAX) {
    const uint8_t c = (uint8_t)s[shape.len];
    if (nm_is_upper(c)) {
      shape.n_upper++;
      if (shape.len && nm_is_lower((uint8_t)s[shape.len - 1])) shape.n_inner++;
    } else if (nm_is_lower(c)) {
      shape.n_lower++;
    } else if (c == '\'' && shape.len && nm_is_alpha((uint8_t)s[shape.len - 1]) &&
               nm_is_alpha((uint8_t)s[shape.len + 1])) {
      shape.apostrophe = true;
    } else {
      break;
    }
    shape.len++;
  }
  const bool plural = shape.len > 1 && nm_lower(s[shape.len - 1]) == 's';
  if (plural && s[shape.len] == '\'' && !n->i_quote_open && !nm_is_alnum((uint8_t)s[shape.len + 1]))
    shape.len++;
  return shape;
}

// Ends of parts in a word with inner capitals: a capital behind a small letter, or before one.
static uint32_t find_splits(const char *s, size_t len)
{
  uint32_t splits = 0;
  for (size_t i = 1; i < len && i < 32; i++) {
    const bool up = nm_is_upper((uint8_t)s[i]);
    const bool behind_small = nm_is_lower((uint8_t)s[i - 1]);
    const bool before_small = nm_is_upper((uint8_t)s[i - 1]) && i + 1 < len && nm_is_lower((uint8_t)s[i + 1]);
    if (up && (behind_small || before_small)) splits |= 1u << i;
  }
  return splits;
}

static int flags_at(const NmNormaliser *n, size_t at, size_t len)
{
  const char *s = nm_at(n, at);
  int flags = nm_is_upper((uint8_t)s[0]) ? NM_TOKEN_CAPITAL : 0;
  if (s[len] == '-' && nm_is_alnum((uint8_t)s[len + 1])) flags |= NM_TOKEN_PREFIX;
  if (at > 0 && s[-1] == '-' && at > 1 && nm_is_alnum((uint8_t)s[-2])) flags |= NM_TOKEN_SUFFIX;
  return flags;
}

// The letters of an acronym, the last with its 's: "CDs", "FBI's".
static void say_acronym(NmNormaliser *n, const char *s, size_t len, bool plural)
{
  for (size_t i = 0; i < len; i++) {
    char letter[4] = {s[i], '\'', 's', 0};
    const bool last = i + 1 == len && plural;
    nm_tokens_add(&n->tokens, letter, last ? 3 : 1, NM_TOKEN_LETTER, NM_TOKEN_CAPITAL);
  }
}

// All capitals, perhaps with a plural or possessive s behind.
static bool match_acronym(NmNormaliser *n, const char *s, const Shape *shape)
{
  size_t len = shape->len;
  const bool has_s = len > 2 && s[len - 1] == 's' && shape->n_lower == 1;
  if (has_s) len -= s[len - 2] == '\'' ? 2 : 1;
  if (shape->n_upper < 2 || shape->n_upper != len || len > WORD_LEN_MAX) return false;
  char word[WORD_LEN_MAX + 1];
  for (size_t i = 0; i < len; i++) word[i] = nm_lower(s[i]);
  word[len] = '\0';
  if (!is_spelled(n, word, len)) return false;
  say_acronym(n, s, len, has_s);
  return true;
}

// Words whose letters tell nothing of how they are said.
static size_t match_special(NmNormaliser *n, const char *s, size_t len)
{
  static const char *const words[][2] = {{"WWI", "world war one"}, {"WWII", "world war two"},
                                         {"iOS", "i o s"},         {"macOS", "mac o s"},
                                         {"MPhil", "m phil"},      {"kWh", "kilowatt hours"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strlen(words[i][0]) != len || strncmp(s, words[i][0], len) != 0) continue;
    nm_say(n, words[i][1]);
    return len;
  }
  return 0;
}

// Academic degrees with small letters inside: PhD, BSc.
static size_t match_degree(NmNormaliser *n, const char *s, size_t len)
{
  static const char *const degrees[] = {"PhD", "PhDs", "BSc", "MSc", "BEd", NULL};
  for (const char *const *degree = degrees; *degree; degree++) {
    if (strlen(*degree) != len || strncmp(s, *degree, len) != 0) continue;
    const bool plural = s[len - 1] == 's' && len == 4;
    say_acronym(n, s, plural ? len - 1 : len, plural);
    return len;
  }
  return 0;
}

// A capital A inside a sentence is the letter, unless a word in small letters follows it at the start.
static bool is_letter_a(const NmNormaliser *n, const char *s)
{
  const size_t spaces = nm_scan_spaces(s + 1);
  const uint8_t next = (uint8_t)s[1 + spaces];
  if (n->shouting) return false;
  if (n->tokens.n > 0 && n->tokens.tokens[n->tokens.n - 1].boundary == NM_BOUNDARY_NONE) return true;
  return n->tokens.n == 0 && !nm_is_alnum(next) && next != '"' && next != '\'' && next != 0 && next < 0x80;
}

// C++, C#, A+, B-: a letter and what its sign means; the length of the sign.
static size_t say_grade(NmNormaliser *n, const char *s)
{
  const size_t len = strspn(s + 1, "+");
  if (len == 1 || len == 2) {
    if (nm_is_alnum((uint8_t)s[1 + len])) return 0;
    for (size_t i = 0; i < len; i++) nm_say(n, "plus");
    return len;
  }
  if (s[1] == '#' && nm_is_upper((uint8_t)s[0]) && !nm_is_alnum((uint8_t)s[2])) {
    nm_say(n, "sharp");
    return 1;
  }
  if (s[1] != '-' || !nm_is_one_of((uint8_t)s[0], "ABCD") ||
      !(nm_is_one_of((uint8_t)s[2], " .,;)") || s[2] == 0))
    return 0;
  nm_say(n, "minus");
  return 1;
}

static bool match_single(NmNormaliser *n, const char *s, int flags)
{
  const char lower = nm_lower(s[0]);
  const bool word = (lower == 'a' && !(s[0] == 'A' && is_letter_a(n, s))) || s[0] == 'I' ||
                    (lower == 'o' && s[1] == ' ' && nm_is_upper((uint8_t)s[2]));
  if (word) return false;
  nm_tokens_add(&n->tokens, s, 1, NM_TOKEN_LETTER, flags);
  return true;
}

// Contractions that lost their apostrophe, and what stands for them.
static const char *find_contraction(const char *s, size_t len)
{
  static const char *const pairs[][2] = {
      {"dont", "don't"},         {"doesnt", "doesn't"},   {"didnt", "didn't"},
      {"isnt", "isn't"},         {"wasnt", "wasn't"},     {"arent", "aren't"},
      {"werent", "weren't"},     {"hasnt", "hasn't"},     {"havent", "haven't"},
      {"hadnt", "hadn't"},       {"wouldnt", "wouldn't"}, {"couldnt", "couldn't"},
      {"shouldnt", "shouldn't"}, {"youre", "you're"},     {"theyre", "they're"},
      {"youve", "you've"},       {"theyve", "they've"},   {"thats", "that's"},
      {"whats", "what's"},       {"didnt", "didn't"},     {"im", "i'm"},
      {"ive", "i've"},           {"theres", "there's"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    if (strlen(pairs[i][0]) == len && nm_scan_word(s, pairs[i][0])) return pairs[i][1];
  return NULL;
}

// 'tis, 'em, 'til: an apostrophe that belongs to the word behind it.
static size_t match_elided(NmNormaliser *n, size_t at)
{
  static const char *const words[] = {"'tis",  "'twas",  "'em",     "'til", "'bout",  "'cause",  "'round",
                                      "'cept", "'twere", "'twould", "'n",   "'neath", "'gainst", NULL};
  const char *s = nm_at(n, at);
  if ((s[0] != '\'' && (uint8_t)s[0] != NM_SYM_QUOTE_OPEN) || nm_is_alnum(nm_before(n, at))) return 0;
  for (const char *const *word = words; *word; word++) {
    const size_t len = nm_scan_word(s + 1, *word + 1);
    if (!len) continue;
    nm_tokens_add(&n->tokens, *word, len + 1, NM_TOKEN_WORD, 0);
    const bool closes = s[len + 1] == '\'' && len == 1;
    return len + 1 + closes;
  }
  return 0;
}

// An unknown word in small letters without a vowel: www, pdf.
static bool is_consonants(const NmNormaliser *n, const char *s, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (nm_is_one_of((uint8_t)s[i], "aeiouy'")) return false;
  return !nm_is_known(n, s, len);
}

size_t nm_match_word(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  const size_t len_elided = match_elided(n, at);
  if (len_elided) return len_elided;
  if (!nm_is_alpha((uint8_t)s[0])) return 0;
  const Shape shape = scan_shape(n, at);
  const int flags = flags_at(n, at, shape.len);
  const bool hyphen = (flags & NM_TOKEN_PREFIX) != 0;
  const char *contraction = find_contraction(s, shape.len);
  const size_t len_special = match_special(n, s, shape.len);
  if (len_special) return len_special + hyphen;
  if (match_acronym(n, s, &shape)) return shape.len + hyphen;
  if (shape.len == 1 && match_single(n, s, flags)) return shape.len + hyphen + (hyphen ? 0 : say_grade(n, s));
  const size_t len_degree = match_degree(n, s, shape.len);
  if (len_degree) return len_degree + hyphen;
  if (contraction) {
    nm_tokens_add(&n->tokens, contraction, strlen(contraction), NM_TOKEN_WORD, flags);
    return shape.len + hyphen;
  }
  if (strncmp(s, "IT S ", 5) == 0) {
    nm_tokens_add(&n->tokens, "it's", 4, NM_TOKEN_WORD, flags);
    return 4;
  }
  if (!shape.n_upper && !shape.apostrophe && shape.len <= 5 && is_consonants(n, s, shape.len)) {
    nm_say_letters(n, s, shape.len);
    return shape.len + hyphen;
  }
  NmTextToken *token = nm_tokens_add(&n->tokens, s, shape.len, NM_TOKEN_WORD, flags);
  if (token && shape.n_inner) token->splits = find_splits(s, shape.len);
  return shape.len + hyphen;
}

// 1920x1080, 2x4: by.
static size_t match_by(NmNormaliser *n, const char *s, size_t len)
{
  const size_t first = nm_scan_digits(s), second = s[first] == 'x' ? nm_scan_digits(s + first + 1) : 0;
  if (!first || !second || first + 1 + second != len) return 0;
  nm_say_pairs(n, s, first);
  nm_say(n, "by");
  nm_say_pairs(n, s + first + 1, second);
  return len;
}

// What follows a number behind letters: the fraction of P0.5, or the parts of v1.2.3.
static size_t say_points(NmNormaliser *n, const char *s)
{
  size_t len = 0;
  while (s[len] == '.' && nm_is_digit((uint8_t)s[len + 1])) {
    const size_t digits = nm_scan_digits(s + len + 1);
    nm_say(n, "point");
    nm_say_digits(n, s + len + 1, digits);
    len += 1 + digits;
  }
  return len;
}

// Letters and digits in one: MP3, B2B, x86, 4K. Letters are spelled unless they are a known word.
size_t nm_match_mixed(NmNormaliser *n, size_t at)
{
  const char *s = nm_at(n, at);
  size_t len = 0, n_digits = 0;
  while (nm_is_alnum((uint8_t)s[len]) && len < WORD_LEN_MAX) n_digits += nm_is_digit((uint8_t)s[len++]);
  if (!n_digits || n_digits == len) return 0;
  const size_t len_digits = nm_scan_digits(s);
  const size_t len_by = match_by(n, s, len);
  if (len_by) return len_by;
  static const char *const suffixes[] = {"st", "nd", "rd", "th", "s", NULL};
  for (const char *const *suffix = suffixes; *suffix && len_digits; suffix++)
    if (nm_scan_word(s + len_digits, *suffix)) return 0;
  const bool plural = s[len - 1] == 's' && len > 1 && nm_is_digit((uint8_t)s[len - 2]);
  if (plural) len--;
  for (size_t i = 0; i < len;) {
    const size_t digits = nm_scan_digits(s + i);
    size_t alpha = nm_scan_alpha(s + i);
    if (alpha > len - i) alpha = len - i;
    if (digits) {
      nm_say_pairs(n, s + i, digits < len - i ? digits : len - i);
    } else {
      char word[WORD_LEN_MAX + 1];
      for (size_t k = 0; k < alpha; k++) word[k] = nm_lower(s[i + k]);
      word[alpha] = '\0';
      if (alpha >= 3 && !is_spelled(n, word, alpha))
        nm_tokens_add(&n->tokens, word, alpha, NM_TOKEN_WORD, 0);
      else
        nm_say_letters(n, word, alpha);
    }
    i += digits ? (digits < len - i ? digits : len - i) : alpha;
  }
  if (plural) nm_say_make_plural(n), len++;
  if (s[len] == '.' && nm_is_digit((uint8_t)s[len - 1]) && nm_is_digit((uint8_t)s[len + 1]))
    return len + say_points(n, s + len);
  const bool hyphen = s[len] == '-' && nm_is_alnum((uint8_t)s[len + 1]);
  return len + hyphen;
}
