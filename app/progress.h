// SPDX-License-Identifier: GPL-3.0-or-later
// A progress bar on stderr: only on a terminal, only when not quiet, only when the work takes a while.
#ifndef NM_APP_PROGRESS_H
#define NM_APP_PROGRESS_H

// Shows that `done` of `total` is done (total > 0); draws at most ten times a second.
void nm_progress_show(const char *what, double done, double total);

// Removes the bar, if one was drawn.
void nm_progress_clear(void);

#endif
