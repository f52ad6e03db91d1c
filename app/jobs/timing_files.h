// SPDX-License-Identifier: GPL-3.0-or-later
// The timing files of one job: opened before the work, written after it.
#ifndef NM_JOBS_TIMING_FILES_H
#define NM_JOBS_TIMING_FILES_H

#include "app/formats/timings.h"
#include "app/output.h"

enum { NM_TIMING_FILES_MAX = 8 };

// Zero-initialise.
typedef struct {
  NmOutput files[NM_TIMING_FILES_MAX]; // [n]
  int n;
} NmTimingFiles;

// Begins a file for each path: NM_ERR_BAD_ARG for an ending that is no format of timings, else as
// nm_output_begin. n at most NM_TIMING_FILES_MAX.
NmStatus nm_timing_files_begin(NmTimingFiles *files, const char *const *paths, int n, bool force,
                               NmError *err) NM_NODISCARD;

// Writes the spool to all of them and puts them in place.
NmStatus nm_timing_files_write(NmTimingFiles *files, NmTimings *timings, int64_t n_samples,
                               NmError *err) NM_NODISCARD;

// Removes what was not put in place.
void nm_timing_files_discard(NmTimingFiles *files);

// NM_ERR_BAD_ARG when two of the n paths are the same: the second would take the place of the first. NULL
// paths do not count.
NmStatus nm_check_paths_differ(const char *const *paths, int n, NmError *err) NM_NODISCARD;

#endif
