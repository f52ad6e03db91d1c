// SPDX-License-Identifier: GPL-3.0-or-later
// The --json report of `neume sing`.
#ifndef NM_FORMATS_SING_REPORT_H
#define NM_FORMATS_SING_REPORT_H

#include <stdio.h>

#include "app/jobs/sing_job.h"

// Whether every phone of the song was sung, in one span of at least a frame, and the spans tile the sound.
typedef struct {
  int64_t n_phones, n_gaps, n_overlaps, n_empty, n_samples;
  bool complete;
} NmSingProof;

NmStatus nm_sing_report_prove(const NmSingResult *result, NmSingProof *proof, NmError *err) NM_NODISCARD;

// One JSON object.
NmStatus nm_sing_report_write(const NmSingResult *result, FILE *file, NmError *err) NM_NODISCARD;

#endif
