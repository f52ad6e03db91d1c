// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/drawn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void free_state(NmDrawnState *state)
{
  if (!state) return;
  free(state->points[0]);
  free(state->points[1]);
  free(state);
}

static void free_after(NmDrawnState *state)
{
  while (state && state->after) {
    NmDrawnState *after = state->after;
    state->after = after->after;
    free_state(after);
  }
}

void nm_drawn_fini(NmDrawn *drawn)
{
  free_after(drawn->now);
  while (drawn->now) {
    NmDrawnState *before = drawn->now->before;
    free_state(drawn->now);
    drawn->now = before;
  }
}

const NmCurvePoint *nm_drawn_get(const NmDrawn *drawn, int dimension, int32_t *n)
{
  *n = drawn->now ? drawn->now->n[dimension] : 0;
  return *n ? drawn->now->points[dimension] : NULL;
}

// The points of a curve outside the edit, and its own.
static bool make_points(NmDrawnState *state, int d, const NmCurvePoint *old, int32_t n_old,
                        const NmCurveEdit *edit)
{
  int32_t n = 0, i = 0;
  NmCurvePoint *points = calloc((size_t)(n_old + edit->n) + 1, sizeof *points);
  state->points[d] = points;
  if (!points) return false;
  for (; i < n_old && (!edit->is_edit || old[i].at < edit->from); i++) points[n++] = old[i];
  for (int32_t k = 0; k < edit->n; k++) points[n++] = edit->points[k];
  for (; i < n_old; i++)
    if (old[i].at > edit->to) points[n++] = old[i];
  state->n[d] = n;
  return true;
}

// Undoing goes from there on; what was undone is gone.
static bool add_state(NmDrawn *drawn, NmDrawnState *state)
{
  if (!drawn->now && !(drawn->now = calloc(1, sizeof *drawn->now))) {
    free_state(state);
    return false;
  }
  free_after(drawn->now);
  state->number = ++drawn->n_steps;
  state->before = drawn->now;
  drawn->now->after = state;
  drawn->now = state;
  return true;
}

bool nm_drawn_draw(NmDrawn *drawn, const NmCurveEdit edits[2])
{
  NmDrawnState *state = calloc(1, sizeof *state);
  bool made = state != NULL;
  for (int d = 0; d < 2 && made; d++) {
    int32_t n;
    const NmCurvePoint *old = nm_drawn_get(drawn, d, &n);
    made = make_points(state, d, old, n, &edits[d]);
  }
  if (made) return add_state(drawn, state);
  free_state(state);
  return false;
}

bool nm_drawn_clear(NmDrawn *drawn)
{
  NmDrawnState *state = calloc(1, sizeof *state);
  return state && add_state(drawn, state);
}

uint64_t nm_drawn_get_step(const NmDrawn *drawn)
{
  return drawn->now ? drawn->now->number : 0;
}

bool nm_drawn_can_undo(const NmDrawn *drawn)
{
  return drawn->now && drawn->now->before;
}

bool nm_drawn_can_redo(const NmDrawn *drawn)
{
  return drawn->now && drawn->now->after;
}

void nm_drawn_undo(NmDrawn *drawn)
{
  if (nm_drawn_can_undo(drawn)) drawn->now = drawn->now->before;
}

void nm_drawn_redo(NmDrawn *drawn)
{
  if (nm_drawn_can_redo(drawn)) drawn->now = drawn->now->after;
}

float nm_drawn_get_value(const NmDrawn *drawn, int dimension, double at)
{
  int32_t n, low = 0;
  const NmCurvePoint *points = nm_drawn_get(drawn, dimension, &n);
  for (int32_t high = n; low < high;) {
    int32_t middle = (low + high) / 2;
    if (points[middle].at <= at)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == 0 || low == n) return points[low ? n - 1 : 0].value;
  double part = (at - points[low - 1].at) / fmax(points[low].at - points[low - 1].at, 1e-9);
  return points[low - 1].value + (points[low].value - points[low - 1].value) * (float)part;
}

int32_t nm_drawn_sample(const NmDrawn *drawn, const NmEmotionRow *rows, int32_t n_rows,
                        NmListenerPoint *points, double from[2], double to[2])
{
  double first = HUGE_VAL, last = -HUGE_VAL;
  int32_t n = 0;
  for (int d = 0; d < 2; d++) {
    int32_t n_drawn;
    const NmCurvePoint *curve = nm_drawn_get(drawn, d, &n_drawn);
    from[d] = n_drawn ? curve[0].at : 0;
    to[d] = n_drawn ? curve[n_drawn - 1].at : 0;
    if (n_drawn) first = fmin(first, from[d]), last = fmax(last, to[d]);
  }
  for (int32_t i = 0; i < n_rows; i++) {
    double at = (i + .5) * NM_EMOTION_STEP_S;
    float values[2] = {rows[i].valence, rows[i].arousal};
    if (at < first || at > last) continue;
    for (int d = 0; d < 2; d++)
      if (to[d] > from[d] && at >= from[d] && at <= to[d]) values[d] = nm_drawn_get_value(drawn, d, at);
    points[n++] = (NmListenerPoint){at, values[0], values[1]};
  }
  return n;
}
