// SPDX-License-Identifier: GPL-3.0-or-later
// What surrounds work for a caller: numbers are read and written as in C whatever the caller's locale, and
// messages find the log of its context.
#ifndef NM_HOSTS_LIBRARY_SCOPE_H
#define NM_HOSTS_LIBRARY_SCOPE_H

#include <locale.h>

#include "app/hosts/neume.h"
#include "dsp/base/status.h"

typedef struct {
  locale_t locale; // of the thread, before
  NeumeLogFn log;
  void *log_user;
} NmScope;

// Routes the log of all threads here; once for the process.
void nm_scope_install(void);

// Both on one thread; scopes nest.
void nm_scope_begin(NmScope *scope, NeumeLogFn log, void *log_user);
void nm_scope_end(const NmScope *scope);

// An error as callers know it. Returns its status.
NeumeStatus nm_hand_out_error(const NmError *from, NeumeError *to);

#endif
