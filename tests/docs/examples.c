// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/docs/examples.h"

// cmocka.h wants these first.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/commands/commands.h"
#include "tests/support/program.h"

static void add(Examples *examples, char *line, const char *where)
{
  examples->rows = realloc(examples->rows, sizeof *examples->rows * (size_t)(examples->n + 1));
  assert_non_null(examples->rows);
  Example *row = &examples->rows[examples->n++];
  row->line = line;
  snprintf(row->where, sizeof row->where, "%s", where);
}

void examples_add_commands(Examples *examples)
{
  for (int i = 0; nm_commands[i]; i++) {
    char where[80];
    snprintf(where, sizeof where, "neume %s", nm_commands[i]->name);
    const NmExample *example = nm_commands[i]->examples;
    if (!example) fail_msg("%s has no examples", where);
    for (; example->line; example++) add(examples, strdup(example->line), where);
  }
}

// Cuts off "   # what it does" and spaces at the end.
static void trim(char *line)
{
  char quote = 0;
  for (char *c = line; *c; c++) {
    if (quote ? *c == quote : *c == '"' || *c == '\'') quote = quote ? 0 : *c;
    if (!quote && *c == '#' && (c == line || c[-1] == ' ')) *c = '\0', c--;
  }
  for (size_t n = strlen(line); n && strchr(" \n", line[n - 1]); n--) line[n - 1] = '\0';
}

// One line of a block; `line` grows while lines end in a backslash. True when it is whole.
static bool join(char **line, char *more)
{
  trim(more);
  const size_t n_line = *line ? strlen(*line) : 0, n_more = strlen(more);
  *line = realloc(*line, n_line + n_more + 1);
  assert_non_null(*line);
  memcpy(*line + n_line, more, n_more + 1);
  if (!n_more || more[n_more - 1] != '\\') return true;
  (*line)[n_line + n_more - 1] = '\0';
  return false;
}

void examples_add_markdown(Examples *examples, const char *path, const char *name)
{
  char text[4096], where[160], *line = NULL;
  bool is_in_block = false, is_shell = false;
  FILE *file = fopen(path, "r");
  if (!file) fail_msg("%s cannot be read", path);
  for (int n = 1; fgets(text, sizeof text, file); n++) {
    if (!strncmp(text, "```", 3)) {
      is_in_block = !is_in_block;
      is_shell = is_in_block && !strcmp(text, "```sh\n");
      if (is_in_block && text[3] == '\n') fail_msg("%s:%d: a block of no kind (sh, text, json...)", name, n);
    } else if (is_shell && join(&line, text)) {
      snprintf(where, sizeof where, "%s:%d", name, n);
      if (*line)
        add(examples, line, where);
      else
        free(line);
      line = NULL;
    }
  }
  fclose(file);
  assert_null(line);
  assert_false(is_in_block);
}

void examples_fini(Examples *examples)
{
  for (int i = 0; i < examples->n; i++) free(examples->rows[i].line);
  free(examples->rows);
}

int examples_split(const char *line, char *buffer, char **words, int max)
{
  int n = 0;
  char quote = 0;
  bool is_in_word = false;
  for (; *line; line++) {
    const char c = *line;
    if (!quote && (c == ' ' || c == '|' || c == ';')) {
      if (is_in_word) *buffer++ = '\0';
      is_in_word = false;
      continue;
    }
    if (!is_in_word && n == max) break;
    if (!is_in_word) words[n++] = buffer;
    is_in_word = true;
    if (quote ? c == quote : c == '"' || c == '\'')
      quote = quote ? 0 : c;
    else
      *buffer++ = c;
  }
  *buffer = '\0';
  return n;
}
