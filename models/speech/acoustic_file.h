// SPDX-License-Identifier: GPL-3.0-or-later
// The acoustic model's weights file: parameters, configuration, speakers and normalisation.
#ifndef NM_SPEECH_ACOUSTIC_FILE_H
#define NM_SPEECH_ACOUSTIC_FILE_H

#include "models/speech/acoustic.h"

typedef struct {
  NmParams *params;
  NmAcousticConfig config;
  char *speakers[NM_ACOUSTIC_SPEAKERS_MAX]; // [n_speakers]
  float envelope_mean[NM_ACOUSTIC_N_BANDS], envelope_std[NM_ACOUSTIC_N_BANDS];
  float f0[2 * NM_ACOUSTIC_SPEAKERS_MAX]; // mean and deviation of ln f0
  float level[2];
  double duration_scale; // corrects the bias of durations predicted in the log domain
} NmAcousticFile;

// Opens, checks that every tensor is there, has its shape and is used, and reads the statistics. On failure
// nothing is held.
NmStatus nm_acoustic_file_open(NmAcousticFile *file, const char *path, NmPool *pool,
                               NmError *err) NM_NODISCARD;
void nm_acoustic_file_close(NmAcousticFile *file);

// The metadata to save weights with; freed by the caller.
char *nm_acoustic_file_metadata(const NmAcousticConfig *config, const char *const *speakers,
                                double duration_scale, const char *const (*texts)[2], int n_texts);

#endif
