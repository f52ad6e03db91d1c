// SPDX-License-Identifier: GPL-3.0-or-later
// A voice without weights for the tests: harmonics for vowels, noise for consonants, near silence for pauses,
// durations from a table. It keeps every promise of models/speech/voice.h and takes the place of the real
// voice where a program is linked with this file.
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/rng.h"
#include "models/speech/voice.h"

static const char *const speakers[] = {"fake", "other"};
static const float pitches_hz[] = {150, 100};

struct NmVoice {
  float *samples, *f0_hz;
  int32_t *n_frames;
  int64_t capacity_frames, capacity_phones;
};

NmVoice *nm_voice_new(const char *path_acoustic, const char *path_vocoder, NmPool *pool, NmError *err)
{
  NmVoice *voice = calloc(1, sizeof *voice);
  if (!voice) nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory while making the fake voice");
  return voice;
}

void nm_voice_free(NmVoice *voice)
{
  if (!voice) return;
  free(voice->samples);
  free(voice->f0_hz);
  free(voice->n_frames);
  free(voice);
}

int nm_voice_get_n_speakers(const NmVoice *voice)
{
  return (int)(sizeof speakers / sizeof *speakers);
}

const char *nm_voice_get_speaker_name(const NmVoice *voice, int speaker)
{
  return speaker < 0 || speaker >= nm_voice_get_n_speakers(voice) ? NULL : speakers[speaker];
}

int nm_voice_find_speaker(const NmVoice *voice, const char *name)
{
  for (int i = 0; i < nm_voice_get_n_speakers(voice); i++) {
    if (!strcmp(speakers[i], name)) return i;
  }
  return -1;
}

float nm_voice_get_pitch_hz(const NmVoice *voice, int speaker)
{
  return pitches_hz[speaker];
}

static int32_t predict_frames(const NmVoicePhone *phone)
{
  const float own = phone->phone == NM_PHONE_PAUSE ? 14 : nm_phone_is_vowel(phone->phone) ? 9 : 6;
  const long n = lroundf(own / phone->rate);
  return phone->n_frames ? phone->n_frames : n < 1 ? 1 : (int32_t)n;
}

static float get_f0(const NmVoicePhone *phone, int speaker)
{
  if (!nm_phone_is_voiced(phone->phone)) return 0;
  return phone->pitch_hz > 0 ? phone->pitch_hz : pitches_hz[speaker] * exp2f(phone->pitch_semitones / 12);
}

uint64_t nm_voice_get_identity(const NmVoice *voice)
{
  return 1;
}

NmStatus nm_voice_predict(NmVoice *voice, const NmVoicePhone *phones, int32_t n, int speaker, float *n_frames,
                          NmError *err)
{
  if (n < 1 || n > NM_VOICE_PHONES_MAX) return nm_error_set(err, NM_ERR_BAD_ARG, "%d phones", n);
  for (int32_t i = 0; i < n; i++)
    n_frames[i] = (float)predict_frames(&(NmVoicePhone){.phone = phones[i].phone, .rate = 1});
  return NM_OK;
}

static void make_sound(const NmVoicePhone *phone, float f0, float *samples, int64_t n, uint64_t seed)
{
  const float gain = powf(10, phone->energy_db / 20);
  const float level = phone->phone == NM_PHONE_PAUSE ? .002f : nm_phone_is_vowel(phone->phone) ? .01f : .1f;
  const float step = f0 / NM_VOICE_RATE_HZ;
  float phase = 0;
  for (int64_t i = 0; i < n; i++) {
    const float noise = nm_rng_uniform_at(seed, (uint64_t)i) - .5f;
    const float tone = f0 > 0 ? .6f * phase * (1 - phase) - .1f : 0;
    samples[i] = gain * (level * noise + tone);
    phase += step;
    if (phase >= 1) phase -= 1;
  }
}

static bool make_room(NmVoice *voice, int64_t n_phones, int64_t n_frames)
{
  if (n_phones > voice->capacity_phones) {
    int32_t *grown = realloc(voice->n_frames, sizeof *grown * (size_t)n_phones);
    if (!grown) return false;
    voice->n_frames = grown;
    voice->capacity_phones = n_phones;
  }
  if (n_frames > voice->capacity_frames) {
    float *samples = realloc(voice->samples, sizeof *samples * (size_t)n_frames * NM_VOICE_HOP);
    if (samples) voice->samples = samples;
    float *f0_hz = realloc(voice->f0_hz, sizeof *f0_hz * (size_t)n_frames);
    if (f0_hz) voice->f0_hz = f0_hz;
    if (!samples || !f0_hz) return false;
    voice->capacity_frames = n_frames;
  }
  return true;
}

NmStatus nm_voice_say(NmVoice *voice, const NmVoicePhone *phones, int32_t n, int speaker, uint64_t seed,
                      NmSpoken *spoken, NmError *err)
{
  int64_t total = 0, at = 0;
  if (n < 1 || n > NM_VOICE_PHONES_MAX) return nm_error_set(err, NM_ERR_BAD_ARG, "%d phones", n);
  for (int32_t i = 0; i < n; i++) total += predict_frames(&phones[i]);
  if (!make_room(voice, n, total))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory in the fake voice");
  for (int32_t i = 0; i < n; i++) {
    const float f0 = get_f0(&phones[i], speaker);
    const int32_t n_frames = predict_frames(&phones[i]);
    make_sound(&phones[i], f0, voice->samples + at * NM_VOICE_HOP, (int64_t)n_frames * NM_VOICE_HOP,
               seed + (uint64_t)i);
    voice->n_frames[i] = n_frames;
    for (int32_t j = 0; j < n_frames; j++) voice->f0_hz[at++] = f0;
  }
  *spoken = (NmSpoken){.samples = voice->samples,
                       .n_frames = voice->n_frames,
                       .f0_hz = voice->f0_hz,
                       .n_samples = total * NM_VOICE_HOP,
                       .n_frames_total = total};
  return NM_OK;
}

// A pulse train of unbroken phase under the curves, so that pitch can be measured across phones.
static void sing_frame(const NmVoicePhone *phone, float f0, float energy_db, uint64_t seed, float *phase,
                       float *samples)
{
  const float gain = powf(10, (energy_db + phone->energy_db) / 20);
  const float level = phone->phone == NM_PHONE_PAUSE ? .002f : nm_phone_is_vowel(phone->phone) ? .01f : .1f;
  for (int64_t i = 0; i < NM_VOICE_HOP; i++) {
    const float noise = nm_rng_uniform_at(seed, (uint64_t)i) - .5f;
    const float tone = nm_phone_is_voiced(phone->phone) ? .6f * *phase * (1 - *phase) - .1f : 0;
    samples[i] = gain * (level * noise + tone);
    *phase += f0 / NM_VOICE_RATE_HZ;
    if (*phase >= 1) *phase -= 1;
  }
}

NmStatus nm_voice_sing(NmVoice *voice, const NmVoicePhone *phones, int32_t n, const NmVoiceCurves *curves,
                       int speaker, uint64_t seed, NmSpoken *spoken, NmError *err)
{
  int64_t total = 0, at = 0;
  float phase = 0;
  if (n < 1 || n > NM_VOICE_PHONES_MAX) return nm_error_set(err, NM_ERR_BAD_ARG, "%d phones", n);
  for (int32_t i = 0; i < n; i++) {
    if (phones[i].n_frames < 1) return nm_error_set(err, NM_ERR_BAD_ARG, "phone %d has no frame", i);
    total += phones[i].n_frames;
  }
  if (total > NM_VOICE_FRAMES_MAX) return nm_error_set(err, NM_ERR_BAD_ARG, "%d frames", (int)total);
  if (!make_room(voice, n, total))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory in the fake voice");
  for (int32_t i = 0; i < n; i++) {
    voice->n_frames[i] = phones[i].n_frames;
    for (int32_t j = 0; j < phones[i].n_frames; j++, at++) {
      const float spoken_hz = pitches_hz[speaker] * exp2f(phones[i].pitch_semitones / 12);
      const float f0 = powf(curves->f0_hz[at], curves->share) * powf(spoken_hz, 1 - curves->share);
      sing_frame(&phones[i], f0, curves->energy_db[at], seed + (uint64_t)at, &phase,
                 voice->samples + at * NM_VOICE_HOP);
      voice->f0_hz[at] = nm_phone_is_voiced(phones[i].phone) ? f0 : 0;
    }
  }
  *spoken = (NmSpoken){.samples = voice->samples,
                       .n_frames = voice->n_frames,
                       .f0_hz = voice->f0_hz,
                       .n_samples = total * NM_VOICE_HOP,
                       .n_frames_total = total};
  return NM_OK;
}
