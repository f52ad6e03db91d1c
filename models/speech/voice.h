// SPDX-License-Identifier: GPL-3.0-or-later
// A voice: the acoustic model and the vocoder, from phones to sound. What it is given is all it says: one
// span of frames for every phone, in order (length regulator, Ren et al. 2019, FastSpeech, section 3.2).
#ifndef NM_SPEECH_VOICE_H
#define NM_SPEECH_VOICE_H

#include "dsp/base/pool.h"
#include "dsp/base/status.h"
#include "models/speech/acoustic.h"
#include "models/text/text.h"

enum { NM_VOICE_RATE_HZ = 24000, NM_VOICE_HOP = 256 };

typedef struct NmVoice NmVoice;

// One phone to be said. Zero-initialise, then set: rate 1 is the voice's own.
typedef struct {
  int32_t phone;
  int32_t i_word;        // its word's index in the phrase, -1 for pauses
  NmBoundary boundary;   // of its word (for a pause: of the word before it)
  int32_t n_frames;      // frames it must last; 0: the duration predictor decides
  float rate;            // 2 halves a predicted duration
  float pitch_semitones; // added to the predicted pitch
  float pitch_range;     // 1 as predicted, 0 monotone, 2 lively
  float pitch_hz;        // > 0: the pitch to hold instead of the predicted one
  float energy_db;       // added to the predicted level
} NmVoicePhone;

// What was said. Arrays belong to the voice and live until its next nm_voice_say.
typedef struct {
  const float *samples;    // [n_samples], n_samples = NM_VOICE_HOP * sum of n_frames
  const int32_t *n_frames; // [n] frames of each phone, every one >= 1
  const float *f0_hz;      // [n_frames_total], 0 where unvoiced
  const float *envelope;   // [n_frames_total, 80] ln amplitude; NULL from a voice that has none
  int64_t n_samples, n_frames_total;
  double seconds_vocoder; // time taken by the second half of the work
} NmSpoken;

// Loads a voice from the acoustic and vocoder weights (safetensors). `pool` may be NULL (one thread) and is
// borrowed. Returns NULL and fills `err` when a file is missing, damaged or does not fit this program.
NmVoice *nm_voice_new(const char *path_acoustic, const char *path_vocoder, NmPool *pool, NmError *err);
void nm_voice_free(NmVoice *voice);

// The shape of its acoustic model.
const NmAcousticConfig *nm_voice_get_config(const NmVoice *voice);

// Speakers of the voice by name; -1 when there is none of that name.
int nm_voice_get_n_speakers(const NmVoice *voice);
const char *nm_voice_get_speaker_name(const NmVoice *voice, int speaker);
int nm_voice_find_speaker(const NmVoice *voice, const char *name);

// The speaker's middle (median) pitch, > 0: what a request for an absolute pitch is measured against.
float nm_voice_get_pitch_hz(const NmVoice *voice, int speaker);

enum { NM_VOICE_PHONES_MAX = 4000, NM_VOICE_FRAMES_MAX = 8192 };

// Tells voices from each other: two of the same number make the same sound. Reads all the weights.
uint64_t nm_voice_get_identity(const NmVoice *voice);

// Says `n` phones as one phrase. Same phones, speaker and seed: same samples, for any number of threads.
// Allocates only to grow its buffers. n >= 1; at most NM_VOICE_PHONES_MAX phones.
NmStatus nm_voice_say(NmVoice *voice, const NmVoicePhone *phones, int32_t n, int speaker, uint64_t seed,
                      NmSpoken *spoken, NmError *err) NM_NODISCARD;

// The frames that the voice would give each phone at rate 1, before they are made whole: n_frames [n]. What
// the phones ask for of that kind is left aside.
NmStatus nm_voice_predict(NmVoice *voice, const NmVoicePhone *phones, int32_t n, int speaker, float *n_frames,
                          NmError *err) NM_NODISCARD;

// What singing lays down for each of the T frames of a phrase.
typedef struct {
  const float *f0_hz;     // [T] > 0, the pitch at the middle of each frame
  const float *energy_db; // [T] added to the predicted level
  float share;            // of f0_hz in the pitch, the rest is as speech would have it: 1 exact, 0 spoken
} NmVoiceCurves;

// As nm_voice_say, for phones whose n_frames are all set, T together and at most NM_VOICE_FRAMES_MAX. Sounds
// longer than speech ever has them are held (models/speech/hold.h); vowels, nasals and liquids stay voiced.
NmStatus nm_voice_sing(NmVoice *voice, const NmVoicePhone *phones, int32_t n, const NmVoiceCurves *curves,
                       int speaker, uint64_t seed, NmSpoken *spoken, NmError *err) NM_NODISCARD;

#endif
