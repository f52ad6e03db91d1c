// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/attention/cache.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/attention/cpu/kernel.h"

struct NmKvCache {
  NmKvCacheConfig config;
  NmPool *pool;
  float *k, *v;     // [B + 1, n_room, H D] [B + 1, n_room, H Dv]; the last row is for reordering
  int64_t n_room;   // positions that a row has room for
  int64_t n_held;   // of them in use: the sinks, then the latest
  int64_t n_gone;   // dropped between these two
  int64_t n_last;   // of the last append
  int64_t *sources; // [B]
  void *scratch;
};

NmKvCacheConfig nm_kv_cache_defaults(int64_t n_heads, int64_t n_key)
{
  return (NmKvCacheConfig){.pattern = NM_PATTERN_CAUSAL,
                           .left = -1,
                           .n_rows = 1,
                           .n_heads = n_heads,
                           .n_key = n_key,
                           .n_value = n_key,
                           .n_most = 1024,
                           .n_chunk = 64};
}

static bool is_bounded(const NmKvCacheConfig *c)
{
  return (c->pattern == NM_PATTERN_WINDOW || c->pattern == NM_PATTERN_SINKS) && c->left >= 0;
}

static const char *find_fault(const NmKvCacheConfig *c)
{
  if (c->pattern == NM_PATTERN_SEGMENTS) return "segments cannot be decoded step by step";
  if (c->n_rows < 1 || c->n_chunk < 1 || c->n_most < 1) return "rows, chunk and positions must be 1 or more";
  if (c->n_heads < 1 || c->n_key < 1 || c->n_value < 1 || c->n_key % c->n_heads || c->n_value % c->n_heads)
    return "the channels must be a multiple of the heads";
  if (c->left < -1 || c->n_sinks < 0 || c->n_relative < 0) return "a number of the pattern is negative";
  if (c->n_relative > 0 && (c->n_relative % 2 == 0 || !c->relative))
    return "the relative table must be of odd width";
  return NULL;
}

// With room for twice what is seen, dropping what is not seen any more costs each position one move.
static int64_t count_room(const NmKvCacheConfig *c)
{
  if (!is_bounded(c)) return c->n_most;
  return (c->pattern == NM_PATTERN_SINKS ? c->n_sinks : 0) + 2 * (c->left + c->n_chunk);
}

static NmAttentionArrays make_arrays(const NmKvCache *cache, const float *q, int64_t n)
{
  const NmKvCacheConfig *c = &cache->config;
  return (NmAttentionArrays){.sight = {.B = c->n_rows,
                                       .H = c->n_heads,
                                       .Tq = n,
                                       .Tk = cache->n_held,
                                       .pattern = c->pattern,
                                       .left = c->left,
                                       .n_sinks = c->n_sinks},
                             .D = c->n_key / c->n_heads,
                             .Dv = c->n_value / c->n_heads,
                             .q = q,
                             .k = cache->k,
                             .v = cache->v,
                             .item_k = cache->n_room * c->n_key,
                             .item_v = cache->n_room * c->n_value,
                             .relative = c->relative,
                             .n_relative = c->n_relative,
                             .n_gone = cache->n_gone,
                             .scale = c->scale};
}

static float *alloc_rows(const NmKvCache *cache, int64_t n_channels)
{
  size_t n;
  if (nm_size_mul((size_t)cache->config.n_rows + 1, (size_t)cache->n_room, &n) != NM_OK ||
      nm_size_mul(n, (size_t)n_channels, &n) != NM_OK || nm_size_mul(n, sizeof(float), &n) != NM_OK)
    return NULL;
  return malloc(n);
}

static bool allocate(NmKvCache *cache)
{
  const NmAttentionArrays a = make_arrays(cache, NULL, cache->config.n_chunk);
  const size_t size = nm_attention_size_run_f32(&a, nm_pool_get_n_threads(cache->pool));
  cache->k = alloc_rows(cache, cache->config.n_key);
  cache->v = alloc_rows(cache, cache->config.n_value);
  cache->sources = calloc((size_t)cache->config.n_rows, sizeof *cache->sources);
  cache->scratch = aligned_alloc(64, nm_attention_align(size));
  return cache->k && cache->v && cache->sources && cache->scratch;
}

NmKvCache *nm_kv_cache_new(const NmKvCacheConfig *config, NmPool *pool, NmError *err)
{
  const char *fault = find_fault(config);
  if (fault) {
    nm_error_set(err, NM_ERR_BAD_ARG, "attention cache: %s", fault);
    return NULL;
  }
  NmKvCache *cache = calloc(1, sizeof *cache);
  if (cache) {
    cache->config = *config;
    cache->pool = pool;
    cache->n_room = count_room(config);
    if (config->scale == 0) cache->config.scale = 1 / sqrtf((float)(config->n_key / config->n_heads));
    if (config->pattern != NM_PATTERN_SINKS) cache->config.n_sinks = 0;
  }
  if (cache && allocate(cache)) return cache;
  nm_kv_cache_free(cache);
  nm_error_set(err, NM_ERR_NO_MEMORY, "attention cache: out of memory");
  return NULL;
}

void nm_kv_cache_free(NmKvCache *cache)
{
  if (!cache) return;
  free(cache->k);
  free(cache->v);
  free(cache->sources);
  free(cache->scratch);
  free(cache);
}

void nm_kv_cache_reset(NmKvCache *cache)
{
  cache->n_held = cache->n_gone = cache->n_last = 0;
}

int64_t nm_kv_cache_get_n_positions(const NmKvCache *cache)
{
  return cache->n_held + cache->n_gone;
}

// Keeps the sinks and the `left` latest positions, which the next queries may see.
static void drop_unseen(NmKvCache *cache)
{
  const NmKvCacheConfig *c = &cache->config;
  const int64_t n_kept = c->left, from = cache->n_held - n_kept;
  for (int64_t b = 0; b < c->n_rows; ++b) {
    float *k = cache->k + b * cache->n_room * c->n_key, *v = cache->v + b * cache->n_room * c->n_value;
    memmove(k + c->n_sinks * c->n_key, k + from * c->n_key, (size_t)(n_kept * c->n_key) * sizeof *k);
    memmove(v + c->n_sinks * c->n_value, v + from * c->n_value, (size_t)(n_kept * c->n_value) * sizeof *v);
  }
  cache->n_gone += from - c->n_sinks;
  cache->n_held = c->n_sinks + n_kept;
}

static void append_rows(const NmKvCache *cache, float *rows, const float *x, int64_t n, int64_t n_channels)
{
  for (int64_t b = 0; b < cache->config.n_rows; ++b)
    memcpy(rows + (b * cache->n_room + cache->n_held) * n_channels, x + b * n * n_channels,
           (size_t)(n * n_channels) * sizeof *rows);
}

NmStatus nm_kv_cache_append(NmKvCache *cache, const float *k, const float *v, int64_t n)
{
  const NmKvCacheConfig *c = &cache->config;
  if (n < 1 || n > c->n_chunk) return NM_ERR_BAD_ARG;
  if (cache->n_held + n > cache->n_room && !is_bounded(c)) return NM_ERR_BAD_ARG;
  if (cache->n_held + n > cache->n_room) drop_unseen(cache);
  append_rows(cache, cache->k, k, n, c->n_key);
  append_rows(cache, cache->v, v, n, c->n_value);
  cache->n_held += n;
  cache->n_last = n;
  return NM_OK;
}

NmStatus nm_kv_cache_attend(NmKvCache *cache, const float *q, int64_t n, float *out)
{
  const int64_t n_most = cache->config.pattern == NM_PATTERN_FULL ? cache->config.n_chunk : cache->n_last;
  if (n < 1 || n > n_most || cache->n_held == 0) return NM_ERR_BAD_ARG;
  const NmAttentionArrays a = make_arrays(cache, q, n);
  nm_attention_run_f32(cache->pool, &a, cache->scratch, out, NULL);
  return NM_OK;
}

static void copy_row(const NmKvCache *cache, int64_t to, int64_t from)
{
  const int64_t n_key = cache->config.n_key, n_value = cache->config.n_value, n = cache->n_room;
  memcpy(cache->k + to * n * n_key, cache->k + from * n * n_key,
         (size_t)(cache->n_held * n_key) * sizeof(float));
  memcpy(cache->v + to * n * n_value, cache->v + from * n * n_value,
         (size_t)(cache->n_held * n_value) * sizeof(float));
}

// Whether another row still waits for what row b holds.
static bool is_needed(const NmKvCache *cache, int64_t b)
{
  for (int64_t row = 0; row < cache->config.n_rows; ++row)
    if (row != b && cache->sources[row] == b) return true;
  return false;
}

// Moves into each row that nobody waits for; false when there was none.
static bool move_free_rows(NmKvCache *cache)
{
  bool moved = false;
  for (int64_t b = 0; b < cache->config.n_rows; ++b) {
    if (cache->sources[b] == b || is_needed(cache, b)) continue;
    copy_row(cache, b, cache->sources[b]);
    cache->sources[b] = b;
    moved = true;
  }
  return moved;
}

// Rows that wait for each other in a ring: one of them goes into the spare row. False when none wait.
static bool open_ring(NmKvCache *cache)
{
  const int64_t n = cache->config.n_rows;
  int64_t b = 0;
  while (b < n && cache->sources[b] == b) ++b;
  if (b == n) return false;
  copy_row(cache, n, b);
  for (int64_t row = 0; row < n; ++row)
    if (cache->sources[row] == b) cache->sources[row] = n;
  return true;
}

NmStatus nm_kv_cache_reorder(NmKvCache *cache, const int32_t *index)
{
  for (int64_t b = 0; b < cache->config.n_rows; ++b)
    if (index[b] < 0 || index[b] >= cache->config.n_rows) return NM_ERR_BAD_ARG;
  for (int64_t b = 0; b < cache->config.n_rows; ++b) cache->sources[b] = index[b];
  do {
    while (move_free_rows(cache)) {
    }
  } while (open_ring(cache));
  return NM_OK;
}
