// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/manual/values.h"

#include <string.h>

static bool begins_with(const char *text, const char *start)
{
  return !strncmp(text, start, strlen(start));
}

static const char *find_choice(const NmCommand *command, const char *name)
{
  for (const NmChoice *choice = command->choices; choice && choice->option; ++choice)
    if (!strcmp(choice->option, name)) return choice->values;
  return NULL;
}

NmValues nm_values_get(const NmCommand *command, const NmOption *option)
{
  const char *argument = option ? option->argument : "FILE";
  const char *list = find_choice(command, option ? option->name : "");
  if (!argument) return (NmValues){NM_VALUES_NONE, NULL};
  if (list && !strcmp(list, "@voices")) return (NmValues){NM_VALUES_VOICES, NULL};
  if (begins_with(argument, "DIR") || begins_with(argument, "FOLDER"))
    return (NmValues){NM_VALUES_FOLDERS, NULL};
  if (begins_with(argument, "FILE")) return (NmValues){NM_VALUES_FILES, list};
  return (NmValues){list ? NM_VALUES_WORDS : NM_VALUES_NONE, list};
}

void nm_values_print(const NmValues *values, const char *separator, FILE *file)
{
  for (const char *word = values->list; word && *word;) {
    const int len = (int)strcspn(word, " ");
    const int n_dots = values->kind == NM_VALUES_FILES && *word == '.';
    fprintf(file, "%s%.*s", word == values->list ? "" : separator, len - n_dots, word + n_dots);
    word += len + strspn(word + len, " ");
  }
}
