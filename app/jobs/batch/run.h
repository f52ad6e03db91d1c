// SPDX-License-Identifier: GPL-3.0-or-later
// A batch: the jobs of a list, or of one part of it, each in a process of its own, several at a time.
//
// What happens to a job: it is passed over when its outputs are known to be there; else a process is forked
// that does the whole chain in a work folder; what it made is written down in the journal and then put in
// place. So at any moment a file in the output folder is whole, and a batch that was killed can go on.
#ifndef NM_BATCH_RUN_H
#define NM_BATCH_RUN_H

#include "app/jobs/batch/task.h"
#include "app/jobs/batch/work.h"

typedef enum { NM_BATCH_OK, NM_BATCH_FAILED, NM_BATCH_SKIPPED } NmBatchOutcome;

// What became of a job.
typedef struct {
  const NmBatchTask *task;
  NmBatchOutcome outcome;
  const char *reason;     // of failing or passing over, or ""
  const json_t *record;   // that of the journal; of a job that was passed over, the old one or NULL
  int64_t n_told, n_jobs; // this one included
} NmBatchTold;

typedef struct {
  const NmBatchList *list;
  const NmBatchSettings *settings;
  const NmBatchRunner *runner;
  const char *dir; // the output folder
  NmBatchShard shard;
  NmHash hash;      // of nm_batch_check
  int n_workers;    // processes at a time
  int n_threads;    // of each, see NmBatchWork
  double timeout_s; // of a job, 0: none
  int64_t memory_bytes;
  bool resume, skip_existing, force;
  void (*tell)(void *user, const NmBatchTold *told); // after each job
  void *user;
} NmBatchRun;

typedef struct {
  int64_t n_jobs, n_ok, n_failed, n_skipped;
  double seconds;
  int64_t rss_kb; // the largest worker's memory, and this process's
  int64_t rss_own_kb;
} NmBatchTotals;

// Does it. Errors of jobs are told, not returned. NM_ERR_IO when the folder or the journal cannot be written
// or another batch is at work there, NM_ERR_CANCELLED after an interrupt (what was being done is dropped),
// NM_ERR_BAD_ARG when the folder has a journal and neither resume, skip_existing nor force is set.
NmStatus nm_batch_run(const NmBatchRun *run, NmBatchTotals *totals, NmError *err) NM_NODISCARD;

#endif
