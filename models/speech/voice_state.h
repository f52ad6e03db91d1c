// SPDX-License-Identifier: GPL-3.0-or-later
// What voice.c (speech) and voice_sing.c (song) share of a voice: its state and the steps that both take. All
// of it is private to the two; a voice belongs to one thread.
#ifndef NM_SPEECH_VOICE_STATE_H
#define NM_SPEECH_VOICE_STATE_H

#include "dsp/base/arena.h"
#include "models/speech/acoustic_file.h"
#include "models/speech/voice.h"
#include "models/vocoder/vocoder.h"

#define NM_VOICE_LN_SEMITONE 0.0577622650466621f // ln 2 / 12
#define NM_VOICE_LN_DB 0.115129254649702f        // ln 10 / 20

// Arrays by token and by frame; grown, never shrunk.
typedef struct {
  NmToken *tokens;                                   // [n]
  float *features, *log_duration, *hidden, *prosody; // [n, 12] [n] [n, d_model] [n, 2]
  int32_t *phones, *places, *n_frames, *n_made;      // [n] n_made by the decoder, the rest is held
  int32_t *index;                                    // [T]
  float *frame_features, *envelope, *voicing;        // [T, 6] [T, 80] [T]
  float *f0_hz, *f0_own_hz, *f0_shown;               // [T] as asked, as predicted, 0 where unvoiced
  float *samples;                                    // [T hop]
} NmVoiceScratch;

struct NmVoice {
  NmAcousticFile file;
  NmVocoder *vocoder;
  NmGraph *encoder, *decoder;
  NmArena arena;
  NmVoiceScratch scratch;
};

// Describes and encodes the n phones: features, hidden, log_duration and prosody of the scratch.
NmStatus nm_voice_read_phones(NmVoice *voice, const NmVoicePhone *phones, int32_t n, int speaker,
                              NmError *err) NM_NODISCARD;

// Arrays of T frames. False when there is no memory for them.
bool nm_voice_allocate_frames(NmVoiceScratch *scratch, NmArena *arena, int64_t T) NM_NODISCARD;

// The decoder's [T, 82] for the scratch's index and frame_features into *rows, which the graph owns.
NmStatus nm_voice_decode(NmVoice *voice, int32_t n, int64_t T, const float **rows, NmError *err) NM_NODISCARD;

// The pitch that the voice is able to have next to f0_hz.
float nm_voice_clamp_hz(float f0_hz);

// Sound of the T frames that the scratch holds. NM_ERR_BAD_DATA when it is not finite.
NmStatus nm_voice_make_samples(NmVoice *voice, int64_t T, uint64_t seed, NmSpoken *spoken,
                               NmError *err) NM_NODISCARD;

#endif
