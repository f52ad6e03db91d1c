// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/listen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/jobs/ear.h"
#include "app/studio/worker.h"

enum { N_BLOCK = NM_EMOTION_RATE_HZ, N_ROWS = 64 };

struct NmStudioEar {
  NmWorker worker;
  NmPlayback *wanted; // NULL: nothing new
  NmEmotionRow *rows; // [n_rows]
  int32_t n_rows, room;
  bool is_new, works;
  char trouble[512];

  // The thread's own.
  NmEar ear;
  bool is_open;
};

static void say(NmStudioEar *ear, const char *trouble)
{
  nm_worker_lock(&ear->worker);
  snprintf(ear->trouble, sizeof ear->trouble, "%s", trouble);
  ear->is_new = true;
  nm_worker_unlock(&ear->worker);
  nm_worker_wake(&ear->worker);
}

static bool open_ear(NmStudioEar *ear)
{
  NmError err = {0};
  if (ear->is_open) return true;
  ear->is_open = nm_ear_open(&ear->ear, NULL, 1, &err) == NM_OK;
  if (!ear->is_open) {
    nm_ear_close(&ear->ear);
    say(ear, err.message);
  }
  return ear->is_open;
}

// Under the lock.
static bool make_room(NmStudioEar *ear, int32_t n)
{
  if (ear->n_rows + n <= ear->room) return true;
  int32_t room = 2 * (ear->n_rows + n);
  NmEmotionRow *rows = realloc(ear->rows, (size_t)room * sizeof *rows);
  if (!rows) return false;
  ear->rows = rows;
  ear->room = room;
  return true;
}

// The rows of a sound replace those of the one before from the beginning on.
static void publish(NmStudioEar *ear, int32_t first, const NmEmotionRow *rows, int32_t n)
{
  nm_worker_lock(&ear->worker);
  ear->n_rows = first;
  if (make_room(ear, n)) {
    for (int32_t i = 0; i < n; i++) ear->rows[first + i] = rows[i];
    ear->n_rows = first + n;
  }
  ear->is_new = true;
  nm_worker_unlock(&ear->worker);
  nm_worker_wake(&ear->worker);
}

static void hear(NmStudioEar *ear, const NmPlayback *playback)
{
  NmEmotionRow rows[N_ROWS];
  float block[N_BLOCK];
  int32_t n_heard = 0;
  int64_t n, len = nm_playback_get_len(playback);
  nm_emotion_reset(ear->ear.emotion);
  for (int64_t at = 0; at < len; at += N_BLOCK) {
    int64_t n_taken;
    if (nm_worker_is_cancelled(&ear->worker)) return;
    memset(block, 0, sizeof block);
    nm_playback_add(playback, at, block, N_BLOCK);
    n = nm_emotion_push(ear->ear.emotion, block, len - at < N_BLOCK ? len - at : N_BLOCK, &n_taken, rows,
                        N_ROWS);
    if (n > 0) publish(ear, n_heard, rows, (int32_t)n);
    n_heard += (int32_t)n;
  }
  while (len > 0 && (n = nm_emotion_finish(ear->ear.emotion, rows, N_ROWS)) > 0) {
    publish(ear, n_heard, rows, (int32_t)n);
    n_heard += (int32_t)n;
  }
  publish(ear, n_heard, rows, 0);
}

static bool work(void *owner)
{
  NmStudioEar *ear = owner;
  NmPlayback *playback = ear->wanted;
  if (!playback) return false;
  ear->wanted = NULL;
  ear->works = true;
  nm_worker_unlock(&ear->worker);
  if (open_ear(ear)) hear(ear, playback);
  nm_playback_release(playback);
  nm_worker_lock(&ear->worker);
  ear->works = false;
  nm_worker_wake(&ear->worker);
  return true;
}

NmStudioEar *nm_studio_ear_new(void (*wake)(void *user), void *user)
{
  NmStudioEar *ear = calloc(1, sizeof *ear);
  if (ear && nm_worker_init(&ear->worker, true, work, ear, wake, user)) return ear;
  free(ear);
  return NULL;
}

void nm_studio_ear_free(NmStudioEar *ear)
{
  if (!ear) return;
  nm_worker_fini(&ear->worker);
  if (ear->is_open) nm_ear_close(&ear->ear);
  nm_playback_release(ear->wanted);
  free(ear->rows);
  free(ear);
}

void nm_studio_ear_hear(NmStudioEar *ear, NmPlayback *playback)
{
  nm_worker_lock(&ear->worker);
  NmPlayback *before = ear->wanted;
  ear->wanted = nm_playback_share(playback);
  nm_worker_cancel(&ear->worker);
  nm_worker_tell(&ear->worker);
  nm_worker_unlock(&ear->worker);
  nm_playback_release(before);
}

bool nm_studio_ear_is_busy(NmStudioEar *ear)
{
  nm_worker_lock(&ear->worker);
  bool busy = ear->wanted || ear->works;
  nm_worker_unlock(&ear->worker);
  return busy;
}

int32_t nm_studio_ear_get(NmStudioEar *ear, NmEmotionRow *rows, int32_t room, char *trouble)
{
  nm_worker_lock(&ear->worker);
  int32_t n = ear->is_new ? ear->n_rows < room ? ear->n_rows : room : -1;
  if (n > 0) memcpy(rows, ear->rows, (size_t)n * sizeof *rows);
  if (n >= 0) memcpy(trouble, ear->trouble, sizeof ear->trouble);
  ear->is_new = false;
  nm_worker_unlock(&ear->worker);
  return n;
}
