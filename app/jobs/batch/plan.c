// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/plan.h"

#include <stdarg.h>
#include <string.h>

#include "app/jobs/batch/words.h"

_Static_assert(NM_BATCH_STAGES_MAX == sizeof((NmBatchPlan *)0)->flows / sizeof(NmBatchOutput *),
               "one flow for each stage");

typedef struct {
  const NmBatchChain *chain;
  const char *key, *result;
  bool keep;
  NmArena *arena;
} Planner;

static const char *get_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

NM_PRINTF(2, 3) static char *print(NmArena *arena, const char *fmt, ...)
{
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  const int n = vsnprintf(NULL, 0, fmt, args);
  char *text = n < 0 ? NULL : nm_arena_alloc(arena, (size_t)n + 1);
  if (text) vsnprintf(text, (size_t)n + 1, fmt, again);
  va_end(again);
  va_end(args);
  return text;
}

// "mid/sung-{}.mid" for "songs/a" is "mid/songs/sung-a.mid".
static char *expand(const Planner *p, const char *template)
{
  const char *place = strstr(template, "{}"), *name = get_name(p->key), *slash = place;
  while (slash > template && slash[-1] != '/') --slash;
  return print(p->arena, "%.*s%.*s%.*s%s%s", (int)(slash - template), template, (int)(name - p->key), p->key,
               (int)(place - slash), slash, name, place + 2);
}

// Whether another stage's flow that stays has the same ending.
static bool is_ending_shared(const Planner *p, int stage)
{
  for (int k = 0; k < p->chain->n; ++k) {
    const NmBatchStage *other = &p->chain->stages[k];
    const bool own = other->arg_flow < 0 && k != stage;
    if (own && !strcmp(other->ending->ending, p->chain->stages[stage].ending->ending)) return true;
  }
  return false;
}

// Where a flow ends up that has no name of its own.
static NmStatus place_flow(const Planner *p, NmBatchOutput *out)
{
  const NmBatchStage *stage = &p->chain->stages[out->stage];
  const bool is_last = out->stage == p->chain->n - 1;
  if (!is_last && !p->keep) return NM_OK;
  if (is_last && p->result)
    out->path = p->result;
  else if (!is_last && is_ending_shared(p, out->stage))
    out->path =
        print(p->arena, "%s.%d-%s%s", p->key, out->stage + 1, stage->kind->command, stage->ending->ending);
  else
    out->path = print(p->arena, "%s%s", p->key, stage->ending->ending);
  return out->path ? NM_OK : NM_ERR_NO_MEMORY;
}

// The next stage finds its input beside it, under the name of the input or the one it was given.
static NmStatus place_work(const Planner *p, NmBatchOutput *out, int i, bool is_flow)
{
  if (!is_flow)
    out->work = print(p->arena, "%d/%d/%s", out->stage + 1, i, get_name(out->path));
  else if (i >= 0)
    out->work = print(p->arena, "%d/%s", out->stage + 1, get_name(out->path));
  else
    out->work = print(p->arena, "%d/%s%s", out->stage + 1, get_name(p->key),
                      p->chain->stages[out->stage].ending->ending);
  return out->work ? NM_OK : NM_ERR_NO_MEMORY;
}

static NmStatus plan_stage(const Planner *p, NmBatchPlan *plan, int k)
{
  const NmBatchStage *stage = &p->chain->stages[k];
  NmStatus status = NM_OK;
  for (int i = stage->arg_flow < 0 ? -1 : 0; i < stage->n_args && !status; ++i) {
    if (i >= 0 && stage->args[i].role != NM_BATCH_WRITES) continue;
    NmBatchOutput *out = &plan->outputs[plan->n++];
    *out = (NmBatchOutput){.stage = k, .arg = i};
    if (i < 0) status = place_flow(p, out);
    if (i >= 0 && !(out->path = expand(p, stage->args[i].value))) status = NM_ERR_NO_MEMORY;
    if (!status) status = place_work(p, out, i, i == stage->arg_flow);
    if (i == stage->arg_flow) plan->flows[k] = out;
  }
  return status;
}

NmStatus nm_batch_plan_make(NmBatchPlan *plan, const NmBatchChain *chain, const char *key, const char *result,
                            bool keep, NmArena *arena, NmError *err)
{
  const Planner planner = {chain, key, result, keep, arena};
  size_t n = 0;
  NmStatus status = NM_OK;
  for (int k = 0; k < chain->n; ++k) n += (size_t)chain->stages[k].n_args + 1;
  *plan = (NmBatchPlan){.outputs = nm_arena_calloc(arena, n, sizeof *plan->outputs)};
  if (!plan->outputs) status = NM_ERR_NO_MEMORY;
  for (int k = 0; k < chain->n && !status; ++k) status = plan_stage(&planner, plan, k);
  return status ? nm_error_set(err, status, "out of memory") : NM_OK;
}
