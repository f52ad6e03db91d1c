// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/muse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/studio/worker.h"
#include "models/song/copy.h"

// What was asked for, with all of its own.
typedef struct {
  NmVariantsRequest request;
  char *text, *scheme, *theme;
  NmSong *song;
  int n_steps; // about
} Task;

const NmMuseArt nm_muse_art = {nm_variants_make, nm_weigh_line};

// A line that is to be weighed, and what came of it.
typedef struct {
  NmSong *song; // NULL: nothing new
  int32_t line;
  uint64_t revision;
} Question;

// Under the lock but for what the thread alone uses.
struct NmMuse {
  NmWorker worker;
  Task *wanted; // NULL: nothing new
  NmMuseState state;
  NmMuseSong songs[NM_MUSE_SONGS_MAX]; // [n_songs] not yet taken
  int n_songs, n_steps;                // of what is under way
  Question question;
  NmLineWeights *weights; // NULL: nothing that was not taken
  uint64_t revision;      // of those
  atomic_int n_done;

  // The thread's own.
  NmMuseArt art;
  NmSongTools tools;
};

static void task_free(Task *task)
{
  if (!task) return;
  free(task->text);
  free(task->scheme);
  free(task->theme);
  nm_song_free(task->song);
  free(task);
}

static bool copy_text(const char *from, char **to)
{
  *to = from ? strdup(from) : NULL;
  return !from || *to;
}

static Task *task_new(NmMuse *muse, const NmVariantsRequest *request)
{
  Task *task = calloc(1, sizeof *task);
  if (!task) return NULL;
  task->request = *request;
  bool ok = copy_text(request->text, &task->text) && copy_text(request->scheme, &task->scheme) &&
            copy_text(request->theme, &task->theme);
  if (ok && request->song) ok = (task->song = nm_song_copy(request->song));
  if (!ok) {
    task_free(task);
    return NULL;
  }
  task->request.text = task->text;
  task->request.scheme = task->scheme;
  task->request.theme = task->theme;
  task->request.song = task->song;
  task->request.cancel = &muse->worker.cancels;
  task->request.n_steps = &muse->n_done;
  task->n_steps = nm_variants_count_steps(&task->request);
  return task;
}

// A song that comes too late for the one who asked is dropped.
static void take_song(void *user, NmSong *song, double score)
{
  NmMuse *muse = user;
  nm_worker_lock(&muse->worker);
  bool keeps = muse->n_songs < NM_MUSE_SONGS_MAX && !nm_worker_is_cancelled(&muse->worker);
  if (keeps) muse->songs[muse->n_songs++] = (NmMuseSong){song, score};
  nm_worker_unlock(&muse->worker);
  if (keeps)
    nm_worker_wake(&muse->worker);
  else
    nm_song_free(song);
}

// Called and left under the lock, which is open meanwhile.
static void make(NmMuse *muse)
{
  NmError err = {0};
  Task *task = muse->wanted;
  muse->wanted = NULL;
  muse->state = (NmMuseState){.works = true};
  muse->n_steps = task->n_steps;
  atomic_store(&muse->n_done, 0);
  nm_worker_unlock(&muse->worker);
  NmStatus status = muse->art.make(&muse->tools, &task->request, take_song, muse, &err);
  task_free(task);
  nm_worker_lock(&muse->worker);
  muse->state.works = muse->wanted;
  if (status && !nm_worker_is_cancelled(&muse->worker))
    snprintf(muse->state.trouble, sizeof muse->state.trouble, "%s",
             err.message[0] ? err.message : nm_status_text(status));
}

// As that. When another question came meanwhile, the answer is to none.
static void answer(NmMuse *muse)
{
  Question question = muse->question;
  muse->question.song = NULL;
  nm_worker_unlock(&muse->worker);
  NmLineWeights *weights = muse->art.weigh(&muse->tools, question.song, question.line);
  nm_song_free(question.song);
  nm_worker_lock(&muse->worker);
  nm_line_weights_free(muse->weights);
  muse->weights = weights;
  muse->revision = question.revision;
}

static bool work(void *owner)
{
  NmMuse *muse = owner;
  if (muse->question.song)
    answer(muse);
  else if (muse->wanted)
    make(muse);
  else
    return false;
  nm_worker_wake(&muse->worker);
  return true;
}

NmMuse *nm_muse_new(const NmMuseArt *art, bool threaded, void (*wake)(void *user), void *user)
{
  NmMuse *muse = calloc(1, sizeof *muse);
  if (!muse) return NULL;
  muse->art = *art;
  if (nm_worker_init(&muse->worker, threaded, work, muse, wake, user)) return muse;
  free(muse);
  return NULL;
}

static void drop_songs(NmMuse *muse)
{
  for (int i = 0; i < muse->n_songs; i++) nm_song_free(muse->songs[i].song);
  muse->n_songs = 0;
}

void nm_muse_free(NmMuse *muse)
{
  if (!muse) return;
  nm_worker_fini(&muse->worker);
  task_free(muse->wanted);
  drop_songs(muse);
  nm_song_free(muse->question.song);
  nm_line_weights_free(muse->weights);
  nm_song_tools_close(&muse->tools);
  free(muse);
}

bool nm_muse_ask(NmMuse *muse, const NmVariantsRequest *request)
{
  Task *task = task_new(muse, request);
  if (!task) return false;
  nm_worker_lock(&muse->worker);
  Task *before = muse->wanted;
  muse->wanted = task;
  muse->state = (NmMuseState){.works = true};
  drop_songs(muse);
  nm_worker_cancel(&muse->worker);
  nm_worker_tell(&muse->worker);
  nm_worker_unlock(&muse->worker);
  task_free(before);
  return true;
}

void nm_muse_stop(NmMuse *muse)
{
  nm_worker_lock(&muse->worker);
  Task *before = muse->wanted;
  muse->wanted = NULL;
  muse->state.works = false;
  nm_worker_cancel(&muse->worker);
  nm_worker_unlock(&muse->worker);
  task_free(before);
}

NmMuseState nm_muse_get_state(NmMuse *muse)
{
  nm_worker_lock(&muse->worker);
  NmMuseState state = muse->state;
  int n = atomic_load(&muse->n_done);
  if (state.works && !muse->wanted && muse->n_steps > 0)
    state.part = n < muse->n_steps ? (float)n / (float)muse->n_steps : 1;
  nm_worker_unlock(&muse->worker);
  return state;
}

int nm_muse_take(NmMuse *muse, NmMuseSong songs[NM_MUSE_SONGS_MAX])
{
  nm_worker_lock(&muse->worker);
  int n = muse->n_songs;
  memcpy(songs, muse->songs, (size_t)n * sizeof *songs);
  muse->n_songs = 0;
  nm_worker_unlock(&muse->worker);
  return n;
}

bool nm_muse_weigh(NmMuse *muse, const NmSong *song, int32_t line, uint64_t revision)
{
  NmSong *copy = nm_song_copy(song);
  if (!copy) return false;
  nm_worker_lock(&muse->worker);
  nm_song_free(muse->question.song);
  nm_line_weights_free(muse->weights);
  muse->weights = NULL;
  muse->question = (Question){copy, line, revision};
  nm_worker_tell(&muse->worker);
  nm_worker_unlock(&muse->worker);
  return true;
}

NmLineWeights *nm_muse_take_weights(NmMuse *muse, uint64_t *revision)
{
  nm_worker_lock(&muse->worker);
  NmLineWeights *weights = muse->weights;
  *revision = muse->revision;
  muse->weights = NULL;
  nm_worker_unlock(&muse->worker);
  return weights;
}
