// SPDX-License-Identifier: GPL-3.0-or-later
// Which part of a batch this machine does.
#ifndef NM_BATCH_SHARD_H
#define NM_BATCH_SHARD_H

#include <stdbool.h>

#include "app/jobs/batch/list.h"

enum { NM_BATCH_SHARDS_MAX = 1000000 };

typedef struct {
  int64_t k, n; // k of n, from 1
  bool by_hash; // of a job's key, so that a list that grows moves nothing; otherwise each n-th of the list
} NmBatchShard;

// "3/10", or "slurm": SLURM_ARRAY_TASK_ID, counted from SLURM_ARRAY_TASK_MIN in steps of
// SLURM_ARRAY_TASK_STEP (1), of SLURM_ARRAY_TASK_COUNT; without a count, up to SLURM_ARRAY_TASK_MAX.
// NM_ERR_BAD_ARG.
NmStatus nm_batch_shard_parse(const char *text, NmBatchShard *shard, NmError *err) NM_NODISCARD;

// Which part the i-th job (from 0) of the list belongs to, from 1.
int64_t nm_batch_shard_find(const NmBatchShard *shard, const NmBatchJob *job, int64_t i);

// Whether the i-th job is this shard's. Every job is one shard's.
bool nm_batch_shard_has(const NmBatchShard *shard, const NmBatchJob *job, int64_t i);

#endif
