// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "app/manual/manual.h"
#include "app/manual/values.h"

// Text within '...[text]...', where brackets, colons and quotes have a meaning.
static void print_help(const char *text, FILE *file)
{
  for (; *text; ++text) {
    if (*text == '\'')
      fputs("'\\''", file);
    else if (strchr("[]:\\", *text))
      fprintf(file, "\\%c", *text);
    else
      fputc(*text, file);
  }
}

static void print_action(const NmValues *values, FILE *file)
{
  switch (values->kind) {
  case NM_VALUES_NONE: fputc(' ', file); break;
  case NM_VALUES_FOLDERS: fprintf(file, "_files -/"); break;
  case NM_VALUES_VOICES: fprintf(file, "_neume_voices"); break;
  case NM_VALUES_WORDS:
    fputc('(', file);
    nm_values_print(values, " ", file);
    fputc(')', file);
    break;
  case NM_VALUES_FILES:
    fprintf(file, "_files");
    if (!values->list) break;
    fprintf(file, " -g \"*.(");
    nm_values_print(values, "|", file);
    fprintf(file, ")\"");
    break;
  }
}

static void print_option(const NmCommand *command, const NmOption *option, FILE *file)
{
  const NmValues values = nm_values_get(command, option);
  fprintf(file, "        '*'");
  if (option->letter)
    fprintf(file, "{-%c%s,--%s%s}", option->letter, option->argument ? "+" : "", option->name,
            option->argument ? "=" : "");
  else
    fprintf(file, "--%s%s", option->name, option->argument ? "=" : "");
  fprintf(file, "'[");
  print_help(option->help, file);
  fprintf(file, "]");
  if (option->argument) {
    fprintf(file, ":");
    print_help(option->argument, file);
    fprintf(file, ":");
    print_action(&values, file);
  }
  fprintf(file, "' \\\n");
}

static void print_tasks(const NmTask *tasks, FILE *file)
{
  fprintf(file, "        '1:task:((");
  for (const NmTask *task = tasks; task->name; ++task) {
    fprintf(file, "%s%s\\:\"", task == tasks ? "" : " ", task->name);
    print_help(task->summary, file);
    fprintf(file, "\"");
  }
  fprintf(file, "))' \\\n");
}

static void print_command(const NmCommand *command, FILE *file)
{
  const NmOption *option;
  const NmValues values = nm_values_get(command, NULL);
  fprintf(file, "    %s)\n      _arguments -s -S \\\n", command->name);
  for (int i = 0; (option = nm_command_get_option(command, i)); ++i) print_option(command, option, file);
  if (command->tasks) print_tasks(command->tasks, file);
  fprintf(file, "        '*:file:");
  print_action(&values, file);
  fprintf(file, "'\n      ;;\n");
}

void nm_completion_print_zsh(const NmCommand *const *commands, FILE *file)
{
  fprintf(file, "#compdef neume\n# Made from the tables of the program's options.\n\n"
                "_neume_voices() {\n  local -a voices\n  voices=(${=\"$(" NM_VALUES_VOICES_LINE
                ")\"})\n  compadd -a voices\n}\n\n"
                "_neume() {\n  local -a commands\n  local curcontext=$curcontext state line\n  commands=(\n");
  for (int i = 0; commands[i]; ++i) {
    fprintf(file, "    '%s:", commands[i]->name);
    print_help(commands[i]->summary, file);
    fprintf(file, "'\n");
  }
  fprintf(file, "    'help:the help of a command'\n  )\n"
                "  _arguments -C '1:command:->command' '*::argument:->argument'\n"
                "  if [[ $state == command ]]; then\n    _describe command commands\n    return\n  fi\n"
                "  case $line[1] in\n");
  for (int i = 0; commands[i]; ++i) print_command(commands[i], file);
  fprintf(file, "    help) _describe command commands ;;\n  esac\n}\n\n_neume \"$@\"\n");
}
