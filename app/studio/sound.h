// SPDX-License-Identifier: GPL-3.0-or-later
// What a song sounds like at some moment: a snapshot that any thread may read, shared by reference.
#ifndef NM_STUDIO_SOUND_H
#define NM_STUDIO_SOUND_H

#include "models/song/song.h"

enum { NM_SOUND_RATE_HZ = 24000 };

typedef struct NmSound NmSound;

// A piece of the voice: n samples from `start` on, which the sound owns a share of.
typedef struct {
  int64_t start, n;
  const float *samples;
  void *owner; // handed to `release`
} NmSoundPiece;

// The notes of a finished song (copied) on a plain instrument; NULL when memory is out. One reference.
NmSound *nm_sound_new(const NmSong *song);

// The voice instead of the instrument, before others see the sound: pieces [n] by their start (copied), of
// which neighbours may overlap. Notes that begin in none of them are still played by the instrument.
// `release` is called with each owner when the sound goes. NM_ERR_NO_MEMORY: nothing taken.
NmStatus nm_sound_set_voice(NmSound *sound, const NmSoundPiece *pieces, int32_t n,
                            void (*release)(void *owner)) NM_NODISCARD;

NmSound *nm_sound_share(NmSound *sound);
void nm_sound_release(NmSound *sound);

int64_t nm_sound_get_len(const NmSound *sound); // samples until all is silent

// Adds samples [from, from + n) to out [n]. Never allocates.
void nm_sound_add(const NmSound *sound, int64_t from, float *out, int64_t n);

#endif
