// SPDX-License-Identifier: GPL-3.0-or-later
// What is heard next: a sound from somewhere on, again and again perhaps, with clicks; a tone; a moment of
// the sound. One thread at a time.
#ifndef NM_STUDIO_MIXER_H
#define NM_STUDIO_MIXER_H

#include <stdbool.h>

#include "app/studio/playback.h"
#include "dsp/tone.h"

enum { NM_MIXER_BLOCK_MAX = 512 };

typedef struct {
  int64_t *at; // [n]
  bool *strong;
  int32_t n;
} NmClicks;

// Zero-initialise, then nm_mixer_silence. What stands first is the user's to change.
typedef struct {
  bool plays;
  int64_t at;                 // the next sample of the sound
  int64_t loop_from, loop_to; // equal: it is not played again
  double audition_hz;         // of a short tone that is to begin, 0: none

  NmPlayback *playback, *fading;  // may be NULL; the second is faded out in the next block
  NmPlayback *band, *band_fading; // what is heard beside it, likewise
  NmClicks clicks;
  int64_t scrub_at, n_scrub; // samples that are left of a moment of the sound
  NmTone tone;
  int64_t tone_at;
} NmMixer;

void nm_mixer_fini(NmMixer *mixer);

// The next samples into out [n], n <= NM_MIXER_BLOCK_MAX; fewer at the end of a loop. Answers how many, 0:
// there is nothing to be heard. Frees what was faded out.
int64_t nm_mixer_read(NmMixer *mixer, float *out, int64_t n);

// Whether there is anything to be heard, and whether the sound has come to its end.
bool nm_mixer_sounds(const NmMixer *mixer);
bool nm_mixer_is_over(const NmMixer *mixer);

// Nothing is heard any more.
void nm_mixer_silence(NmMixer *mixer);

// A moment of the sound from there on, when it does not play.
void nm_mixer_scrub(NmMixer *mixer, int64_t at);

// What is played from now on, faded over from what was; shares the sound. And what beside it, NULL: nothing.
void nm_mixer_set_playback(NmMixer *mixer, NmPlayback *playback);
void nm_mixer_set_band(NmMixer *mixer, NmPlayback *band);
// Clicks at these samples [n] (copied), strong ones louder. False when memory is out.
bool nm_mixer_set_clicks(NmMixer *mixer, const int64_t *clicks, const bool *strong, int32_t n);

#endif
