// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/emotion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/mood.h"
#include "app/hosts/library/context.h"
#include "app/hosts/library/options.h"
#include "dsp/audio_file.h"
#include "dsp/resample.h"
#include "models/emotion/listener.h"

enum { BLOCK = 4096, ROWS = 32 };

struct NeumeEmotion {
  NeumeContext *context; // held
  NmEmotion *emotion;
  NmListener *listener;   // NULL: people on average
  NmResampler *resampler; // NULL at 24 kHz
  int n_channels;
  double change;      // > 0: segments are wanted
  NmEmotionRow *rows; // [n_rows] of which next_row were read
  int64_t n_rows, next_row, capacity;
  NmEmotionSegment *segments; // [n_segments]
  int64_t n_segments, next_segment;
  int64_t n_samples; // at 24 kHz
  bool has_ended;
  float block[BLOCK], converted[BLOCK];
};

// --- making ---

static NmStatus open_listener(NeumeEmotion *e, const char *path, NmError *err)
{
  if (!path) return NM_OK;
  e->listener = nm_listener_load(path, e->context->emotion, err);
  return e->listener ? nm_emotion_set_listener(e->emotion, e->listener, err) : err->status;
}

static NmStatus check_sound(double rate_hz, int n_channels, NmError *err)
{
  if (!(rate_hz >= NM_AUDIO_RATE_MIN_HZ && rate_hz <= NM_AUDIO_RATE_MAX_HZ))
    return nm_error_set(err, NM_ERR_BAD_ARG, "sound of %g samples a second is not taken, %d to %d is",
                        rate_hz, NM_AUDIO_RATE_MIN_HZ, NM_AUDIO_RATE_MAX_HZ);
  if (n_channels < 1 || n_channels > NM_AUDIO_CHANNELS_MAX)
    return nm_error_set(err, NM_ERR_BAD_ARG, "sound of %d channels is not taken, 1 to %d is", n_channels,
                        NM_AUDIO_CHANNELS_MAX);
  return NM_OK;
}

static NmStatus fill(NeumeEmotion *e, double rate_hz, const NeumeOption *options, NmError *err)
{
  static const char *const known[] = {"listener", "segments", NULL};
  NmStatus status = nm_options_check(options, known, err);
  if (!status) status = nm_options_get_number(options, "segments", .01, 2, &e->change, err);
  if (!status) status = check_sound(rate_hz, e->n_channels, err);
  if (!status) status = nm_context_need_emotion(e->context, err);
  if (status) return status;
  if (!(e->emotion = nm_emotion_new(e->context->emotion, NULL, err))) return err->status;
  if (rate_hz != NM_EMOTION_RATE_HZ &&
      !(e->resampler = nm_resampler_new(rate_hz, NM_EMOTION_RATE_HZ, NM_RESAMPLE_MEDIUM)))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return open_listener(e, nm_options_get(options, "listener"), err);
}

NeumeEmotion *neume_emotion_new(NeumeContext *context, double rate_hz, int n_channels,
                                const NeumeOption *options, NeumeError *err)
{
  NmError error = {0};
  NeumeEmotion *e = NULL;
  if (nm_context_enter(context, &error) == NM_OK) {
    e = calloc(1, sizeof *e);
    if (e) {
      e->context = nm_context_hold(context);
      e->n_channels = n_channels;
      error.status = fill(e, rate_hz, options, &error);
    } else {
      nm_error_set(&error, NM_ERR_NO_MEMORY, "out of memory");
    }
    nm_context_leave(context);
  }
  if (nm_hand_out_error(&error, err) == NEUME_OK) return e;
  neume_emotion_free(e);
  return NULL;
}

void neume_emotion_free(NeumeEmotion *e)
{
  if (!e) return;
  nm_emotion_free(e->emotion);
  nm_listener_free(e->listener);
  nm_resampler_free(e->resampler);
  neume_context_free(e->context);
  free(e->rows);
  free(e->segments);
  free(e);
}

void neume_emotion_reset(NeumeEmotion *e)
{
  nm_emotion_reset(e->emotion);
  if (e->resampler) nm_resampler_reset(e->resampler);
  free(e->segments);
  e->segments = NULL;
  e->n_rows = e->next_row = e->n_segments = e->next_segment = e->n_samples = 0;
  e->has_ended = false;
}

// --- listening ---

static NmStatus reserve(NeumeEmotion *e, int64_t n, NmError *err)
{
  if (e->capacity - e->n_rows >= n) return NM_OK;
  if (e->next_row == e->n_rows && !(e->change > 0)) e->n_rows = e->next_row = 0;
  if (e->capacity - e->n_rows >= n) return NM_OK;
  const int64_t capacity = 2 * e->capacity + n;
  NmEmotionRow *rows = realloc(e->rows, (size_t)capacity * sizeof *rows);
  if (!rows) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  e->rows = rows;
  e->capacity = capacity;
  return NM_OK;
}

// Samples at 24 kHz.
static NmStatus hear(NeumeEmotion *e, const float *x, int64_t n, NmError *err)
{
  NmStatus status = NM_OK;
  e->n_samples += n;
  for (int64_t i = 0, n_taken, n_rows = 1; !status && (i < n || n_rows > 0); i += n_taken) {
    status = reserve(e, ROWS, err);
    if (status) return status;
    n_rows = nm_emotion_push(e->emotion, x + i, n - i, &n_taken, e->rows + e->n_rows, ROWS);
    e->n_rows += n_rows;
  }
  return status;
}

static NmStatus convert(NeumeEmotion *e, const float *x, int64_t n, NmError *err)
{
  NmStatus status = NM_OK;
  if (!e->resampler) return hear(e, x, n, err);
  for (int64_t i = 0, n_taken, n_out = 1; !status && (i < n || n_out > 0); i += n_taken) {
    n_out = nm_resampler_push(e->resampler, x + i, n - i, &n_taken, e->converted, BLOCK);
    status = hear(e, e->converted, n_out, err);
  }
  return status;
}

// As sound files are read and their channels joined, to the bit.
static void mix(NeumeEmotion *e, const float *frames, int64_t n)
{
  const float scale = 1.0f / (float)e->n_channels;
  for (int64_t i = 0; i < n; ++i) {
    float sum = 0;
    for (int c = 0; c < e->n_channels; ++c) {
      const float x = frames[i * e->n_channels + c];
      sum += fabsf(x) <= NM_AUDIO_AMPLITUDE_MAX ? x : 0;
    }
    e->block[i] = sum * scale;
  }
}

static NmStatus push(NeumeEmotion *e, const float *frames, int64_t n, NmError *err)
{
  NmStatus status = NM_OK;
  if (e->has_ended)
    return nm_error_set(err, NM_ERR_BAD_ARG, "the sound has ended; neume_emotion_reset begins another");
  for (int64_t i = 0; i < n && !status; i += BLOCK) {
    const int64_t n_block = n - i < BLOCK ? n - i : BLOCK;
    mix(e, frames + i * e->n_channels, n_block);
    status = convert(e, e->block, n_block, err);
  }
  return status;
}

static NmStatus find_segments(NeumeEmotion *e, NmError *err)
{
  const NmSegmentsConfig config = nm_segments_defaults(e->change);
  if (!(e->change > 0) || !e->n_rows) return NM_OK;
  e->segments = calloc((size_t)(e->n_rows / config.n_least + 1), sizeof *e->segments);
  if (!e->segments) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  return nm_segments_find(e->rows, e->n_rows, &config, e->segments, &e->n_segments, err);
}

static NmStatus finish(NeumeEmotion *e, NmError *err)
{
  NmStatus status = NM_OK;
  if (e->has_ended) return NM_OK;
  e->has_ended = true;
  for (int64_t n;
       !status && e->resampler && (n = nm_resampler_finish(e->resampler, e->converted, BLOCK)) > 0;)
    status = hear(e, e->converted, n, err);
  for (int64_t n = 1; !status && n > 0; e->n_rows += n) {
    status = reserve(e, ROWS, err);
    n = status ? 0 : nm_emotion_finish(e->emotion, e->rows + e->n_rows, ROWS);
  }
  return status ? status : find_segments(e, err);
}

NeumeStatus neume_emotion_push(NeumeEmotion *e, const float *frames, size_t n, NeumeError *err)
{
  NmScope scope;
  NmError error = {0};
  nm_scope_begin(&scope, e->context->log, e->context->log_user);
  error.status = push(e, frames, (int64_t)n, &error);
  nm_scope_end(&scope);
  return nm_hand_out_error(&error, err);
}

NeumeStatus neume_emotion_finish(NeumeEmotion *e, NeumeError *err)
{
  NmScope scope;
  NmError error = {0};
  nm_scope_begin(&scope, e->context->log, e->context->log_user);
  error.status = finish(e, &error);
  nm_scope_end(&scope);
  return nm_hand_out_error(&error, err);
}

// --- reading ---

static void hand_out(const void *from, size_t size_from, void *to, size_t size)
{
  memset(to, 0, size);
  memcpy(to, from, size < size_from ? size : size_from);
}

static NeumeEmotionRow view_row(const NmEmotionRow *row)
{
  return (NeumeEmotionRow){.time_s = row->time_s,
                           .valence = row->valence,
                           .arousal = row->arousal,
                           .confidence = row->confidence,
                           .distance = row->distance,
                           .whole_valence = row->whole_valence,
                           .whole_arousal = row->whole_arousal};
}

int neume_emotion_read(NeumeEmotion *e, NeumeEmotionRow *row, size_t size)
{
  if (e->next_row == e->n_rows) return 0;
  const NeumeEmotionRow seen = view_row(&e->rows[e->next_row++]);
  hand_out(&seen, sizeof seen, row, size);
  return 1;
}

int neume_emotion_read_segment(NeumeEmotion *e, NeumeEmotionSegment *segment, size_t size)
{
  if (e->next_segment == e->n_segments) return 0;
  const NmMood mood = {.seconds = (double)e->n_samples / NM_EMOTION_RATE_HZ, .n_rows = e->n_rows};
  const NmEmotionSegment *next = &e->segments[e->next_segment++];
  const NeumeEmotionSegment seen = {.start_s = nm_mood_segment_start(next),
                                    .end_s = nm_mood_segment_end(&mood, next),
                                    .valence = next->valence,
                                    .arousal = next->arousal};
  hand_out(&seen, sizeof seen, segment, size);
  return 1;
}

int neume_emotion_peek(NeumeEmotion *e, NeumeEmotionRow *row, size_t size)
{
  NmEmotionRow newest;
  if (e->has_ended || !nm_emotion_peek(e->emotion, &newest)) return 0;
  const NeumeEmotionRow seen = view_row(&newest);
  hand_out(&seen, sizeof seen, row, size);
  return 1;
}

const char *neume_name_mood(double valence, double arousal)
{
  return nm_mood_name(valence, arousal);
}
