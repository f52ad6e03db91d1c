// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>

#include "models/speech/even.h"
#include "models/speech/hold.h"
#include "models/speech/voice_state.h"

#define EVENNESS .7f // of sung vowels

// Frame t of the song, from row [82] of the decoder.
static void sing_frame(NmVoice *voice, const NmVoicePhone *phone, const NmVoiceCurves *curves, int speaker,
                       const float *row, int64_t t)
{
  NmVoiceScratch *s = &voice->scratch;
  const NmAcousticFile *file = &voice->file;
  for (int b = 0; b < NM_ACOUSTIC_N_BANDS; ++b)
    s->envelope[t * NM_ACOUSTIC_N_BANDS + b] =
        (float)file->scales.envelope * row[b] * file->stats.envelope_std[b] + file->stats.envelope_mean[b];
  const float own = file->stats.f0[2 * speaker] + row[NM_ACOUSTIC_N_BANDS] * file->stats.f0[2 * speaker + 1];
  const float spoken = own + phone->pitch_semitones * NM_VOICE_LN_SEMITONE;
  const float ln_f0 = curves->share * logf(curves->f0_hz[t]) + (1 - curves->share) * spoken;
  s->f0_hz[t] = curves->share == 1 ? curves->f0_hz[t] : nm_voice_clamp_hz(expf(ln_f0));
  s->f0_own_hz[t] = nm_voice_clamp_hz(expf(own));
  s->voicing[t] = phone->phone != NM_PHONE_PAUSE && row[NM_ACOUSTIC_N_BANDS + 1] > 0;
}

// The T frames of the song from the made ones in `rows`.
static bool hold_phones(NmVoice *voice, const NmVoicePhone *phones, int32_t n, const NmVoiceCurves *curves,
                        int speaker, const float *rows, int64_t T)
{
  NmVoiceScratch *s = &voice->scratch;
  float row[NM_ACOUSTIC_N_OUT], *places = nm_arena_alloc(&voice->arena, (size_t)T * sizeof *places);
  if (!places) return false;
  for (int32_t k = 0, t = 0; k < n; ++k) {
    const int32_t n_made = s->n_made[k], n_sung = s->n_frames[k], first = t;
    const bool after_pause = k == 0 || phones[k - 1].phone == NM_PHONE_PAUSE;
    nm_hold_find_places(phones[k].phone, n_made, n_sung, places);
    if (after_pause && nm_phone_is_vowel(phones[k].phone)) nm_hold_begin_firmly(n_made, n_sung, places);
    for (int32_t i = 0; i < n_sung; ++i, ++t) {
      nm_hold_read(rows, n_made, NM_ACOUSTIC_N_OUT, places[i], row);
      sing_frame(voice, &phones[k], curves, speaker, row, t);
    }
    nm_hold_carry_voicing(s->voicing + first, phones[k].phone, n_sung, after_pause);
    rows += (int64_t)n_made * NM_ACOUSTIC_N_OUT;
  }
  nm_even_levels(phones, n, T, EVENNESS * curves->share, s->envelope, places);
  for (int64_t t = 0; t < T; ++t) {
    for (int b = 0; b < NM_ACOUSTIC_N_BANDS; ++b)
      s->envelope[t * NM_ACOUSTIC_N_BANDS + b] += curves->energy_db[t] * NM_VOICE_LN_DB;
    s->f0_shown[t] = s->voicing[t] > 0 ? s->f0_hz[t] : 0;
  }
  return true;
}

static NmStatus check_sung(const NmVoicePhone *phones, int32_t n, const NmVoiceCurves *curves, int64_t *T,
                           NmError *err)
{
  *T = 0;
  for (int32_t k = 0; k < n; ++k) {
    if (phones[k].n_frames < 1)
      return nm_error_set(err, NM_ERR_BAD_ARG, "phone %d of what is to be sung has no frame", k);
    *T += phones[k].n_frames;
  }
  if (*T > NM_VOICE_FRAMES_MAX)
    return nm_error_set(err, NM_ERR_BAD_ARG, "a phrase to be sung has at most %d frames",
                        NM_VOICE_FRAMES_MAX);
  for (int64_t t = 0; t < *T; ++t)
    if (!(curves->f0_hz[t] >= 20 && curves->f0_hz[t] <= 4000) || !(fabsf(curves->energy_db[t]) <= 200))
      return nm_error_set(err, NM_ERR_BAD_ARG, "pitch or level of frame %lld is out of range", (long long)t);
  return NM_OK;
}

NmStatus nm_voice_sing(NmVoice *voice, const NmVoicePhone *phones, int32_t n, const NmVoiceCurves *curves,
                       int speaker, uint64_t seed, NmSpoken *spoken, NmError *err)
{
  NmVoiceScratch *s = &voice->scratch;
  int64_t T, n_made = 0;
  const float *rows;
  NmStatus status = check_sung(phones, n, curves, &T, err);
  if (status == NM_OK) status = nm_voice_read_phones(voice, phones, n, speaker, err);
  if (status != NM_OK) return status;
  for (int32_t k = 0; k < n; ++k) {
    s->n_frames[k] = phones[k].n_frames;
    n_made += s->n_made[k] = nm_hold_get_n_made(phones[k].phone, phones[k].n_frames);
  }
  if (!nm_voice_allocate_frames(s, &voice->arena, T + voice->file.config.n_stack)) goto no_memory;
  nm_frames_describe(s->n_made, n, s->index, s->frame_features);
  if ((status = nm_voice_decode(voice, n, n_made, &rows, err)) != NM_OK) return status;
  if (!hold_phones(voice, phones, n, curves, speaker, rows, T)) goto no_memory;
  return nm_voice_make_samples(voice, T, seed, spoken, err);
no_memory:
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
}
