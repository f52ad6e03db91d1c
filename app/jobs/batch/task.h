// SPDX-License-Identifier: GPL-3.0-or-later
// A job made ready: its chain, its outputs, its hash.
#ifndef NM_BATCH_TASK_H
#define NM_BATCH_TASK_H

#include "app/jobs/batch/journal.h"
#include "app/jobs/batch/list.h"
#include "app/jobs/batch/plan.h"

// What all jobs have in common.
typedef struct {
  const char *chain;   // or NULL: every job has its own
  NmBatchChain common; // of `chain`, parsed; zero when that is NULL
  const NmCommand *const *commands;
  bool keep;                                                  // what goes from stage to stage stays too
  NmStatus (*check)(const NmBatchChain *chain, NmError *err); // more to ask of a chain, or NULL
} NmBatchSettings;

typedef struct {
  const NmBatchJob *job;
  const NmBatchChain *chain; // `own` or the common one
  NmBatchChain own;
  NmBatchPlan plan;
  NmArena arena;
  const char *source;            // the input's path, absolute
  char hash[NM_BATCH_HASH_SIZE]; // of the input's path and all that is done with it
} NmBatchTask;

// NM_ERR_BAD_ARG when the job's chain, options and output do not go together, NM_ERR_NO_MEMORY. Free with
// nm_batch_task_fini, also after a failure. Do not move it.
NmStatus nm_batch_task_init(NmBatchTask *task, const NmBatchJob *job, const NmBatchSettings *settings,
                            NmError *err) NM_NODISCARD;
void nm_batch_task_fini(NmBatchTask *task);

// Makes every job ready once. NM_ERR_BAD_ARG when some cannot be (told on stderr, up to ten, with their lines
// in `jobs_file`) or when two outputs, or an output below `dir` and an input, are the same file. The hash of
// all of them into *hash.
NmStatus nm_batch_check(const NmBatchList *list, const NmBatchSettings *settings, const char *dir,
                        const char *jobs_file, NmHash *hash, NmError *err) NM_NODISCARD;

#endif
