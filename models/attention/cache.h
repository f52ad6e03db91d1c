// SPDX-License-Identifier: GPL-3.0-or-later
// Keys and values of the positions so far, for decoding step by step: the same kernels, the same pattern, and
// the same result as nm_attention over the whole sequence. Host memory, float, inference only.
#ifndef NM_ATTENTION_CACHE_H
#define NM_ATTENTION_CACHE_H

#include "models/attention/attention.h"

typedef struct NmKvCache NmKvCache;

typedef struct {
  NmPattern pattern;     // FULL (over a memory), CAUSAL, WINDOW with right = 0, or SINKS
  int64_t left, n_sinks; // as in NmAttention
  float scale;           // 0: 1 / sqrt(D)
  int64_t n_rows;        // B: sequences side by side, beams
  int64_t n_heads;       // H
  int64_t n_key;         // H D
  int64_t n_value;       // H Dv
  int64_t n_most;  // positions of the whole sequence, at most; no matter to WINDOW and SINKS with a left >= 0
  int64_t n_chunk; // positions of one append, at most
  const float *relative; // [H, n_relative], borrowed; see NmAttention
  int64_t n_relative;    // 0: none
} NmKvCacheConfig;

// CAUSAL, one row, 1024 positions, chunks of 64, values as wide as keys.
NmKvCacheConfig nm_kv_cache_defaults(int64_t n_heads, int64_t n_key);

// NULL when memory is out or the config is none of the above (err says which). WINDOW and SINKS keep about
// twice what they see, however long the sequence. `pool` is borrowed, may be NULL. A cache belongs to one
// thread at a time.
NmKvCache *nm_kv_cache_new(const NmKvCacheConfig *config, NmPool *pool, NmError *err);
void nm_kv_cache_free(NmKvCache *cache);

// Forgets all positions.
void nm_kv_cache_reset(NmKvCache *cache);

// Positions appended since the start.
int64_t nm_kv_cache_get_n_positions(const NmKvCache *cache);

// The next n positions: k [B, n, H D], v [B, n, H Dv]. NM_ERR_BAD_ARG when n is not 1 to n_chunk or the whole
// sequence would be longer than n_most. Never allocates.
NmStatus nm_kv_cache_append(NmKvCache *cache, const float *k, const float *v, int64_t n) NM_NODISCARD;

// q [B, n, H D] -> out [B, n, H Dv]. The queries stand at the last n positions, no more than the last append
// had (under FULL they stand nowhere, and n is 1 to n_chunk). NM_ERR_BAD_ARG for another n. Never allocates.
NmStatus nm_kv_cache_attend(NmKvCache *cache, const float *q, int64_t n, float *out) NM_NODISCARD;

// Row b goes on from what row index[b] was, as beams do. NM_ERR_BAD_ARG for an index outside [0, B). Never
// allocates.
NmStatus nm_kv_cache_reorder(NmKvCache *cache, const int32_t *index) NM_NODISCARD;

#endif
