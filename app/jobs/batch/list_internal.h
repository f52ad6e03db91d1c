// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef NM_BATCH_LIST_INTERNAL_H
#define NM_BATCH_LIST_INTERNAL_H

#include "app/jobs/batch/list.h"

// Appends a job, whose strings must be in the list's arena already.
NmStatus nm_batch_list_push(NmBatchList *list, const NmBatchJob *job, NmError *err) NM_NODISCARD;

// A copy in the list's arena; NULL when memory is out.
char *nm_batch_list_copy(NmBatchList *list, const char *text, size_t len);

#endif
