// SPDX-License-Identifier: GPL-3.0-or-later
// Outputs of earlier runs of the same commands, so that a pattern such as songs/** does not take them for
// inputs when the output folder lies among these.
#ifndef NM_BATCH_KNOWN_H
#define NM_BATCH_KNOWN_H

#include "app/jobs/batch/chain.h"
#include "app/jobs/batch/journal.h"

typedef struct {
  NmBatchJournal *journal; // NULL: there was no run
  NmArena arena;
  const char *dir; // absolute
  char chain[NM_BATCH_NAMES_SIZE];
} NmBatchKnown;

// What is known in the output folder `dir`, which need not exist, of chains of the same commands as `chain`
// (which may be empty). Close also after a failure.
NmStatus nm_batch_known_open(NmBatchKnown *known, const char *dir, const NmBatchChain *chain,
                             NmError *err) NM_NODISCARD;
void nm_batch_known_close(NmBatchKnown *known);

// Whether `path` is one of them: NmBatchList.skips; `user` is the NmBatchKnown.
bool nm_batch_known_has(void *user, const char *path);

#endif
