// SPDX-License-Identifier: GPL-3.0-or-later
// What `neume emotion` is asked for.
#ifndef NM_COMMANDS_EMOTION_REQUEST_H
#define NM_COMMANDS_EMOTION_REQUEST_H

#include "app/command.h"
#include "app/formats/mood.h"
#include "app/jobs/sound.h"

enum { NM_EMOTION_OUTPUTS_MAX = 16 };

typedef struct {
  const char *path; // of a file, or NULL where a folder takes it
  const NmMoodFormat *format;
} NmEmotionOutputFile;

typedef struct {
  char **inputs;                                       // [n_inputs] argv's; none when live
  const char *folder;                                  // --to
  const NmMoodFormat *stream;                          // what standard output gets, NULL: nothing
  NmEmotionOutputFile outputs[NM_EMOTION_OUTPUTS_MAX]; // [n_outputs]
  const char *table;                                   // where the table of many goes, NULL: standard output
  NmMoodTable table_kind;
  int n_inputs, n_outputs;
  NmPcmFormat raw;
  bool is_raw, is_live, is_batch, wants_segments, force;
  double seconds, change;
} NmEmotionRequest;

// False, with a message, when the command line does not make sense.
bool nm_emotion_request_read(NmEmotionRequest *request, const NmArgs *args);

// One sound, many sounds: the exit code.
int nm_emotion_run_one(const NmEmotionRequest *request, const char *listener, int n_threads);
int nm_emotion_run_batch(const NmEmotionRequest *request, const char *listener, int n_threads);

#endif
