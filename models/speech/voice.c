// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/voice_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/clock.h"
#include "dsp/base/clones.h"
#include "dsp/base/hash.h"
#include "models/speech/acoustic.h"
#include "models/speech/hold.h"

enum { FRAMES_PER_PHONE_MAX = 2000 };

void nm_voice_free(NmVoice *voice)
{
  if (!voice) return;
  nm_graph_free(voice->encoder);
  nm_graph_free(voice->decoder);
  nm_vocoder_free(voice->vocoder);
  nm_acoustic_file_close(&voice->file);
  nm_arena_fini(&voice->arena);
  free(voice);
}

NmVoice *nm_voice_new(const char *path_acoustic, const char *path_vocoder, NmPool *pool, NmError *err)
{
  NmVoice *voice = calloc(1, sizeof *voice);
  if (!voice) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  nm_arena_init(&voice->arena, 1 << 20);
  if (nm_acoustic_file_open(&voice->file, path_acoustic, pool, err) != NM_OK) goto failed;
  if (!(voice->vocoder = nm_vocoder_new(path_vocoder, pool, err))) goto failed;
  voice->encoder = nm_graph_new(nm_backend_cpu(), pool);
  voice->decoder = nm_graph_new(nm_backend_cpu(), pool);
  if (voice->encoder && voice->decoder) return voice;
  nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
failed:
  nm_voice_free(voice);
  return NULL;
}

const NmAcousticConfig *nm_voice_get_config(const NmVoice *voice)
{
  return &voice->file.config;
}

int nm_voice_get_n_speakers(const NmVoice *voice)
{
  return voice->file.config.n_speakers;
}

const char *nm_voice_get_speaker_name(const NmVoice *voice, int speaker)
{
  return speaker >= 0 && speaker < voice->file.config.n_speakers ? voice->file.speakers[speaker] : NULL;
}

int nm_voice_find_speaker(const NmVoice *voice, const char *name)
{
  for (int i = 0; i < voice->file.config.n_speakers; ++i)
    if (strcmp(voice->file.speakers[i], name) == 0) return i;
  return -1;
}

float nm_voice_get_pitch_hz(const NmVoice *voice, int speaker)
{
  return expf(voice->file.stats.f0[2 * speaker]);
}

uint64_t nm_voice_get_identity(const NmVoice *voice)
{
  NmHash hash;
  nm_hash_init(&hash);
  nm_hash_add_u64(&hash, nm_params_get_identity(voice->file.params));
  nm_hash_add_u64(&hash, nm_vocoder_get_identity(voice->vocoder));
  return hash.word[0];
}

static bool allocate_tokens(NmVoiceScratch *s, NmArena *arena, int32_t n, int32_t d_model)
{
  s->tokens = nm_arena_calloc(arena, (size_t)n, sizeof *s->tokens);
  s->features = nm_arena_calloc(arena, (size_t)n * NM_TOKEN_N_FEATURES, sizeof(float));
  s->log_duration = nm_arena_calloc(arena, (size_t)n, sizeof(float));
  s->hidden = nm_arena_calloc(arena, (size_t)n * (size_t)d_model, sizeof(float));
  s->prosody = nm_arena_calloc(arena, (size_t)n * 2, sizeof(float));
  s->phones = nm_arena_calloc(arena, (size_t)n, sizeof(int32_t));
  s->places = nm_arena_calloc(arena, (size_t)n, sizeof(int32_t));
  s->n_frames = nm_arena_calloc(arena, (size_t)n, sizeof(int32_t));
  s->n_made = nm_arena_calloc(arena, (size_t)n, sizeof(int32_t));
  return s->tokens && s->features && s->log_duration && s->hidden && s->prosody && s->phones && s->places &&
         s->n_frames && s->n_made;
}

bool nm_voice_allocate_frames(NmVoiceScratch *s, NmArena *arena, int64_t T)
{
  const size_t n = (size_t)T;
  s->index = nm_arena_calloc(arena, n, sizeof(int32_t));
  s->frame_features = nm_arena_calloc(arena, n * NM_FRAME_N_FEATURES, sizeof(float));
  s->envelope = nm_arena_alloc(arena, n * NM_ACOUSTIC_N_BANDS * sizeof(float));
  s->f0_hz = nm_arena_alloc(arena, n * sizeof(float));
  s->f0_own_hz = nm_arena_alloc(arena, n * sizeof(float));
  s->f0_shown = nm_arena_alloc(arena, n * sizeof(float));
  s->voicing = nm_arena_alloc(arena, n * sizeof(float));
  s->samples = nm_arena_alloc(arena, n * NM_VOICE_HOP * sizeof(float));
  return s->index && s->frame_features && s->envelope && s->f0_hz && s->f0_own_hz && s->f0_shown &&
         s->voicing && s->samples;
}

static NmStatus encode(NmVoice *voice, int32_t n, int speaker, NmError *err)
{
  NmVoiceScratch *s = &voice->scratch;
  NmGraph *g = voice->encoder;
  nm_graph_reset(g);
  const NmNet net = {g, voice->file.params, 0};
  NmAcousticInputs in = nm_acoustic_inputs(g, 1, n);
  in.len = NM_VAR_NONE;
  const NmAcousticEncoding out = nm_acoustic_encode(&net, &voice->file.config, &in, 0);
  nm_graph_output(g, out.hidden);
  nm_graph_output(g, out.log_duration);
  nm_graph_output(g, out.prosody);
  const NmStatus status = nm_graph_plan(g, false, err);
  if (status != NM_OK) return status;
  nm_graph_set_int(g, in.phones, s->phones);
  nm_graph_set_int(g, in.places, s->places);
  nm_graph_set(g, in.features, s->features);
  nm_graph_set_int(g, in.speaker, &(int32_t){speaker});
  nm_graph_forward(g);
  nm_graph_get(g, out.hidden, s->hidden);
  nm_graph_get(g, out.log_duration, s->log_duration);
  nm_graph_get(g, out.prosody, s->prosody);
  return NM_OK;
}

// Whole frames for every phone, at least one each. The rounding error is carried along, so that a phrase
// lasts what was predicted.
static int64_t regulate(NmVoice *voice, const NmVoicePhone *phones, int32_t n)
{
  NmVoiceScratch *s = &voice->scratch;
  int64_t total = 0;
  double carry = 0;
  for (int32_t k = 0; k < n; ++k) {
    if (phones[k].n_frames > 0) {
      s->n_frames[k] = phones[k].n_frames;
    } else {
      const double rate = phones[k].rate > 0 ? phones[k].rate : 1;
      const double wish =
          fmin(exp(s->log_duration[k]) * voice->file.scales.duration / rate, FRAMES_PER_PHONE_MAX);
      const double frames = fmax(1, floor(wish + carry + .5));
      carry = fmax(-1, fmin(1, carry + wish - frames));
      s->n_frames[k] = (int32_t)frames;
    }
    total += s->n_frames[k];
  }
  return total;
}

// Frames to make of phones: those that are slower than the voice's own pace are made at that and held, since
// of longer ones it would have to guess.
static int64_t choose_made(NmVoice *voice, const NmVoicePhone *phones, int32_t n)
{
  NmVoiceScratch *s = &voice->scratch;
  int64_t total = 0;
  for (int32_t k = 0; k < n; ++k) {
    const int32_t own =
        (int32_t)fmin(exp(s->log_duration[k]) * voice->file.scales.duration, FRAMES_PER_PHONE_MAX) + 2;
    const int32_t held = nm_hold_get_n_made(phones[k].phone, s->n_frames[k]);
    const int32_t spoken = own < s->n_frames[k] ? own : s->n_frames[k];
    total += s->n_made[k] = held > spoken ? held : spoken;
  }
  return total;
}

// The T frames of what is said from the made ones in *rows. False when there is no memory for them.
static bool hold_slow_phones(NmVoice *voice, const NmVoicePhone *phones, int32_t n, int64_t n_made, int64_t T,
                             const float **rows)
{
  NmVoiceScratch *s = &voice->scratch;
  if (n_made == T) return true;
  float *held = nm_arena_alloc(&voice->arena, (size_t)T * NM_ACOUSTIC_N_OUT * sizeof *held), *row = held;
  float *places = nm_arena_alloc(&voice->arena, (size_t)T * sizeof *places);
  if (!held || !places) return false;
  const float *made = *rows;
  for (int32_t k = 0; k < n; made += (int64_t)s->n_made[k++] * NM_ACOUSTIC_N_OUT) {
    nm_hold_find_places(phones[k].phone, s->n_made[k], s->n_frames[k], places);
    for (int32_t i = 0; i < s->n_frames[k]; ++i, row += NM_ACOUSTIC_N_OUT)
      nm_hold_read(made, s->n_made[k], NM_ACOUSTIC_N_OUT, places[i], row);
  }
  nm_frames_describe(s->n_frames, n, s->index, s->frame_features);
  *rows = held;
  return true;
}

float nm_voice_clamp_hz(float f0_hz)
{
  return fminf(fmaxf(f0_hz, 40), 2000);
}

// The decoder's [T, 82] to envelope, f0 and voicing, with what was asked of each phone.
static void apply_prosody(NmVoice *voice, const NmVoicePhone *phones, const float *out, int64_t T,
                          int speaker)
{
  NmVoiceScratch *s = &voice->scratch;
  const NmAcousticFile *file = &voice->file;
  const float scale = (float)file->scales.envelope;
  const float mean = file->stats.f0[2 * speaker], deviation = file->stats.f0[2 * speaker + 1];
  for (int64_t t = 0; t < T; ++t) {
    const NmVoicePhone *p = &phones[s->index[t]];
    const float *row = out + t * NM_ACOUSTIC_N_OUT;
    for (int b = 0; b < NM_ACOUSTIC_N_BANDS; ++b)
      s->envelope[t * NM_ACOUSTIC_N_BANDS + b] = scale * row[b] * file->stats.envelope_std[b] +
                                                 file->stats.envelope_mean[b] + p->energy_db * NM_VOICE_LN_DB;
    const float middle =
        p->pitch_hz > 0 ? logf(p->pitch_hz) : mean + p->pitch_semitones * NM_VOICE_LN_SEMITONE;
    const float melody = p->pitch_hz > 0 ? 0 : row[NM_ACOUSTIC_N_BANDS] * deviation * p->pitch_range;
    s->f0_hz[t] = nm_voice_clamp_hz(expf(middle + melody));
    s->f0_own_hz[t] = nm_voice_clamp_hz(expf(mean + row[NM_ACOUSTIC_N_BANDS] * deviation));
    s->voicing[t] = p->phone != NM_PHONE_PAUSE && row[NM_ACOUSTIC_N_BANDS + 1] > 0;
    s->f0_shown[t] = s->voicing[t] > 0 ? s->f0_hz[t] : 0;
  }
}

NmStatus nm_voice_decode(NmVoice *voice, int32_t n, int64_t T, const float **rows, NmError *err)
{
  NmVoiceScratch *s = &voice->scratch;
  NmGraph *g = voice->decoder;
  const NmAcousticConfig *config = &voice->file.config;
  const int64_t n_stacks = (T + config->n_stack - 1) / config->n_stack, padded = n_stacks * config->n_stack;
  for (int64_t t = T; t < padded; ++t) s->index[t] = -1;
  nm_graph_reset(g);
  const NmNet net = {g, voice->file.params, 0};
  const NmVar hidden = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, n, config->d_model));
  const NmVar prosody = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, n, 2));
  const NmVar index = nm_graph_input(g, NM_TYPE_INT, NM_SHAPE2(1, padded));
  const NmVar features = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE3(1, padded, NM_FRAME_N_FEATURES));
  const NmVar out =
      nm_acoustic_decode(&net, config, hidden, prosody, index, features, NM_VAR_NONE, NM_VAR_NONE);
  nm_graph_output(g, out);
  const NmStatus status = nm_graph_plan(g, false, err);
  if (status != NM_OK) return status;
  nm_graph_set(g, hidden, s->hidden);
  nm_graph_set(g, prosody, s->prosody);
  nm_graph_set_int(g, index, s->index);
  nm_graph_set(g, features, s->frame_features);
  nm_graph_forward(g);
  *rows = nm_graph_data(g, out);
  return NM_OK;
}

// What is held longer than the voice would stays voiced.
static void carry_held(NmVoiceScratch *s, const NmVoicePhone *phones, int32_t n)
{
  for (int32_t k = 0, t = 0; k < n; t += s->n_frames[k++]) {
    if (s->n_made[k] == s->n_frames[k]) continue;
    nm_hold_carry_voicing(s->voicing + t, phones[k].phone, s->n_frames[k], false);
    for (int32_t i = t; i < t + s->n_frames[k]; ++i) s->f0_shown[i] = s->voicing[i] > 0 ? s->f0_hz[i] : 0;
  }
}

static NmStatus check(const NmVoice *voice, const NmVoicePhone *phones, int32_t n, int speaker, NmError *err)
{
  if (n < 1 || n > NM_VOICE_PHONES_MAX)
    return nm_error_set(err, NM_ERR_BAD_ARG, "a phrase has 1 to %d phones, not %d", NM_VOICE_PHONES_MAX, n);
  if (speaker < 0 || speaker >= voice->file.config.n_speakers)
    return nm_error_set(err, NM_ERR_BAD_ARG, "there is no speaker %d", speaker);
  for (int32_t k = 0; k < n; ++k)
    if (phones[k].phone < 0 || phones[k].phone >= NM_N_PHONES || phones[k].n_frames > FRAMES_PER_PHONE_MAX)
      return nm_error_set(err, NM_ERR_BAD_ARG, "phone %d of the phrase is out of range", k);
  return NM_OK;
}

static void describe(NmVoiceScratch *s, const NmVoicePhone *phones, int32_t n)
{
  for (int32_t k = 0; k < n; ++k) {
    s->phones[k] = phones[k].phone;
    s->tokens[k] = (NmToken){phones[k].phone, phones[k].i_word, phones[k].boundary};
  }
  nm_tokens_describe(s->tokens, n, s->features, s->places);
}

// Weights may be finite and yet give no sound.
NM_CLONES static NmStatus check_samples(const float *samples, int64_t n, NmError *err)
{
  float sum = 0; // 0 * x is not 0 when x is not finite
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += 0 * samples[i];
  if (sum == 0) return NM_OK;
  return nm_error_set(err, NM_ERR_BAD_DATA,
                      "the voice's weights give sound that is not finite; they are damaged or badly trained");
}

NmStatus nm_voice_read_phones(NmVoice *voice, const NmVoicePhone *phones, int32_t n, int speaker,
                              NmError *err)
{
  const NmStatus status = check(voice, phones, n, speaker, err);
  if (status != NM_OK) return status;
  nm_arena_reset(&voice->arena);
  if (!allocate_tokens(&voice->scratch, &voice->arena, n, voice->file.config.d_model))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  describe(&voice->scratch, phones, n);
  return encode(voice, n, speaker, err);
}

NmStatus nm_voice_make_samples(NmVoice *voice, int64_t T, uint64_t seed, NmSpoken *spoken, NmError *err)
{
  NmVoiceScratch *s = &voice->scratch;
  const double start = nm_clock_now();
  const NmVocoderFrames frames = {s->envelope, s->f0_hz, s->f0_own_hz, s->voicing, T};
  NmStatus status = nm_vocoder_run(voice->vocoder, &frames, seed, s->samples, err);
  if (status == NM_OK) status = check_samples(s->samples, T * NM_VOICE_HOP, err);
  *spoken = (NmSpoken){.samples = s->samples,
                       .n_frames = s->n_frames,
                       .f0_hz = s->f0_shown,
                       .envelope = s->envelope,
                       .n_samples = T * NM_VOICE_HOP,
                       .n_frames_total = T,
                       .seconds_vocoder = nm_clock_now() - start};
  return status;
}

NmStatus nm_voice_say(NmVoice *voice, const NmVoicePhone *phones, int32_t n, int speaker, uint64_t seed,
                      NmSpoken *spoken, NmError *err)
{
  NmVoiceScratch *s = &voice->scratch;
  const float *rows;
  NmStatus status = nm_voice_read_phones(voice, phones, n, speaker, err);
  if (status != NM_OK) return status;
  const int64_t T = regulate(voice, phones, n), n_made = choose_made(voice, phones, n);
  if (!nm_voice_allocate_frames(s, &voice->arena, T + voice->file.config.n_stack)) goto no_memory;
  nm_frames_describe(s->n_made, n, s->index, s->frame_features);
  if ((status = nm_voice_decode(voice, n, n_made, &rows, err)) != NM_OK) return status;
  if (!hold_slow_phones(voice, phones, n, n_made, T, &rows)) goto no_memory;
  apply_prosody(voice, phones, rows, T, speaker);
  carry_held(s, phones, n);
  return nm_voice_make_samples(voice, T, seed, spoken, err);
no_memory:
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}

NmStatus nm_voice_predict(NmVoice *voice, const NmVoicePhone *phones, int32_t n, int speaker, float *n_frames,
                          NmError *err)
{
  const NmStatus status = nm_voice_read_phones(voice, phones, n, speaker, err);
  if (status != NM_OK) return status;
  for (int32_t k = 0; k < n; ++k)
    n_frames[k] =
        (float)fmin(exp(voice->scratch.log_duration[k]) * voice->file.scales.duration, FRAMES_PER_PHONE_MAX);
  return NM_OK;
}
