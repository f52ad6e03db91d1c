// SPDX-License-Identifier: GPL-3.0-or-later
// The roll: all jobs of a batch by name, so that summaries know what is missing. A file of JSON lines {"job",
// "key", "id", "input", "part"} in the state folder, named after its content; every part writes the same.
#ifndef NM_BATCH_ROLL_H
#define NM_BATCH_ROLL_H

#include "app/jobs/batch/run.h"

// Writes it, unless it is there; *n_mine: jobs of this part.
NmStatus nm_batch_roll_write(const NmBatchState *state, const NmBatchRun *run, int64_t *n_mine,
                             NmError *err) NM_NODISCARD;

// The first line of a run in the journal: {"neume_batch": 1, "roll": its name, "part", "parts", "jobs",
// "mine", "started_ns"}.
json_t *nm_batch_roll_describe(const NmBatchRun *run, int64_t n_mine);

// Calls `visit` for every line of the roll `name`. NM_ERR_IO, NM_ERR_BAD_DATA, or what `visit` answers.
NmStatus nm_batch_roll_visit(const NmBatchState *state, const char *name,
                             NmStatus (*visit)(const json_t *line, void *user, NmError *err), void *user,
                             NmError *err) NM_NODISCARD;

#endif
