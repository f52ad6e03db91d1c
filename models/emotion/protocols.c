// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/protocols.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { QUERY_MIN = 5 };

#define FLAT 1e-6

void nm_protocol_fini(NmProtocolTasks *tasks)
{
  free(tasks->tasks);
  *tasks = (NmProtocolTasks){0};
}

static bool is_flat(const float *y, int32_t n)
{
  double sum = 0, square = 0;
  for (int32_t i = 0; i < n; ++i) sum += y[2 * i];
  for (int32_t i = 0; i < n; ++i) square += (y[2 * i] - sum / n) * (y[2 * i] - sum / n);
  return sqrt(square / n) < FLAT;
}

// The curve whose labels are the support: the listener's own, or the control's; -1 for none.
static int32_t find_support(const NmEmotionCorpus *c, int32_t curve, bool control)
{
  return control ? c->curves[curve].control : curve;
}

NmStatus nm_protocol_p1(NmProtocolTasks *tasks, const NmEmotionCorpus *c, NmEmotionSplit split,
                        double seconds, bool control, NmError *err)
{
  *tasks = (NmProtocolTasks){.tasks = calloc(2 * (size_t)c->n_curves + 1, sizeof *tasks->tasks)};
  if (!tasks->tasks) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; i < c->n_curves; ++i) {
    const NmEmotionCurve *curve = &c->curves[i];
    const NmEmotionItem *item = &c->items[curve->item];
    const int32_t n = item->n_measures, from = find_support(c, i, control);
    const double measure = (double)item->duration_s / n;
    const int32_t s = (int32_t)nearbyint(seconds / measure);
    if (item->split != (int32_t)split || from < 0 || s < 1 || n - s < QUERY_MIN) continue;
    for (int d = 0; d < 2; ++d) {
      const float *own = c->values + 2 * curve->first + d;
      if (is_flat(own, n)) continue;
      tasks->tasks[tasks->n++] = (NmProtocolTask){.item = curve->item,
                                                  .curve = i,
                                                  .dim = d,
                                                  .support_item = curve->item,
                                                  .first = s,
                                                  .n_support = s,
                                                  .n_query = n - s,
                                                  .seconds = measure,
                                                  .support = c->values + 2 * c->curves[from].first + d,
                                                  .query = own + 2 * s};
    }
  }
  return NM_OK;
}

// The other curve of the same listener in the split; -1 unless there is exactly one.
static int32_t find_other(const NmEmotionCorpus *c, int32_t curve)
{
  int32_t other = -1, n = 0;
  for (int32_t k = 0; k < c->n_curves; ++k) {
    if (k == curve || c->curves[k].listener != c->curves[curve].listener) continue;
    if (c->items[c->curves[k].item].split != c->items[c->curves[curve].item].split) continue;
    other = k;
    ++n;
  }
  return n == 1 ? other : -1;
}

NmStatus nm_protocol_p2(NmProtocolTasks *tasks, const NmEmotionCorpus *c, NmEmotionSplit split, bool control,
                        NmError *err)
{
  *tasks = (NmProtocolTasks){.tasks = calloc(2 * (size_t)c->n_curves + 1, sizeof *tasks->tasks)};
  if (!tasks->tasks) return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; i < c->n_curves; ++i) {
    const NmEmotionCurve *curve = &c->curves[i];
    const NmEmotionItem *item = &c->items[curve->item];
    if (item->split != (int32_t)split) continue;
    const int32_t other = find_other(c, i), from = other < 0 ? -1 : find_support(c, other, control);
    if (from < 0) continue;
    for (int d = 0; d < 2; ++d) {
      const float *own = c->values + 2 * curve->first + d;
      if (is_flat(own, item->n_measures)) continue;
      tasks->tasks[tasks->n++] = (NmProtocolTask){.item = curve->item,
                                                  .curve = i,
                                                  .dim = d,
                                                  .support_item = c->curves[from].item,
                                                  .n_support = c->items[c->curves[from].item].n_measures,
                                                  .n_query = item->n_measures,
                                                  .seconds = (double)item->duration_s / item->n_measures,
                                                  .support = c->values + 2 * c->curves[from].first + d,
                                                  .query = own};
    }
  }
  return NM_OK;
}

void nm_protocol_measures(const NmEmotionItem *item, const float *steps, float *measures)
{
  const double per_measure = 2. * item->duration_s / item->n_measures; // steps
  for (int32_t m = 0; m < item->n_measures; ++m) {
    const double begin = m * per_measure, end = begin + per_measure;
    int32_t first = (int32_t)ceil(begin - .5), last = (int32_t)ceil(end - .5) - 1;
    if (last < first) first = last = (int32_t)((begin + end) / 2);
    if (last > item->n_steps - 1) last = item->n_steps - 1;
    if (first > last) first = last;
    for (int d = 0; d < 2; ++d) {
      double sum = 0;
      for (int32_t s = first; s <= last; ++s) sum += steps[2 * s + d];
      measures[2 * m + d] = (float)(sum / (last - first + 1));
    }
  }
}

void nm_protocol_consensus(const NmEmotionCorpus *c, int32_t item, int32_t curve, float *measures)
{
  const int32_t n = 2 * c->items[item].n_measures;
  int n_curves = 0;
  memset(measures, 0, (size_t)n * sizeof *measures);
  for (int32_t k = 0; k < c->n_curves; ++k) {
    if (c->curves[k].item != item || k == curve) continue;
    const float *values = c->values + 2 * c->curves[k].first;
    for (int32_t i = 0; i < n; ++i) measures[i] += values[i];
    ++n_curves;
  }
  for (int32_t i = 0; i < n && n_curves; ++i) measures[i] /= (float)n_curves;
}
