// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/learner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/jobs/learn.h"
#include "app/studio/worker.h"
#include "ui/kit/words.h"

enum { N_BLOCK = NM_EMOTION_RATE_HZ, STEPS_LEAST = 8 };

// A task with what it needs.
typedef struct {
  NmLearnTask task;
  char *path, *name;
  NmListenerPoint *points;
} Work;

// Under the lock but for what the thread alone uses.
struct NmLearner {
  NmWorker worker;
  bool works;
  Work *wanted;       // NULL: nothing
  NmLearned *learned; // NULL: nothing new
  float done;

  // The thread's own.
  NmEmotionModel *model;    // NULL: not yet
  float done_from, done_to; // of the part that is under way
};

static void free_work(Work *work)
{
  if (!work) return;
  nm_clip_release(work->task.clip);
  nm_playback_release(work->task.playback);
  free(work->path);
  free(work->name);
  free(work->points);
  free(work);
}

static Work *make_work(const NmLearnTask *task)
{
  Work *work = calloc(1, sizeof *work);
  if (!work) return NULL;
  work->task = *task;
  nm_clip_share(task->clip);
  nm_playback_share(task->playback);
  work->task.path = work->path = task->path ? strdup(task->path) : NULL;
  work->task.name = work->name = strdup(task->name ? task->name : "");
  work->task.points = work->points = calloc((size_t)task->n_points + 1, sizeof *work->points);
  if ((task->path && !work->path) || !work->name || !work->points) {
    free_work(work);
    return NULL;
  }
  if (task->n_points > 0) memcpy(work->points, task->points, (size_t)task->n_points * sizeof *work->points);
  return work;
}

void nm_learned_free(NmLearned *learned)
{
  if (!learned) return;
  nm_clip_release(learned->clip);
  nm_listener_free(learned->listener);
  free(learned->before);
  free(learned->after);
  free(learned);
}

// --- the thread's ---

// Of the part that is under way. False when it was given up.
static bool report(void *user, float done)
{
  NmLearner *learner = user;
  nm_worker_lock(&learner->worker);
  learner->done = done < 0 ? done : learner->done_from + (learner->done_to - learner->done_from) * done;
  nm_worker_unlock(&learner->worker);
  nm_worker_wake(&learner->worker);
  return !nm_worker_is_cancelled(&learner->worker);
}

static bool begin_part(NmLearner *learner, double from, double to)
{
  learner->done_from = (float)from;
  learner->done_to = (float)to;
  return report(learner, 0);
}

static NmStatus give_up(NmError *err)
{
  return nm_error_set(err, NM_ERR_CANCELLED, "%s", _("Cancelled"));
}

static NmStatus run(NmLearner *learner, NmEmotion *emotion, const NmClip *clip, NmEmotionRow *rows,
                    NmError *err)
{
  int64_t n_rows = nm_emotion_get_n_rows(clip->n), n_done = 0, n_taken;
  for (int64_t i = 0; i < clip->n; i += n_taken) {
    int64_t n = clip->n - i < N_BLOCK ? clip->n - i : N_BLOCK;
    if (!report(learner, (float)i / (float)clip->n)) return give_up(err);
    n_done += nm_emotion_push(emotion, clip->samples + i, n, &n_taken, rows + n_done, n_rows - n_done);
  }
  for (int64_t n = 1; n > 0; n_done += n) n = nm_emotion_finish(emotion, rows + n_done, n_rows - n_done);
  return NM_OK;
}

// Rows of a clip as a listener hears it, NULL for people on average; NULL and `err`.
static NmEmotionRow *hear(NmLearner *learner, const NmClip *clip, const NmListener *listener, NmError *err)
{
  NmEmotionRow *rows = calloc((size_t)nm_emotion_get_n_rows(clip->n) + 1, sizeof *rows);
  NmEmotion *emotion = nm_emotion_new(learner->model, NULL, err);
  NmStatus status = !emotion ? err->status
                    : rows   ? NM_OK
                             : nm_error_set(err, NM_ERR_NO_MEMORY, _("out of memory"));
  if (!status && listener) status = nm_emotion_set_listener(emotion, listener, err);
  if (!status) status = run(learner, emotion, clip, rows, err);
  nm_emotion_free(emotion);
  if (!status) return rows;
  free(rows);
  return NULL;
}

static NmStatus open_clip(NmLearner *learner, const NmLearnTask *task, NmLearned *learned)
{
  NmError *err = &learned->err;
  begin_part(learner, 0, .3);
  learned->clip = task->path ? nm_clip_new(task->path, report, learner, err)
                             : nm_clip_new_of_playback(task->playback, task->name, report, learner, err);
  if (!learned->clip) return err->status;
  begin_part(learner, .3, 1);
  learned->n_rows = (int32_t)nm_emotion_get_n_rows(learned->clip->n);
  learned->before = hear(learner, learned->clip, NULL, err);
  return learned->before ? NM_OK : err->status;
}

// From the first n of the points.
static NmListener *learn(NmLearner *learner, const NmLearnTask *task, int64_t n, NmError *err)
{
  NmListenerClip clip = {task->clip->samples, task->clip->n, task->points, n, &learner->worker.cancels};
  // What comes later does not change what is heard where it was drawn.
  int64_t n_heard = (int64_t)((task->points[n - 1].time_s + NM_EMOTION_REACH_S + 1) * NM_EMOTION_RATE_HZ);
  if (clip.n > n_heard) clip.n = n_heard;
  return nm_learn_listener(learner->model, &clip, err);
}

static void add_up(const NmLearnTask *task, int64_t first, const NmEmotionRow *rows, int32_t n_rows, int d,
                   double *error, int32_t *n)
{
  double sum = 0;
  *n = 0;
  for (int64_t i = first; i < task->n_points; i++) {
    const NmListenerPoint *point = &task->points[i];
    int64_t row = (int64_t)(point->time_s / NM_EMOTION_STEP_S);
    if (point->time_s < task->from[d] || point->time_s > task->to[d] || task->to[d] <= task->from[d] ||
        row >= n_rows)
      continue;
    double wanted = d ? (double)point->arousal : (double)point->valence;
    double found = d ? (double)rows[row].arousal : (double)rows[row].valence;
    sum += (wanted - found) * (wanted - found);
    ++*n;
  }
  *error = *n ? sqrt(sum / *n) : 0;
}

// A listener that knows the first half is held against the second.
static NmStatus try_half(NmLearner *learner, const NmLearnTask *task, NmLearned *learned)
{
  int64_t half = task->n_points / 2;
  if (task->n_points < STEPS_LEAST) return NM_OK;
  NmListener *listener = learn(learner, task, half, &learned->err);
  NmEmotionRow *rows = listener ? hear(learner, task->clip, listener, &learned->err) : NULL;
  for (int d = 0; d < 2 && rows; d++) {
    add_up(task, half, learned->before, learned->n_rows, d, &learned->score.before[d], &learned->score.n[d]);
    add_up(task, half, rows, learned->n_rows, d, &learned->score.after[d], &learned->score.n[d]);
  }
  nm_listener_free(listener);
  free(rows);
  return rows ? NM_OK : learned->err.status;
}

static NmStatus adapt(NmLearner *learner, const NmLearnTask *task, NmLearned *learned)
{
  NmError *err = &learned->err;
  learned->n_rows = (int32_t)nm_emotion_get_n_rows(task->clip->n);
  begin_part(learner, 0, .25);
  if (!(learned->before = hear(learner, task->clip, NULL, err))) return err->status;
  begin_part(learner, .4, .6);
  if (try_half(learner, task, learned)) return err->status;
  begin_part(learner, .6, .75);
  learned->listener = task->n_points > 0 ? learn(learner, task, task->n_points, err) : NULL;
  if (!learned->listener)
    return err->status ? err->status : nm_error_set(err, NM_ERR_BAD_DATA, "%s", _("Nothing is drawn yet"));
  begin_part(learner, .75, 1);
  learned->after = hear(learner, task->clip, learned->listener, err);
  return learned->after ? NM_OK : err->status;
}

static NmStatus load(NmLearner *learner, const NmLearnTask *task, NmLearned *learned)
{
  NmError *err = &learned->err;
  learned->listener = nm_listener_load(task->path, learner->model, err);
  if (!learned->listener) return err->status;
  if (!task->clip) return NM_OK;
  begin_part(learner, 0, 1);
  learned->n_rows = (int32_t)nm_emotion_get_n_rows(task->clip->n);
  learned->after = hear(learner, task->clip, learned->listener, err);
  return learned->after ? NM_OK : err->status;
}

static NmLearned *perform(NmLearner *learner, const NmLearnTask *task)
{
  NmLearned *learned = calloc(1, sizeof *learned);
  if (!learned) return NULL;
  learned->kind = task->kind;
  begin_part(learner, 0, 0);
  if (!learner->model) learner->model = nm_learn_open_model(&learned->err);
  if (!learner->model) return learned;
  NmStatus status = task->kind == NM_LEARN_OPEN    ? open_clip(learner, task, learned)
                    : task->kind == NM_LEARN_ADAPT ? adapt(learner, task, learned)
                                                   : load(learner, task, learned);
  if (status && !learned->err.status) learned->err.status = status;
  return learned;
}

static bool work(void *owner)
{
  NmLearner *learner = owner;
  Work *wanted = learner->wanted;
  if (!wanted) return false;
  learner->wanted = NULL;
  learner->works = true;
  nm_worker_unlock(&learner->worker);
  NmLearned *learned = perform(learner, &wanted->task);
  free_work(wanted);
  nm_worker_lock(&learner->worker);
  learner->works = false;
  NmLearned *before = learner->learned;
  learner->learned = learned;
  nm_learned_free(before);
  nm_worker_wake(&learner->worker);
  return true;
}

// --- the user's ---

NmLearner *nm_learner_new(void (*wake)(void *user), void *user)
{
  NmLearner *learner = calloc(1, sizeof *learner);
  if (learner && nm_worker_init(&learner->worker, true, work, learner, wake, user)) return learner;
  free(learner);
  return NULL;
}

void nm_learner_free(NmLearner *learner)
{
  if (!learner) return;
  nm_worker_fini(&learner->worker);
  free_work(learner->wanted);
  nm_learned_free(learner->learned);
  nm_emotion_model_close(learner->model);
  free(learner);
}

bool nm_learner_start(NmLearner *learner, const NmLearnTask *task)
{
  Work *work = make_work(task);
  if (!work) return false;
  nm_worker_lock(&learner->worker);
  Work *before = learner->wanted;
  learner->wanted = work;
  learner->done = -1;
  nm_worker_cancel(&learner->worker);
  nm_worker_tell(&learner->worker);
  nm_worker_unlock(&learner->worker);
  free_work(before);
  return true;
}

void nm_learner_cancel(NmLearner *learner)
{
  nm_worker_lock(&learner->worker);
  Work *before = learner->wanted;
  learner->wanted = NULL;
  nm_worker_cancel(&learner->worker);
  nm_worker_unlock(&learner->worker);
  free_work(before);
}

bool nm_learner_is_busy(NmLearner *learner, float *done)
{
  nm_worker_lock(&learner->worker);
  bool busy = learner->wanted || learner->works;
  if (done) *done = learner->done;
  nm_worker_unlock(&learner->worker);
  return busy;
}

NmLearned *nm_learner_take(NmLearner *learner)
{
  nm_worker_lock(&learner->worker);
  NmLearned *learned = learner->learned;
  learner->learned = NULL;
  nm_worker_unlock(&learner->worker);
  return learned;
}
