// SPDX-License-Identifier: GPL-3.0-or-later
// The acoustic model's weights file: parameters, configuration, speakers and normalisation.
#ifndef NM_SPEECH_ACOUSTIC_FILE_H
#define NM_SPEECH_ACOUSTIC_FILE_H

#include "models/speech/acoustic.h"

// What undoes the biases of a regression, measured on held-out recordings when the weights are saved.
typedef struct {
  double duration; // of durations predicted in the log domain, which are too short in the mean
  double envelope; // of the normalised envelope, which varies too little (global variance, Toda, Tokuda 2007)
} NmAcousticScales;

typedef struct {
  NmParams *params;
  NmAcousticConfig config;
  char *speakers[NM_ACOUSTIC_SPEAKERS_MAX]; // [n_speakers]
  NmSpeechStats stats;
  NmAcousticScales scales;
} NmAcousticFile;

// Opens, checks that every tensor is there, has its shape and is used, and reads the statistics. On failure
// nothing is held.
NmStatus nm_acoustic_file_open(NmAcousticFile *file, const char *path, NmPool *pool,
                               NmError *err) NM_NODISCARD;
void nm_acoustic_file_close(NmAcousticFile *file);

// The metadata to save weights with; freed by the caller. NULL when memory is out.
char *nm_acoustic_file_metadata(const NmAcousticConfig *config, const char *const *speakers,
                                const NmAcousticScales *scales);

// What the weights files of the acoustic model and of its teacher share: the names under "speakers" in the
// metadata, which must be n (copied into `speakers`, freed by the caller, also after an error), the list for
// that metadata, and the statistics, checked.
NmStatus nm_acoustic_read_speakers(const char *metadata, const char *path, int32_t n, char **speakers,
                                   NmError *err) NM_NODISCARD;
void nm_acoustic_print_speakers(const char *const *speakers, int32_t n, char *list, size_t size);
NmStatus nm_acoustic_read_stats(NmParams *params, const char *path, int32_t n_speakers, NmSpeechStats *stats,
                                NmError *err) NM_NODISCARD;

#endif
