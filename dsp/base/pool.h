// SPDX-License-Identifier: GPL-3.0-or-later
// The one thread pool: row-parallel loops whose result does not depend on the number of threads.
#ifndef NM_BASE_POOL_H
#define NM_BASE_POOL_H

#include "dsp/base/status.h"

typedef struct NmPool NmPool;

// Does chunk `chunk` of the loop. `worker` in [0, n_threads) tells which per-thread scratch to use.
typedef void (*NmPoolFn)(void *ctx, int64_t chunk, int worker);

// A pool of `n_threads` >= 1, the calling thread included; 0 asks for the number of processors.
// Returns NULL when memory or threads are out. A pool of one thread starts none.
NmPool *nm_pool_new(int n_threads);

// Waits for the workers to end. NULL is fine.
void nm_pool_free(NmPool *pool);

// Threads of the pool, the caller included; 1 for a NULL pool.
int nm_pool_get_n_threads(const NmPool *pool);

// Calls fn for every chunk in [0, n_chunks), in no fixed order, and returns when all are done. What a chunk
// is must not depend on the number of threads: then neither do the results. A NULL pool runs the loop on the
// calling thread. One caller at a time; fn must not call the same pool.
void nm_pool_run(NmPool *pool, int64_t n_chunks, NmPoolFn fn, void *ctx);

#endif
