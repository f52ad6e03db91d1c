// SPDX-License-Identifier: GPL-3.0-or-later
// Outputs come from a work folder to their places.
#ifndef NM_BATCH_PLACE_H
#define NM_BATCH_PLACE_H

#include "app/jobs/batch/journal.h"

// How what exists already is treated.
typedef struct {
  const char *dir;               // the output folder
  const NmBatchJournal *journal; // outputs of this input may be written over; NULL: none may
  const char *source;            // the input, absolute
  bool force;
} NmBatchPlacing;

// Whether `path`, below the output folder, may be written. NM_ERR_IO with the way out.
NmStatus nm_batch_place_check(const NmBatchPlacing *placing, const char *path, NmError *err) NM_NODISCARD;

// Checks all "outputs" of a worker's result, then renames each "work" below `folder` to "path".
NmStatus nm_batch_place_check_all(const NmBatchPlacing *placing, const json_t *outputs,
                                  NmError *err) NM_NODISCARD;
NmStatus nm_batch_place_all(const NmBatchPlacing *placing, const json_t *outputs, const char *folder,
                            NmError *err) NM_NODISCARD;

// Whether all outputs of a record are in place as they were made.
bool nm_batch_place_holds(const char *dir, const json_t *outputs);

#endif
