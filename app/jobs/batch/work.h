// SPDX-License-Identifier: GPL-3.0-or-later
// The worker's side: one input through a chain, in a process of its own.
#ifndef NM_BATCH_WORK_H
#define NM_BATCH_WORK_H

#include <stdatomic.h>

#include "app/jobs/batch/list.h"
#include "app/jobs/batch/plan.h"

// How stages are run. `run` and `run_plugin` write messages to stderr and return an exit code
// (app/message.h).
typedef struct {
  int (*run)(int argc, char **argv); // argv[0] is the program, argv[1] the command
  int (*run_plugin)(const NmBatchStage *stage, const char *path_in, const char *path_out);
  void (*prepare)(const NmBatchChain *chain); // before a process is forked for the chain; may be NULL
} NmBatchRunner;

// What a worker shares with the process that started it.
typedef struct {
  _Atomic int stage; // that is being done; -1 before the first
} NmBatchShared;

typedef struct {
  const NmBatchJob *job;
  const NmBatchChain *chain;
  const NmBatchPlan *plan;
  const NmBatchRunner *runner;
  const char *folder_work;  // its own, absolute: it exists and is empty
  const char *folder_start; // absolute: relative names are meant from here
  int n_threads;            // a stage that takes --threads and was not given it gets this; 0: nothing
  int64_t memory_bytes;     // at most; 0: no limit
  NmBatchShared *shared;
} NmBatchWork;

// Does all stages. Messages go to "log" in the work folder; outputs lie where the plan says; "result" there
// is the part of a journal record that is known here ("bytes"... of the input, "outputs", "stages"). Call it
// in a forked child, which must be the only thread; it ends with the exit code of the stage that failed.
_Noreturn void nm_batch_work(const NmBatchWork *work);

#endif
