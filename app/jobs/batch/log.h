// SPDX-License-Identifier: GPL-3.0-or-later
// What a worker said.
#ifndef NM_BATCH_LOG_H
#define NM_BATCH_LOG_H

#include <jansson.h>

enum { NM_BATCH_REASON_SIZE = 512 };

// Reads the end of the messages in the file at `path`: warnings are added to `warnings` (an array, up to 20
// of them), the last other line goes to `reason`, without "neume: "; "" when there is none.
void nm_batch_log_read(const char *path, json_t *warnings, char reason[NM_BATCH_REASON_SIZE]);

#endif
