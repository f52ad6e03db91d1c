// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "app/command.h"

enum { WIDTH = 92, EXAMPLE_WIDTH = 58 };

// One line of text, broken between words; its own leading spaces indent it further.
static const char *print_line(FILE *file, const char *text, int indent)
{
  int column = indent;
  for (; *text == ' '; text++) column += fprintf(file, " ");
  const int start = column;
  while (*text && *text != '\n') {
    const int len = (int)strcspn(text, " \n");
    if (column > start && column + 1 + len > WIDTH) {
      fprintf(file, "\n%*s", start, "");
      column = start;
    }
    if (column > start) column += fprintf(file, " ");
    column += fprintf(file, "%.*s", len, text);
    text += len;
    while (*text == ' ') text++;
  }
  fputc('\n', file);
  return text;
}

// The first line stands where the cursor is, at column `indent`.
static void print_wrapped(FILE *file, const char *text, int indent)
{
  while (*(text = print_line(file, text, indent))) fprintf(file, "%*s", *++text == '\n' ? 0 : indent, "");
}

static void print_option(FILE *file, const NmOption *option)
{
  char head[64], letter[8] = "    ";
  if (option->letter) snprintf(letter, sizeof letter, "-%c, ", option->letter);
  snprintf(head, sizeof head, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
           option->argument ? option->argument : "");
  fprintf(file, "  %-26s", head);
  if (strlen(head) > 25) fprintf(file, "\n%28s", "");
  print_wrapped(file, option->help, 28);
}

// What an example does stands beside it, or below when it is long.
static void print_examples(FILE *file, const NmExample *examples)
{
  fprintf(file, "\nExamples:\n");
  for (const NmExample *example = examples; example->line; example++) {
    const bool is_long = strlen(example->line) > EXAMPLE_WIDTH;
    if (!example->what)
      fprintf(file, "  %s\n", example->line);
    else if (is_long)
      fprintf(file, "  %s\n      # %s\n", example->line, example->what);
    else
      fprintf(file, "  %-*s # %s\n", EXAMPLE_WIDTH, example->line, example->what);
  }
}

void nm_command_print_help(const NmCommand *command, FILE *file)
{
  fprintf(file, "Usage: neume %s [OPTION...] %s\n\n", command->name, command->operands);
  print_wrapped(file, command->summary, 0);
  for (const NmTask *task = command->tasks; task && task->name; task++) {
    fprintf(file, "%s  %-12s%s\n", task == command->tasks ? "\n" : "", task->name, task->summary);
  }
  fprintf(file, "\nOptions:\n");
  for (int i = 0; nm_command_get_option(command, i); i++)
    print_option(file, nm_command_get_option(command, i));
  if (command->details) {
    fputc('\n', file);
    print_wrapped(file, command->details, 0);
  }
  if (command->examples) print_examples(file, command->examples);
}

static int measure_names(const NmCommand *const *commands)
{
  int width = 0;
  for (int i = 0; commands[i]; i++) {
    const int len = (int)strlen(commands[i]->name);
    if (len > width) width = len;
  }
  return width;
}

void nm_command_print_overview(const NmCommand *const *commands, FILE *file)
{
  const int width = measure_names(commands) + 2;
  const char *group = "Commands";
  fprintf(file, "Usage: neume COMMAND [OPTION...] [FILE...]\n");
  if (commands[0] && !commands[0]->group) fprintf(file, "\n%s:\n", group);
  for (int i = 0; commands[i]; i++) {
    const char *own = commands[i]->group ? commands[i]->group : group;
    if (strcmp(own, group)) fprintf(file, "\n%s:\n", own);
    group = own;
    fprintf(file, "  %-*s%s\n", width, commands[i]->name, commands[i]->summary);
  }
  fprintf(file, "  %-*s%s\n", width, "help", "this text, or the help of a command: neume help speak");
  fprintf(file, "\nTry: neume speak \"Hello, world.\"\n");
}
