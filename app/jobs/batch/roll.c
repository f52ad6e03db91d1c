// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/roll.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/jobs/batch/text.h"
#include "app/output.h"

// The division belongs to its content.
static void name_roll(const NmBatchRun *run, char name[64])
{
  char text[NM_BATCH_HASH_SIZE];
  NmHash hash = run->hash;
  nm_hash_add_u64(&hash, (uint64_t)run->shard.n);
  nm_hash_add_u64(&hash, run->shard.by_hash);
  nm_batch_print_hash(&hash, text);
  snprintf(name, 64, "roll-%.16s.jsonl", text);
}

static NmStatus write_line(const NmBatchRun *run, int64_t i, FILE *file, NmError *err)
{
  NmBatchTask task;
  const NmBatchJob *job = &run->list->jobs[i];
  const NmStatus status = nm_batch_task_init(&task, job, run->settings, err);
  if (!status) {
    json_t *line =
        json_pack("{s:s, s:o?, s:o*, s:o?, s:I}", "job", task.hash, "key", nm_batch_text_encode(job->key),
                  "id", nm_batch_text_encode(job->id), "input", nm_batch_text_encode(job->input), "part",
                  (json_int_t)nm_batch_shard_find(&run->shard, job, i));
    json_dumpf(line, file, JSON_COMPACT);
    fputc('\n', file);
    json_decref(line);
  }
  nm_batch_task_fini(&task);
  return status;
}

static NmStatus write_lines(const NmBatchRun *run, const char *path, NmError *err)
{
  NmOutput out = {0};
  NmStatus status = nm_output_begin(&out, path, true, err);
  if (status) return status;
  FILE *file = nm_output_open(&out, err);
  if (!file) status = NM_ERR_IO;
  for (int64_t i = 0; i < run->list->n && !status; ++i) status = write_line(run, i, file, err);
  if (file) {
    const NmStatus closed = nm_output_close(file, path, status ? NULL : err);
    if (!status) status = closed;
  }
  if (!status) return nm_output_commit(&out, err);
  nm_output_discard(&out);
  return status;
}

NmStatus nm_batch_roll_write(const NmBatchState *state, const NmBatchRun *run, int64_t *n_mine, NmError *err)
{
  char name[64], path[PATH_MAX + 64];
  *n_mine = 0;
  for (int64_t i = 0; i < run->list->n; ++i)
    *n_mine += nm_batch_shard_has(&run->shard, &run->list->jobs[i], i);
  name_roll(run, name);
  snprintf(path, sizeof path, "%s/%s", state->folder, name);
  return access(path, F_OK) ? write_lines(run, path, err) : NM_OK;
}

json_t *nm_batch_roll_describe(const NmBatchRun *run, int64_t n_mine)
{
  char name[64];
  name_roll(run, name);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:I}", "neume_batch", 1, "roll", name, "part",
                   (json_int_t)run->shard.k, "parts", (json_int_t)run->shard.n, "jobs",
                   (json_int_t)run->list->n, "mine", (json_int_t)n_mine, "started_ns",
                   (json_int_t)now.tv_sec * 1000000000 + now.tv_nsec);
}

NmStatus nm_batch_roll_visit(const NmBatchState *state, const char *name,
                             NmStatus (*visit)(const json_t *line, void *user, NmError *err), void *user,
                             NmError *err)
{
  char path[PATH_MAX + 64], *text = NULL;
  size_t size = 0;
  NmStatus status = NM_OK;
  snprintf(path, sizeof path, "%s/%.60s", state->folder, name);
  FILE *file = strchr(name, '/') ? NULL : fopen(path, "re");
  if (!file) return nm_error_set(err, NM_ERR_IO, "cannot read %s: %s", path, strerror(errno));
  for (ssize_t n; !status && (n = getline(&text, &size, file)) > 0;) {
    json_t *line = json_loadb(text, (size_t)n, 0, NULL);
    status = line ? visit(line, user, err) : nm_error_set(err, NM_ERR_BAD_DATA, "%s is damaged", path);
    json_decref(line);
  }
  free(text);
  fclose(file);
  return status;
}
