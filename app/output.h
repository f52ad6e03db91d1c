// SPDX-License-Identifier: GPL-3.0-or-later
// Output files that appear whole or not at all: written under a temporary name beside the target and renamed
// when complete.
#ifndef NM_APP_OUTPUT_H
#define NM_APP_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "dsp/base/status.h"

// Zero-initialise. A target that exists and is no ordinary file (/dev/null, a pipe) is written in place.
typedef struct {
  char *path;      // the target
  char *path_work; // where to write; same ending as the target
  bool direct;
} NmOutput;

// Whether `path` may be written: NM_ERR_IO when it is a folder, or exists as an ordinary file and `force` is
// not set.
NmStatus nm_output_check(const char *path, bool force, NmError *err) NM_NODISCARD;

// Chooses the temporary name and creates the file, so that a folder that cannot be written is found before
// the work. NM_ERR_IO when it cannot, or when the target exists and `force` is not set.
NmStatus nm_output_begin(NmOutput *out, const char *path, bool force, NmError *err) NM_NODISCARD;

// Puts the file in place. On an error it is removed.
NmStatus nm_output_commit(NmOutput *out, NmError *err) NM_NODISCARD;

// Removes what was written; nothing after a commit or on a zeroed struct.
void nm_output_discard(NmOutput *out);

// Opens path_work for writing text; NULL and `err` when that fails.
FILE *nm_output_open(const NmOutput *out, NmError *err);

// Closes `file`, written for `path`, and reports what could not be written.
NmStatus nm_output_close(FILE *file, const char *path, NmError *err) NM_NODISCARD;

#endif
