// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/manual/roff.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { WIDTH = 68, SENTENCE_MAX = 400 }; // lines grow by their escapes

// Returns the columns of the source that it took.
static int print_character(FILE *file, char c, bool is_literal)
{
  switch (c) {
  case '\\': return fprintf(file, "\\e");
  case '-': return fprintf(file, is_literal ? "\\-" : "-");
  case '\'': return fprintf(file, "\\(aq");
  case '`': return fprintf(file, "\\(ga");
  case '^': return fprintf(file, "\\(ha");
  case '~': return fprintf(file, "\\(ti");
  default: return fprintf(file, "%c", c);
  }
}

static int print_characters(FILE *file, const char *text, int len, bool is_literal)
{
  int n = 0;
  for (int i = 0; i < len; ++i) n += print_character(file, text[i], is_literal);
  return n;
}

void nm_roff_print_literal(FILE *file, const char *text)
{
  if (*text == '.') fputs("\\&", file);
  print_characters(file, text, (int)strlen(text), true);
}

void nm_roff_print_operands(FILE *file, const char *text)
{
  while (*text) {
    int len = 0;
    while (isupper((unsigned char)text[len])) ++len;
    if (len) fprintf(file, "\\fI%.*s\\fR", len, text);
    text += len;
    if (*text) print_character(file, *text++, true);
  }
}

// How much of the word is an option, "--rate" of "--rate,"; 0 for others.
static int measure_option(const char *word, int len)
{
  int n = 1;
  if (len < 2 || word[0] != '-') return 0;
  if (word[1] == '-') n = 2;
  const int n_dashes = n;
  while (n < len && (isalnum((unsigned char)word[n]) || word[n] == '-')) ++n;
  return n > n_dashes && isalpha((unsigned char)word[n_dashes]) ? n : 0;
}

static int print_word(FILE *file, const char *word, int len)
{
  const int n_bracket = len > 1 && (*word == '(' || *word == '[');
  const int n_option = measure_option(word + n_bracket, len - n_bracket);
  int n = print_characters(file, word, n_bracket, false);
  if (n_option) {
    n += fprintf(file, "\\fB") + print_characters(file, word + n_bracket, n_option, true);
    n += fprintf(file, "\\fR");
  }
  const int n_done = n_bracket + n_option;
  const bool is_minus = !n_option && word[n_bracket] == '-';
  if (is_minus) n += fprintf(file, "\\-");
  return n + print_characters(file, word + n_done + is_minus, len - n_done - is_minus, false);
}

// One paragraph or line, broken between words. Returns its end.
static const char *print_filled(FILE *file, const char *text)
{
  int column = 0;
  while (*text && *text != '\n') {
    const int len = (int)strcspn(text, " \n");
    if (column && column + 1 + len > WIDTH) {
      fputc('\n', file);
      column = 0;
    }
    if (column) column += fprintf(file, " ");
    if (!column && *text == '.') fputs("\\&", file);
    column += print_word(file, text, len);
    text += len;
    while (*text == ' ') ++text;
  }
  fputc('\n', file);
  return text;
}

static const char *print_as_it_is(FILE *file, const char *text)
{
  fputs(".EX\n", file);
  while (*text == ' ') {
    const int len = (int)strcspn(text, "\n");
    print_characters(file, text, len, true);
    fputc('\n', file);
    text += len + (text[len] == '\n');
  }
  fputs(".EE\n", file);
  return text;
}

void nm_roff_print_prose(FILE *file, const char *text)
{
  while (*text) {
    if (*text == '\n') {
      fputs(".PP\n", file);
      ++text;
    } else if (*text == ' ') {
      text = print_as_it_is(file, text);
    } else {
      text = print_filled(file, text);
      if (*text == '\n') ++text;
    }
  }
}

void nm_roff_print_sentence(FILE *file, const char *text, const char *end)
{
  char sentence[SENTENCE_MAX];
  snprintf(sentence, sizeof sentence, "%s%s", text, end);
  *sentence = (char)toupper((unsigned char)*sentence);
  nm_roff_print_prose(file, sentence);
}
