// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/worker.h"

#include <time.h>

// Under the lock.
static bool do_job(NmWorker *worker)
{
  atomic_store(&worker->cancels, false);
  return worker->job(worker->owner);
}

static void *run(void *user)
{
  NmWorker *worker = user;
  nm_worker_lock(worker);
  while (!worker->quits)
    if (!do_job(worker)) pthread_cond_wait(&worker->changed, &worker->lock);
  nm_worker_unlock(worker);
  return NULL;
}

bool nm_worker_init(NmWorker *worker, bool threaded, NmWorkerJob job, void *owner, void (*wake)(void *user),
                    void *user)
{
  worker->has_thread = threaded;
  worker->job = job;
  worker->owner = owner;
  worker->wake = wake;
  worker->user = user;
  pthread_mutex_init(&worker->lock, NULL);
  pthread_cond_init(&worker->changed, NULL);
  if (!threaded || pthread_create(&worker->thread, NULL, run, worker) == 0) return true;
  pthread_mutex_destroy(&worker->lock);
  pthread_cond_destroy(&worker->changed);
  return false;
}

void nm_worker_fini(NmWorker *worker)
{
  nm_worker_lock(worker);
  worker->quits = true;
  nm_worker_cancel(worker);
  pthread_cond_signal(&worker->changed);
  nm_worker_unlock(worker);
  if (worker->has_thread) pthread_join(worker->thread, NULL);
  pthread_mutex_destroy(&worker->lock);
  pthread_cond_destroy(&worker->changed);
}

void nm_worker_lock(NmWorker *worker)
{
  pthread_mutex_lock(&worker->lock);
}

void nm_worker_unlock(NmWorker *worker)
{
  pthread_mutex_unlock(&worker->lock);
}

void nm_worker_tell(NmWorker *worker)
{
  if (worker->has_thread)
    pthread_cond_signal(&worker->changed);
  else
    while (do_job(worker)) {
      // One after the other.
    }
}

void nm_worker_cancel(NmWorker *worker)
{
  atomic_store(&worker->cancels, true);
}

bool nm_worker_is_cancelled(const NmWorker *worker)
{
  return atomic_load(&worker->cancels);
}

void nm_worker_wake(const NmWorker *worker)
{
  worker->wake(worker->user);
}

void nm_worker_rest(NmWorker *worker, int ms)
{
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += ms / 1000;
  until.tv_nsec += ms % 1000 * 1000000L;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  pthread_cond_timedwait(&worker->changed, &worker->lock, &until);
}
