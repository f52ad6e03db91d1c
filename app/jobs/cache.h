// SPDX-License-Identifier: GPL-3.0-or-later
// Results that cost much to make, kept on disk under a hash of all that they are made of. Nothing depends on
// it but time: what is missing, torn or foreign is made again.
//
// An entry is a file of its own, named by its key, that appears whole (temporary name, rename), with a hash
// of its content. Several programs may share a folder. Closing removes what was used longest ago until the
// folder is no larger than wanted.
#ifndef NM_JOBS_CACHE_H
#define NM_JOBS_CACHE_H

#include <stdbool.h>

#include "dsp/base/hash.h"
#include "dsp/base/status.h"

#define NM_CACHE_BYTES_USUAL (512LL << 20)

typedef struct {
  int64_t n_hits, n_misses; // n_misses: not there, or broken
  int64_t n_broken;         // there, but torn or changed
  int64_t n_stored, n_not_stored, n_evicted;
} NmCacheStats;

// One thread at a time per object.
typedef struct NmCache NmCache;

// `folder` is made if it is missing; NULL: $XDG_CACHE_HOME/neume/phrases, or ~/.cache/neume/phrases. NULL and
// `err` (I/O) when it cannot be used.
NmCache *nm_cache_new(const char *folder, int64_t n_bytes_max, NmError *err);
void nm_cache_free(NmCache *cache);

// What tells results of this program on this machine from others': add it to keys of numbers that depend on
// how they are computed.
NmHash nm_cache_get_salt(void);

// The n bytes of an entry; false when there is none of that size. `cache` may be NULL.
bool nm_cache_get(NmCache *cache, const NmHash *key, void *bytes, size_t n);
// An entry of any size, *n bytes for the caller to free; NULL when there is none.
void *nm_cache_get_any(NmCache *cache, const NmHash *key, size_t *n);
// Keeps n bytes; a full disk is no error.
void nm_cache_put(NmCache *cache, const NmHash *key, const void *bytes, size_t n);

NmCacheStats nm_cache_get_stats(const NmCache *cache);
const char *nm_cache_get_folder(const NmCache *cache);

#endif
