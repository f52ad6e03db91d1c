// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/mix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/jobs/mix_stems.h"
#include "dsp/limiter.h"
#include "dsp/resample.h"
#include "dsp/room.h"

enum {
  N_BLOCK = 512,
  STRIPS_MAX = NM_PERFORMANCE_PARTS_MAX + 1, // the voice is the first
  VOICE = 0,
  RING_FRAMES = 2 * NM_MIX_RATE_HZ,     // of the last notes
  ROOM_FRAMES = NM_MIX_RATE_HZ,         // of the voice's room
  FADE_FRAMES = NM_MIX_RATE_HZ * 3 / 10 // at the very end
};

static const double voice_usual_lufs = -22; // of assets/voice.safetensors
static const double voice_room_db = -17, rooms_off_db = -100;
static const double room_reach_db = .3; // peaks between samples that four times oversampling overlooks
static const double duck_at = .01;      // the voice's level at which parts are half way down
static const double fall_s = .03, rise_s = .35;

// A channel of the mixing desk.
typedef struct {
  float gains[2], send;
  NmRoom *room; // NULL: none
  float frames[2 * N_BLOCK];
} Strip;

struct NmMixer {
  NmMixSink sink;
  void *user;
  NmBacking *backing;
  NmResampler *resampler;
  NmLimiter *limiter;
  NmMixStems *stems;
  Strip strips[STRIPS_MAX];
  int n_strips;
  int64_t at, len; // frames mixed so far, and in all: -1 while the voice goes on
  int64_t n_voice; // samples of the voice so far, at its own rate
  int64_t n_late;  // frames of the limiter's delay yet to be dropped
  bool fades;      // something rings on behind the voice
  float voice[N_BLOCK];
  int n_filled; // of the block
  float duck_least, level, fall, rise;
  float ducks[N_BLOCK];
  float parts[2 * NM_PERFORMANCE_PARTS_MAX][N_BLOCK];
  float sum[2 * N_BLOCK];
};

NmMixStyle nm_mix_style_defaults(void)
{
  return (NmMixStyle){.voice_lufs = voice_usual_lufs, .duck_db = 1.5, .peak_db = -1};
}

static double to_gain(double db)
{
  return pow(10, db / 20);
}

// --- making it ---

static bool add_strip(NmMixer *mixer, double gain, double pan, double send_db)
{
  Strip *strip = &mixer->strips[mixer->n_strips++];
  const NmRoomConfig room = nm_room_defaults();
  const double angle = (pan + 1) * M_PI / 4;
  strip->gains[0] = (float)(gain * M_SQRT2 * cos(angle));
  strip->gains[1] = (float)(gain * M_SQRT2 * sin(angle));
  strip->send = (float)to_gain(send_db);
  if (send_db <= rooms_off_db) return true;
  strip->room = nm_room_new(&room);
  return strip->room;
}

// Gains that bring every part to its level, and all of them together to the backing's.
static NmStatus balance(const NmBacking *backing, double *gains)
{
  const NmPerformance *performance = nm_backing_get_performance(backing);
  double lufs[NM_PERFORMANCE_PARTS_MAX], energy = 0;
  const NmStatus status = nm_backing_measure(backing, lufs);
  for (int32_t p = 0; p < performance->n_parts && !status; ++p)
    energy += pow(10, performance->parts[p].level_db / 10);
  for (int32_t p = 0; p < performance->n_parts && !status; ++p) {
    const double wanted = NM_MIX_BACKING_LUFS + performance->parts[p].level_db - 10 * log10(energy);
    gains[p] = isfinite(lufs[p]) ? to_gain(wanted - lufs[p]) : 1;
  }
  return status;
}

static NmStatus add_strips(NmMixer *mixer, const NmMixStyle *style)
{
  const double voice_db = NM_MIX_VOICE_LUFS - style->voice_lufs + style->voice_db;
  double gains[NM_PERFORMANCE_PARTS_MAX];
  // A voice in the middle is on both sides: each is 3 dB softer than the whole.
  if (!add_strip(mixer, to_gain(voice_db) * M_SQRT1_2, 0, voice_room_db + style->room_db))
    return NM_ERR_NO_MEMORY;
  if (!mixer->backing) return NM_OK;
  const NmStatus status = balance(mixer->backing, gains);
  if (status) return status;
  const NmPerformance *performance = nm_backing_get_performance(mixer->backing);
  for (int32_t p = 0; p < performance->n_parts; ++p) {
    const NmPart *part = &performance->parts[p];
    if (!add_strip(mixer, gains[p] * to_gain(style->backing_db), part->pan, part->room_db + style->room_db))
      return NM_ERR_NO_MEMORY;
  }
  return NM_OK;
}

static NmStatus open_stems(NmMixer *mixer, const NmMixConfig *config, NmError *err)
{
  const char *names[STRIPS_MAX] = {"voice"};
  NmError own = {0};
  if (!config->stems) return NM_OK;
  for (int i = 1; i < mixer->n_strips; ++i)
    names[i] = nm_backing_get_performance(mixer->backing)->parts[i - 1].name;
  mixer->stems = nm_mix_stems_new(config->stems, names, mixer->n_strips, NM_MIX_RATE_HZ, config->force, &own);
  if (!mixer->stems && err) *err = own;
  return own.status;
}

static bool is_style_fine(const NmMixStyle *style)
{
  return fabs(style->voice_db) <= 60 && fabs(style->backing_db) <= 60 && style->duck_db >= 0 &&
         style->duck_db <= 60 && style->peak_db <= 0 && style->peak_db >= -60 && style->room_db <= 24 &&
         fabs(style->voice_lufs) <= 100;
}

static NmStatus prepare(NmMixer *mixer, const NmMixConfig *config, NmError *err)
{
  const NmMixStyle defaults = nm_mix_style_defaults();
  const NmMixStyle *style = config->style ? config->style : &defaults;
  if (!is_style_fine(style))
    return nm_error_set(err, NM_ERR_BAD_ARG, "the levels of the mix are out of range");
  mixer->duck_least = (float)to_gain(-style->duck_db);
  mixer->fall = (float)exp(-1 / (fall_s * NM_MIX_RATE_HZ));
  mixer->rise = (float)exp(-1 / (rise_s * NM_MIX_RATE_HZ));
  mixer->resampler = nm_resampler_new(NM_MIX_VOICE_RATE_HZ, NM_MIX_RATE_HZ, NM_RESAMPLE_MEDIUM);
  mixer->limiter = nm_limiter_new(NM_MIX_RATE_HZ, to_gain(style->peak_db - room_reach_db));
  if (!mixer->resampler || !mixer->limiter || add_strips(mixer, style))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  mixer->n_late = nm_limiter_get_delay(mixer->limiter);
  return open_stems(mixer, config, err);
}

NmMixer *nm_mixer_new(const NmMixConfig *config, NmError *err)
{
  NmMixer *mixer = calloc(1, sizeof *mixer);
  if (!mixer) {
    nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
    return NULL;
  }
  mixer->sink = config->sink;
  mixer->user = config->user;
  mixer->backing = config->backing;
  mixer->len = -1;
  if (!prepare(mixer, config, err)) return mixer;
  nm_mixer_free(mixer);
  return NULL;
}

void nm_mixer_free(NmMixer *mixer)
{
  if (!mixer) return;
  nm_mix_stems_free(mixer->stems);
  for (int i = 0; i < mixer->n_strips; ++i) nm_room_free(mixer->strips[i].room);
  nm_limiter_free(mixer->limiter);
  nm_resampler_free(mixer->resampler);
  free(mixer);
}

int64_t nm_mixer_get_len(const NmMixer *mixer, int64_t n)
{
  int64_t len = n * (NM_MIX_RATE_HZ / NM_MIX_VOICE_RATE_HZ);
  if (mixer->strips[VOICE].room) len += ROOM_FRAMES;
  if (!mixer->backing) return len;
  const NmPerformance *performance = nm_backing_get_performance(mixer->backing);
  const int64_t len_backing = performance->n_parts ? performance->n_frames + RING_FRAMES : 0;
  return len > len_backing ? len : len_backing;
}

// --- a block ---

// How far parts go down: the voice's level follows it up quickly and down slowly.
static void follow_voice(NmMixer *mixer, int n)
{
  const float gain = mixer->strips[VOICE].gains[0];
  for (int i = 0; i < n; ++i) {
    const float x = fabsf(mixer->voice[i]) * gain;
    const float hold = x > mixer->level ? mixer->fall : mixer->rise;
    mixer->level = x + (mixer->level - x) * hold + 1e-12f;
    mixer->ducks[i] = 1 - (1 - mixer->duck_least) * mixer->level / (mixer->level + (float)duck_at);
  }
}

static void fill_strips(NmMixer *mixer, int n)
{
  for (int s = 0; s < mixer->n_strips; ++s) {
    Strip *strip = &mixer->strips[s];
    const float *left = s ? mixer->parts[2 * s - 2] : mixer->voice;
    const float *right = s ? mixer->parts[2 * s - 1] : mixer->voice;
    for (int i = 0; i < n; ++i) {
      const float duck = s ? mixer->ducks[i] : 1;
      strip->frames[2 * i] = strip->gains[0] * duck * left[i];
      strip->frames[2 * i + 1] = strip->gains[1] * duck * right[i];
    }
    if (strip->room) nm_room_process(strip->room, strip->frames, strip->send, strip->frames, n);
  }
}

static void fade_out(NmMixer *mixer, int n)
{
  if (!mixer->fades || mixer->at + n <= mixer->len - FADE_FRAMES) return;
  for (int s = 0; s < mixer->n_strips; ++s)
    for (int i = 0; i < n; ++i) {
      const double left = (double)(mixer->len - mixer->at - i) / FADE_FRAMES;
      const float gain = left < 1 ? (float)(.5 - .5 * cos(M_PI * left)) : 1;
      mixer->strips[s].frames[2 * i] *= gain;
      mixer->strips[s].frames[2 * i + 1] *= gain;
    }
}

static NmStatus write_stems(NmMixer *mixer, int n, NmError *err)
{
  NmStatus status = NM_OK;
  for (int s = 0; s < mixer->n_strips && mixer->stems && !status; ++s)
    status = nm_mix_stems_write(mixer->stems, s, mixer->strips[s].frames, n, err);
  return status;
}

// Through the limiter and on, without the frames of its delay.
static NmStatus pass_on(NmMixer *mixer, int n, NmError *err)
{
  nm_limiter_process(mixer->limiter, mixer->sum, n);
  const int64_t n_dropped = mixer->n_late < n ? mixer->n_late : n;
  mixer->n_late -= n_dropped;
  if (!mixer->sink || n_dropped == n) return NM_OK;
  return mixer->sink(mixer->user, mixer->sum + 2 * n_dropped, n - n_dropped, err);
}

static NmStatus mix_block(NmMixer *mixer, int n, NmError *err)
{
  float *parts[2 * NM_PERFORMANCE_PARTS_MAX];
  for (int i = 0; i < 2 * NM_PERFORMANCE_PARTS_MAX; ++i) parts[i] = mixer->parts[i];
  if (mixer->n_strips > 1 && nm_backing_process(mixer->backing, parts, n))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "the synthesizer gave up: memory is out");
  follow_voice(mixer, n);
  fill_strips(mixer, n);
  fade_out(mixer, n);
  const NmStatus status = write_stems(mixer, n, err);
  if (status) return status;
  memset(mixer->sum, 0, sizeof mixer->sum);
  for (int s = 0; s < mixer->n_strips; ++s)
    for (int i = 0; i < 2 * n; ++i) mixer->sum[i] += mixer->strips[s].frames[i];
  mixer->at += n;
  return pass_on(mixer, n, err);
}

// --- the voice comes ---

static NmStatus take_voice(NmMixer *mixer, const float *x, int64_t n, NmError *err)
{
  NmStatus status = NM_OK;
  while (n > 0 && !status) {
    const int64_t room = N_BLOCK - mixer->n_filled, n_now = n < room ? n : room;
    memcpy(mixer->voice + mixer->n_filled, x, (size_t)n_now * sizeof *x);
    mixer->n_filled += (int)n_now;
    x += n_now;
    n -= n_now;
    if (mixer->n_filled < N_BLOCK) break;
    mixer->n_filled = 0;
    status = mix_block(mixer, N_BLOCK, err);
  }
  return status;
}

NmStatus nm_mixer_push(NmMixer *mixer, const float *voice, int64_t n, NmError *err)
{
  float doubled[2 * N_BLOCK];
  NmStatus status = NM_OK;
  mixer->n_voice += n;
  while (n > 0 && !status) {
    int64_t n_taken;
    const int64_t n_out = nm_resampler_push(mixer->resampler, voice, n, &n_taken, doubled, 2 * N_BLOCK);
    voice += n_taken;
    n -= n_taken;
    status = take_voice(mixer, doubled, n_out, err);
  }
  return status;
}

static NmStatus finish_voice(NmMixer *mixer, NmError *err)
{
  float doubled[2 * N_BLOCK];
  NmStatus status = NM_OK;
  int64_t n;
  while (!status && (n = nm_resampler_finish(mixer->resampler, doubled, 2 * N_BLOCK)) > 0)
    status = take_voice(mixer, doubled, n, err);
  return status;
}

NmStatus nm_mixer_finish(NmMixer *mixer, NmError *err)
{
  mixer->len = nm_mixer_get_len(mixer, mixer->n_voice);
  NmStatus status = finish_voice(mixer, err);
  mixer->fades = mixer->len - mixer->at >= FADE_FRAMES + N_BLOCK;
  while (mixer->at < mixer->len && !status) {
    const int n = mixer->len - mixer->at < N_BLOCK ? (int)(mixer->len - mixer->at) : N_BLOCK;
    if (n > mixer->n_filled)
      memset(mixer->voice + mixer->n_filled, 0, (size_t)(n - mixer->n_filled) * sizeof *mixer->voice);
    mixer->n_filled = 0;
    status = mix_block(mixer, n, err);
  }
  const int64_t n_late = nm_limiter_get_delay(mixer->limiter);
  for (int64_t left = mixer->len ? n_late : 0; left > 0 && !status; left -= N_BLOCK) {
    const int n = left < N_BLOCK ? (int)left : N_BLOCK;
    memset(mixer->sum, 0, sizeof mixer->sum);
    status = pass_on(mixer, n, err);
  }
  if (!status && mixer->stems) status = nm_mix_stems_close(mixer->stems, err);
  return status;
}
