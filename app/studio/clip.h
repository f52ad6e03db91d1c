// SPDX-License-Identifier: GPL-3.0-or-later
// A stretch of sound that somebody listens to. Never changed once made; shared by reference between threads.
#ifndef NM_STUDIO_CLIP_H
#define NM_STUDIO_CLIP_H

#include <stdatomic.h>

#include "app/studio/playback.h"
#include "ui/views/peaks.h"

enum { NM_CLIP_SECONDS_MAX = 3600 };

typedef struct {
  atomic_int n_shares;
  float *samples; // [n] at NM_PLAYBACK_RATE_HZ, n >= 1
  int64_t n;
  NmPeaks *peaks;
  char name[128]; // as it is shown
} NmClip;

// How much of a clip is there, 0 to 1, negative: not known. Making ends when it answers false.
typedef bool (*NmClipProgress)(void *user, float done);

// Of a sound file, and of what is played. One share; NULL and `err`: what is wrong with the file,
// NM_ERR_BAD_DATA when there is no sound or more than an hour of it, NM_ERR_CANCELLED.
NmClip *nm_clip_new(const char *path, NmClipProgress progress, void *user, NmError *err);
NmClip *nm_clip_new_of_playback(const NmPlayback *playback, const char *name, NmClipProgress progress,
                                void *user, NmError *err);
NmClip *nm_clip_share(NmClip *clip);
void nm_clip_release(NmClip *clip);

// For the transport, with a share of the clip; NULL when memory is out.
NmPlayback *nm_clip_make_playback(NmClip *clip);

#endif
