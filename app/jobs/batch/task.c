// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/task.h"

#include <stdlib.h>
#include <string.h>

#include "app/message.h"

enum { N_TOLD_MAX = 10 };

static NmStatus parse_own(NmBatchTask *task, const NmBatchSettings *settings, NmError *err)
{
  const NmBatchJob *job = task->job;
  const char *chain = job->chain ? job->chain : settings->chain;
  if (!chain) return nm_error_set(err, NM_ERR_BAD_ARG, "the job has no \"chain\", and none is given for all");
  json_t *options = job->options ? json_loads(job->options, 0, NULL) : NULL;
  if (job->options && !options) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  NmStatus status = nm_batch_chain_parse(&task->own, chain, options, settings->commands, err);
  json_decref(options);
  if (!status && job->output) status = nm_batch_chain_set_result(&task->own, job->output, err);
  if (!status && settings->check) status = settings->check(&task->own, err);
  return status;
}

static void add_text(NmHash *hash, const char *text)
{
  nm_hash_add(hash, text ? text : "", text ? strlen(text) + 1 : 0);
}

static void make_hash(NmBatchTask *task, const NmBatchSettings *settings)
{
  NmHash hash;
  nm_hash_init(&hash);
  add_text(&hash, task->source);
  add_text(&hash, task->job->id);
  add_text(&hash, task->job->key);
  add_text(&hash, task->job->output);
  nm_hash_add_u64(&hash, settings->keep);
  nm_batch_chain_add_hash(task->chain, &hash);
  nm_batch_print_hash(&hash, task->hash);
}

NmStatus nm_batch_task_init(NmBatchTask *task, const NmBatchJob *job, const NmBatchSettings *settings,
                            NmError *err)
{
  NmStatus status = NM_OK;
  *task = (NmBatchTask){.job = job, .chain = &settings->common};
  nm_arena_init(&task->arena, 1 << 12);
  if (job->chain || job->options || job->output || !settings->chain) {
    task->chain = &task->own;
    status = parse_own(task, settings, err);
  }
  if (status) return status;
  task->source = nm_batch_path_normalise(job->input, &task->arena);
  if (!task->source) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  make_hash(task, settings);
  return nm_batch_plan_make(&task->plan, task->chain, job->key, job->output, settings->keep, &task->arena,
                            err);
}

void nm_batch_task_fini(NmBatchTask *task)
{
  nm_batch_chain_fini(&task->own);
  nm_arena_fini(&task->arena);
  *task = (NmBatchTask){0};
}

// --- all of them ---

// A file that is read (output -1) or written.
typedef struct {
  NmHash path;
  int64_t job;
  int output;
} Claim;

typedef struct {
  Claim *claims; // [n]
  int64_t n, capacity;
  const char *dir; // absolute
} Claims;

static NmStatus claim(Claims *claims, const char *folder, const char *path, int64_t job, int output)
{
  if (claims->n == claims->capacity) {
    const int64_t capacity = 2 * claims->capacity + 256;
    Claim *grown = realloc(claims->claims, (size_t)capacity * sizeof *grown);
    if (!grown) return NM_ERR_NO_MEMORY;
    claims->claims = grown;
    claims->capacity = capacity;
  }
  Claim *added = &claims->claims[claims->n++];
  *added = (Claim){.job = job, .output = output};
  nm_hash_init(&added->path);
  char whole[PATH_MAX * 2];
  const int n = snprintf(whole, sizeof whole, "%s%s", folder, path);
  nm_hash_add(&added->path, whole, n < (int)sizeof whole ? (size_t)n : sizeof whole - 1);
  return NM_OK;
}

static NmStatus claim_files(Claims *claims, const NmBatchTask *task, int64_t i)
{
  NmStatus status = claim(claims, "", task->source, i, -1);
  for (int k = 0; k < task->plan.n && !status; ++k)
    if (task->plan.outputs[k].path) status = claim(claims, claims->dir, task->plan.outputs[k].path, i, k);
  return status;
}

static int compare_claims(const void *a, const void *b)
{
  const Claim *x = a, *y = b;
  const int order = memcmp(&x->path, &y->path, sizeof x->path);
  if (order) return order;
  if ((x->output < 0) != (y->output < 0)) return x->output < 0 ? -1 : 1; // what is read first
  return (x->job > y->job) - (x->job < y->job);
}

static NmStatus tell_clash(const NmBatchList *list, const NmBatchSettings *settings, const Claim *a,
                           const Claim *b, NmError *err)
{
  NmBatchTask task;
  NmStatus status = nm_batch_task_init(&task, &list->jobs[b->job], settings, err);
  if (!status && a->output < 0)
    status = nm_error_set(err, NM_ERR_BAD_ARG,
                          "%s is an input and would be written over; take another output folder",
                          list->jobs[a->job].input);
  else if (!status)
    status =
        nm_error_set(err, NM_ERR_BAD_ARG, "%s and %s would both be written to %s", list->jobs[a->job].input,
                     list->jobs[b->job].input, task.plan.outputs[b->output].path);
  nm_batch_task_fini(&task);
  return status;
}

static NmStatus find_clash(const NmBatchList *list, const NmBatchSettings *settings, Claims *claims,
                           NmError *err)
{
  qsort(claims->claims, (size_t)claims->n, sizeof *claims->claims, compare_claims);
  for (int64_t i = 1; i < claims->n; ++i) {
    const Claim *a = &claims->claims[i - 1], *b = &claims->claims[i];
    if (b->output >= 0 && !memcmp(&a->path, &b->path, sizeof a->path))
      return tell_clash(list, settings, a, b, err);
  }
  return NM_OK;
}

static void tell(const NmBatchJob *job, const char *jobs_file, const NmError *cause, int64_t n_wrong)
{
  if (n_wrong >= N_TOLD_MAX) return;
  if (job->line)
    nm_message("%s, line %lld: %s", jobs_file, (long long)job->line, cause->message);
  else
    nm_message("%s: %s", job->input, cause->message);
}

static NmStatus check_all(const NmBatchList *list, const NmBatchSettings *settings, const char *jobs_file,
                          Claims *claims, NmHash *hash, NmError *err)
{
  NmStatus status = NM_OK;
  int64_t n_wrong = 0;
  for (int64_t i = 0; i < list->n && !status; ++i) {
    NmBatchTask task;
    NmError cause = {0};
    status = nm_batch_task_init(&task, &list->jobs[i], settings, &cause);
    if (status == NM_ERR_BAD_ARG) tell(&list->jobs[i], jobs_file, &cause, n_wrong++);
    if (!status) {
      add_text(hash, task.hash);
      status = claim_files(claims, &task, i);
    }
    nm_batch_task_fini(&task);
    if (status == NM_ERR_BAD_ARG) status = NM_OK;
  }
  if (status) return nm_error_set(err, status, "out of memory");
  if (!n_wrong) return find_clash(list, settings, claims, err);
  return nm_error_set(err, NM_ERR_BAD_DATA, "%lld of %lld jobs are wrong; nothing was done",
                      (long long)n_wrong, (long long)list->n);
}

NmStatus nm_batch_check(const NmBatchList *list, const NmBatchSettings *settings, const char *dir,
                        const char *jobs_file, NmHash *hash, NmError *err)
{
  Claims claims = {0};
  NmArena arena;
  nm_arena_init(&arena, 1 << 12);
  nm_hash_init(hash);
  NmStatus status = NM_OK;
  char *whole = nm_batch_path_normalise(dir, &arena),
       *folder = whole ? nm_arena_alloc(&arena, strlen(whole) + 2) : NULL;
  if (!folder) status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (!status) {
    snprintf(folder, strlen(whole) + 2, strcmp(whole, "/") ? "%s/" : "%s", whole);
    claims.dir = folder;
    status = check_all(list, settings, jobs_file, &claims, hash, err);
  }
  free(claims.claims);
  nm_arena_fini(&arena);
  return status;
}
