// SPDX-License-Identifier: GPL-3.0-or-later
// How the song feels, found in the background once it is sung.
#ifndef NM_STUDIO_LISTEN_H
#define NM_STUDIO_LISTEN_H

#include "app/studio/playback.h"
#include "models/emotion/emotion.h"

// All calls from one thread, the user's.
typedef struct NmStudioEar NmStudioEar;

// `wake` is called from the thread when there is something new. NULL when memory or threads are out.
NmStudioEar *nm_studio_ear_new(void (*wake)(void *user), void *user);
void nm_studio_ear_free(NmStudioEar *ear);

// Listens to this from now on (shared); what it listened to is given up.
void nm_studio_ear_hear(NmStudioEar *ear, NmPlayback *playback);

// Whether it listens, or is about to.
bool nm_studio_ear_is_busy(NmStudioEar *ear);

// Copies the rows that are known, at most `room`, and answers how many; -1 when they are those of the call
// before. `trouble` [512] says why there are none, empty when all is well.
int32_t nm_studio_ear_get(NmStudioEar *ear, NmEmotionRow *rows, int32_t room, char *trouble);

#endif
