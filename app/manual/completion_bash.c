// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/manual/manual.h"
#include "app/manual/values.h"

static const char head[] =
    "# bash completion for neume                                             -*- shell-script -*-\n"
    "# Made from the tables of the program's options.\n"
    "\n"
    "_neume_words() {\n"
    "  mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
    "}\n"
    "\n"
    "_neume_folders() {\n"
    "  compopt -o filenames 2>/dev/null\n"
    "  mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n"
    "}\n"
    "\n"
    "# Files with one of the endings a|b|c, and folders; any file when there are none of those.\n"
    "_neume_files() {\n"
    "  compopt -o filenames 2>/dev/null\n"
    "  mapfile -t COMPREPLY < <(\n"
    "    compgen -d -- \"$cur\"\n"
    "    compgen -f -- \"$cur\" | grep -Ei \"\\\\.($1)\\$\"\n"
    "  )\n"
    "  if [ ${#COMPREPLY[@]} -eq 0 ]; then mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); fi\n"
    "}\n";

static const char body[] =
    "_neume() {\n"
    "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "  local command=${COMP_WORDS[1]} task= i\n"
    "  COMPREPLY=()\n"
    "  # --option=value comes as three words.\n"
    "  if [ \"$cur\" = = ]; then\n"
    "    cur=\n"
    "  elif [ \"$prev\" = = ]; then\n"
    "    prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "  fi\n"
    "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    "    _neume_words \"$_neume_commands help --help --version\"\n"
    "    return\n"
    "  fi\n"
    "  if [ \"$command\" = help ]; then\n"
    "    [ \"$COMP_CWORD\" -gt 2 ] || _neume_words \"$_neume_commands\"\n"
    "    return\n"
    "  fi\n"
    "  if [[ $prev == -* && $prev != -- ]] && _neume_value \"$command\" \"$prev\"; then return; fi\n"
    "  if [[ $cur == -* ]]; then\n"
    "    _neume_words \"$(_neume_options \"$command\")\"\n"
    "    return\n"
    "  fi\n"
    "  for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "    [[ \" $(_neume_tasks \"$command\") \" != *\" ${COMP_WORDS[i]} \"* ]] || task=${COMP_WORDS[i]}\n"
    "  done\n"
    "  if [ -z \"$task\" ] && [ -n \"$(_neume_tasks \"$command\")\" ]; then\n"
    "    _neume_words \"$(_neume_tasks \"$command\")\"\n"
    "  else\n"
    "    _neume_value \"$command\" operand\n"
    "  fi\n"
    "}\n"
    "complete -F _neume neume\n";

static void print_options(const NmCommand *const *commands, FILE *file)
{
  fprintf(file, "\n_neume_options() {\n  case $1 in\n");
  for (int i = 0; commands[i]; ++i) {
    const NmOption *option;
    fprintf(file, "    %s) echo \"", commands[i]->name);
    for (int j = 0; (option = nm_command_get_option(commands[i], j)); ++j) {
      if (option->letter) fprintf(file, "-%c ", option->letter);
      fprintf(file, "--%s ", option->name);
    }
    fprintf(file, "\" ;;\n");
  }
  fprintf(file, "  esac\n}\n");
}

static void print_tasks(const NmCommand *const *commands, FILE *file)
{
  fprintf(file, "\n_neume_tasks() {\n  case $1 in\n");
  for (int i = 0; commands[i]; ++i) {
    if (!commands[i]->tasks) continue;
    fprintf(file, "    %s) echo \"", commands[i]->name);
    for (const NmTask *task = commands[i]->tasks; task->name; ++task) fprintf(file, "%s ", task->name);
    fprintf(file, "\" ;;\n");
  }
  fprintf(file, "  esac\n}\n");
}

static void print_action(const NmValues *values, FILE *file)
{
  switch (values->kind) {
  case NM_VALUES_NONE: fprintf(file, ":"); break;
  case NM_VALUES_FOLDERS: fprintf(file, "_neume_folders"); break;
  case NM_VALUES_VOICES: fprintf(file, "_neume_words \"$(" NM_VALUES_VOICES_LINE ")\""); break;
  case NM_VALUES_WORDS:
    fprintf(file, "_neume_words \"");
    nm_values_print(values, " ", file);
    fprintf(file, "\"");
    break;
  case NM_VALUES_FILES:
    fprintf(file, "_neume_files \"");
    if (values->list)
      nm_values_print(values, "|", file);
    else
      fprintf(file, ".*");
    fprintf(file, "\"");
    break;
  }
}

static void print_values_of(const NmCommand *command, FILE *file)
{
  const NmOption *option;
  for (int i = 0; (option = nm_command_get_option(command, i)); ++i) {
    const NmValues values = nm_values_get(command, option);
    if (!option->argument) continue;
    fprintf(file, "    %s:--%s", command->name, option->name);
    if (option->letter) fprintf(file, " | %s:-%c", command->name, option->letter);
    fprintf(file, ") ");
    print_action(&values, file);
    fprintf(file, " ;;\n");
  }
  const NmValues values = nm_values_get(command, NULL);
  fprintf(file, "    %s:operand) ", command->name);
  print_action(&values, file);
  fprintf(file, " ;;\n");
}

// Fails for an option without a value: what follows it is another option or an operand.
static void print_values(const NmCommand *const *commands, FILE *file)
{
  fprintf(file, "\n_neume_value() {\n  case $1:$2 in\n");
  for (int i = 0; commands[i]; ++i) print_values_of(commands[i], file);
  fprintf(file, "    *) return 1 ;;\n  esac\n}\n");
}

void nm_completion_print_bash(const NmCommand *const *commands, FILE *file)
{
  fputs(head, file);
  fprintf(file, "\n_neume_commands=\"");
  for (int i = 0; commands[i]; ++i) fprintf(file, "%s%s", i ? " " : "", commands[i]->name);
  fprintf(file, "\"\n");
  print_options(commands, file);
  print_tasks(commands, file);
  print_values(commands, file);
  fputc('\n', file);
  fputs(body, file);
}
