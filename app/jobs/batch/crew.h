// SPDX-License-Identifier: GPL-3.0-or-later
// Processes that work, a slot for each.
#ifndef NM_BATCH_CREW_H
#define NM_BATCH_CREW_H

#include <signal.h>
#include <sys/types.h>

#include "app/jobs/batch/work.h"

// How a worker ended.
typedef struct {
  int slot;
  int exit_code;  // of the process, -1: a signal
  int signal;     // 0: none
  bool timed_out; // it was ended by us
  int stage;      // it was at
  double seconds;
  int64_t rss_kb; // its largest
} NmBatchEnd;

typedef struct NmBatchCrew NmBatchCrew;

// Room for n workers. From now on until free SIGCHLD, SIGINT and SIGTERM only come while nm_batch_crew_wait
// waits. One crew at a time; this process must have no other thread when nm_batch_crew_start is called. NULL
// and `err` when memory is out.
NmBatchCrew *nm_batch_crew_new(int n, NmError *err);

// Ends the workers that are left, and waits for them.
void nm_batch_crew_free(NmBatchCrew *crew);

// A slot without worker, -1 when there is none; workers that are at work.
int nm_batch_crew_find_free(const NmBatchCrew *crew);
int nm_batch_crew_count(const NmBatchCrew *crew);

// Forks a worker into a slot; `work` is read in the child, `work->shared` is set by us. timeout_s 0: none.
// The child dies with this process. NM_ERR_IO when there is no process to be had.
NmStatus nm_batch_crew_start(NmBatchCrew *crew, int slot, NmBatchWork *work, double timeout_s,
                             NmError *err) NM_NODISCARD;

// Waits for a worker to end, for at most `seconds` or until an interrupt; false when none has ended.
bool nm_batch_crew_wait(NmBatchCrew *crew, double seconds, NmBatchEnd *end);

// Whether an interrupt was seen, or waits to be.
bool nm_batch_crew_is_interrupted(void);

#endif
