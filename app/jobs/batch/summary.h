// SPDX-License-Identifier: GPL-3.0-or-later
// What became of all jobs, in the order of the list: from the roll and the journals, so that it tells of
// earlier runs and of other parts too.
#ifndef NM_BATCH_SUMMARY_H
#define NM_BATCH_SUMMARY_H

#include "app/jobs/batch/journal.h"

typedef struct {
  int64_t n_jobs, n_ok, n_failed, n_missing;
  int64_t n_parts, n_parts_begun; // parts of the batch, and those of which there is anything
  bool differ;                    // parts were started on different lists or chains
} NmBatchSums;

// Writes the summary of part `part` (0: all parts) to `path`, .csv (a row for each job) or .json; NULL writes
// nothing and only counts. `visit` (or NULL) is called for jobs that failed or are missing. NM_ERR_IO,
// NM_ERR_UNSUPPORTED for another ending, NM_ERR_BAD_DATA when the folder has no batch.
NmStatus nm_batch_summary_write(const NmBatchState *state, int64_t part, const char *path, bool force,
                                void (*visit)(void *user, const char *input, int64_t part, const char *state,
                                              const char *reason),
                                void *user, NmBatchSums *sums, NmError *err) NM_NODISCARD;

// NM_ERR_UNSUPPORTED when a summary cannot be written to `path` for its ending.
NmStatus nm_batch_summary_check(const char *path, NmError *err) NM_NODISCARD;

#endif
