// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/listen.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/jobs/ear.h"

enum { N_BLOCK = NM_EMOTION_RATE_HZ, N_ROWS = 64 };

struct NmStudioEar {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  void (*wake)(void *user);
  void *user;
  bool quits;
  NmPlayback *wanted; // NULL: nothing new
  NmEmotionRow *rows; // [n_rows]
  int32_t n_rows, room;
  bool is_new, works;
  char trouble[512];

  // The thread's own.
  NmEar ear;
  bool is_open;
};

static bool is_given_up(NmStudioEar *ear)
{
  pthread_mutex_lock(&ear->lock);
  bool given_up = ear->wanted || ear->quits;
  pthread_mutex_unlock(&ear->lock);
  return given_up;
}

static void say(NmStudioEar *ear, const char *trouble)
{
  pthread_mutex_lock(&ear->lock);
  snprintf(ear->trouble, sizeof ear->trouble, "%s", trouble);
  ear->is_new = true;
  pthread_mutex_unlock(&ear->lock);
  ear->wake(ear->user);
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
  pthread_mutex_lock(&ear->lock);
  ear->n_rows = first;
  if (make_room(ear, n)) {
    for (int32_t i = 0; i < n; i++) ear->rows[first + i] = rows[i];
    ear->n_rows = first + n;
  }
  ear->is_new = true;
  pthread_mutex_unlock(&ear->lock);
  ear->wake(ear->user);
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
    if (is_given_up(ear)) return;
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

static void *run(void *user)
{
  NmStudioEar *ear = user;
  pthread_mutex_lock(&ear->lock);
  while (!ear->quits) {
    NmPlayback *playback = ear->wanted;
    if (!playback) {
      pthread_cond_wait(&ear->changed, &ear->lock);
      continue;
    }
    ear->wanted = NULL;
    ear->works = true;
    pthread_mutex_unlock(&ear->lock);
    if (open_ear(ear)) hear(ear, playback);
    nm_playback_release(playback);
    pthread_mutex_lock(&ear->lock);
    ear->works = false;
    ear->wake(ear->user);
  }
  pthread_mutex_unlock(&ear->lock);
  return NULL;
}

NmStudioEar *nm_studio_ear_new(void (*wake)(void *user), void *user)
{
  NmStudioEar *ear = calloc(1, sizeof *ear);
  if (!ear) return NULL;
  ear->wake = wake;
  ear->user = user;
  pthread_mutex_init(&ear->lock, NULL);
  pthread_cond_init(&ear->changed, NULL);
  if (pthread_create(&ear->thread, NULL, run, ear) == 0) return ear;
  pthread_mutex_destroy(&ear->lock);
  pthread_cond_destroy(&ear->changed);
  free(ear);
  return NULL;
}

void nm_studio_ear_free(NmStudioEar *ear)
{
  if (!ear) return;
  pthread_mutex_lock(&ear->lock);
  ear->quits = true;
  pthread_cond_signal(&ear->changed);
  pthread_mutex_unlock(&ear->lock);
  pthread_join(ear->thread, NULL);
  if (ear->is_open) nm_ear_close(&ear->ear);
  nm_playback_release(ear->wanted);
  free(ear->rows);
  pthread_mutex_destroy(&ear->lock);
  pthread_cond_destroy(&ear->changed);
  free(ear);
}

void nm_studio_ear_hear(NmStudioEar *ear, NmPlayback *playback)
{
  pthread_mutex_lock(&ear->lock);
  NmPlayback *before = ear->wanted;
  ear->wanted = nm_playback_share(playback);
  pthread_cond_signal(&ear->changed);
  pthread_mutex_unlock(&ear->lock);
  nm_playback_release(before);
}

bool nm_studio_ear_is_busy(NmStudioEar *ear)
{
  pthread_mutex_lock(&ear->lock);
  bool busy = ear->wanted || ear->works;
  pthread_mutex_unlock(&ear->lock);
  return busy;
}

int32_t nm_studio_ear_get(NmStudioEar *ear, NmEmotionRow *rows, int32_t room, char *trouble)
{
  pthread_mutex_lock(&ear->lock);
  int32_t n = ear->is_new ? ear->n_rows < room ? ear->n_rows : room : -1;
  if (n > 0) memcpy(rows, ear->rows, (size_t)n * sizeof *rows);
  if (n >= 0) memcpy(trouble, ear->trouble, sizeof ear->trouble);
  ear->is_new = false;
  pthread_mutex_unlock(&ear->lock);
  return n;
}
