// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "app/assets.h"
#include "app/manual/manual.h"
#include "app/manual/roff.h"

static const char *const exit_codes[][2] = {{"0", "Done."},
                                            {"1", "Failed."},
                                            {"2", "Wrong usage."},
                                            {"3", "Input unreadable or invalid; the message names file, "
                                                  "place and cause."},
                                            {"4", "Some of a batch failed."},
                                            {"130", "Interrupted."}};

static void print_title(const char *name, const NmEdition *edition, FILE *file)
{
  fprintf(file, ".TH ");
  for (; *name; ++name) fputc(toupper((unsigned char)*name), file);
  fprintf(file, " 1 \"%s\" \"neume %s\" \"User Commands\"\n", edition->date, edition->version);
}

// A row of a list: the head in bold, then what it means.
static void print_row(FILE *file, const char *head, const char *text)
{
  fprintf(file, ".TP\n.B ");
  nm_roff_print_literal(file, head);
  fputc('\n', file);
  nm_roff_print_prose(file, text);
}

static void print_option(FILE *file, const NmOption *option)
{
  fprintf(file, ".TP\n");
  if (option->letter) fprintf(file, "\\fB\\-%c\\fR, ", option->letter);
  fprintf(file, "\\fB\\-\\-");
  nm_roff_print_literal(file, option->name);
  fprintf(file, "\\fR");
  if (option->argument) {
    fputc(' ', file);
    nm_roff_print_operands(file, option->argument);
  }
  fputc('\n', file);
  nm_roff_print_prose(file, option->help);
}

static void print_environment(FILE *file, const NmVariable *own)
{
  fprintf(file, ".SH ENVIRONMENT\n");
  print_row(file, "NEUME_ASSETS", "a folder of weights and dictionaries that is searched first");
  for (; own && own->name; ++own) print_row(file, own->name, own->what);
}

static void print_exit_status(FILE *file)
{
  fprintf(file, ".SH EXIT STATUS\n");
  for (size_t i = 0; i < sizeof exit_codes / sizeof *exit_codes; ++i)
    print_row(file, exit_codes[i][0], exit_codes[i][1]);
}

static void print_examples(FILE *file, const NmExample *examples)
{
  fprintf(file, ".SH EXAMPLES\n");
  for (const NmExample *example = examples; example->line; ++example) {
    if (example != examples) fprintf(file, ".PP\n");
    if (example->what) nm_roff_print_sentence(file, example->what, ":");
    fprintf(file, ".PP\n.in +4n\n.EX\n");
    nm_roff_print_literal(file, example->line);
    fprintf(file, "\n.EE\n.in\n");
  }
}

static const char *get_group(const NmCommand *const *commands, const NmCommand *command)
{
  const char *group = "";
  for (int i = 0; commands[i]; ++i) {
    if (commands[i]->group) group = commands[i]->group;
    if (commands[i] == command) break;
  }
  return group;
}

// Whether the text speaks of "neume NAME".
static bool mentions(const char *text, const char *name)
{
  const size_t len = strlen(name);
  while (text && (text = strstr(text, "neume "))) {
    text += 6;
    if (!strncmp(text, name, len) && !isalnum((unsigned char)text[len])) return true;
  }
  return false;
}

static bool is_related(const NmCommand *const *commands, const NmCommand *command, const NmCommand *other)
{
  if (command == other) return false;
  if (!strcmp(get_group(commands, command), get_group(commands, other))) return true;
  for (int i = 0; nm_command_get_option(command, i); ++i)
    if (mentions(nm_command_get_option(command, i)->help, other->name)) return true;
  return mentions(command->details, other->name);
}

// Names in alphabetical order, as manual pages have them.
static const NmCommand *find_next(const NmCommand *const *commands, const char *after)
{
  const NmCommand *best = NULL;
  for (int i = 0; commands[i]; ++i) {
    if (strcmp(commands[i]->name, after) <= 0) continue;
    if (!best || strcmp(commands[i]->name, best->name) < 0) best = commands[i];
  }
  return best;
}

// The program's page, and those of related commands (of all when `command` is NULL).
static void print_see_also(const NmCommand *const *commands, const NmCommand *command, FILE *file)
{
  bool is_first = !command;
  fprintf(file, ".SH SEE ALSO\n");
  if (command) fprintf(file, ".BR neume (1)");
  for (const NmCommand *other = find_next(commands, ""); other; other = find_next(commands, other->name)) {
    if (command && !is_related(commands, command, other)) continue;
    fprintf(file, "%s.BR neume\\-%s (1)", is_first ? "" : ",\n", other->name);
    is_first = false;
  }
  fputc('\n', file);
}

static void print_tasks(FILE *file, const NmTask *tasks)
{
  fprintf(file, ".SH TASKS\n");
  for (; tasks->name; ++tasks) print_row(file, tasks->name, tasks->summary);
}

void nm_manual_print_page(const NmCommand *const *commands, const NmCommand *command,
                          const NmEdition *edition, FILE *file)
{
  char name[64];
  snprintf(name, sizeof name, "neume-%s", command->name);
  print_title(name, edition, file);
  fprintf(file, ".SH NAME\nneume\\-%s \\- %s\n", command->name, command->summary);
  fprintf(file, ".SH SYNOPSIS\n\\fBneume %s\\fR [\\fIoption\\fR ...] ", command->name);
  nm_roff_print_operands(file, command->operands);
  fprintf(file, "\n.SH DESCRIPTION\n");
  nm_roff_print_sentence(file, command->summary, ".");
  if (command->details) {
    fprintf(file, ".PP\n");
    nm_roff_print_prose(file, command->details);
  }
  if (command->tasks) print_tasks(file, command->tasks);
  fprintf(file, ".SH OPTIONS\n");
  for (int i = 0; nm_command_get_option(command, i); ++i)
    print_option(file, nm_command_get_option(command, i));
  print_environment(file, command->environment);
  fprintf(file, ".SH FILES\n");
  print_row(file, "share/neume", "weights and dictionaries, below the folder that holds bin; see neume(1)");
  print_exit_status(file);
  if (command->examples) print_examples(file, command->examples);
  print_see_also(commands, command, file);
}

static void print_commands(const NmCommand *const *commands, FILE *file)
{
  for (int i = 0; commands[i]; ++i) {
    if (commands[i]->group) fprintf(file, ".SS %s\n", commands[i]->group);
    print_row(file, commands[i]->name, commands[i]->summary);
  }
}

static void print_files(FILE *file)
{
  fprintf(file, ".SH FILES\n");
  nm_roff_print_prose(file,
                      "They are looked for in $NEUME_ASSETS, in the folder assets beside the program, and in "
                      "share/neume below the folder that holds bin; neume info shows what was found.");
  for (const NmAsset *asset = nm_assets; asset->name; ++asset) print_row(file, asset->name, asset->what);
}

void nm_manual_print_overview(const NmCommand *const *commands, const NmEdition *edition, FILE *file)
{
  static const NmExample examples[] = {
      {"neume speak \"Hello, world.\"", "plays it"}, {"neume help compose", "what a command does"}, {0}};
  print_title("neume", edition, file);
  fprintf(file, ".SH NAME\nneume \\- speech, songs and the feelings of music\n"
                ".SH SYNOPSIS\n\\fBneume\\fR \\fIcommand\\fR [\\fIoption\\fR ...] [\\fIfile\\fR ...]\n"
                ".SH DESCRIPTION\n");
  nm_roff_print_prose(
      file,
      "Neume speaks text with a neural voice, sets words to music, finds words for a melody, and hears how "
      "music feels: offline, on an ordinary processor.\n\n"
      "Data goes to standard output or to files, messages go to standard error. Files appear whole or not at "
      "all, and none is overwritten without --force. The same input and --seed give the same bytes on any "
      "number of threads. Each command has a manual page of its own, and tells its options by --help.");
  fprintf(file, ".SH COMMANDS\n");
  print_commands(commands, file);
  fprintf(file, ".SH OPTIONS\n");
  print_row(file, "--help", "list the commands");
  print_row(file, "--version", "print the version");
  print_environment(file, NULL);
  print_files(file);
  print_exit_status(file);
  print_examples(file, examples);
  print_see_also(commands, NULL, file);
}
