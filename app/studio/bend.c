// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/bend.h"

#include <math.h>
#include <stdlib.h>

#include "app/document/edits.h"
#include "app/studio/edit.h"
#include "app/studio/state.h"
#include "models/sing/sing.h"
#include "ui/kit/words.h"

// Points a second, and how far smoothing reaches to each side.
static const double points_per_s = 50, reach_s = .08, delay_s = .15, swell_s = .25;

// As it is sung: the outer values last.
static double value_at(const NmStudioModel *model, double tick)
{
  const NmCurvePoint *points = model->pitch;
  int low = 0, high = model->n_pitch;
  if (high == 0) return 0;
  while (low < high) {
    int middle = (low + high) / 2;
    if (points[middle].at <= tick)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == 0 || low == model->n_pitch) return (double)points[low ? low - 1 : 0].value;
  const NmCurvePoint *a = &points[low - 1], *b = a + 1;
  return (double)a->value + (double)(b->value - a->value) * (tick - a->at) / fmax(b->at - a->at, 1e-9);
}

static double value_at_s(const NmStudioModel *model, double seconds)
{
  return value_at(model, nm_axis_get_tick_of_seconds(&model->time, seconds));
}

// What is to be drawn at a moment of [from_s, to_s].
typedef double (*Bend)(const NmStudio *studio, double from_s, double to_s, double seconds);

static NmStatus bend(NmStudio *studio, double from_s, double to_s, Bend value)
{
  const NmStudioModel *model = &studio->model;
  int32_t n = (int32_t)fmin(ceil((to_s - from_s) * points_per_s) + 1, NM_DOCUMENT_POINTS_MAX / 4.),
          n_made = 0;
  NmPitchPoint *points = calloc((size_t)n + 1, sizeof *points);
  if (!points) return nm_error_set(&studio->err, NM_ERR_NO_MEMORY, "out of memory");
  for (int32_t i = 0; i < n; i++) {
    double seconds = from_s + (to_s - from_s) * i / fmax(n - 1, 1);
    int64_t tick = llround(nm_axis_get_tick_of_seconds(&model->time, seconds));
    if (n_made == 0 || tick > points[n_made - 1].tick)
      points[n_made++] = (NmPitchPoint){tick, round(10 * value(studio, from_s, to_s, seconds)) / 10};
  }
  NmStatus status = n_made > 1 ? nm_edit_draw_pitch(studio->doc, points[0].tick, points[n_made - 1].tick,
                                                    points, n_made, &studio->err)
                               : NM_OK;
  free(points);
  return status;
}

// --- vibrato ---

static double get_setting(const NmStudio *studio, const char *pointer, double usual)
{
  const json_t *value = nm_document_get(studio->doc, pointer);
  return value ? json_number_value(value) : usual;
}

// Straight at first, then it swells, and is over where the note ends.
static double vibrate(const NmStudio *studio, double from_s, double to_s, double seconds)
{
  NmSingStyle usual = nm_sing_style_defaults();
  double cents = get_setting(studio, "/voice/vibrato_cents", usual.vibrato_cents);
  double hz = get_setting(studio, "/voice/vibrato_hz", usual.vibrato_hz);
  double at = seconds - from_s - delay_s, left = to_s - seconds;
  double share = fmin(fmin(fmax(at / swell_s, 0), 1), fmin(left / .05, 1));
  return value_at_s(&studio->model, seconds) + cents * share * sin(2 * M_PI * hz * at);
}

void nm_studio_draw_vibrato(NmStudio *studio)
{
  const NmStudioModel *model = &studio->model;
  NmStatus status = NM_OK;
  if (!nm_studio_begin(studio, _("Draw a vibrato"))) return;
  for (int i = 0; i < model->roll.n && !status; i++) {
    const NmRollNote *note = &model->roll.notes[i];
    double from_s = nm_axis_get_seconds(&model->time, (double)note->onset);
    double to_s = nm_axis_get_seconds(&model->time, (double)(note->onset + note->len));
    if (model->roll.selected[i] && to_s - from_s > delay_s + swell_s)
      status = bend(studio, from_s, to_s, vibrate);
  }
  if (nm_studio_end(studio, status)) studio->lanes[NM_LANE_PITCH].hidden = false;
}

// --- smoothing ---

static double smooth(const NmStudio *studio, double from_s, double to_s, double seconds)
{
  enum { N = 8 };
  double sum = 0, weights = 0;
  double reach = fmin(reach_s, fmin(seconds - from_s, to_s - seconds)); // the ends stay
  for (int i = -N; i <= N; i++) {
    double weight = 1 + cos(M_PI * i / (N + 1));
    sum += weight * value_at_s(&studio->model, seconds + reach * i / N);
    weights += weight;
  }
  return sum / weights;
}

void nm_studio_smooth_pitch(NmStudio *studio)
{
  const NmStudioModel *model = &studio->model;
  int first = nm_studio_get_note(studio), last = nm_studio_get_last_note(studio);
  if (first < 0 || model->n_pitch == 0) {
    nm_studio_say(studio, "%s", _("Select notes over which pitch is drawn"));
    return;
  }
  const NmRollNote *end = &model->roll.notes[last];
  double from_s = nm_axis_get_seconds(&model->time, (double)model->roll.notes[first].onset);
  double to_s = nm_axis_get_seconds(&model->time, (double)(end->onset + end->len));
  if (nm_studio_begin(studio, _("Smooth the pitch")))
    nm_studio_end(studio, bend(studio, from_s, to_s, smooth));
}
