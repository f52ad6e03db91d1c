// SPDX-License-Identifier: GPL-3.0-or-later
// DIR/.neume-batch: what a batch knows about itself. Locks, work folders and the names of its files.
#ifndef NM_BATCH_STATE_H
#define NM_BATCH_STATE_H

#include <limits.h>
#include <stdbool.h>

#include "app/jobs/batch/shard.h"

#define NM_BATCH_STATE_FOLDER ".neume-batch"

typedef struct {
  char folder[PATH_MAX]; // absolute
  NmBatchShard shard;
  int fd_lock; // -1: none
} NmBatchState;

// Makes DIR and the folder in it, and locks the part `shard` until nm_batch_state_close or the end of this
// process and its children. NM_ERR_IO when the same part is being done by another process, or parts that may
// overlap with it (another number of parts), or when something cannot be made. Where the file system knows no
// locks there is a warning. Work folders that dead processes left of this part are removed.
NmStatus nm_batch_state_open(NmBatchState *state, const char *dir, const NmBatchShard *shard,
                             NmError *err) NM_NODISCARD;
void nm_batch_state_close(NmBatchState *state);

// Finds the folder in DIR, for reading: nothing is made or locked. NM_ERR_IO when there is none.
NmStatus nm_batch_state_look(NmBatchState *state, const char *dir, NmError *err) NM_NODISCARD;

// The folder of worker `slot`; false when the path is too long.
bool nm_batch_state_name_work(const NmBatchState *state, int slot, char path[PATH_MAX]);

// Removes a folder with all that is in it; what is not there is fine.
void nm_batch_remove_tree(const char *path);

// Makes the folders in which `path` lies; `path` is written to meanwhile, and restored.
NmStatus nm_batch_make_folders(char *path, NmError *err) NM_NODISCARD;

#endif
