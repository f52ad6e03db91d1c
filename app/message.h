// SPDX-License-Identifier: GPL-3.0-or-later
// What the program says to a person, always on stderr and as a sentence: "neume: ...".
#ifndef NM_APP_MESSAGE_H
#define NM_APP_MESSAGE_H

#include <stdbool.h>

#include "dsp/base/status.h"

// Exit codes of every command.
enum {
  NM_EXIT_DONE = 0,
  NM_EXIT_FAILED = 1,
  NM_EXIT_USAGE = 2,
  NM_EXIT_INPUT = 3,   // input unreadable or invalid
  NM_EXIT_PARTIAL = 4, // some of a batch failed
  NM_EXIT_INTERRUPTED = 130
};

// Prints one message. A warning is dropped when the program is quiet.
void nm_message(const char *fmt, ...) NM_PRINTF(1, 2);
void nm_message_warning(const char *fmt, ...) NM_PRINTF(1, 2);

// Prints one message and returns `exit_code`, so that a command can `return nm_message_fail(...)`.
int nm_message_fail(int exit_code, const char *fmt, ...) NM_PRINTF(2, 3);

// Reports `err`, met while reading what the user gave, and returns the exit code for it: 3 for bad or
// unreadable input, 130 when interrupted, 1 otherwise.
int nm_message_fail_input(const NmError *err);

// As nm_message_fail_input, for an error met while writing: unreadable files count as 1.
int nm_message_fail_output(const NmError *err);

// Silences warnings; routes nm_log to this module.
void nm_message_set_quiet(bool quiet);
bool nm_message_is_quiet(void);
void nm_message_install(void);

#endif
