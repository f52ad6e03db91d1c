// SPDX-License-Identifier: GPL-3.0-or-later
// The band in the background: a thread that plays the accompaniment of a song as its settings say, to be
// heard beside the voice. It is mixed as `neume render` mixes it, but for what the voice does to it
// (ducking), and in mono.
#ifndef NM_STUDIO_BAND_H
#define NM_STUDIO_BAND_H

#include "app/document/document.h"
#include "app/studio/playback.h"

enum { NM_STUDIO_BAND_S_MAX = 3600 };

// All calls from one thread, the user's.
typedef struct NmStudioBand NmStudioBand;

// `wake` is called from the thread when there is something new. NULL when memory or threads are out.
NmStudioBand *nm_studio_band_new(void (*wake)(void *user), void *user);
// Waits until the loudness of the parts that are being measured is known.
void nm_studio_band_free(NmStudioBand *band);

// Plays the band of a document (copied) from now on, if it has one: what was played before is heard until it
// is ready, and stays when nothing of it changes. What is under way is given up.
void nm_studio_band_play(NmStudioBand *band, const NmDocument *doc, int verse);

// Whether it is being played, or is about to be; why it is not, "" when all is well, into trouble [512].
bool nm_studio_band_is_busy(NmStudioBand *band, char *trouble);

// What it plays, from second 0 of the document; NULL: nothing. A share for the caller.
NmPlayback *nm_studio_band_get(NmStudioBand *band);

#endif
