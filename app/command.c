// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/interrupt.h"

enum { N_OPTIONS_MAX = 48, N_NAMES_MAX = 64, N_WORD_MAX = 40 };

static const NmOption common_options[] = {
    {"help", 'h', NULL, "print this help"}, {"quiet", 'q', NULL, "no warnings, no progress"}, {0}};

static int minimum(int a, int b)
{
  return a < b ? a : b;
}

// Edits (insert, delete, change, swap of neighbours) from one word to another.
static int count_edits(const char *a, const char *b)
{
  int rows[3][N_WORD_MAX + 1];
  const int n_a = (int)strlen(a), n_b = (int)strlen(b);
  if (n_a > N_WORD_MAX || n_b > N_WORD_MAX) return N_WORD_MAX;
  for (int j = 0; j <= n_b; j++) rows[0][j] = j;
  for (int i = 1; i <= n_a; i++) {
    int *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
    row[0] = i;
    for (int j = 1; j <= n_b; j++) {
      row[j] = minimum(minimum(row[j - 1], above[j]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = minimum(row[j], above2[j - 2] + 1);
    }
  }
  return rows[n_a % 3][n_b];
}

const char *nm_nearest(const char *word, const char *const *names, int n)
{
  const char *best = NULL;
  int n_best = (int)strlen(word) > 4 ? 3 : 2;
  for (int i = 0; i < n; i++) {
    const int n_edits = count_edits(word, names[i]);
    if (n_edits < n_best || (n_edits == n_best && !best)) best = names[i], n_best = n_edits;
  }
  return best;
}

const NmOption *nm_command_get_option(const NmCommand *command, int i)
{
  int n = 0;
  while (command->options && command->options[n].name) n++;
  if (i < n) return &command->options[i];
  return common_options[i - n].name ? &common_options[i - n] : NULL;
}

const char *nm_args_get_nth(const NmArgs *args, const char *name, int i)
{
  for (int j = 0; j < args->n_chosen; j++) {
    if (!strcmp(args->chosen[j].name, name) && !i--) return args->chosen[j].value;
  }
  return NULL;
}

const char *nm_args_get(const NmArgs *args, const char *name)
{
  const char *value = NULL;
  for (int j = 0; j < args->n_chosen; j++) {
    if (!strcmp(args->chosen[j].name, name)) value = args->chosen[j].value;
  }
  return value;
}

bool nm_args_has(const NmArgs *args, const char *name)
{
  for (int j = 0; j < args->n_chosen; j++) {
    if (!strcmp(args->chosen[j].name, name)) return true;
  }
  return false;
}

bool nm_args_get_number(const NmArgs *args, const char *name, double low, double high, double *value)
{
  const char *text = nm_args_get(args, name);
  char *end;
  if (!text) return true;
  const double number = strtod(text, &end);
  if (end != text && !*end && number >= low && number <= high) {
    *value = number;
    return true;
  }
  nm_message("--%s wants a number from %g to %g, not '%s'", name, low, high, text);
  return false;
}

bool nm_args_get_integer(const NmArgs *args, const char *name, int64_t low, int64_t high, int64_t *value)
{
  const char *text = nm_args_get(args, name);
  char *end;
  if (!text) return true;
  errno = 0;
  const long long number = strtoll(text, &end, 10);
  if (end != text && !*end && !errno && number >= low && number <= high) {
    *value = number;
    return true;
  }
  nm_message("--%s wants a whole number from %lld to %lld, not '%s'", name, (long long)low, (long long)high,
             text);
  return false;
}

static NmStatus fail_unknown_option(const NmCommand *command, const char *given, NmError *err)
{
  const char *names[N_OPTIONS_MAX];
  int n = 0;
  if (strncmp(given, "--", 2)) {
    return nm_error_set(err, NM_ERR_BAD_ARG,
                        "%s has no option '%s'; for text that begins with '-', put -- before it "
                        "(neume %s --help lists the options)",
                        command->name, given, command->name);
  }
  char word[N_WORD_MAX];
  snprintf(word, sizeof word, "%.*s", (int)strcspn(given + 2, "="), given + 2);
  for (; nm_command_get_option(command, n) && n < N_OPTIONS_MAX; n++)
    names[n] = nm_command_get_option(command, n)->name;
  const char *near = nm_nearest(word, names, n);
  if (near) {
    return nm_error_set(err, NM_ERR_BAD_ARG, "%s has no option '--%s'; did you mean --%s?", command->name,
                        word, near);
  }
  return nm_error_set(err, NM_ERR_BAD_ARG, "%s has no option '--%s' (neume %s --help lists the options)",
                      command->name, word, command->name);
}

// getopt's tables, made from ours.
typedef struct {
  char letters[2 * N_OPTIONS_MAX + 2];
  struct option options[N_OPTIONS_MAX + 1];
} Tables;

static void make_tables(const NmCommand *command, Tables *tables)
{
  char *letter = tables->letters;
  int n = 0;
  memset(tables, 0, sizeof *tables);
  *letter++ = ':';
  for (const NmOption *option; n < N_OPTIONS_MAX && (option = nm_command_get_option(command, n)); n++) {
    const int has_arg = option->argument ? required_argument : no_argument;
    tables->options[n] = (struct option){option->name, has_arg, NULL, 256 + n};
    if (option->letter) *letter++ = option->letter;
    if (option->letter && option->argument) *letter++ = ':';
  }
}

static const NmOption *find_option(const NmCommand *command, int code)
{
  const NmOption *option;
  if (code >= 256) return nm_command_get_option(command, code - 256);
  for (int i = 0; (option = nm_command_get_option(command, i)); i++) {
    if (option->letter == code) return option;
  }
  return NULL;
}

// Letters may stand together, -fq: as many options as there are characters, at most.
static size_t count_room(int argc, char **argv)
{
  size_t n = 1;
  for (int i = 0; i < argc; i++) n += argv[i][0] == '-' ? strlen(argv[i]) : 0;
  return n;
}

NmStatus nm_command_parse(const NmCommand *command, int argc, char **argv, NmArgs *args, NmError *err)
{
  Tables tables;
  int code;
  *args = (NmArgs){.command = command, .chosen = calloc(count_room(argc, argv), sizeof *args->chosen)};
  if (!args->chosen) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  make_tables(command, &tables);
  opterr = 0;
  optind = 0;
  while ((code = getopt_long(argc, argv, tables.letters, tables.options, NULL)) != -1) {
    const NmOption *option = find_option(command, code == ':' ? optopt : code);
    if (code == ':') {
      return nm_error_set(err, NM_ERR_BAD_ARG, "--%s wants %s (neume %s --help tells more)", option->name,
                          option->argument, command->name);
    }
    if (code == '?' && optopt >= 256) {
      return nm_error_set(err, NM_ERR_BAD_ARG, "--%s takes no value", find_option(command, optopt)->name);
    }
    char given[3] = {'-', (char)optopt, '\0'};
    if (code == '?') return fail_unknown_option(command, optopt ? given : argv[optind - 1], err);
    args->chosen[args->n_chosen++] = (NmChosen){option->name, optarg};
  }
  args->operands = argv + optind;
  args->n_operands = argc - optind;
  return NM_OK;
}

void nm_args_fini(NmArgs *args)
{
  free(args->chosen);
  *args = (NmArgs){0};
}

static int run_task(const NmCommand *command, NmArgs *args)
{
  const char *names[N_NAMES_MAX];
  int n = 0;
  if (!args->n_operands) {
    nm_command_print_help(command, stderr);
    return NM_EXIT_USAGE;
  }
  const char *name = *args->operands++;
  args->n_operands--;
  for (const NmTask *task = command->tasks; task->name; task++) {
    if (!strcmp(task->name, name)) return task->run(args);
    names[n++] = task->name;
  }
  const char *near = nm_nearest(name, names, n);
  return nm_message_fail(NM_EXIT_USAGE, "%s has no task '%s'%s%s%s", command->name, name,
                         near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static int run_command(const NmCommand *command, int argc, char **argv)
{
  NmArgs args;
  NmError err = {0};
  int code = NM_EXIT_DONE;
  const NmStatus status = nm_command_parse(command, argc, argv, &args, &err);
  if (status) {
    code = nm_message_fail(status == NM_ERR_BAD_ARG ? NM_EXIT_USAGE : NM_EXIT_FAILED, "%s", err.message);
  } else if (nm_args_has(&args, "help")) {
    nm_command_print_help(command, stdout);
  } else {
    nm_message_set_quiet(nm_args_has(&args, "quiet"));
    if (command->writes_nothing) nm_interrupt_restore();
    code = command->run ? command->run(&args) : run_task(command, &args);
  }
  nm_args_fini(&args);
  return code;
}

static const NmCommand *find_command(const NmCommand *const *commands, const char *name)
{
  const char *names[N_NAMES_MAX];
  int n = 0;
  for (; commands[n]; n++) {
    if (!strcmp(commands[n]->name, name)) return commands[n];
    names[n] = commands[n]->name;
  }
  names[n++] = "help";
  const char *near = nm_nearest(name, names, n);
  if (near)
    nm_message("there is no command '%s'; did you mean '%s'?", name, near);
  else
    nm_message("there is no command '%s'; neume help lists them", name);
  return NULL;
}

static int print_help(const NmCommand *const *commands, const char *name)
{
  const NmCommand *command = name ? find_command(commands, name) : NULL;
  if (name && !command) return NM_EXIT_USAGE;
  if (command)
    nm_command_print_help(command, stdout);
  else
    nm_command_print_overview(commands, stdout);
  return NM_EXIT_DONE;
}

int nm_command_main(const NmCommand *const *commands, int argc, char **argv)
{
  if (argc < 2) {
    nm_command_print_overview(commands, stderr);
    return NM_EXIT_USAGE;
  }
  if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
    printf("neume %s\n", NM_VERSION);
    return NM_EXIT_DONE;
  }
  const bool is_help = !strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h");
  if (is_help) return print_help(commands, argc > 2 ? argv[2] : NULL);
  const NmCommand *command = find_command(commands, argv[1]);
  return command ? run_command(command, argc - 1, argv + 1) : NM_EXIT_USAGE;
}
