// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/manual/manual.h"
#include "app/manual/values.h"

static void print_quoted(const char *text, FILE *file)
{
  fputc('\'', file);
  for (; *text; ++text) {
    if (*text == '\'' || *text == '\\') fputc('\\', file);
    fputc(*text, file);
  }
  fputc('\'', file);
}

static void print_values(const NmValues *values, FILE *file)
{
  switch (values->kind) {
  case NM_VALUES_NONE: fprintf(file, " -x"); break;
  case NM_VALUES_FOLDERS: fprintf(file, " -x -a '(__fish_complete_directories)'"); break;
  case NM_VALUES_VOICES: fprintf(file, " -x -a '(__neume_voices)'"); break;
  case NM_VALUES_WORDS:
    fprintf(file, " -x -a '");
    nm_values_print(values, " ", file);
    fprintf(file, "'");
    break;
  case NM_VALUES_FILES: fprintf(file, " -r -F"); break;
  }
}

static void print_option(const NmCommand *command, const NmOption *option, FILE *file)
{
  const NmValues values = nm_values_get(command, option);
  fprintf(file, "complete -c neume -n '__fish_seen_subcommand_from %s'", command->name);
  if (option->letter) fprintf(file, " -s %c", option->letter);
  fprintf(file, " -l %s", option->name);
  if (option->argument) print_values(&values, file);
  fprintf(file, " -d ");
  print_quoted(option->help, file);
  fputc('\n', file);
}

static void print_word(const char *condition, const char *name, const char *word, const char *help,
                       FILE *file)
{
  fprintf(file, "complete -c neume -n '%s%s' -a %s -d ", condition, name, word);
  print_quoted(help, file);
  fputc('\n', file);
}

void nm_completion_print_fish(const NmCommand *const *commands, FILE *file)
{
  const NmOption *option;
  fprintf(file, "# fish completion for neume, made from the tables of the program's options.\n\n"
                "function __neume_voices\n  " NM_VALUES_VOICES_LINE " | string split ' '\nend\n\n"
                "complete -c neume -n __fish_use_subcommand -f\n");
  for (int i = 0; commands[i]; ++i) {
    print_word("__fish_use_subcommand", "", commands[i]->name, commands[i]->summary, file);
    print_word("__fish_seen_subcommand_from help", "", commands[i]->name, commands[i]->summary, file);
  }
  print_word("__fish_use_subcommand", "", "help", "the help of a command", file);
  for (int i = 0; commands[i]; ++i) {
    fputc('\n', file);
    for (const NmTask *task = commands[i]->tasks; task && task->name; ++task)
      print_word("__fish_seen_subcommand_from ", commands[i]->name, task->name, task->summary, file);
    for (int j = 0; (option = nm_command_get_option(commands[i], j)); ++j)
      print_option(commands[i], option, file);
  }
}
