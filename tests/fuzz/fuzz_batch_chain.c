// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a chain of `neume batch`, and behind a zero byte options of a job: an error with a message, or
// a chain whose outputs can be planned, differ, and stay below their folder.
#include <stdlib.h>
#include <string.h>

#include "app/commands/commands.h"
#include "app/jobs/batch/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(int holds)
{
  if (!holds) abort();
}

static void check_stages(const NmBatchChain *chain)
{
  for (int k = 0; k < chain->n; ++k) {
    const NmBatchStage *stage = &chain->stages[k];
    check(stage->kind && stage->ending && stage->name[0] && stage->arg_flow < stage->n_args);
    check(k + 1 == chain->n || (stage->ending->gives & chain->stages[k + 1].kind->takes));
    for (int i = 0; i < stage->n_args; ++i)
      check(stage->args[i].option || stage->args[i].role >= NM_BATCH_READS);
  }
}

static void check_plan(const NmBatchChain *chain)
{
  NmArena arena;
  NmBatchPlan plan;
  NmError err = {0};
  nm_arena_init(&arena, 1 << 12);
  if (!nm_batch_plan_make(&plan, chain, "folder/name", NULL, true, &arena, &err)) {
    for (int k = 0; k < chain->n; ++k) check(plan.flows[k] && plan.flows[k]->path);
    for (int i = 0; i < plan.n; ++i) {
      check(nm_batch_is_below(plan.outputs[i].path) && nm_batch_is_below(plan.outputs[i].work));
      for (int j = 0; j < i; ++j) check(strcmp(plan.outputs[i].work, plan.outputs[j].work) != 0);
    }
  }
  nm_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
  NmBatchChain chain;
  NmError err = {0};
  char *text = malloc(n + 1);
  if (!text) return 0;
  memcpy(text, bytes, n);
  text[n] = '\0';
  const size_t len = strlen(text);
  json_t *options = len < n ? json_loadb(text + len + 1, n - len - 1, 0, NULL) : NULL;
  const NmStatus status =
      nm_batch_chain_parse(&chain, text, json_is_object(options) ? options : NULL, nm_commands, &err);
  if (status) {
    check(status == NM_ERR_BAD_ARG && err.message[0]);
  } else {
    check_stages(&chain);
    check_plan(&chain);
  }
  nm_batch_chain_fini(&chain);
  json_decref(options);
  free(text);
  return 0;
}
