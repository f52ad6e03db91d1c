// SPDX-License-Identifier: GPL-3.0-or-later
// What is made from the tables of commands besides --help: manual pages and the completion of shells. The
// build writes them by the program neume_manual; nothing of this is in neume itself. Functions print to
// `file` and leave errors to ferror. `commands` ends with NULL.
#ifndef NM_MANUAL_MANUAL_H
#define NM_MANUAL_MANUAL_H

#include "app/command.h"

// The day and the version that stand at the foot of each page.
typedef struct {
  const char *date, *version;
} NmEdition;

// neume(1), and neume-COMMAND(1) of `command`, in the man macros.
void nm_manual_print_overview(const NmCommand *const *commands, const NmEdition *edition, FILE *file);
void nm_manual_print_page(const NmCommand *const *commands, const NmCommand *command,
                          const NmEdition *edition, FILE *file);

// Completion: commands, tasks, options, their words and the files they take.
void nm_completion_print_bash(const NmCommand *const *commands, FILE *file);
void nm_completion_print_zsh(const NmCommand *const *commands, FILE *file);
void nm_completion_print_fish(const NmCommand *const *commands, FILE *file);

#endif
