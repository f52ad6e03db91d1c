// SPDX-License-Identifier: GPL-3.0-or-later
// The mix: a voice at 24 kHz and a backing to stereo at 48 kHz, streaming, in constant memory.
//
//   voice: to 48 kHz, gain, room
//   parts: gain, pan, room, a little lower while the voice sounds
//   all of them: sum, limiter, out
//
// What goes into the sum are the stems. Everything starts at frame 0 and what a stage needs of the future is
// waited for, so nothing is late.
#ifndef NM_JOBS_MIX_H
#define NM_JOBS_MIX_H

#include "app/jobs/backing.h"

enum { NM_MIX_RATE_HZ = 48000, NM_MIX_VOICE_RATE_HZ = 24000 };

#define NM_MIX_VOICE_LUFS (-18.) // in the mix, and
#define NM_MIX_BACKING_LUFS (-20.5)

typedef struct {
  double voice_lufs;           // of the voice as it comes, to be brought to NM_MIX_VOICE_LUFS
  double voice_db, backing_db; // on top of the usual levels
  double room_db;              // of the room's sound, on top of the usual; -100 or less: none
  double duck_db;              // how much lower parts are while the voice sounds; 0 or more
  double peak_db;              // what no peak exceeds, between samples too; 0 or less
} NmMixStyle;

// Our voice's usual loudness; 0, 0, 0, 1.5 and -1 dB.
NmMixStyle nm_mix_style_defaults(void);

// Where the mix goes: n frames [n, 2].
typedef NmStatus (*NmMixSink)(void *user, const float *frames, int64_t n, NmError *err);

typedef struct {
  NmBacking *backing;      // borrowed, played from its beginning; NULL: the voice alone
  const NmMixStyle *style; // NULL: the defaults
  NmMixSink sink;          // NULL: only the stems are wanted
  void *user;
  const char *stems; // folder for the stems, made if it is missing; NULL: none
  bool force;        // stems replace files that exist
} NmMixConfig;

// One thread at a time per object.
typedef struct NmMixer NmMixer;

// Stems are float WAV, voice.wav and a file named after each part, that appear when the mix is finished.
// Before that the parts' loudness is measured over their first seconds, with the soundfont that plays them,
// so that bands of any instruments are balanced. NULL and `err`: NM_ERR_BAD_ARG for a style out of range,
// NM_ERR_IO for stems that cannot be written, NM_ERR_NO_MEMORY.
NmMixer *nm_mixer_new(const NmMixConfig *config, NmError *err);

// Stems that are not finished vanish, with the folder if it was made for them. NULL is fine.
void nm_mixer_free(NmMixer *mixer);

// Takes the next n samples of the voice. Errors are those of the sink, the stems and the synthesizer.
NmStatus nm_mixer_push(NmMixer *mixer, const float *voice, int64_t n, NmError *err) NM_NODISCARD;

// The voice has ended: the rest of the backing and of the room follows, and the stems are completed. Once.
NmStatus nm_mixer_finish(NmMixer *mixer, NmError *err) NM_NODISCARD;

// Frames of the whole mix for a voice of n samples.
int64_t nm_mixer_get_len(const NmMixer *mixer, int64_t n);

#endif
