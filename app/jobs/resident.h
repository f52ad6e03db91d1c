// SPDX-License-Identifier: GPL-3.0-or-later
// Models and dictionaries loaded ahead, for processes that are forked afterwards: in each of them the first
// opening takes what is here, copied by the system when it is written to, instead of loading it once more.
#ifndef NM_JOBS_RESIDENT_H
#define NM_JOBS_RESIDENT_H

#include <stdbool.h>

#include "app/jobs/ear.h"
#include "app/jobs/lyrics.h"
#include "app/jobs/songs.h"
#include "app/jobs/speech.h"

enum { NM_RESIDENT_READER = 1, NM_RESIDENT_SONG = 2, NM_RESIDENT_SPEECH = 4, NM_RESIDENT_EAR = 8 };

// Loads those of `what` that were not tried yet, for one thread each, so that none is started. What cannot be
// loaded is left to those who open it, and to their messages.
void nm_resident_load(unsigned what);

// Hands it out, once; false when it is not there, or not for so many threads. Those who open these things ask
// here first: nobody else need.
bool nm_resident_take_reader(NmLyricsReader *reader);
bool nm_resident_take_song(NmSongModel *model);
bool nm_resident_take_speech(NmSpeech *speech, int n_threads);
bool nm_resident_take_ear(NmEar *ear, int n_threads);

// Whether an object that is to be closed was handed out here. It is not freed then: the process that took it
// ends soon, and freeing would have the system copy all the memory it touches.
bool nm_resident_keeps(const void *object);

// Frees all.
void nm_resident_free(void);

#endif
