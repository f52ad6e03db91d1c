// SPDX-License-Identifier: GPL-3.0-or-later
// What was done, one JSON object in a line, appended and forced to the disk before outputs take their places.
// A process that is killed leaves whole lines and at most a torn last one, which is passed over.
//
// Every part of a batch writes its own file journal-K-of-N.jsonl and reads those of all. The first line of a
// run says what it is about ("neume_batch"), each further one is a job's record: "job" (its hash), "chain",
// "key", "input" as it was given and "source", its whole path, "bytes", "time_ns" and "hash" of the input,
// "state"
// ("ok" or "failed"), "outputs" with the same three of each file, "stages" with their seconds. The last
// record of a job counts.
#ifndef NM_BATCH_JOURNAL_H
#define NM_BATCH_JOURNAL_H

#include <jansson.h>

#include "app/jobs/batch/state.h"

typedef struct NmBatchJournal NmBatchJournal;

enum { NM_BATCH_HASH_SIZE = 33 };

// Reads all journals of the folder (records stay on the disk; 40 bytes of memory each). With `writes` opens
// that of state->shard for appending. NULL and `err`: NM_ERR_IO, NM_ERR_NO_MEMORY.
NmBatchJournal *nm_batch_journal_open(const NmBatchState *state, bool writes, NmError *err);
void nm_batch_journal_close(NmBatchJournal *journal);

// Records of this part that were read or written.
int64_t nm_batch_journal_count_own(const NmBatchJournal *journal);

// The last record of a job, by its hash; the caller's to decref. NULL when there is none.
json_t *nm_batch_journal_find(const NmBatchJournal *journal, const char *job);

// The last record of which `path` (below the output folder) is an output; as nm_batch_journal_find.
json_t *nm_batch_journal_find_output(const NmBatchJournal *journal, const char *path);

// Appends a line and forces it to the disk. NM_ERR_IO.
NmStatus nm_batch_journal_append(NmBatchJournal *journal, const json_t *record, NmError *err) NM_NODISCARD;

// Calls `visit` for the first lines of all runs, in no fixed order.
void nm_batch_journal_visit_runs(const NmBatchJournal *journal, void (*visit)(const json_t *run, void *user),
                                 void *user);

// 32 hexadecimal digits.
void nm_batch_print_hash(const NmHash *hash, char text[NM_BATCH_HASH_SIZE]);

#endif
