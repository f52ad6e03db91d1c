// SPDX-License-Identifier: GPL-3.0-or-later
// Ctrl-C and closed pipes.
#ifndef NM_APP_INTERRUPT_H
#define NM_APP_INTERRUPT_H

#include <stdatomic.h>
#include <stdbool.h>

// From now on SIGINT and SIGTERM set a flag (a second one ends the program at once) and writing to a closed
// pipe is an error, not a signal.
void nm_interrupt_install(void);

// SIGINT and SIGTERM end the program at once again: for what leaves nothing half done.
void nm_interrupt_restore(void);

// Whether the user wants to stop; and the flag itself, for those who wait.
bool nm_interrupt_seen(void);
const atomic_bool *nm_interrupt_get_flag(void);

#endif
