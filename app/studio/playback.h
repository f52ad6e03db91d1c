// SPDX-License-Identifier: GPL-3.0-or-later
// What a song sounds like at some moment: a snapshot that any thread may read, shared by reference.
#ifndef NM_STUDIO_PLAYBACK_H
#define NM_STUDIO_PLAYBACK_H

#include "models/song/song.h"

enum { NM_PLAYBACK_RATE_HZ = 24000 };

typedef struct NmPlayback NmPlayback;

// A piece of the voice: n samples from `start` on, which the sound owns a share of.
typedef struct {
  int64_t start, n;
  const float *samples;
  void *owner; // handed to `release`
} NmPlaybackPiece;

// The notes of a finished song (copied) on a plain instrument; NULL when memory is out. One reference.
NmPlayback *nm_playback_new(const NmSong *song);

// The voice instead of the instrument, before others see the sound: pieces [n] by their start (copied), of
// which neighbours may overlap. Notes that begin in none of them are still played by the instrument.
// `release` is called with each owner when the sound goes. NM_ERR_NO_MEMORY: nothing taken.
NmStatus nm_playback_set_voice(NmPlayback *playback, const NmPlaybackPiece *pieces, int32_t n,
                               void (*release)(void *owner)) NM_NODISCARD;

NmPlayback *nm_playback_share(NmPlayback *playback);
void nm_playback_release(NmPlayback *playback);

int64_t nm_playback_get_len(const NmPlayback *playback); // samples until all is silent

// Adds samples [from, from + n) to out [n]. Never allocates.
void nm_playback_add(const NmPlayback *playback, int64_t from, float *out, int64_t n);

#endif
