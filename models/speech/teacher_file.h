// SPDX-License-Identifier: GPL-3.0-or-later
// The teacher's weights file: parameters, configuration, speakers and normalisation.
#ifndef NM_SPEECH_TEACHER_FILE_H
#define NM_SPEECH_TEACHER_FILE_H

#include "models/speech/teacher.h"

typedef struct {
  NmParams *params;
  NmTeacherConfig config;
  char *speakers[NM_ACOUSTIC_SPEAKERS_MAX]; // [n_speakers]
  NmSpeechStats stats;
} NmTeacherFile;

// Opens, checks that every tensor is there, has its shape and is used, and reads the statistics. On failure
// nothing is held.
NmStatus nm_teacher_file_open(NmTeacherFile *file, const char *path, const NmBackend *backend, NmPool *pool,
                              NmError *err) NM_NODISCARD;
void nm_teacher_file_close(NmTeacherFile *file);

// The metadata to save weights with; freed by the caller. NULL when memory is out.
char *nm_teacher_file_metadata(const NmTeacherConfig *config, const char *const *speakers);

#endif
