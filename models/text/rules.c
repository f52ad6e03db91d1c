// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/text/rules.h"

#include <string.h>

// Contexts: ' ' the word's edge, # one or more vowels, : any consonants or none, ^ one consonant, + e i or y,
// . a voiced consonant, & a sibilant, @ a consonant after which long u is plain, % an ending (e er es ed ing
// ely ers). Left contexts are matched from the letters outwards. The first rule that fits counts.
typedef struct {
  const char *left, *letters, *right, *phones;
} Rule;

static const Rule rules_a[] = {
    {" ", "a", " ", "AH"},         {" ", "are", " ", "AA R"},    {" ", "ar", "o", "AH R"},
    {"", "ar", "#", "EH R"},       {" :", "any", "", "EH N IY"}, {"^", "as", "#", "EY S"},
    {"", "a", "wa", "AH"},         {"", "aw", "", "AO"},         {"", "augh", "t", "AO"},
    {"", "ally", " ", "AH L IY"},  {" ", "al", "#", "AH L"},     {"", "again", "", "AH G EH N"},
    {"#:", "ag", "e", "IH JH"},    {"", "a", "^+:#", "AE"},      {" :", "a", "^+ ", "EY"},
    {"", "a", "^%", "EY"},         {" ", "arr", "", "AH R"},     {"", "arr", "", "AE R"},
    {" :", "ar", " ", "AA R"},     {"", "ar", " ", "ER"},        {"", "ar", "", "AA R"},
    {"", "air", "", "EH R"},       {"", "ai", "", "EY"},         {"", "ay", "", "EY"},
    {"", "au", "", "AO"},          {"#:", "al", " ", "AH L"},    {"#:", "als", " ", "AH L Z"},
    {"", "alk", "", "AO K"},       {"", "al", "^", "AO L"},      {" :", "able", "", "EY B AH L"},
    {"", "able", "", "AH B AH L"}, {"", "ang", "+", "EY N JH"},  {"", "ae", "", "IY"},
    {"", "a", " ", "AH"},          {"w", "a", "^", "AA"},        {"qu", "a", "", "AA"},
    {"", "a", "tion", "EY"},       {"", "a", "", "AE"}};
static const Rule rules_b[] = {
    {"", "bb", "", "B"}, {"m", "b", " ", ""}, {"m", "bs", " ", "Z"}, {"", "b", "t ", ""}, {"", "b", "", "B"}};
static const Rule rules_c[] = {
    {" ", "ch", "^", "K"},      {"^e", "ch", "", "K"},     {"", "tch", "", "CH"}, {"", "ch", "r", "K"},
    {"", "ch", "", "CH"},       {" s", "ci", "#", "S AY"}, {"", "ci", "a", "SH"}, {"", "ci", "o", "SH"},
    {"", "ci", "en", "SH"},     {"", "cc", "+", "K S"},    {"", "c", "+", "S"},   {"", "ck", "", "K"},
    {"", "com", "%", "K AH M"}, {"", "cc", "", "K"},       {"s", "c", "+", ""},   {"", "c", "", "K"}};
static const Rule rules_d[] = {
    {"#:", "ded", " ", "D IH D"}, {".e", "d", " ", "D"},     {"#:^e", "d", " ", "T"},
    {" ", "de", "^#", "D IH"},    {"", "dge", "", "JH"},     {"", "dg", "", "JH"},
    {"", "dd", "", "D"},          {"#", "du", "a", "JH UW"}, {"", "d", "", "D"}};
static const Rule rules_e[] = {{"#:", "e", " ", ""},
                               {" :", "e", " ", "IY"},
                               {"#", "ed", " ", "D"},
                               {"#:", "e", "d ", ""},
                               {"", "ev", "er", "EH V"},
                               {"", "e", "^%", "IY"},
                               {"", "eri", "#", "IH R IY"},
                               {"", "eri", "", "EH R IH"},
                               {"#:", "er", "#", "ER"},
                               {"", "er", "#", "EH R"},
                               {"", "err", "", "EH R"},
                               {"", "er", "", "ER"},
                               {" ", "even", "", "IY V AH N"},
                               {"#:", "e", "w", ""},
                               {"@", "ew", "", "UW"},
                               {"", "ew", "", "Y UW"},
                               {"", "e", "o", "IY"},
                               {"#:&", "es", " ", "IH Z"},
                               {"#:", "e", "s ", ""},
                               {"#:", "ely", " ", "L IY"},
                               {"#:", "ement", "", "M AH N T"},
                               {"", "eful", "", "F AH L"},
                               {"", "ee", "r", "IH"},
                               {"", "ee", "", "IY"},
                               {"", "earn", "", "ER N"},
                               {" ", "ear", "^", "ER"},
                               {"", "ead", "", "EH D"},
                               {"#:", "ea", " ", "IY AH"},
                               {"", "ea", "su", "EH"},
                               {"", "ear", "", "IH R"},
                               {"", "ea", "", "IY"},
                               {"", "eigh", "", "EY"},
                               {"", "ei", "n", "AY"},
                               {"c", "ei", "", "IY"},
                               {"", "ei", "", "AY"},
                               {" ", "eye", "", "AY"},
                               {"", "ey", "", "IY"},
                               {"", "eu", "", "Y UW"},
                               {"#:", "en", " ", "AH N"},
                               {"#:", "el", " ", "AH L"},
                               {"#:", "ent", "", "AH N T"},
                               {"#:", "ence", "", "AH N S"},
                               {"", "e", "", "EH"}};
static const Rule rules_f[] = {{"", "ful", " ", "F AH L"}, {"", "ff", "", "F"}, {"", "f", "", "F"}};
static const Rule rules_g[] = {{"", "giv", "", "G IH V"}, {" ", "g", "i^", "G"},
                               {"", "ge", "t", "G EH"},   {"su", "gges", "", "G JH EH S"},
                               {"", "gg", "", "G"},       {" b#", "g", "", "G"},
                               {"", "g", "+", "JH"},      {"", "great", "", "G R EY T"},
                               {"#", "gh", "", ""},       {"", "gh", "", "G"},
                               {" ", "gn", "", "N"},      {"", "gn", " ", "N"},
                               {"", "g", "", "G"}};
static const Rule rules_h[] = {{"", "h", "#", "HH"}, {"", "h", "", ""}};
static const Rule rules_i[] = {
    {" ", "in", "", "IH N"},    {" ", "i", " ", "AY"},     {"", "in", "d ", "AY N"},
    {"#:r", "ied", "", "IY D"}, {"", "ied", " ", "AY D"},  {"", "ien", "", "IY EH N"},
    {"", "ie", "t", "AY EH"},   {"", "ies", " ", "IY Z"},  {" :", "i", "%", "AY"},
    {"", "i", "%", "IY"},       {"", "ie", "", "IY"},      {"", "i", "^+:#", "IH"},
    {"", "ir", "#", "AY R"},    {"", "iz", "%", "AY Z"},   {"", "is", "%", "AY Z"},
    {"", "i", "d%", "AY"},      {"+^", "i", "^+", "IH"},   {"", "i", "t%", "AY"},
    {"#:^", "i", "^+", "IH"},   {"", "i", "^+", "AY"},     {"", "ir", "", "ER"},
    {"", "igh", "", "AY"},      {"", "ild", "", "AY L D"}, {"", "ign", " ", "AY N"},
    {"", "ign", "^", "AY N"},   {"", "ique", "", "IY K"},  {"", "ia", "", "IY AH"},
    {"", "io", "", "IY OW"},    {"", "iu", "", "IY AH"},   {"", "i", " ", "IY"},
    {"", "i", "", "IH"}};
static const Rule rules_j[] = {{"", "j", "", "JH"}};
static const Rule rules_k[] = {
    {" ", "k", "n", ""}, {"", "kk", "", "K"}, {"", "kh", "", "K"}, {"", "k", "", "K"}};
static const Rule rules_l[] = {{"", "lo", "c#", "L OW"},
                               {"l", "l", "", ""},
                               {"#:^", "l", "%", "AH L"},
                               {"", "lead", "", "L IY D"},
                               {"", "l", "", "L"}};
static const Rule rules_m[] = {
    {" ", "mc", "", "M AH K"}, {"", "mov", "", "M UW V"}, {"", "mm", "", "M"}, {"", "m", "", "M"}};
static const Rule rules_n[] = {
    {"e", "ng", "+", "N JH"}, {"", "ng", "r", "NG G"}, {"", "ng", "#", "NG G"}, {"", "ngl", "%", "NG G AH L"},
    {"", "ng", "", "NG"},     {"", "nk", "", "NG K"},  {"", "nn", "", "N"},     {"", "n", "", "N"}};
static const Rule rules_o[] = {{"", "of", " ", "AH V"},      {"", "orough", "", "ER OW"},
                               {"#:", "or", " ", "ER"},      {"#:", "ors", " ", "ER Z"},
                               {"", "or", "", "AO R"},       {" ", "one", "", "W AH N"},
                               {"", "ow", " ", "OW"},        {"", "ow", "n", "OW"},
                               {"", "ow", "", "AW"},         {" ", "over", "", "OW V ER"},
                               {"", "ov", "", "AH V"},       {"", "o", "^%", "OW"},
                               {"", "o", "^en", "OW"},       {"", "o", "^i#", "OW"},
                               {"", "ol", "d", "OW L"},      {"", "ought", "", "AO T"},
                               {"", "ough", "", "AH F"},     {" ", "ou", "", "AW"},
                               {"h", "ou", "s#", "AW"},      {"", "ous", "", "AH S"},
                               {"", "our", "", "AO R"},      {"", "ould", "", "UH D"},
                               {"^", "ou", "^l", "AH"},      {"", "oup", "", "UW P"},
                               {"", "ou", "", "AW"},         {"", "oy", "", "OY"},
                               {"", "oing", "", "OW IH NG"}, {"", "oi", "", "OY"},
                               {"", "oor", "", "AO R"},      {"", "ook", "", "UH K"},
                               {"", "ood", "", "UH D"},      {"", "oo", "", "UW"},
                               {"", "o", "e", "OW"},         {"", "o", " ", "OW"},
                               {"", "oa", "", "OW"},         {" ", "only", "", "OW N L IY"},
                               {"", "on't", "", "OW N T"},   {"c", "o", "n", "AA"},
                               {"", "o", "ng", "AO"},        {" :^", "o", "n", "AH"},
                               {"i", "on", "", "AH N"},      {"#:", "on", " ", "AH N"},
                               {"#^", "on", "", "AH N"},     {"", "o", "st ", "OW"},
                               {"", "of", "^", "AO F"},      {"", "other", "", "AH DH ER"},
                               {"", "oss", " ", "AO S"},     {"#:^", "om", "", "AH M"},
                               {"", "o", "", "AA"}};
static const Rule rules_p[] = {{"", "ph", "", "F"},  {"", "peop", "", "P IY P"}, {"", "pow", "", "P AW"},
                               {" ", "ps", "", "S"}, {" ", "pn", "", "N"},       {"", "pp", "", "P"},
                               {"", "p", "", "P"}};
static const Rule rules_q[] = {
    {"", "quar", "", "K W AO R"}, {"", "que", " ", "K"}, {"", "qu", "", "K W"}, {"", "q", "", "K"}};
static const Rule rules_r[] = {
    {" ", "re", "^#", "R IY"}, {"", "rr", "", "R"}, {"", "rh", "", "R"}, {"", "r", "", "R"}};
static const Rule rules_s[] = {{"", "sh", "", "SH"},
                               {"#", "sion", "", "ZH AH N"},
                               {"", "some", "", "S AH M"},
                               {"#", "sur", "#", "ZH ER"},
                               {"", "sur", "#", "SH ER"},
                               {"#", "su", "#", "ZH UW"},
                               {"#", "ssu", "#", "SH UW"},
                               {"#", "sed", " ", "Z D"},
                               {"#", "s", "#", "Z"},
                               {"", "said", "", "S EH D"},
                               {"^", "sion", "", "SH AH N"},
                               {"", "s", "s", ""},
                               {".", "s", " ", "Z"},
                               {"#:.e", "s", " ", "Z"},
                               {"#:^#", "s", " ", "S"},
                               {"u", "s", " ", "S"},
                               {" :#", "s", " ", "Z"},
                               {" ", "sch", "", "S K"},
                               {"", "s", "c+", ""},
                               {"#", "sm", "", "Z M"},
                               {"#", "sn", "'", "Z AH N"},
                               {"", "stle", "", "S AH L"},
                               {"", "s", "", "S"}};
static const Rule rules_t[] = {
    {" ", "the", " ", "DH AH"},  {"", "tion", "", "SH AH N"},  {"", "tia", "", "SH AH"},
    {"", "tien", "", "SH AH N"}, {"", "tious", "", "SH AH S"}, {"", "ture", "", "CH ER"},
    {"", "tch", "", "CH"},       {"", "tur", "#", "CH ER"},    {"", "ther", "", "DH ER"},
    {"", "th", "", "TH"},        {"#:", "ted", " ", "T IH D"}, {"s", "ti", "#n", "CH"},
    {"", "tu", "a", "CH UW"},    {" ", "two", "", "T UW"},     {"", "tt", "", "T"},
    {"", "t", "", "T"}};
static const Rule rules_u[] = {
    {" ", "un", "i", "Y UW N"}, {" ", "un", "", "AH N"},   {" ", "upon", "", "AH P AO N"},
    {"@", "ur", "#", "UH R"},   {"", "ur", "#", "Y UH R"}, {"", "ur", "", "ER"},
    {"", "u", "^ ", "AH"},      {"", "u", "^^", "AH"},     {"", "uy", "", "AY"},
    {" g", "u", "#", ""},       {"g", "u", "%", ""},       {"g", "u", "#", "W"},
    {"#n", "u", "", "Y UW"},    {"@", "u", "", "UW"},      {"", "u", "", "Y UW"}};
static const Rule rules_v[] = {{"", "view", "", "V Y UW"}, {"", "v", "", "V"}};
static const Rule rules_w[] = {
    {" ", "were", "", "W ER"},   {"", "wa", "s", "W AA"},    {"", "wa", "t", "W AA"},
    {"", "where", "", "W EH R"}, {"", "what", "", "W AH T"}, {"", "who", "", "HH UW"},
    {"", "wh", "", "W"},         {"", "war", "", "W AO R"},  {"", "wor", "^", "W ER"},
    {"", "wr", "", "R"},         {"", "w", "^", ""},         {"", "w", " ", ""},
    {"", "w", "", "W"}};
static const Rule rules_x[] = {{" ", "x", "", "Z"}, {"", "x", "", "K S"}};
static const Rule rules_y[] = {
    {"", "young", "", "Y AH NG"}, {" ", "you", "", "Y UW"}, {" ", "yes", "", "Y EH S"},
    {" ", "y", "", "Y"},          {"#:^", "y", " ", "IY"},  {"#:^", "y", "i", "IY"},
    {" :", "y", " ", "AY"},       {" :", "y", "#", "AY"},   {" :", "y", "^+:#", "IH"},
    {" :", "y", "^#", "AY"},      {"#", "y", "#", "Y"},     {"", "y", "", "IH"}};
static const Rule rules_z[] = {{"", "zz", "", "Z"}, {"t", "z", "", "S"}, {"", "z", "", "Z"}};

#define TABLE(x)                                                                                             \
  {                                                                                                          \
    x, sizeof x / sizeof *x                                                                                  \
  }
static const struct {
  const Rule *rules;
  size_t n;
} tables[26] = {TABLE(rules_a), TABLE(rules_b), TABLE(rules_c), TABLE(rules_d), TABLE(rules_e),
                TABLE(rules_f), TABLE(rules_g), TABLE(rules_h), TABLE(rules_i), TABLE(rules_j),
                TABLE(rules_k), TABLE(rules_l), TABLE(rules_m), TABLE(rules_n), TABLE(rules_o),
                TABLE(rules_p), TABLE(rules_q), TABLE(rules_r), TABLE(rules_s), TABLE(rules_t),
                TABLE(rules_u), TABLE(rules_v), TABLE(rules_w), TABLE(rules_x), TABLE(rules_y),
                TABLE(rules_z)};

static bool is_one_of(char c, const char *set)
{
  return c && strchr(set, c);
}

static bool is_vowel(char c)
{
  return is_one_of(c, "aeiouy");
}

static bool is_consonant(char c)
{
  return is_one_of(c, "bcdfghjklmnpqrstvwxz");
}

// A word being read: letters[-1] and letters[len] are the edges, seen as ' '.
typedef struct {
  const char *letters;
  int len;
} Word;

static char letter_at(const Word *word, int i)
{
  return i >= 0 && i < word->len ? word->letters[i] : ' ';
}

// The length of an ending at `i` that stands at the end of the word, -1 when there is none.
static int match_ending(const Word *word, int i)
{
  static const char *const endings[] = {"e", "er", "es", "ed", "ing", "ely", "ers"};
  for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
    const int len = (int)strlen(endings[k]);
    if (i >= 0 && i + len == word->len && strncmp(word->letters + i, endings[k], (size_t)len) == 0)
      return len;
  }
  return -1;
}

// Matches one class of a context at `i`, walking in `step` direction; the place behind it, or -2 on failure.
static int match_class(const Word *word, char class, int i, int step)
{
  char c = letter_at(word, i);
  switch (class) {
  case '#':
    if (!is_vowel(c)) return -2;
    while (is_vowel(letter_at(word, i))) i += step;
    return i;
  case ':':
    while (is_consonant(letter_at(word, i))) i += step;
    return i;
  case '^': return is_consonant(c) ? i + step : -2;
  case '+': return is_one_of(c, "eiy") ? i + step : -2;
  case '.': return is_one_of(c, "bdvgjlmnrwz") ? i + step : -2;
  case '&':
    return is_one_of(c, "scgzxj") || (c == 'h' && is_one_of(letter_at(word, i - 1), "cs")) ? i + step : -2;
  case '@':
    return is_one_of(c, "tsrdlznj") || (c == 'h' && is_one_of(letter_at(word, i - 1), "tcs")) ? i + step : -2;
  case ' ': return c == ' ' ? i + step : -2;
  default: return c == class ? i + step : -2;
  }
}

static bool match_left(const Word *word, const char *pattern, int i)
{
  for (int k = (int)strlen(pattern) - 1; k >= 0; k--) {
    i = match_class(word, pattern[k], i, -1);
    if (i == -2) return false;
  }
  return true;
}

static bool match_right(const Word *word, const char *pattern, int i)
{
  for (; *pattern; pattern++) {
    if (*pattern == '%') {
      const int len = match_ending(word, i);
      if (len < 0) return false;
      i += len;
    } else {
      i = match_class(word, *pattern, i, 1);
      if (i == -2) return false;
    }
  }
  return true;
}

static const Rule *find_rule(const Word *word, int i)
{
  const int table = word->letters[i] - 'a';
  for (size_t k = 0; k < tables[table].n; k++) {
    const Rule *rule = &tables[table].rules[k];
    const int len = (int)strlen(rule->letters);
    if (i + len > word->len || strncmp(word->letters + i, rule->letters, (size_t)len) != 0) continue;
    if (match_left(word, rule->left, i - 1) && match_right(word, rule->right, i + len)) return rule;
  }
  return NULL;
}

static int32_t append(const char *names, int32_t *phones, int32_t n, int32_t n_max)
{
  while (*names) {
    const size_t len = strcspn(names, " ");
    if (n < n_max) phones[n++] = nm_phone_find(names, len, 0);
    names += len + (names[len] == ' ');
  }
  return n;
}

static bool ends_with(const Word *word, const char *ending)
{
  const int len = (int)strlen(ending);
  return word->len >= len && strncmp(word->letters + word->len - len, ending, (size_t)len) == 0;
}

// Which vowel of `n` bears the stress, from 0: by the ending, else the first, or the second behind a prefix.
static int choose_stress(const Word *word, int n)
{
  static const char *const before[] = {"tion", "sion", "ic",  "ics",  "ical",   "ity",  "ial",   "ian",
                                       "ious", "ify",  "ity", "logy", "graphy", "eous", "tions", "sions"};
  static const char *const itself[] = {"ee", "eer", "oon", "ette", "ese", "ique", "esque"};
  static const char *const prefixes[] = {"be", "de",  "re",  "con", "com", "en",  "em", "ex", "in",
                                         "im", "pre", "pro", "dis", "un",  "mis", "ab", "ad", "a"};
  if (n < 2) return 0;
  for (size_t i = 0; i < sizeof itself / sizeof *itself; i++)
    if (ends_with(word, itself[i])) return n - 1;
  for (size_t i = 0; i < sizeof before / sizeof *before; i++)
    if (ends_with(word, before[i])) {
      const bool two = ends_with(word, "ity") || ends_with(word, "ical") || ends_with(word, "ify") ||
                       ends_with(word, "logy") || ends_with(word, "graphy");
      const int back = two ? 3 : 2;
      return n >= back ? n - back : 0;
    }
  if (n == 2)
    for (size_t i = 0; i + 1 < sizeof prefixes / sizeof *prefixes; i++)
      if (strncmp(word->letters, prefixes[i], strlen(prefixes[i])) == 0 &&
          is_consonant(letter_at(word, (int)strlen(prefixes[i]))))
        return 1;
  if (n >= 3 && is_one_of(letter_at(word, word->len - 1), "aio")) return n - 2;
  return n >= 4 ? n - 3 : 0;
}

// Stresses one vowel and lets short unstressed ones fade.
static void set_stress(const Word *word, int32_t *phones, int32_t n)
{
  int32_t places[64];
  int n_vowels = 0;
  for (int32_t i = 0; i < n && n_vowels < 64; i++)
    if (nm_phone_is_vowel(phones[i])) places[n_vowels++] = i;
  if (!n_vowels) return;
  const int stressed = choose_stress(word, n_vowels);
  const int32_t schwa = nm_phone_find("AH", 2, 0), short_a = nm_phone_find("AE", 2, 0),
                short_e = nm_phone_find("EH", 2, 0);
  for (int i = 0; i < n_vowels; i++) {
    int32_t *phone = &phones[places[i]];
    if (i == stressed)
      *phone = nm_phone_with_stress(*phone, 1);
    else if (i > 0 && (*phone == short_a || *phone == short_e) && n_vowels > 2)
      *phone = schwa;
  }
}

int32_t nm_rules_read(const char *letters, size_t len, int32_t *phones, int32_t n_max)
{
  const Word word = {letters, (int)len};
  int32_t n = 0;
  for (int i = 0; i < word.len && n < n_max;) {
    const Rule *rule = letters[i] >= 'a' && letters[i] <= 'z' ? find_rule(&word, i) : NULL;
    if (rule) n = append(rule->phones, phones, n, n_max);
    i += rule ? (int)strlen(rule->letters) : 1;
  }
  if (n == 0 && n_max > 0) phones[n++] = nm_phone_find("AH", 2, 1);
  set_stress(&word, phones, n);
  return n;
}
