// SPDX-License-Identifier: GPL-3.0-or-later
// The --json report of `neume speak`.
#ifndef NM_FORMATS_SPEAK_REPORT_H
#define NM_FORMATS_SPEAK_REPORT_H

#include "app/jobs/speak_job.h"

// Whether every phone asked for was said, in one span of at least a frame, and the spans tile the audio.
typedef struct {
  int64_t n_phones, n_gaps, n_overlaps, n_empty, n_samples;
  bool complete;
} NmSpeakProof;

NmStatus nm_speak_report_prove(const NmSpeakResult *result, NmSpeakProof *proof, NmError *err) NM_NODISCARD;

// One JSON object; lists every phone.
NmStatus nm_speak_report_write(const NmSpeakResult *result, FILE *file, NmError *err) NM_NODISCARD;

#endif
