// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/ear.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/assets.h"
#include "app/jobs/resident.h"
#include "app/message.h"
#include "app/progress.h"

enum {
  BLOCK = 4096,
  ROWS = 32,
  N_THREADS_USEFUL = 4 // more gain nothing on the shapes of half a minute
};

static int choose_threads(int n_threads)
{
  const long n_processors = sysconf(_SC_NPROCESSORS_ONLN);
  if (n_threads > 0) return n_threads;
  return n_processors < 1 ? 1 : n_processors < N_THREADS_USEFUL ? (int)n_processors : N_THREADS_USEFUL;
}

static NmStatus open_listener(NmEar *ear, NmError *err)
{
  if (!ear->path_listener) return NM_OK;
  ear->listener = nm_listener_load(ear->path_listener, ear->model, err);
  return ear->listener ? nm_emotion_set_listener(ear->emotion, ear->listener, err) : err->status;
}

NmStatus nm_ear_open(NmEar *ear, const char *path_listener, int n_threads, NmError *err)
{
  char path[PATH_MAX];
  if (!path_listener && nm_resident_take_ear(ear, n_threads)) return NM_OK;
  *ear = (NmEar){.path_listener = path_listener};
  const NmStatus status = nm_assets_find("emotion.safetensors", path, err);
  if (status != NM_OK) return status;
  if (!(ear->model = nm_emotion_model_open(path, err))) return err->status;
  if (!(ear->pool = nm_pool_new(choose_threads(n_threads))))
    return nm_error_set(err, NM_ERR_NO_MEMORY, "cannot start the threads");
  if (!(ear->emotion = nm_emotion_new(ear->model, ear->pool, err))) return err->status;
  return open_listener(ear, err);
}

void nm_ear_close(NmEar *ear)
{
  if (!nm_resident_keeps(ear->model)) {
    nm_emotion_free(ear->emotion);
    nm_listener_free(ear->listener);
    nm_emotion_model_close(ear->model);
    nm_pool_free(ear->pool);
  }
  *ear = (NmEar){0};
}

void nm_heard_fini(NmHeard *heard)
{
  free(heard->rows);
  free(heard->segments);
  *heard = (NmHeard){0};
}

static NmStatus keep_row(NmHeard *heard, const NmEmotionRow *row, NmError *err)
{
  if (heard->mood.n_rows == heard->capacity) {
    const int64_t capacity = 2 * heard->capacity + 256;
    NmEmotionRow *rows = realloc(heard->rows, (size_t)capacity * sizeof *rows);
    if (!rows) return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory", heard->mood.name);
    heard->rows = rows;
    heard->capacity = capacity;
  }
  heard->rows[heard->mood.n_rows++] = *row;
  return NM_OK;
}

static NmStatus take_rows(const NmHearing *hearing, NmHeard *heard, const NmEmotionRow *rows, int64_t n,
                          NmError *err)
{
  NmStatus status = NM_OK;
  for (int64_t i = 0; i < n && status == NM_OK; ++i) {
    nm_mood_stats_add(&heard->mood.stats, &rows[i]);
    if (hearing->keeps_rows) status = keep_row(heard, &rows[i], err);
    if (status == NM_OK && hearing->hear && !hearing->is_live)
      status = hearing->hear(hearing->user, &rows[i], err);
  }
  return status;
}

static NmStatus take_samples(NmEar *ear, const NmHearing *hearing, NmHeard *heard, const float *x, int64_t n,
                             NmError *err)
{
  NmEmotionRow rows[ROWS];
  NmStatus status = NM_OK;
  nm_wave_add(&heard->wave, x, n);
  for (int64_t i = 0, n_taken, n_rows = 1; status == NM_OK && (i < n || n_rows > 0); i += n_taken) {
    n_rows = nm_emotion_push(ear->emotion, x + i, n - i, &n_taken, rows, ROWS);
    status = take_rows(hearing, heard, rows, n_rows, err);
  }
  return status;
}

static NmStatus take_end(NmEar *ear, const NmHearing *hearing, NmHeard *heard, NmError *err)
{
  NmEmotionRow rows[ROWS];
  NmStatus status = NM_OK;
  for (int64_t n = 1; status == NM_OK && n > 0;) {
    n = nm_emotion_finish(ear->emotion, rows, ROWS);
    status = take_rows(hearing, heard, rows, n, err);
  }
  return status;
}

// The newest row, when there is one that was not told yet.
static NmStatus tell_newest(NmEar *ear, const NmHearing *hearing, double *time_told, NmError *err)
{
  NmEmotionRow row;
  if (!nm_emotion_peek(ear->emotion, &row) || row.time_s <= *time_told) return NM_OK;
  *time_told = row.time_s;
  return hearing->hear(hearing->user, &row, err);
}

// Up to `size` samples; none when the listening shall end.
static NmStatus read_block(NmSound *sound, const NmHearing *hearing, int64_t n_heard, float *x, int64_t size,
                           int64_t *n, NmError *err)
{
  *n = 0;
  if (hearing->seconds > 0) {
    const double n_left = hearing->seconds * NM_SOUND_RATE_HZ - (double)n_heard;
    if (n_left < 1) return NM_OK;
    if (n_left < (double)size) size = (int64_t)n_left;
  }
  const NmStatus status = nm_sound_read(sound, x, size, n, err);
  return status == NM_ERR_CANCELLED && hearing->is_live ? NM_OK : status;
}

static NmStatus hear_all(NmEar *ear, NmSound *sound, const NmHearing *hearing, NmHeard *heard, NmError *err)
{
  float x[BLOCK];
  NmStatus status = NM_OK;
  double time_told = -1, steps_told = 0;
  for (int64_t n = 1; n > 0;) {
    status = read_block(sound, hearing, heard->wave.n_samples, x, BLOCK, &n, err);
    if (status == NM_OK) status = take_samples(ear, hearing, heard, x, n, err);
    if (status != NM_OK) return status;
    const double seconds = (double)heard->wave.n_samples / NM_SOUND_RATE_HZ;
    if (nm_sound_get_seconds(sound) > 0)
      nm_progress_show(heard->mood.name, seconds, nm_sound_get_seconds(sound));
    if (!hearing->is_live || !hearing->hear || seconds < steps_told) continue;
    steps_told = seconds + NM_EMOTION_STEP_S / 2;
    status = tell_newest(ear, hearing, &time_told, err);
    if (status != NM_OK) return status;
  }
  return take_end(ear, hearing, heard, err);
}

static NmStatus find_segments(const NmHearing *hearing, NmHeard *heard, NmError *err)
{
  const NmSegmentsConfig config = nm_segments_defaults(hearing->change);
  if (!(hearing->change > 0) || !hearing->keeps_rows) return NM_OK;
  heard->segments = calloc((size_t)(heard->mood.n_rows / config.n_least + 1), sizeof *heard->segments);
  if (!heard->segments)
    return nm_error_set(err, NM_ERR_NO_MEMORY, "%s: out of memory for its segments", heard->mood.name);
  heard->mood.segments = heard->segments;
  return nm_segments_find(heard->rows, heard->mood.n_rows, &config, heard->segments, &heard->mood.n_segments,
                          err);
}

NmStatus nm_ear_hear(NmEar *ear, NmSound *sound, const NmHearing *hearing, NmHeard *heard, NmError *err)
{
  *heard = (NmHeard){.mood = {.name = nm_sound_get_name(sound),
                              .model_hash = nm_emotion_model_get_hash(ear->model),
                              .listener = ear->path_listener}};
  nm_emotion_model_get_spread(ear->model, heard->mood.spread);
  nm_emotion_reset(ear->emotion);
  NmStatus status = hear_all(ear, sound, hearing, heard, err);
  nm_progress_clear();
  if (status == NM_OK && heard->mood.stats.n == 0)
    status = nm_error_set(err, NM_ERR_BAD_DATA, "%s: is too short, less than a sample at 24 kHz",
                          heard->mood.name);
  heard->mood.rows = heard->rows;
  heard->mood.wave = &heard->wave;
  heard->mood.seconds = (double)heard->wave.n_samples / NM_SOUND_RATE_HZ;
  if (status == NM_OK) status = find_segments(hearing, heard, err);
  if (nm_sound_get_n_replaced(sound))
    nm_message_warning("%s: %lld samples are no numbers and count as silence", heard->mood.name,
                       (long long)nm_sound_get_n_replaced(sound));
  if (nm_sound_get_n_lost(sound))
    nm_message_warning("%s: %lld samples came too fast and were lost", heard->mood.name,
                       (long long)nm_sound_get_n_lost(sound));
  return status;
}
