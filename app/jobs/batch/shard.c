// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/shard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool parse_number(const char *text, char end, int64_t *value, const char **rest)
{
  char *stop;
  errno = 0;
  if (*text < '0' || *text > '9') return false;
  *value = strtoll(text, &stop, 10);
  *rest = stop + 1;
  return !errno && *stop == end;
}

static bool read_variable(const char *name, int64_t fallback, int64_t *value)
{
  const char *text = getenv(name), *rest;
  *value = fallback;
  return text ? parse_number(text, '\0', value, &rest) : fallback >= 0;
}

static NmStatus read_slurm(NmBatchShard *shard, NmError *err)
{
  int64_t id, first, last, step, count;
  if (!getenv("SLURM_ARRAY_TASK_ID"))
    return nm_error_set(
        err, NM_ERR_BAD_ARG,
        "--shard slurm: SLURM_ARRAY_TASK_ID is not set; submit an array, sbatch --array=1-10, or "
        "write --shard K/N");
  const bool known =
      read_variable("SLURM_ARRAY_TASK_ID", -1, &id) && read_variable("SLURM_ARRAY_TASK_MIN", 1, &first) &&
      read_variable("SLURM_ARRAY_TASK_STEP", 1, &step) && step > 0 &&
      (read_variable("SLURM_ARRAY_TASK_COUNT", -1, &count) ||
       (read_variable("SLURM_ARRAY_TASK_MAX", -1, &last) && (count = (last - first) / step + 1) > 0)) &&
      id >= first;
  if (!known)
    return nm_error_set(
        err, NM_ERR_BAD_ARG,
        "--shard slurm: the variables SLURM_ARRAY_TASK_ID, _MIN, _STEP, _COUNT or _MAX do not "
        "go together; write --shard K/N");
  // A list such as --array=1,5,7 has no step, and its places cannot be known from inside.
  if ((id - first) % step || (id - first) / step >= count)
    return nm_error_set(
        err, NM_ERR_BAD_ARG,
        "--shard slurm: the array has gaps, so that task %lld cannot be counted; number the tasks "
        "without gaps (--array=1-%lld), or write --shard K/N",
        (long long)id, (long long)count);
  shard->k = (id - first) / step + 1;
  shard->n = count;
  return NM_OK;
}

NmStatus nm_batch_shard_parse(const char *text, NmBatchShard *shard, NmError *err)
{
  const char *rest;
  NmStatus status = NM_OK;
  if (!strcmp(text, "slurm"))
    status = read_slurm(shard, err);
  else if (!parse_number(text, '/', &shard->k, &rest) || !parse_number(rest, '\0', &shard->n, &rest))
    return nm_error_set(err, NM_ERR_BAD_ARG, "--shard '%.60s' is not understood; write 3/10, or slurm", text);
  if (status) return status;
  if (shard->n >= 1 && shard->n <= NM_BATCH_SHARDS_MAX && shard->k >= 1 && shard->k <= shard->n) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_ARG, "--shard %lld/%lld: shards are counted from 1, up to %d of them",
                      (long long)shard->k, (long long)shard->n, NM_BATCH_SHARDS_MAX);
}

int64_t nm_batch_shard_find(const NmBatchShard *shard, const NmBatchJob *job, int64_t i)
{
  NmHash hash;
  if (!shard->by_hash) return i % shard->n + 1;
  nm_hash_init(&hash);
  nm_hash_add(&hash, job->key, strlen(job->key));
  return (int64_t)(hash.word[0] % (uint64_t)shard->n) + 1;
}

bool nm_batch_shard_has(const NmBatchShard *shard, const NmBatchJob *job, int64_t i)
{
  return nm_batch_shard_find(shard, job, i) == shard->k;
}
