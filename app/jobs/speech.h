// SPDX-License-Identifier: GPL-3.0-or-later
// All that speaking needs, loaded once: text front end, voice, speaker.
#ifndef NM_JOBS_SPEECH_H
#define NM_JOBS_SPEECH_H

#include "models/speech/speak.h"

typedef struct {
  NmPool *pool;
  NmText *text;
  NmVoice *voice;
  NmSpeaker *speaker;
  double seconds_load;
} NmSpeech;

// Finds the assets and loads them, for `n_threads` threads (0: as many as are useful here).
NmStatus nm_speech_open(NmSpeech *speech, int n_threads, NmError *err) NM_NODISCARD;
void nm_speech_close(NmSpeech *speech);

// The voice's speaker of that name, 0 for NULL; -1 and `err` (bad argument, naming those there are) when
// there is none.
int nm_speech_find_speaker(const NmSpeech *speech, const char *name, NmError *err);

#endif
