// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/sheet_rows.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { TIMES_MAX = 8, TITLE_BYTES_MAX = 64, TITLE_WORDS_MAX = 9 };

// --- pieces of text ---

typedef struct {
  char *s;
  size_t n;
} Text;

static Text trim(Text text)
{
  while (text.n && text.s[0] == ' ') ++text.s, --text.n;
  while (text.n && text.s[text.n - 1] == ' ') --text.n;
  return text;
}

static Text cut(Text text, size_t from, size_t to)
{
  return trim((Text){text.s + from, to - from});
}

static bool starts_with(Text text, const char *word)
{
  const size_t n = strlen(word);
  return text.n >= n && strncasecmp(text.s, word, n) == 0;
}

static bool is_one_of(Text text, const char *const *words)
{
  for (; *words; ++words)
    if (strlen(*words) == text.n && strncasecmp(text.s, *words, text.n) == 0) return true;
  return false;
}

static bool is_letter(char c)
{
  return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

// Takes the first word off `text`; empty at the end.
static Text take_word(Text *text)
{
  *text = trim(*text);
  Text word = {text->s, 0};
  while (word.n < text->n && word.s[word.n] != ' ') ++word.n;
  text->s += word.n;
  text->n -= word.n;
  return word;
}

static int count_words(Text text)
{
  int n = 0;
  while (take_word(&text).n) ++n;
  return n;
}

// --- "x2" ---

// "x2", "2x", "2 times": how often, 0 when it is something else.
static int parse_times(Text text)
{
  text = trim(text);
  if (text.n >= 2 && text.n <= 3 && (text.s[0] == 'x' || text.s[0] == 'X') && is_digit(text.s[text.n - 1]))
    return text.s[text.n - 1] - '0';
  if (text.n >= 2 && is_digit(text.s[0])) {
    const Text unit = cut(text, 1, text.n);
    static const char *const units[] = {"x", "times", NULL};
    if (is_one_of(unit, units)) return text.s[0] - '0';
  }
  static const char *const twice[] = {"twice", "bis", "repeat", NULL};
  return is_one_of(text, twice) ? 2 : 0;
}

static int limit_times(int n)
{
  return n < 1 ? 1 : n > TIMES_MAX ? TIMES_MAX : n;
}

// Takes "(x2)", "[2x]" or " x2" off the end of a line; how often, 1 when there is none.
static int take_times(Text *text)
{
  if (text->n < 2) return 1;
  const char last = text->s[text->n - 1];
  size_t at = text->n - 1;
  if (last == ')' || last == ']') {
    while (at > 0 && text->s[at] != '(' && text->s[at] != '[') --at;
    const int n = parse_times(cut(*text, at + (at < text->n - 1), text->n - 1));
    if (!n) return 1;
    *text = cut(*text, 0, at);
    return limit_times(n);
  }
  while (at > 0 && text->s[at - 1] != ' ') --at;
  const Text word = {text->s + at, text->n - at};
  const bool bare = word.n == 2 && (word.s[0] == 'x' || word.s[0] == 'X' || word.s[1] == 'x');
  const int n = bare ? parse_times(word) : 0;
  if (!n) return 1;
  *text = cut(*text, 0, at);
  return limit_times(n);
}

// --- chords ---

// "Am", "G7", "F#m7b5", "C/E", "Dsus4".
static bool is_chord(Text word)
{
  static const char *const parts[] = {"maj", "min", "dim", "aug", "sus", "add", "m",
                                      "M",   "b",   "#",   "+",   "-",   "("};
  size_t at = 1;
  if (!word.n || word.s[0] < 'A' || word.s[0] > 'G') return false;
  while (at < word.n) {
    size_t n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !n; ++i)
      if (strlen(parts[i]) <= word.n - at && memcmp(word.s + at, parts[i], strlen(parts[i])) == 0)
        n = strlen(parts[i]);
    if (!n && (is_digit(word.s[at]) || word.s[at] == ')')) n = 1;
    if (!n && word.s[at] == '/' && at + 1 < word.n) {
      if (is_digit(word.s[at + 1])) {
        n = 2;
      } else {
        return is_chord((Text){word.s + at + 1, word.n - at - 1});
      }
    }
    if (!n) return false;
    at += n;
  }
  return true;
}

// Chords and bar lines only, at least one chord.
static bool is_chord_line(Text text)
{
  static const char *const marks[] = {"|",    "||", "|:", ":|", "/",  "-", "%",
                                      "N.C.", "NC", "x2", "x3", "x4", NULL};
  bool any = false;
  for (Text word = take_word(&text); word.n; word = take_word(&text)) {
    while (word.n > 1 && (word.s[0] == '|' || word.s[0] == '(')) ++word.s, --word.n;
    while (word.n > 1 && (word.s[word.n - 1] == '|' || word.s[word.n - 1] == ',')) --word.n;
    if (is_chord(word))
      any = true;
    else if (!is_one_of(word, marks))
      return false;
  }
  return any;
}

// A string of a guitar: "e|--0--2--|".
static bool is_tablature(Text text)
{
  size_t n_dashes = 0, n_bars = 0;
  for (size_t i = 0; i < text.n; ++i) {
    n_dashes += text.s[i] == '-';
    n_bars += text.s[i] == '|';
  }
  return n_bars >= 1 && n_dashes >= 4 && n_dashes * 2 >= text.n / 2;
}

// --- what stands in brackets between words ---

// [00:12.34], [00:12]
static bool is_time_stamp(Text inside)
{
  bool colon = false;
  for (size_t i = 0; i < inside.n; ++i) {
    colon |= inside.s[i] == ':';
    if (!is_digit(inside.s[i]) && !strchr(":.", inside.s[i])) return false;
  }
  return colon && inside.n >= 4 && is_digit(inside.s[0]);
}

static bool is_tag(Text inside)
{
  static const char *const tags[] = {"br", "br/", "br /", "p", "/p", "b", "/b", "i", "/i", "em", "/em", NULL};
  return is_one_of(inside, tags) || is_time_stamp(inside);
}

// Cuts out chords in brackets, time stamps, tags and marks of emphasis. Answers whether there were chords.
static bool cut_marks(Text *text)
{
  bool chords = false;
  size_t n = 0;
  for (size_t i = 0; i < text->n;) {
    const char c = text->s[i], end = c == '[' ? ']' : c == '<' ? '>' : 0;
    const char *close = end ? memchr(text->s + i, end, text->n - i) : NULL;
    if (close) {
      const Text inside = {text->s + i + 1, (size_t)(close - text->s) - i - 1};
      const bool chord = c == '[' && is_chord(inside);
      if (chord || is_tag(inside)) {
        chords |= chord;
        i += inside.n + 2;
        continue;
      }
    }
    if (c == '*' || c == '`' ||
        (c == '_' && (i == 0 || i + 1 == text->n || text->s[i + 1] == '_' || !is_letter(text->s[i - 1]) ||
                      !is_letter(text->s[i + 1])))) {
      ++i;
      continue;
    }
    text->s[n++] = c;
    ++i;
  }
  *text = trim((Text){text->s, n});
  return chords;
}

// --- labels ---

static bool is_number(Text word)
{
  static const char *const romans[] = {"i",   "ii",    "iii",  "iv",   "v", "vi", "vii", "viii", "one",
                                       "two", "three", "four", "five", "a", "b",  "c",   NULL};
  size_t n = 0;
  while (n < word.n && is_digit(word.s[n])) ++n;
  return word.n && ((n == word.n && n <= 2) || is_one_of(word, romans));
}

// Whether the text is a name for a part of a song, perhaps with a number: "Verse 2", "repeat chorus".
static bool is_section(Text text)
{
  static const char *const before[] = {"repeat", "pre",  "post", "final", "last",         "first",
                                       "second", "back", "to",   "the",   "instrumental", "guitar",
                                       "1st",    "2nd",  "3rd",  NULL};
  static const char *const names[] = {"verse",        "chorus",     "refrain",     "bridge",  "intro",
                                      "outro",        "hook",       "interlude",   "coda",    "stanza",
                                      "tag",          "ending",     "prelude",     "strophe", "vamp",
                                      "prechorus",    "pre-chorus", "post-chorus", "solo",    "instrumental",
                                      "introduction", "breakdown",  NULL};
  bool named = false;
  for (Text word = take_word(&text); word.n; word = take_word(&text)) {
    if (!named && is_one_of(word, names))
      named = true;
    else if (named ? !is_number(word) && !parse_times(word) : !is_one_of(word, before))
      return false;
  }
  return named;
}

static bool is_wrapped(Text text, char open, char close)
{
  return text.n >= 2 && text.s[0] == open && text.s[text.n - 1] == close &&
         !memchr(text.s + 1, open, text.n - 1) && !memchr(text.s, close, text.n - 1);
}

// The label of a line that is one: "[anything]", "(Chorus)", "Chorus:", "VERSE 2".
static bool find_label(Text text, Text *label)
{
  while (text.n > 1 && text.s[text.n - 1] == ':') text = cut(text, 0, text.n - 1);
  const bool square = is_wrapped(text, '[', ']');
  if (square || is_wrapped(text, '(', ')') || is_wrapped(text, '{', '}')) {
    *label = cut(text, 1, text.n - 1);
    return square || is_section(*label);
  }
  *label = text;
  return is_section(text);
}

// --- "Title: ..." ---

static const struct {
  const char *name;
  NmSheetRowKind kind;
} fields[] = {{"title", NM_ROW_TITLE},       {"song", NM_ROW_TITLE},
              {"ti", NM_ROW_TITLE},          {"t", NM_ROW_TITLE},
              {"words", NM_ROW_LYRICIST},    {"lyrics", NM_ROW_LYRICIST},
              {"text", NM_ROW_LYRICIST},     {"author", NM_ROW_LYRICIST},
              {"lyricist", NM_ROW_LYRICIST}, {"written by", NM_ROW_LYRICIST},
              {"words by", NM_ROW_LYRICIST}, {"lyrics by", NM_ROW_LYRICIST},
              {"music", NM_ROW_COMPOSER},    {"music by", NM_ROW_COMPOSER},
              {"composer", NM_ROW_COMPOSER}, {"composed by", NM_ROW_COMPOSER},
              {"artist", NM_ROW_REMARK},     {"ar", NM_ROW_REMARK},
              {"al", NM_ROW_REMARK},         {"album", NM_ROW_REMARK},
              {"key", NM_ROW_REMARK},        {"tempo", NM_ROW_REMARK},
              {"bpm", NM_ROW_REMARK},        {"capo", NM_ROW_REMARK},
              {"tuning", NM_ROW_REMARK},     {"time", NM_ROW_REMARK},
              {"copyright", NM_ROW_REMARK},  {"by", NM_ROW_REMARK},
              {"year", NM_ROW_REMARK},       {"la", NM_ROW_REMARK},
              {"re", NM_ROW_REMARK},         {"ve", NM_ROW_REMARK},
              {"length", NM_ROW_REMARK},     {"offset", NM_ROW_REMARK},
              {"st", NM_ROW_REMARK},         {"subtitle", NM_ROW_REMARK}};

// A line of the form "name: value"; `bracketed` allows the short names of LRC and ChordPro.
static bool find_field(Text text, bool bracketed, NmSheetRow *row)
{
  const char *colon = text.n ? memchr(text.s, ':', text.n) : NULL;
  if (!colon) return false;
  const Text name = cut(text, 0, (size_t)(colon - text.s));
  const Text value = cut(text, (size_t)(colon - text.s) + 1, text.n);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; ++i) {
    if (strlen(fields[i].name) != name.n || strncasecmp(fields[i].name, name.s, name.n) != 0) continue;
    if (!bracketed && name.n <= 2) return false;
    row->kind = value.n ? fields[i].kind : NM_ROW_REMARK;
    row->text = value.s;
    row->len = value.n;
    return true;
  }
  return false;
}

static bool find_bracketed_field(Text text, NmSheetRow *row)
{
  if (!is_wrapped(text, '[', ']') && !is_wrapped(text, '{', '}')) return false;
  if (find_field(cut(text, 1, text.n - 1), true, row)) return true;
  if (text.s[0] != '{' || is_section(cut(text, 1, text.n - 1))) return false;
  row->kind = NM_ROW_REMARK;
  return true;
}

static bool is_copyright(Text text)
{
  return starts_with(text, "\xC2\xA9") || starts_with(text, "copyright ") || starts_with(text, "(c) ") ||
         starts_with(text, "capo ") || starts_with(text, "```");
}

// --- one line ---

static bool is_rule(Text text)
{
  size_t n = 0;
  while (n < text.n && strchr("-=_*~#. ", text.s[n])) ++n;
  return n == text.n;
}

// "1. ", "2) " in front of a verse; quotation marks and bullets of markdown.
static Text skip_leader(Text text, bool after_blank)
{
  size_t n = 0;
  while (n < text.n && is_digit(text.s[n])) ++n;
  if (after_blank && n && n <= 2 && n + 1 < text.n && strchr(".)", text.s[n]) && text.s[n + 1] == ' ')
    text = cut(text, n + 1, text.n);
  if (text.n > 2 && strchr(">-+", text.s[0]) && text.s[1] == ' ' && is_letter(text.s[2]))
    text = cut(text, 1, text.n);
  return text;
}

static NmSheetRow row_of(NmSheetRowKind kind, Text text, int32_t line)
{
  return (NmSheetRow){.kind = kind, .text = text.s, .len = text.n, .line = line, .n_times = 1};
}

// A heading of markdown: the first is the title, others are labels.
static void add_heading(Text text, int32_t line, bool first, NmSheetRow *rows, size_t *n)
{
  Text label;
  while (text.n && text.s[0] == '#') text = cut(text, 1, text.n);
  (void)cut_marks(&text);
  const bool section = find_label(text, &label);
  rows[(*n)++] = row_of(first && !section ? NM_ROW_TITLE : NM_ROW_LABEL, section ? label : text, line);
}

// "Chorus: la la la": the label, and the words behind it.
static bool split_label(Text text, int32_t line, NmSheetRow *rows, size_t *n, Text *rest)
{
  const char *colon = memchr(text.s, ':', text.n);
  if (!colon || !is_section(cut(text, 0, (size_t)(colon - text.s)))) return false;
  rows[(*n)++] = row_of(NM_ROW_LABEL, cut(text, 0, (size_t)(colon - text.s)), line);
  *rest = cut(text, (size_t)(colon - text.s) + 1, text.n);
  return true;
}

static void add_words(Text text, int32_t line, NmSheetRow *rows, size_t *n, int32_t *n_cut_chords)
{
  *n_cut_chords += cut_marks(&text);
  const int n_times = take_times(&text);
  const bool empty = text.n == 0 && n_times == 1;
  rows[*n] = row_of(empty ? NM_ROW_BLANK : text.n ? NM_ROW_WORDS : NM_ROW_REPEAT, text, line);
  rows[(*n)++].n_times = n_times;
}

static Text strip_emphasis(Text text)
{
  while (text.n && strchr("*_", text.s[0])) text = cut(text, 1, text.n);
  while (text.n && strchr("*_", text.s[text.n - 1])) text = cut(text, 0, text.n - 1);
  return text;
}

// A label, alone or with words behind it; false when the line has none.
static bool add_label(Text text, int32_t line, NmSheetRow *rows, size_t *n, int32_t *n_cut_chords)
{
  Text label, rest, counted = text;
  const int n_times = take_times(&counted);
  if (counted.n && find_label(counted, &label)) {
    const int n_inside = take_times(&label);
    rows[*n] = row_of(NM_ROW_LABEL, label, line);
    rows[(*n)++].n_times = n_times > n_inside ? n_times : n_inside;
    return true;
  }
  if (!text.n || !split_label(text, line, rows, n, &rest)) return false;
  add_words(rest, line, rows, n, n_cut_chords);
  return true;
}

static bool is_blank(Text text)
{
  return is_rule(text) || (is_wrapped(text, '[', ']') && is_time_stamp(cut(text, 1, text.n - 1)));
}

static void add_row(Text text, int32_t line, NmSheetRow *rows, size_t *n, int32_t *n_cut_chords)
{
  const bool after_blank = *n == 0 || rows[*n - 1].kind != NM_ROW_WORDS;
  NmSheetRow field = row_of(NM_ROW_REMARK, text, line);
  if (is_blank(text))
    rows[(*n)++] = row_of(NM_ROW_BLANK, text, line);
  else if (text.s[0] == '#' && text.n > 1)
    add_heading(text, line, *n == 0, rows, n);
  else if (find_bracketed_field(text, &field) || find_field(text, false, &field) || is_copyright(text))
    rows[(*n)++] = field;
  else if (is_chord_line(text) || is_tablature(text))
    rows[(*n)++] = row_of(NM_ROW_CHORDS, text, line);
  else if (!add_label(strip_emphasis(text), line, rows, n, n_cut_chords))
    add_words(skip_leader(text, after_blank), line, rows, n, n_cut_chords);
}

void nm_sheet_find_rows(char *text, size_t len, NmSheetRow *rows, size_t *n, int32_t *n_cut_chords)
{
  int32_t line = 0;
  *n = 0;
  *n_cut_chords = 0;
  for (size_t at = 0; at < len;) {
    const char *end = memchr(text + at, '\n', len - at);
    const size_t n_line = end ? (size_t)(end - text) - at : len - at;
    add_row(trim((Text){text + at, n_line}), ++line, rows, n, n_cut_chords);
    at += n_line + 1;
  }
}

// --- the title ---

static bool may_be_title(const NmSheetRow *row)
{
  const Text text = {row->text, row->len};
  return row->kind == NM_ROW_WORDS && row->n_times == 1 && text.n <= TITLE_BYTES_MAX &&
         count_words(text) <= TITLE_WORDS_MAX && !strchr(".,;:!?-", text.s[text.n - 1]);
}

// Rows of words from `at` on until something else comes.
static size_t count_run(const NmSheetRow *rows, size_t n, size_t at)
{
  size_t i = at;
  while (i < n && (rows[i].kind == NM_ROW_WORDS || rows[i].kind == NM_ROW_CHORDS)) ++i;
  return i - at;
}

static size_t skip_blanks(const NmSheetRow *rows, size_t n, size_t at)
{
  while (at < n && rows[at].kind != NM_ROW_WORDS) ++at;
  return at;
}

// "by ...", "words by ...": names in the lines at `at` and behind it; answers the first line of another kind.
static size_t mark_names(NmSheetRow *rows, size_t n, size_t at)
{
  static const struct {
    const char *words;
    NmSheetRowKind kind;
  } names[] = {{"by ", NM_ROW_LYRICIST},        {"words by ", NM_ROW_LYRICIST},
               {"lyrics by ", NM_ROW_LYRICIST}, {"written by ", NM_ROW_LYRICIST},
               {"music by ", NM_ROW_COMPOSER},  {"words and music by ", NM_ROW_LYRICIST}};
  for (; at < n && rows[at].kind == NM_ROW_WORDS; ++at) {
    size_t i = 0;
    while (i < sizeof names / sizeof *names &&
           !starts_with((Text){rows[at].text, rows[at].len}, names[i].words))
      ++i;
    if (i == sizeof names / sizeof *names) break;
    rows[at].kind = names[i].kind;
    rows[at].text += strlen(names[i].words);
    rows[at].len -= strlen(names[i].words);
  }
  return at;
}

void nm_sheet_find_title(NmSheetRow *rows, size_t n)
{
  size_t first = 0;
  for (size_t i = 0; i < n; ++i) {
    if (rows[i].kind != NM_ROW_TITLE) continue;
    while (++i < n && rows[i].kind != NM_ROW_WORDS && rows[i].kind != NM_ROW_BLANK) continue;
    (void)mark_names(rows, n, i);
    return;
  }
  while (first < n && rows[first].kind != NM_ROW_WORDS && rows[first].kind != NM_ROW_LABEL) ++first;
  if (first >= n || rows[first].kind == NM_ROW_LABEL || !may_be_title(&rows[first])) return;
  const size_t end = mark_names(rows, n, first + 1);
  const bool named = end > first + 1;
  if (end >= n || rows[end].kind == NM_ROW_WORDS || rows[end].kind == NM_ROW_CHORDS) return;
  const size_t next = skip_blanks(rows, n, end);
  if (named || (next < n && count_run(rows, n, next) >= 2)) rows[first].kind = NM_ROW_TITLE;
}
