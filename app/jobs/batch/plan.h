// SPDX-License-Identifier: GPL-3.0-or-later
// Which files a chain writes for one input: where they end up, and where they are made.
#ifndef NM_BATCH_PLAN_H
#define NM_BATCH_PLAN_H

#include "app/jobs/batch/chain.h"

// One of them. Strings live in the arena that was given.
typedef struct {
  const char *path; // where it ends up, below the output folder; NULL: it only goes to the next stage
  const char *work; // where it is made, below the work folder: "2/a.wav", stage + 1 being the first part
  int stage, arg;   // the argument that names it; -1: the stage's own flow
} NmBatchOutput;

typedef struct {
  NmBatchOutput *outputs;         // [n], stage by stage
  const NmBatchOutput *flows[16]; // of each stage: what goes on from there
  int n;
} NmBatchPlan;

// `key` is the folder and name of the input's outputs, "songs/a"; `result` (or NULL) is where the last
// stage's file goes instead of key and ending; with `keep` what goes from stage to stage stays too.
NmStatus nm_batch_plan_make(NmBatchPlan *plan, const NmBatchChain *chain, const char *key, const char *result,
                            bool keep, NmArena *arena, NmError *err) NM_NODISCARD;

#endif
