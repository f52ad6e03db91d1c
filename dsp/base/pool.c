// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

// Workers poll this long for the next loop before they sleep: model graphs issue loops microseconds apart.
#define N_SPINS 2000

struct NmPool {
  pthread_mutex_t lock;
  pthread_cond_t wake;
  pthread_t *threads; // [n_threads - 1]
  int n_threads;
  NmPoolFn fn;
  void *ctx;
  int64_t n_chunks;
  _Atomic int64_t next;
  _Atomic unsigned generation; // one more for each loop
  _Atomic int n_busy;          // workers that have not left the current loop
  _Atomic bool quit;
};

typedef struct {
  NmPool *pool;
  int worker;
} WorkerArgs;

static void do_chunks(NmPool *pool, int worker)
{
  for (int64_t i; (i = atomic_fetch_add(&pool->next, 1)) < pool->n_chunks;) pool->fn(pool->ctx, i, worker);
}

static void relax(void)
{
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

static unsigned wait_for_loop(NmPool *pool, unsigned seen)
{
  for (int i = 0; i < N_SPINS; ++i, relax())
    if (atomic_load_explicit(&pool->generation, memory_order_acquire) != seen) break;
  if (atomic_load(&pool->generation) == seen) {
    pthread_mutex_lock(&pool->lock);
    while (atomic_load(&pool->generation) == seen) pthread_cond_wait(&pool->wake, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
  }
  return atomic_load(&pool->generation);
}

static void *worker_main(void *arg)
{
  const WorkerArgs self = *(WorkerArgs *)arg;
  free(arg);
  for (unsigned seen = 0;;) {
    seen = wait_for_loop(self.pool, seen);
    if (atomic_load(&self.pool->quit)) return NULL;
    do_chunks(self.pool, self.worker);
    atomic_fetch_sub_explicit(&self.pool->n_busy, 1, memory_order_release);
  }
}

static void start_loop(NmPool *pool)
{
  pthread_mutex_lock(&pool->lock);
  atomic_fetch_add(&pool->generation, 1);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->lock);
}

static bool start_worker(NmPool *pool, int worker)
{
  WorkerArgs *args = malloc(sizeof *args);
  if (!args) return false;
  *args = (WorkerArgs){pool, worker};
  if (pthread_create(&pool->threads[worker - 1], NULL, worker_main, args) == 0) return true;
  free(args);
  return false;
}

NmPool *nm_pool_new(int n_threads)
{
  if (n_threads <= 0) n_threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
  if (n_threads < 1) n_threads = 1;
  NmPool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pool->n_threads = 1;
  pool->threads = calloc((size_t)n_threads, sizeof *pool->threads);
  for (; pool->threads && pool->n_threads < n_threads; ++pool->n_threads)
    if (!start_worker(pool, pool->n_threads)) break;
  if (pool->threads && pool->n_threads == n_threads) return pool;
  nm_pool_free(pool);
  return NULL;
}

void nm_pool_free(NmPool *pool)
{
  if (!pool) return;
  atomic_store(&pool->quit, true);
  start_loop(pool);
  for (int i = 1; i < pool->n_threads; ++i) pthread_join(pool->threads[i - 1], NULL);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->lock);
  free(pool->threads);
  free(pool);
}

int nm_pool_get_n_threads(const NmPool *pool)
{
  return pool ? pool->n_threads : 1;
}

void nm_pool_run(NmPool *pool, int64_t n_chunks, NmPoolFn fn, void *ctx)
{
  if (!pool || pool->n_threads == 1 || n_chunks <= 1) {
    for (int64_t i = 0; i < n_chunks; ++i) fn(ctx, i, 0);
    return;
  }
  pool->fn = fn;
  pool->ctx = ctx;
  pool->n_chunks = n_chunks;
  atomic_store(&pool->next, 0);
  atomic_store(&pool->n_busy, pool->n_threads - 1);
  start_loop(pool);
  do_chunks(pool, 0);
  for (int i = 0; atomic_load_explicit(&pool->n_busy, memory_order_acquire) > 0; ++i)
    i < N_SPINS ? relax() : (void)sched_yield();
}
