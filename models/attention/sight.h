// SPDX-License-Identifier: GPL-3.0-or-later
// What queries see of the keys: the patterns of attention.h as ranges, cut into tiles. Kernels walk the
// tiles, so that a window costs what it shows and not the whole square.
#ifndef NM_ATTENTION_SIGHT_H
#define NM_ATTENTION_SIGHT_H

#include "models/attention/attention.h"

typedef struct {
  int64_t B, H, Tq, Tk;
  NmPattern pattern;
  int64_t left, right, n_sinks;
  const int32_t *len_k, *len_q; // [B], or NULL
  const int32_t *segment_q;     // [B, Tq], SEGMENTS only
  const int32_t *segment_k;     // [B, Tk], SEGMENTS only
  const int32_t
      *hulls; // [B, blocks of NM_TILE_KEYS keys, 2]: the least and greatest segment in each, or NULL
} NmSight;

enum { NM_TILE_QUERIES = 64, NM_TILE_KEYS = 128 }; // the largest tile

// Keys [0, end_sinks) and [first, end), end_sinks <= first.
typedef struct {
  int64_t end_sinks, first, end;
} NmSpan;

// Queries [i, i + n_q) and keys [j, j + n_k) of item b. Not all are visible where `partial`.
typedef struct {
  int64_t b, i, n_q, j, n_k;
  bool partial;
} NmTile;

// The tiles of a block of queries, in the order of their keys.
typedef struct {
  const NmSight *sight;
  int64_t b, i, n_q, j, j_end;
  NmSpan all, common;      // keys that some, and that every query sees
  int32_t lowest, highest; // segments of the queries
} NmTiles;

// Queries and keys of item b that are no padding.
int64_t nm_sight_get_n_queries(const NmSight *sight, int64_t b);
int64_t nm_sight_get_n_keys(const NmSight *sight, int64_t b);

// Keys that a query sees, at most.
int64_t nm_sight_get_width(const NmSight *sight);

// Queries to a block: fewer under narrow windows, where a tall block would show mostly nothing.
int64_t nm_sight_get_block(const NmSight *sight);

// Numbers in `hulls`, 0 when the pattern needs none; and their making.
int64_t nm_sight_get_n_hulls(const NmSight *sight);
void nm_sight_fill_hulls(const NmSight *sight, int32_t *hulls);

// The keys of query i of item b (for SEGMENTS those that its segment chooses from).
NmSpan nm_sight_get_span(const NmSight *sight, int64_t b, int64_t i);

// Starts on queries [i, i + n_q), none of them padding, and keys [j, j_end); j a multiple of NM_TILE_KEYS.
NmTiles nm_tiles_start(const NmSight *sight, int64_t b, int64_t i, int64_t n_q, int64_t j, int64_t j_end);
// The next tile that is not all invisible, at most NM_TILE_KEYS wide; false when there is none.
bool nm_tiles_next(NmTiles *tiles, NmTile *tile);

#endif
