// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as lines of a jobs file of `neume batch`: errors with a message, or jobs whose names are all
// different.
#include <stdlib.h>
#include <string.h>

#include "app/commands/commands.h"
#include "app/jobs/batch/task.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(int holds)
{
  if (!holds) abort();
}

static void check_job(const NmBatchJob *job)
{
  const NmBatchSettings settings = {.commands = nm_commands};
  NmBatchTask task;
  NmError err = {0};
  check(job->input && job->input[0]);
  if (!nm_batch_task_init(&task, job, &settings, &err))
    check(task.plan.n > 0 && strlen(task.hash) == 32);
  else
    check(err.message[0] != '\0');
  nm_batch_task_fini(&task);
}

static void check_names(NmBatchList *list)
{
  const NmBatchNaming naming = {.flat = list->n % 2 == 0};
  NmError err = {0};
  if (nm_batch_list_name(list, &naming, &err)) {
    check(err.message[0] != '\0');
    return;
  }
  for (int64_t i = 0; i < list->n; ++i) {
    check_job(&list->jobs[i]);
    for (int64_t j = 0; j < i; ++j) check(strcmp(list->jobs[i].key, list->jobs[j].key) != 0);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  NmBatchList list;
  nm_batch_list_init(&list);
  for (int64_t line = 1; n > 0; ++line) {
    NmError err = {0};
    const uint8_t *end = memchr(bytes, '\n', n);
    const size_t len = end ? (size_t)(end - bytes) : n;
    if (nm_batch_list_parse(&list, (const char *)bytes, len, line, &err))
      check(err.status == NM_ERR_BAD_DATA && err.message[0]);
    bytes += len + (end != NULL);
    n -= len + (end != NULL);
  }
  check_names(&list);
  nm_batch_list_fini(&list);
  return 0;
}
