// SPDX-License-Identifier: GPL-3.0-or-later
// Commands as tables: one row per option serves the parser, --help and the manual pages.
#ifndef NM_APP_COMMAND_H
#define NM_APP_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "app/message.h"

// One option. `letter` is 0 when there is no short form, `argument` NULL when it takes none. A table ends
// with a row of name NULL. --help and --quiet are added to every command.
typedef struct {
  const char *name;
  char letter;
  const char *argument, *help;
} NmOption;

typedef struct NmCommand NmCommand;

typedef struct {
  const char *name, *value;
} NmChosen;

// What the command line said, in its order. Strings are argv's.
typedef struct {
  const NmCommand *command;
  NmChosen *chosen; // [n_chosen]
  char **operands;  // [n_operands]
  int n_chosen, n_operands;
} NmArgs;

// A task of a command that has several, "train speech": the first operand names it.
typedef struct {
  const char *name, *summary;
  int (*run)(const NmArgs *args); // operands without the task's name
} NmTask;

// A line for the shell, and what it does in a few words. The table ends with a NULL line. All of them are
// executed by tests/docs; what a machine without a microphone or a corpus cannot do is listed there too.
typedef struct {
  const char *line, *what;
} NmExample;

// For completion: the words that an option takes, "major minor", or the endings of its files, ".mid .abc".
// Option "" stands for the operands. The table ends with a NULL option. What is not listed is completed by
// the option's argument: FILE... by files, DIR and FOLDER by folders.
typedef struct {
  const char *option, *values;
} NmChoice;

// A variable of the environment that the command heeds. The table ends with a NULL name.
typedef struct {
  const char *name, *what;
} NmVariable;

// All but name, operands, summary and options may be left out.
struct NmCommand {
  const char *name, *operands, *summary;
  const char *group;             // the heading it stands under in the overview; the previous one's if NULL
  const char *details;           // more help: paragraphs; lines that begin with spaces are shown as they are
  const NmExample *examples;     // ends with a NULL line
  const NmChoice *choices;       // ends with a NULL option
  const NmVariable *environment; // ends with a NULL name
  const NmOption *options;       // ends with a NULL name
  const NmTask *tasks;           // ends with a NULL name; NULL when `run` is set
  int (*run)(const NmArgs *args);
  bool writes_nothing; // so that Ctrl-C may end it at once
};

// Finds the command in `commands` (ends with NULL), parses and runs it. Returns the exit code.
int nm_command_main(const NmCommand *const *commands, int argc, char **argv);

// What argv (argv[0] is the command's name; it is permuted) says, checked against the options, without doing
// it. NM_ERR_BAD_ARG with a message, NM_ERR_NO_MEMORY. Free with nm_args_fini, also after a failure. One
// thread at a time.
NmStatus nm_command_parse(const NmCommand *command, int argc, char **argv, NmArgs *args,
                          NmError *err) NM_NODISCARD;
void nm_args_fini(NmArgs *args);

// The i-th option of a command, those of every command last; NULL after them.
const NmOption *nm_command_get_option(const NmCommand *command, int i);

// --help of one command, and of the program.
void nm_command_print_help(const NmCommand *command, FILE *file);
void nm_command_print_overview(const NmCommand *const *commands, FILE *file);

// The last value of an option, NULL when it was not given (or takes none); whether it was given; the i-th.
const char *nm_args_get(const NmArgs *args, const char *name);
bool nm_args_has(const NmArgs *args, const char *name);
const char *nm_args_get_nth(const NmArgs *args, const char *name, int i);

// A number within [low, high] into *value, which keeps its default when the option was not given. False,
// with a message, when it is something else.
bool nm_args_get_number(const NmArgs *args, const char *name, double low, double high, double *value);
bool nm_args_get_integer(const NmArgs *args, const char *name, int64_t low, int64_t high, int64_t *value);

// The string of `names` (n of them) nearest to `word`, NULL when none is near.
const char *nm_nearest(const char *word, const char *const *names, int n);

#endif
