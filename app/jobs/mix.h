// SPDX-License-Identifier: GPL-3.0-or-later
// The mix: a voice at 24 kHz and a backing to stereo at 48 kHz, streaming, in constant memory.
//
//   voice: x2, gain, room ┐
//   parts: gain, pan, room, a little lower while the voice sounds ┴ sum ─ limiter ─ out
//
// The parts before the limiter are the stems: they sum to what goes into it. Everything starts at frame 0 and
// what a stage needs of the future is waited for, so nothing is late.
#ifndef NM_JOBS_MIX_H
#define NM_JOBS_MIX_H

#include "app/jobs/backing.h"

enum { NM_MIX_RATE_HZ = 48000, NM_MIX_VOICE_RATE_HZ = 24000 };

typedef struct {
  double voice_db, backing_db; // on top of the usual levels
  double room_db;              // of the room's sound, on top of the usual; -100: none
  double duck_db;              // how much lower parts are while the voice sounds; >= 0
  double peak_db;              // what no peak exceeds, between samples too; <= 0
} NmMixStyle;

// 0, 0, 0, 2 and -1 dB.
NmMixStyle nm_mix_style_defaults(void);

// One thread at a time per object.
typedef struct NmMixer NmMixer;

// `backing` NULL: the voice alone; else it is played from where it stands and must outlive the mixer. NULL
// and `err`: NM_ERR_BAD_ARG for a style out of range, NM_ERR_NO_MEMORY.
NmMixer *nm_mixer_new(NmBacking *backing, const NmMixStyle *style, NmError *err);
void nm_mixer_free(NmMixer *mixer);

// Stems as float WAV in the folder `dir` (made if it is missing): voice.wav, and a file named after each
// part. Call before the first sample. NM_ERR_IO when one exists and `force` is not set, or cannot be written.
NmStatus nm_mixer_set_stems(NmMixer *mixer, const char *dir, bool force, NmError *err) NM_NODISCARD;

// Takes the next n samples of the voice.
NmStatus nm_mixer_push(NmMixer *mixer, const float *voice, int64_t n, NmError *err) NM_NODISCARD;

// The voice has ended: the rest of the backing and of the room follows, and the stems are completed.
NmStatus nm_mixer_finish(NmMixer *mixer, NmError *err) NM_NODISCARD;

// Where the mix goes: n frames [n, 2]; set before the first sample.
typedef NmStatus (*NmMixSink)(void *user, const float *frames, int64_t n, NmError *err);
void nm_mixer_set_sink(NmMixer *mixer, NmMixSink sink, void *user);

#endif
