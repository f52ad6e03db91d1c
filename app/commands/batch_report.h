// SPDX-License-Identifier: GPL-3.0-or-later
// What `neume batch` says: a line for each input on standard output, the sum on standard error.
#ifndef NM_COMMANDS_BATCH_REPORT_H
#define NM_COMMANDS_BATCH_REPORT_H

#include "app/command.h"
#include "app/jobs/batch/run.h"

typedef struct {
  bool json; // lines are JSON objects
} NmBatchReport;

// NmBatchRun.tell; `user` is the report.
void nm_batch_report_tell(void *user, const NmBatchTold *told);
void nm_batch_report_end(const NmBatchReport *report, const NmBatchTotals *totals);

// Prints which files would be made of which; an exit code.
int nm_batch_report_plan(const NmBatchList *list, const NmBatchSettings *settings, const NmBatchShard *shard);

// neume batch merge DIR [-o FILE]; an exit code, 4 when inputs failed or are missing.
int nm_batch_report_merge(const NmArgs *args);

#endif
