// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/jobs/batch/crew.h"
#include "app/jobs/batch/facts.h"
#include "app/jobs/batch/log.h"
#include "app/jobs/batch/place.h"
#include "app/jobs/batch/roll.h"
#include "app/jobs/batch/text.h"

#define WAIT_S .5

typedef struct {
  const NmBatchRun *run;
  NmBatchTotals *totals;
  NmBatchState state;
  NmBatchJournal *journal;
  NmBatchCrew *crew;
  NmBatchTask *tasks; // [n_workers] that are being done
  char folder_start[PATH_MAX];
} Batch;

// --- what is known of a job ---

static NmBatchPlacing get_placing(const Batch *b, const NmBatchTask *task)
{
  const NmBatchRun *run = b->run;
  return (NmBatchPlacing){.dir = run->dir,
                          .journal = run->resume || run->skip_existing ? b->journal : NULL,
                          .source = task->source,
                          .force = run->force};
}

static json_t *make_record(const NmBatchTask *task)
{
  char names[NM_BATCH_NAMES_SIZE];
  nm_batch_chain_print_names(task->chain, names);
  return json_pack("{s:s, s:o?, s:o?, s:o*, s:o?, s:o?}", "job", task->hash, "chain",
                   nm_batch_text_encode(names), "key", nm_batch_text_encode(task->job->key), "id",
                   nm_batch_text_encode(task->job->id), "input", nm_batch_text_encode(task->job->input),
                   "source", nm_batch_text_encode(task->source));
}

static void tell(Batch *b, const NmBatchTask *task, NmBatchOutcome outcome, const char *reason,
                 const json_t *record)
{
  NmBatchTotals *t = b->totals;
  t->n_ok += outcome == NM_BATCH_OK;
  t->n_failed += outcome == NM_BATCH_FAILED;
  t->n_skipped += outcome == NM_BATCH_SKIPPED;
  const NmBatchTold told = {task, outcome, reason, record, t->n_ok + t->n_failed + t->n_skipped, t->n_jobs};
  if (b->run->tell) b->run->tell(b->run->user, &told);
}

// Done before, and nothing has changed since.
static bool is_done(const Batch *b, const NmBatchTask *task, json_t **record)
{
  *record = nm_batch_journal_find(b->journal, task->hash);
  const char *state = json_string_value(json_object_get(*record, "state"));
  return state && !strcmp(state, "ok") && nm_batch_facts_hold(*record, task->job->input) &&
         nm_batch_place_holds(b->run->dir, json_object_get(*record, "outputs"));
}

static bool all_exist(const Batch *b, const NmBatchTask *task)
{
  char path[PATH_MAX];
  for (int i = 0; i < task->plan.n; ++i) {
    const char *name = task->plan.outputs[i].path;
    if (name &&
        (snprintf(path, sizeof path, "%s/%s", b->run->dir, name) >= (int)sizeof path || access(path, F_OK)))
      return false;
  }
  return true;
}

// Whether the job need not be done; told if so.
static bool pass_over(Batch *b, const NmBatchTask *task)
{
  json_t *record = NULL;
  const char *reason = NULL;
  if (b->run->force) return false;
  if (b->run->resume && is_done(b, task, &record))
    reason = "done before";
  else if (b->run->skip_existing && all_exist(b, task))
    reason = "exists";
  if (reason) tell(b, task, NM_BATCH_SKIPPED, reason, record);
  json_decref(record);
  return reason != NULL;
}

// --- one job ---

static NmStatus write_down(Batch *b, json_t *record, const char *state, NmError *err)
{
  json_object_set_new(record, "state", json_string(state));
  return nm_batch_journal_append(b->journal, record, err);
}

static NmStatus fail(Batch *b, const NmBatchTask *task, json_t *record, int code, const char *reason,
                     NmError *err)
{
  json_object_del(record, "outputs");
  json_object_set_new(record, "code", json_integer(code));
  json_object_set_new(record, "reason", nm_batch_text_encode(reason));
  const NmStatus status = write_down(b, record, "failed", err);
  tell(b, task, NM_BATCH_FAILED, reason, record);
  return status;
}

static NmStatus fail_early(Batch *b, NmBatchTask *task, const NmError *cause, NmError *err)
{
  json_t *record = make_record(task);
  const NmStatus status = fail(b, task, record, NM_EXIT_FAILED, cause->message, err);
  json_decref(record);
  nm_batch_task_fini(task);
  return status;
}

static NmStatus make_work_folder(const Batch *b, int slot, char path[PATH_MAX], NmError *err)
{
  if (!nm_batch_state_name_work(&b->state, slot, path))
    return nm_error_set(err, NM_ERR_IO, "the name of the output folder is too long");
  nm_batch_remove_tree(path);
  if (!mkdir(path, 0777)) return NM_OK;
  return nm_error_set(err, NM_ERR_IO, "cannot make the folder %s: %s", path, strerror(errno));
}

// Outputs that may not be written over are found before the work.
static NmStatus check_places(const Batch *b, const NmBatchTask *task, NmError *err)
{
  const NmBatchPlacing placing = get_placing(b, task);
  NmStatus status = NM_OK;
  for (int i = 0; i < task->plan.n && !status; ++i)
    if (task->plan.outputs[i].path) status = nm_batch_place_check(&placing, task->plan.outputs[i].path, err);
  return status;
}

static NmStatus start(Batch *b, int slot, NmError *err)
{
  char folder[PATH_MAX];
  NmBatchTask *task = &b->tasks[slot];
  const NmBatchRun *run = b->run;
  NmStatus status = make_work_folder(b, slot, folder, err);
  NmBatchWork work = {.job = task->job,
                      .chain = task->chain,
                      .plan = &task->plan,
                      .runner = run->runner,
                      .folder_work = folder,
                      .folder_start = b->folder_start,
                      .n_threads = run->n_threads,
                      .memory_bytes = run->memory_bytes};
  if (!status && run->runner->prepare) run->runner->prepare(task->chain);
  if (!status) status = nm_batch_crew_start(b->crew, slot, &work, run->timeout_s, err);
  return status;
}

// Makes the job ready in the slot and starts it, or tells why not.
static NmStatus begin(Batch *b, int slot, const NmBatchJob *job, NmError *err)
{
  NmError cause = {0};
  NmBatchTask *task = &b->tasks[slot];
  NmStatus status = nm_batch_task_init(task, job, b->run->settings, err);
  if (!status && pass_over(b, task)) {
    nm_batch_task_fini(task);
    return NM_OK;
  }
  if (!status && check_places(b, task, &cause)) return fail_early(b, task, &cause, err);
  if (!status) status = start(b, slot, err);
  if (status) nm_batch_task_fini(task);
  return status;
}

// --- its end ---

// NULL before the first stage.
static const char *get_stage_name(const NmBatchTask *task, int k)
{
  return k < 0 ? NULL : task->chain->stages[k].name;
}

static void explain(const Batch *b, const NmBatchTask *task, const NmBatchEnd *end, const char *said,
                    char *reason)
{
  const char *name = get_stage_name(task, end->stage), *stage = name ? name : "the beginning";
  if (end->timed_out)
    snprintf(reason, NM_BATCH_REASON_SIZE, "%.60s: not done after %g s", stage, b->run->timeout_s);
  else if (end->signal == SIGKILL)
    snprintf(reason, NM_BATCH_REASON_SIZE, "%.60s: killed from outside, perhaps for memory", stage);
  else if (end->signal)
    snprintf(reason, NM_BATCH_REASON_SIZE, "%.60s crashed: %s", stage, strsignal(end->signal));
  else
    snprintf(reason, NM_BATCH_REASON_SIZE, "%.60s%s%.400s", name ? name : "", name ? ": " : "",
             *said ? said : "failed without a word");
}

// What every record of an end has.
static json_t *describe(const NmBatchTask *task, const NmBatchEnd *end, json_t *warnings)
{
  json_t *record = make_record(task);
  json_object_set_new(record, "seconds", json_real(end->seconds));
  json_object_set_new(record, "memory_kb", json_integer(end->rss_kb));
  if (json_array_size(warnings)) json_object_set(record, "warnings", warnings);
  return record;
}

static NmStatus finish_ok(Batch *b, NmBatchTask *task, json_t *record, const char *folder, NmError *err)
{
  char path[PATH_MAX + 8];
  NmError cause = {0};
  const NmBatchPlacing placing = get_placing(b, task);
  snprintf(path, sizeof path, "%s/result", folder);
  json_t *result = json_load_file(path, 0, NULL), *outputs = json_object_get(result, "outputs");
  NmStatus status = result ? NM_OK : nm_error_set(&cause, NM_ERR_IO, "its result cannot be read");
  if (!status) status = nm_batch_place_check_all(&placing, outputs, &cause);
  if (!status) {
    json_object_update_missing(record, result);
    status = write_down(b, record, "ok", err);
    if (!status && nm_batch_place_all(&placing, outputs, folder, &cause))
      status = fail(b, task, record, NM_EXIT_FAILED, cause.message, err);
    else if (!status)
      tell(b, task, NM_BATCH_OK, "", record);
  } else {
    status = fail(b, task, record, NM_EXIT_FAILED, cause.message, err);
  }
  json_decref(result);
  return status;
}

static NmStatus finish_failed(Batch *b, NmBatchTask *task, json_t *record, const NmBatchEnd *end,
                              const char *said, NmError *err)
{
  char reason[NM_BATCH_REASON_SIZE];
  explain(b, task, end, said, reason);
  if (end->stage >= 0)
    json_object_set_new(record, "stage", nm_batch_text_encode(get_stage_name(task, end->stage)));
  return fail(b, task, record, end->exit_code > 0 ? end->exit_code : NM_EXIT_FAILED, reason, err);
}

static NmStatus finish(Batch *b, const NmBatchEnd *end, NmError *err)
{
  char folder[PATH_MAX], path[PATH_MAX + 8], said[NM_BATCH_REASON_SIZE];
  NmBatchTask *task = &b->tasks[end->slot];
  json_t *warnings = json_array();
  NmStatus status = NM_OK;
  nm_batch_state_name_work(&b->state, end->slot, folder);
  snprintf(path, sizeof path, "%s/log", folder);
  nm_batch_log_read(path, warnings, said);
  json_t *record = describe(task, end, warnings);
  if (end->rss_kb > b->totals->rss_kb) b->totals->rss_kb = end->rss_kb;
  if (end->exit_code == NM_EXIT_DONE)
    status = finish_ok(b, task, record, folder, err);
  else if (!nm_batch_crew_is_interrupted()) // a worker that was interrupted with us has not failed
    status = finish_failed(b, task, record, end, said, err);
  json_decref(record);
  json_decref(warnings);
  nm_batch_remove_tree(folder);
  nm_batch_task_fini(task);
  return status;
}

// --- all ---

static NmStatus do_jobs(Batch *b, NmError *err)
{
  const NmBatchRun *run = b->run;
  NmBatchEnd end;
  NmStatus status = NM_OK;
  int64_t next = 0;
  for (;;) {
    const int slot = nm_batch_crew_find_free(b->crew);
    while (next < run->list->n && !nm_batch_shard_has(&run->shard, &run->list->jobs[next], next)) ++next;
    if (nm_batch_crew_is_interrupted())
      return nm_error_set(err, NM_ERR_CANCELLED, "interrupted; --resume goes on from here");
    if (slot >= 0 && next < run->list->n)
      status = begin(b, slot, &run->list->jobs[next++], err);
    else if (!nm_batch_crew_count(b->crew))
      return NM_OK;
    else if (nm_batch_crew_wait(b->crew, WAIT_S, &end))
      status = finish(b, &end, err);
    if (status) return status;
  }
}

static void drop_work(Batch *b)
{
  char folder[PATH_MAX];
  nm_batch_crew_free(b->crew);
  for (int i = 0; b->tasks && i < b->run->n_workers; ++i) {
    if (b->tasks[i].job && nm_batch_state_name_work(&b->state, i, folder)) nm_batch_remove_tree(folder);
    nm_batch_task_fini(&b->tasks[i]);
  }
  free(b->tasks);
}

static NmStatus open_batch(Batch *b, NmError *err)
{
  const NmBatchRun *run = b->run;
  NmStatus status = nm_batch_state_open(&b->state, run->dir, &run->shard, err);
  if (status) return status;
  b->journal = nm_batch_journal_open(&b->state, true, err);
  if (!b->journal) return err->status;
  if (nm_batch_journal_count_own(b->journal) && !run->resume && !run->skip_existing && !run->force)
    return nm_error_set(
        err, NM_ERR_BAD_ARG,
        "%s has the state of an earlier batch; --resume goes on with it, --force does all anew", run->dir);
  status = nm_batch_roll_write(&b->state, run, &b->totals->n_jobs, err);
  json_t *line = status ? NULL : nm_batch_roll_describe(run, b->totals->n_jobs);
  if (!status) status = nm_batch_journal_append(b->journal, line, err);
  json_decref(line);
  return status;
}

NmStatus nm_batch_run(const NmBatchRun *run, NmBatchTotals *totals, NmError *err)
{
  Batch batch = {.run = run, .totals = totals, .state.fd_lock = -1};
  const double start_s = nm_clock_now();
  struct rusage usage;
  *totals = (NmBatchTotals){0};
  if (!getcwd(batch.folder_start, sizeof batch.folder_start))
    return nm_error_set(err, NM_ERR_IO, "cannot tell the current folder: %s", strerror(errno));
  NmStatus status = open_batch(&batch, err);
  if (!status && !(batch.tasks = calloc((size_t)run->n_workers, sizeof *batch.tasks)))
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (!status && !(batch.crew = nm_batch_crew_new(run->n_workers, err))) status = err->status;
  if (!status) status = do_jobs(&batch, err);
  if (batch.state.fd_lock >= 0 || batch.tasks) drop_work(&batch);
  nm_batch_journal_close(batch.journal);
  nm_batch_state_close(&batch.state);
  totals->seconds = nm_clock_now() - start_s;
  if (!getrusage(RUSAGE_SELF, &usage)) totals->rss_own_kb = usage.ru_maxrss;
  return status;
}
