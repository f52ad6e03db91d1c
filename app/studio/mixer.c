// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/mixer.h"

#include <stdlib.h>
#include <string.h>

enum {
  N_TONE = NM_PLAYBACK_RATE_HZ / 4,
  N_CLICK = NM_PLAYBACK_RATE_HZ / 50,
  N_SCRUB = NM_PLAYBACK_RATE_HZ / 8,
  N_FADE = NM_PLAYBACK_RATE_HZ / 100
};

static void add_clicks(const NmClicks *clicks, int64_t from, float *out, int64_t n)
{
  int32_t low = 0, high = clicks->n;
  while (low < high) {
    int32_t middle = (low + high) / 2;
    if (clicks->at[middle] + N_CLICK <= from)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < clicks->n && clicks->at[low] < from + n; low++) {
    NmTone tone = {NM_PLAYBACK_RATE_HZ, clicks->strong[low] ? 1760 : 1174.7, clicks->strong[low] ? .35 : .2,
                   N_CLICK / 2};
    nm_tone_add(&tone, from - clicks->at[low], out, n);
  }
}

// One sound, faded over from the one before, which is let go.
static void add_sound(NmPlayback *sound, NmPlayback **fading, int64_t at, float *out, int64_t n)
{
  if (!*fading) {
    if (sound) nm_playback_add(sound, at, out, n);
    return;
  }
  float now[NM_MIXER_BLOCK_MAX] = {0}, before[NM_MIXER_BLOCK_MAX] = {0};
  if (sound) nm_playback_add(sound, at, now, n);
  nm_playback_add(*fading, at, before, n);
  for (int64_t i = 0; i < n; i++) out[i] += now[i] + (before[i] - now[i]) * (1 - (float)i / (float)n);
  nm_playback_release(*fading);
  *fading = NULL;
}

// The next n samples, at most up to the loop's end; answers how many.
static int64_t read_song(NmMixer *mixer, float *out, int64_t n)
{
  bool loops = mixer->loop_to > mixer->loop_from && mixer->at < mixer->loop_to;
  if (loops && n > mixer->loop_to - mixer->at) n = mixer->loop_to - mixer->at;
  add_sound(mixer->playback, &mixer->fading, mixer->at, out, n);
  add_sound(mixer->band, &mixer->band_fading, mixer->at, out, n);
  add_clicks(&mixer->clicks, mixer->at, out, n);
  mixer->at += n;
  if (loops && mixer->at == mixer->loop_to) mixer->at = mixer->loop_from;
  return n;
}

// A moment of the sound that swells and fades.
static int64_t read_scrub(NmMixer *mixer, float *out, int64_t n)
{
  if (n > mixer->n_scrub) n = mixer->n_scrub;
  if (mixer->playback) nm_playback_add(mixer->playback, mixer->scrub_at, out, n);
  if (mixer->band) nm_playback_add(mixer->band, mixer->scrub_at, out, n);
  for (int64_t i = 0; i < n; i++) {
    int64_t left = mixer->n_scrub - i, begun = N_SCRUB - left, near = left < begun ? left : begun;
    if (near < N_FADE) out[i] *= (float)near / N_FADE;
  }
  mixer->scrub_at += n;
  mixer->n_scrub -= n;
  return n;
}

static bool is_behind(const NmPlayback *sound, int64_t at)
{
  return !sound || at >= nm_playback_get_len(sound);
}

bool nm_mixer_is_over(const NmMixer *mixer)
{
  bool loops = mixer->loop_to > mixer->loop_from && mixer->at < mixer->loop_to;
  return !loops && is_behind(mixer->playback, mixer->at) && is_behind(mixer->band, mixer->at);
}

static void take_audition(NmMixer *mixer)
{
  if (mixer->audition_hz == 0) return;
  mixer->tone = (NmTone){NM_PLAYBACK_RATE_HZ, mixer->audition_hz, .25, N_TONE / 2};
  mixer->tone_at = 0;
  mixer->audition_hz = 0;
}

int64_t nm_mixer_read(NmMixer *mixer, float *out, int64_t n)
{
  memset(out, 0, (size_t)n * sizeof *out);
  take_audition(mixer);
  if (mixer->plays)
    n = read_song(mixer, out, n);
  else if (mixer->n_scrub > 0)
    n = read_scrub(mixer, out, n);
  else if (mixer->tone_at >= N_TONE)
    return 0;
  if (mixer->tone_at < N_TONE) nm_tone_add(&mixer->tone, mixer->tone_at, out, n);
  mixer->tone_at += n;
  return n;
}

bool nm_mixer_sounds(const NmMixer *mixer)
{
  return mixer->plays || mixer->audition_hz > 0 || mixer->tone_at < N_TONE || mixer->n_scrub > 0;
}

void nm_mixer_silence(NmMixer *mixer)
{
  mixer->plays = false;
  mixer->audition_hz = 0;
  mixer->tone_at = N_TONE;
  mixer->n_scrub = 0;
}

void nm_mixer_scrub(NmMixer *mixer, int64_t at)
{
  mixer->scrub_at = at;
  mixer->n_scrub = N_SCRUB;
}

void nm_mixer_set_playback(NmMixer *mixer, NmPlayback *playback)
{
  nm_playback_release(mixer->fading);
  mixer->fading = mixer->playback;
  mixer->playback = nm_playback_share(playback);
}

void nm_mixer_set_band(NmMixer *mixer, NmPlayback *band)
{
  nm_playback_release(mixer->band_fading);
  mixer->band_fading = mixer->band;
  mixer->band = nm_playback_share(band);
}

static void free_clicks(NmClicks *clicks)
{
  free(clicks->at);
  free(clicks->strong);
}

bool nm_mixer_set_clicks(NmMixer *mixer, const int64_t *clicks, const bool *strong, int32_t n)
{
  NmClicks copy = {calloc((size_t)n + 1, sizeof *copy.at), calloc((size_t)n + 1, sizeof *copy.strong), n};
  if (!copy.at || !copy.strong) {
    free_clicks(&copy);
    return false;
  }
  if (n > 0) {
    memcpy(copy.at, clicks, (size_t)n * sizeof *clicks);
    memcpy(copy.strong, strong, (size_t)n * sizeof *strong);
  }
  free_clicks(&mixer->clicks);
  mixer->clicks = copy;
  return true;
}

void nm_mixer_fini(NmMixer *mixer)
{
  nm_playback_release(mixer->playback);
  nm_playback_release(mixer->fading);
  nm_playback_release(mixer->band);
  nm_playback_release(mixer->band_fading);
  free_clicks(&mixer->clicks);
}
