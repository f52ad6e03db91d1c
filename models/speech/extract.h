// SPDX-License-Identifier: GPL-3.0-or-later
// One recording to the features of a corpus.
#ifndef NM_SPEECH_EXTRACT_H
#define NM_SPEECH_EXTRACT_H

#include "dsp/base/status.h"

typedef struct NmExtractor NmExtractor;

// Owned by the caller after nm_extract_run; n_frames frames.
typedef struct {
  int64_t n_frames;
  float *envelope; // [n_frames, 80]
  float *f0_hz;    // [n_frames] 0 where unvoiced
  int16_t *audio;  // [n_frames * 256]
} NmExtract;

// Tools of one thread. NULL when memory is out.
NmExtractor *nm_extractor_new(double floor_hz, double ceiling_hz);
void nm_extractor_free(NmExtractor *extractor);

// Reads the file at 24 kHz; raise > 1 plays it that much faster, so that pitch (and formants) rise. The pitch
// of the original is tracked, so that raised copies keep its voicing.
NmStatus nm_extract_run(NmExtractor *extractor, const char *path, float raise, NmExtract *extract,
                        NmError *err) NM_NODISCARD;
void nm_extract_free(NmExtract *extract);

#endif
