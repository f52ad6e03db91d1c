// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/batch_report.h"

#include <string.h>
#include <unistd.h>

#include "app/formats/text_write.h"
#include "app/jobs/batch/summary.h"
#include "app/jobs/batch/text.h"
#include "app/progress.h"

enum { N_NAMED_MAX = 20 };

static const char *const outcomes[] = {"ok", "failed", "skipped"};

// --- a line for each input ---

static void print_json(const NmBatchTold *told)
{
  json_t *line = told->record ? json_copy((json_t *)told->record)
                              : json_pack("{s:o?}", "input", nm_batch_text_encode(told->task->job->input));
  json_object_set_new(line, "state", json_string(outcomes[told->outcome]));
  if (told->reason[0]) json_object_set_new(line, "reason", nm_batch_text_encode(told->reason));
  json_object_del(line, "job");
  json_object_del(line, "source");
  json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
  putchar('\n');
  json_decref(line);
}

static void print_result(const NmBatchTask *task)
{
  const NmBatchOutput *last = task->plan.flows[task->chain->n - 1];
  printf(" -> ");
  nm_write_plain_text(stdout, last->path);
}

static void print_text(const NmBatchTold *told)
{
  const json_t *seconds = json_object_get(told->record, "seconds");
  const size_t n_warnings = json_array_size(json_object_get(told->record, "warnings"));
  if (told->outcome != NM_BATCH_FAILED && nm_message_is_quiet()) return;
  printf("%-8s", outcomes[told->outcome]);
  if (told->outcome != NM_BATCH_SKIPPED && seconds)
    printf("%8.2f s  ", json_real_value(seconds));
  else
    printf("%10s  ", "");
  nm_write_plain_text(stdout, told->task->job->input);
  if (told->outcome == NM_BATCH_OK) print_result(told->task);
  if (told->reason[0]) {
    printf(": ");
    nm_write_plain_text(stdout, told->reason);
  }
  if (n_warnings && told->outcome == NM_BATCH_OK)
    printf(" (%zu warning%s)", n_warnings, n_warnings > 1 ? "s" : "");
  putchar('\n');
}

void nm_batch_report_tell(void *user, const NmBatchTold *told)
{
  const NmBatchReport *report = user;
  nm_progress_clear();
  if (report->json)
    print_json(told);
  else
    print_text(told);
  fflush(stdout);
  nm_progress_show("batch", (double)told->n_told, (double)told->n_jobs);
}

void nm_batch_report_end(const NmBatchReport *report, const NmBatchTotals *t)
{
  const int64_t n_left = t->n_jobs - t->n_ok - t->n_failed - t->n_skipped;
  nm_progress_clear();
  if (nm_message_is_quiet() || (!t->n_jobs && !t->seconds)) return;
  fprintf(stderr, "%lld input%s in %.1f s: %lld ok, %lld failed, %lld skipped", (long long)t->n_jobs,
          t->n_jobs == 1 ? "" : "s", t->seconds, (long long)t->n_ok, (long long)t->n_failed,
          (long long)t->n_skipped);
  if (n_left) fprintf(stderr, ", %lld left", (long long)n_left);
  fprintf(stderr, "; memory %.0f MB, of a process at most %.0f MB\n", (double)t->rss_own_kb / 1024,
          (double)t->rss_kb / 1024);
}

// --- what would be done ---

static int print_plan(const NmBatchJob *job, const NmBatchSettings *settings)
{
  NmBatchTask task;
  NmError err = {0};
  const NmStatus status = nm_batch_task_init(&task, job, settings, &err);
  for (int i = 0; !status && i < task.plan.n; ++i) {
    if (!task.plan.outputs[i].path) continue;
    nm_write_plain_text(stdout, job->input);
    printf(" -> ");
    nm_write_plain_text(stdout, task.plan.outputs[i].path);
    putchar('\n');
  }
  nm_batch_task_fini(&task);
  return status ? nm_message_fail(NM_EXIT_FAILED, "%s", err.message) : NM_EXIT_DONE;
}

int nm_batch_report_plan(const NmBatchList *list, const NmBatchSettings *settings, const NmBatchShard *shard)
{
  int code = NM_EXIT_DONE;
  for (int64_t i = 0; i < list->n && !code; ++i)
    if (nm_batch_shard_has(shard, &list->jobs[i], i)) code = print_plan(&list->jobs[i], settings);
  return code;
}

// --- merge ---

static void name_trouble(void *user, const char *input, int64_t part, const char *state, const char *reason)
{
  int64_t *n = user;
  if ((*n)++ >= N_NAMED_MAX) return;
  nm_message("%s: %s (part %lld)%s%s", input ? input : "?", state ? state : "?", (long long)part,
             reason ? ": " : "", reason ? reason : "");
}

static void tell_sums(const NmBatchSums *sums, int64_t n_named)
{
  if (n_named > N_NAMED_MAX) nm_message("and %lld more", (long long)(n_named - N_NAMED_MAX));
  if (sums->n_parts_begun < sums->n_parts)
    nm_message_warning("%lld of %lld parts were never begun",
                       (long long)(sums->n_parts - sums->n_parts_begun), (long long)sums->n_parts);
  if (sums->differ)
    nm_message_warning(
        "some parts were begun with other inputs or another chain; do them again with --resume");
  if (!nm_message_is_quiet())
    fprintf(stderr, "%lld input%s in %lld part%s: %lld ok, %lld failed, %lld missing\n",
            (long long)sums->n_jobs, sums->n_jobs == 1 ? "" : "s", (long long)sums->n_parts,
            sums->n_parts > 1 ? "s" : "", (long long)sums->n_ok, (long long)sums->n_failed,
            (long long)sums->n_missing);
}

int nm_batch_report_merge(const NmArgs *args)
{
  NmBatchState state;
  NmBatchSums sums;
  NmError err = {0};
  int64_t n_named = 0;
  const char *path = nm_args_get(args, "output");
  if (args->n_operands != 2)
    return nm_message_fail(NM_EXIT_USAGE, "merge takes one folder: neume batch merge DIR");
  if (path && nm_batch_summary_check(path, &err)) return nm_message_fail(NM_EXIT_USAGE, "%s", err.message);
  if (nm_batch_state_look(&state, args->operands[1], &err)) return nm_message_fail_input(&err);
  if (nm_batch_summary_write(&state, 0, path, nm_args_has(args, "force"), name_trouble, &n_named, &sums,
                             &err))
    return nm_message_fail_output(&err);
  tell_sums(&sums, n_named);
  return sums.n_failed || sums.n_missing ? NM_EXIT_PARTIAL : NM_EXIT_DONE;
}
