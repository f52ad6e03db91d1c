// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/segments.h"

#include <math.h>
#include <stdlib.h>

// Sums over the rows before each place.
typedef struct {
  double valence, arousal, squares;
} Sums;

typedef struct {
  Sums *sums;       // [n + 1]
  double *cost;     // [n + 1] least cost of the rows before a place, a penalty for each segment
  int64_t *cut;     // [n + 1] where the last segment of that begins
  int64_t *places;  // [n + 1] where a last segment may still begin
  int64_t n_places; // of them
} Search;

NmSegmentsConfig nm_segments_defaults(double change)
{
  const double n = 10 / NM_EMOTION_STEP_S;
  return (NmSegmentsConfig){.penalty = n / 2 * change * change, .n_least = 8};
}

static void sum_up(const NmEmotionRow *rows, int64_t n, Sums *sums)
{
  sums[0] = (Sums){0};
  for (int64_t i = 0; i < n; ++i) {
    const double v = rows[i].valence, a = rows[i].arousal;
    sums[i + 1] = (Sums){sums[i].valence + v, sums[i].arousal + a, sums[i].squares + v * v + a * a};
  }
}

// Squared error of rows [first, end) about their mean.
static double get_error(const Sums *sums, int64_t first, int64_t end)
{
  const double v = sums[end].valence - sums[first].valence, a = sums[end].arousal - sums[first].arousal;
  return sums[end].squares - sums[first].squares - (v * v + a * a) / (double)(end - first);
}

// A place that was no better than a cut at `end` never will be, once that cut may be followed by a segment.
static void prune(Search *s, int64_t end, int64_t n_least)
{
  int64_t n = 0;
  for (int64_t i = 0; i < s->n_places; ++i) {
    const int64_t place = s->places[i];
    const bool is_worse =
        place + n_least <= end && s->cost[place] + get_error(s->sums, place, end) >= s->cost[end];
    if (!is_worse) s->places[n++] = place;
  }
  s->n_places = n;
}

static void find_last_cut(Search *s, int64_t end, double penalty)
{
  s->cost[end] = INFINITY;
  for (int64_t i = 0; i < s->n_places; ++i) {
    const int64_t place = s->places[i];
    const double cost = s->cost[place] + get_error(s->sums, place, end) + penalty;
    if (!(cost < s->cost[end])) continue;
    s->cost[end] = cost;
    s->cut[end] = place;
  }
}

static void search(Search *s, int64_t n, const NmSegmentsConfig *config)
{
  s->cost[0] = 0;
  for (int64_t end = config->n_least; end <= n; ++end) {
    const int64_t place = end - config->n_least;
    if (place == 0 || place >= config->n_least) {
      prune(s, place, config->n_least);
      s->places[s->n_places++] = place;
    }
    find_last_cut(s, end, config->penalty);
  }
}

static NmEmotionSegment make_segment(const Sums *sums, int64_t first, int64_t end)
{
  const double n = (double)(end - first);
  return (NmEmotionSegment){.first = first,
                            .n = end - first,
                            .valence = (float)((sums[end].valence - sums[first].valence) / n),
                            .arousal = (float)((sums[end].arousal - sums[first].arousal) / n)};
}

static int64_t trace_back(const Search *s, int64_t n, NmEmotionSegment *out)
{
  int64_t n_out = 0;
  for (int64_t end = n; end > 0; end = s->cut[end]) ++n_out;
  for (int64_t end = n, i = n_out; end > 0; end = s->cut[end])
    out[--i] = make_segment(s->sums, s->cut[end], end);
  return n_out;
}

NmStatus nm_segments_find(const NmEmotionRow *rows, int64_t n, const NmSegmentsConfig *config,
                          NmEmotionSegment *out, int64_t *n_out, NmError *err)
{
  const size_t room = (size_t)n + 1;
  Search s = {.sums = malloc(room * sizeof *s.sums),
              .cost = malloc(room * sizeof *s.cost),
              .cut = calloc(room, sizeof *s.cut),
              .places = malloc(room * sizeof *s.places)};
  NmStatus status = NM_OK;
  *n_out = 0;
  if (!s.sums || !s.cost || !s.cut || !s.places) {
    status = nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory for the segments of %lld rows", (long long)n);
  } else {
    sum_up(rows, n, s.sums);
    if (n >= 2 * config->n_least) search(&s, n, config);
    *n_out = trace_back(&s, n, out);
  }
  free(s.sums);
  free(s.cost);
  free(s.cut);
  free(s.places);
  return status;
}
