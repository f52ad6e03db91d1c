// SPDX-License-Identifier: GPL-3.0-or-later
// A thread in the background with one job at a time: what all threads of the studio have in common. The owner
// writes under the lock what is wanted and tells the worker; the job takes it under the lock, opens the lock
// while it works, and looks now and then whether it is to give up.
#ifndef NM_STUDIO_WORKER_H
#define NM_STUDIO_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

// Called and left under the lock. False, when it did not open it: there is nothing to do until the worker is
// told again.
typedef bool (*NmWorkerJob)(void *owner);

// Part of its owner, who zero-initialises it.
typedef struct {
  atomic_bool cancels; // the job under way is to give up; false again when the next one begins
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool has_thread, quits;
  NmWorkerJob job;
  void *owner;
  void (*wake)(void *user);
  void *user;
} NmWorker;

// Starts the thread. Without one all jobs are done within nm_worker_tell: for tests that are to come out the
// same every time. `wake` is called from the thread when the job wishes so (nm_worker_wake). False when
// threads are out: there is nothing to end then.
bool nm_worker_init(NmWorker *worker, bool threaded, NmWorkerJob job, void *owner, void (*wake)(void *user),
                    void *user);
// Tells the job to give up, waits for it and ends the thread. Once, after a success.
void nm_worker_fini(NmWorker *worker);

// From any thread.
void nm_worker_lock(NmWorker *worker);
void nm_worker_unlock(NmWorker *worker);

// Under the lock, from any other thread: there is something to do.
void nm_worker_tell(NmWorker *worker);
// From any thread: what is under way is not wanted any more; whether that is so.
void nm_worker_cancel(NmWorker *worker);
bool nm_worker_is_cancelled(const NmWorker *worker);

// From the job: tells the user that there is something new; waits under the lock, which is open meanwhile,
// until it is told something or so many milliseconds have passed.
void nm_worker_wake(const NmWorker *worker);
void nm_worker_rest(NmWorker *worker, int ms);

#endif
