// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/attention/sight.h"

static int64_t min64(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

static int64_t clamp64(int64_t x, int64_t low, int64_t high)
{
  return x < low ? low : min64(x, high);
}

int64_t nm_sight_get_n_queries(const NmSight *s, int64_t b)
{
  return s->len_q ? clamp64(s->len_q[b], 0, s->Tq) : s->Tq;
}

int64_t nm_sight_get_n_keys(const NmSight *s, int64_t b)
{
  return s->len_k ? clamp64(s->len_k[b], 0, s->Tk) : s->Tk;
}

int64_t nm_sight_get_width(const NmSight *s)
{
  int64_t width = s->Tk;
  if (s->pattern == NM_PATTERN_SINKS && s->left >= 0) width = s->left + 1 + s->n_sinks;
  if (s->pattern == NM_PATTERN_WINDOW && s->left >= 0 && s->right >= 0) width = s->left + s->right + 1;
  return min64(width, s->Tk);
}

int64_t nm_sight_get_block(const NmSight *s)
{
  const int64_t width = nm_sight_get_width(s);
  return width < NM_TILE_QUERIES / 2   ? NM_TILE_QUERIES / 4
         : width < 2 * NM_TILE_QUERIES ? NM_TILE_QUERIES / 2
                                       : NM_TILE_QUERIES;
}

NmSpan nm_sight_get_span(const NmSight *s, int64_t b, int64_t i)
{
  const int64_t n = nm_sight_get_n_keys(s, b), position = i + s->Tk - s->Tq;
  int64_t first = 0, end = n;
  if (s->pattern == NM_PATTERN_CAUSAL || s->pattern == NM_PATTERN_SINKS) end = position + 1;
  if (s->pattern == NM_PATTERN_WINDOW && s->right >= 0) end = position + s->right + 1;
  if ((s->pattern == NM_PATTERN_WINDOW || s->pattern == NM_PATTERN_SINKS) && s->left >= 0)
    first = position - s->left;
  first = clamp64(first, 0, n);
  end = clamp64(end, first, n);
  return (NmSpan){s->pattern == NM_PATTERN_SINKS ? min64(s->n_sinks, first) : 0, first, end};
}

// Both ends of the window move on with i.
static NmSpan span_of_any(NmSpan top, NmSpan bottom)
{
  if (top.first <= bottom.end_sinks) return (NmSpan){0, 0, bottom.end};
  return (NmSpan){bottom.end_sinks, top.first, bottom.end};
}

static NmSpan span_of_all(NmSpan top, NmSpan bottom)
{
  return (NmSpan){top.end_sinks, bottom.first, max64(bottom.first, top.end)};
}

static void find_hull(const int32_t *segment, int64_t n, int32_t *lowest, int32_t *highest)
{
  *lowest = *highest = segment[0];
  for (int64_t i = 1; i < n; ++i) {
    *lowest = segment[i] < *lowest ? segment[i] : *lowest;
    *highest = segment[i] > *highest ? segment[i] : *highest;
  }
}

static int64_t count_blocks(const NmSight *s)
{
  return (s->Tk + NM_TILE_KEYS - 1) / NM_TILE_KEYS;
}

int64_t nm_sight_get_n_hulls(const NmSight *s)
{
  return s->pattern == NM_PATTERN_SEGMENTS ? 2 * s->B * count_blocks(s) : 0;
}

void nm_sight_fill_hulls(const NmSight *s, int32_t *hulls)
{
  if (s->pattern != NM_PATTERN_SEGMENTS) return;
  for (int64_t b = 0; b < s->B; ++b)
    for (int64_t j = 0; j < s->Tk; j += NM_TILE_KEYS, hulls += 2)
      find_hull(s->segment_k + b * s->Tk + j, min64(NM_TILE_KEYS, s->Tk - j), hulls, hulls + 1);
}

NmTiles nm_tiles_start(const NmSight *s, int64_t b, int64_t i, int64_t n_q, int64_t j, int64_t j_end)
{
  const NmSpan top = nm_sight_get_span(s, b, i), bottom = nm_sight_get_span(s, b, i + n_q - 1);
  NmTiles tiles = {.sight = s, .b = b, .i = i, .n_q = n_q, .j = j, .j_end = j_end};
  tiles.all = span_of_any(top, bottom);
  tiles.common = span_of_all(top, bottom);
  if (s->pattern == NM_PATTERN_SEGMENTS)
    find_hull(s->segment_q + b * s->Tq + i, n_q, &tiles.lowest, &tiles.highest);
  return tiles;
}

static bool holds(const NmSpan *span, int64_t j, int64_t j_end)
{
  return j_end <= span->end_sinks || (j >= span->first && j_end <= span->end);
}

// Cuts off keys of segments that no query has; false when none are left.
static bool trim_segments(const NmTiles *t, NmTile *tile)
{
  const NmSight *s = t->sight;
  const int32_t *segment = s->segment_k + t->b * s->Tk;
  const int32_t *hull = s->hulls + 2 * (t->b * count_blocks(s) + tile->j / NM_TILE_KEYS);
  if (hull[1] < t->lowest || hull[0] > t->highest) return false;
  int64_t j = tile->j, end = tile->j + tile->n_k;
  while (j < end && (segment[j] < t->lowest || segment[j] > t->highest)) ++j;
  while (end > j && (segment[end - 1] < t->lowest || segment[end - 1] > t->highest)) --end;
  if (j == end) return false;
  int32_t lowest, highest;
  find_hull(segment + j, end - j, &lowest, &highest);
  tile->j = j;
  tile->n_k = end - j;
  tile->partial = lowest != highest || t->lowest != t->highest;
  return true;
}

bool nm_tiles_next(NmTiles *t, NmTile *tile)
{
  for (;;) {
    if (t->j >= t->all.end_sinks) t->j = max64(t->j, t->all.first);
    const int64_t stop = min64(t->j < t->all.end_sinks ? t->all.end_sinks : t->all.end, t->j_end);
    if (t->j >= stop) return false;
    const int64_t end = min64(stop, t->j + NM_TILE_KEYS);
    *tile = (NmTile){t->b, t->i, t->n_q, t->j, end - t->j, !holds(&t->common, t->j, end)};
    t->j = end;
    if (t->sight->pattern != NM_PATTERN_SEGMENTS || trim_segments(t, tile)) return true;
  }
}
