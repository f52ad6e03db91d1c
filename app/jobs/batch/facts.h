// SPDX-License-Identifier: GPL-3.0-or-later
// What tells one version of a file from another.
#ifndef NM_BATCH_FACTS_H
#define NM_BATCH_FACTS_H

#include <jansson.h>
#include <stdbool.h>

#include "dsp/base/status.h"

// Reads the ordinary file at `path` and sets "bytes", "time_ns" (last change) and "hash" in `record`; with
// `keeps` the file is forced to the disk first. NM_ERR_IO with the system's reason.
NmStatus nm_batch_facts_add(json_t *record, const char *path, bool keeps, NmError *err) NM_NODISCARD;

// Whether the file at `path` is the one of `record`: same size, and same time of change or same content.
bool nm_batch_facts_hold(const json_t *record, const char *path);

#endif
