// SPDX-License-Identifier: GPL-3.0-or-later
// What can stand after an option, for the completion of shells.
#ifndef NM_MANUAL_VALUES_H
#define NM_MANUAL_VALUES_H

#include "app/command.h"

typedef enum {
  NM_VALUES_NONE,  // anything, nothing is offered
  NM_VALUES_WORDS, // one of `list`, parted by spaces
  NM_VALUES_FILES, // files, those with the endings of `list` first; any when that is NULL
  NM_VALUES_FOLDERS,
  NM_VALUES_VOICES, // what neume info knows as speakers
} NmValuesKind;

typedef struct {
  NmValuesKind kind;
  const char *list; // the table's, or NULL
} NmValues;

// The line for the shell that prints the speakers, a word each.
#define NM_VALUES_VOICES_LINE                                                                                \
  "neume info --json 2>/dev/null | sed -n 's/.*\"speakers\": \"\\(.*\\)\".*/\\1/p' | tr , ' '"

// Of an option that takes an argument; of the operands when `option` is NULL.
NmValues nm_values_get(const NmCommand *command, const NmOption *option);

// Prints the list with `separator` between its words, without the dots that endings begin with.
void nm_values_print(const NmValues *values, const char *separator, FILE *file);

#endif
