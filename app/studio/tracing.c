// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/tracing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/studio/state.h"
#include "ui/kit/words.h"

enum { TICKS = 1000 }; // a second

static void free_curve(NmHeardCurve *curve)
{
  free(curve->points[0]);
  free(curve->points[1]);
  free(curve->path);
  *curve = (NmHeardCurve){0};
}

static bool make_curve(NmHeardCurve *curve, const NmEmotionRow *rows, int32_t n)
{
  NmHeardCurve made = {.n = n};
  for (int d = 0; d < 2; d++) made.points[d] = calloc((size_t)n + 1, sizeof *made.points[d]);
  made.path = calloc((size_t)n + 1, sizeof *made.path);
  if (!made.points[0] || !made.points[1] || !made.path) {
    free_curve(&made);
    return false;
  }
  for (int32_t i = 0; i < n; i++) {
    made.points[0][i] = (NmCurvePoint){rows[i].time_s, rows[i].valence};
    made.points[1][i] = (NmCurvePoint){rows[i].time_s, rows[i].arousal};
    made.path[i] = (NmFeeling){rows[i].valence, rows[i].arousal};
  }
  free_curve(curve);
  *curve = made;
  return true;
}

static void set_length(NmTracing *tracing, double seconds)
{
  tracing->map_ticks[1] = TICKS;
  tracing->map_seconds[1] = 1;
  tracing->bar = (NmBar){0, TICKS, 10, 1};
  tracing->time = (NmAxisTime){.ticks_per_beat = TICKS,
                               .end = (int64_t)(seconds * TICKS),
                               .map_ticks = tracing->map_ticks,
                               .map_seconds = tracing->map_seconds,
                               .n_map = 2,
                               .bars = &tracing->bar,
                               .n_bars = 1};
  tracing->axis.time = &tracing->time;
  tracing->ruler_model = (NmRulerModel){.plain = true};
  tracing->fits = true;
}

void nm_tracing_init(NmTracing *tracing)
{
  set_length(tracing, 30);
  tracing->axis.zoom = 24;
  tracing->waveform.hides_spectrum = true;
}

void nm_tracing_fini(NmTracing *tracing)
{
  nm_learner_free(tracing->learner);
  nm_clip_release(tracing->clip);
  nm_playback_release(tracing->playback);
  free(tracing->rows);
  free_curve(&tracing->before);
  free_curve(&tracing->after);
  nm_drawn_fini(&tracing->drawn);
  nm_listener_free(tracing->listener);
  nm_waveform_fini(&tracing->waveform);
}

static void fail(NmStudio *studio)
{
  nm_studio_warn(studio, &(NmError){.status = NM_ERR_NO_MEMORY});
}

// The learner is made when it is first needed.
static void start(NmStudio *studio, const NmLearnTask *task)
{
  NmTracing *tracing = &studio->tracing;
  if (!tracing->learner) tracing->learner = nm_learner_new(nm_studio_wake, studio->kit);
  if (!tracing->learner || !nm_learner_start(tracing->learner, task)) fail(studio);
}

// --- what is listened to ---

void nm_studio_trace(NmStudio *studio, bool on)
{
  NmTracing *tracing = &studio->tracing;
  if (tracing->on == on) return;
  nm_studio_play(studio, false);
  studio->heard.plays = false;
  tracing->on = on;
  nm_transport_set_playback(studio->transport, on ? tracing->playback : studio->playback);
  nm_studio_set_clicks(studio, studio->clicks);
  NmRulerModel *ruler = nm_studio_get_ruler(studio);
  nm_studio_set_loop(studio, ruler->loop_from, ruler->loop_to, ruler->loops);
  if (on && !tracing->clip && studio->model.roll.n > 0) nm_studio_trace_song(studio);
}

void nm_studio_trace_song(NmStudio *studio)
{
  nm_studio_trace(studio, true);
  start(studio, &(NmLearnTask){.kind = NM_LEARN_OPEN, .playback = studio->playback, .name = _("The song")});
}

void nm_studio_trace_file(NmStudio *studio, const char *path)
{
  nm_studio_trace(studio, true);
  start(studio, &(NmLearnTask){.kind = NM_LEARN_OPEN, .path = path});
}

static void take_clip(NmStudio *studio, NmLearned *learned)
{
  NmTracing *tracing = &studio->tracing;
  NmPlayback *playback = nm_clip_make_playback(learned->clip);
  if (!playback || !make_curve(&tracing->before, learned->before, learned->n_rows)) {
    nm_playback_release(playback);
    fail(studio);
    return;
  }
  nm_clip_release(tracing->clip);
  nm_playback_release(tracing->playback);
  free(tracing->rows);
  nm_drawn_fini(&tracing->drawn);
  free_curve(&tracing->after);
  tracing->clip = learned->clip;
  tracing->playback = playback;
  tracing->rows = learned->before;
  tracing->score = (NmLearnScore){0};
  tracing->piece =
      (NmWaveformPiece){.n = tracing->clip->n, .peaks = tracing->clip->peaks, .id = ++tracing->n_clips};
  learned->clip = NULL;
  learned->before = NULL;
  set_length(tracing, (double)tracing->clip->n / NM_PLAYBACK_RATE_HZ);
  if (!tracing->on) return;
  nm_transport_stop(studio->transport);
  nm_transport_set_playback(studio->transport, playback);
  nm_transport_set_loop(studio->transport, 0, 0);
  nm_studio_say(studio, _("%s: play it, and draw how it feels"), tracing->clip->name);
}

// --- what is drawn and learned ---

void nm_studio_trace_feeling(NmStudio *studio, const NmCurveEdit edits[2])
{
  if (!nm_drawn_draw(&studio->tracing.drawn, edits)) fail(studio);
}

void nm_studio_clear_tracing(NmStudio *studio)
{
  if (!nm_drawn_clear(&studio->tracing.drawn)) fail(studio);
}

static bool is_enough(const NmTracing *tracing)
{
  int32_t n[2];
  nm_drawn_get(&tracing->drawn, 0, &n[0]);
  nm_drawn_get(&tracing->drawn, 1, &n[1]);
  return tracing->clip && (n[0] > 1 || n[1] > 1);
}

bool nm_studio_can_adapt(const NmStudio *studio)
{
  return studio->tracing.on && is_enough(&studio->tracing);
}

NmTracingUnkept nm_studio_get_unkept(const NmStudio *studio)
{
  const NmTracing *tracing = &studio->tracing;
  if (is_enough(tracing) && nm_drawn_get_step(&tracing->drawn) != tracing->learned_step)
    return NM_TRACING_DRAWN;
  return tracing->listener && !tracing->is_saved ? NM_TRACING_LEARNED : NM_TRACING_KEPT;
}

void nm_studio_adapt(NmStudio *studio)
{
  NmTracing *tracing = &studio->tracing;
  if (!nm_studio_can_adapt(studio)) return;
  NmLearnTask task = {.kind = NM_LEARN_ADAPT, .clip = tracing->clip};
  NmListenerPoint *points = calloc((size_t)tracing->before.n + 1, sizeof *points);
  if (!points) {
    fail(studio);
    return;
  }
  task.points = points;
  task.n_points =
      nm_drawn_sample(&tracing->drawn, tracing->rows, tracing->before.n, points, task.from, task.to);
  tracing->learns_step = nm_drawn_get_step(&tracing->drawn);
  start(studio, &task);
  free(points);
}

void nm_studio_stop_adapting(NmStudio *studio)
{
  if (studio->tracing.learner) nm_learner_cancel(studio->tracing.learner);
}

bool nm_studio_save_listener(NmStudio *studio, const char *path)
{
  NmError err = {0};
  if (nm_listener_save(studio->tracing.listener, path, &err)) {
    nm_studio_warn(studio, &err);
    return false;
  }
  studio->tracing.is_saved = true;
  nm_studio_say(studio, _("Saved as %s"), path);
  return true;
}

void nm_studio_load_listener(NmStudio *studio, const char *path)
{
  nm_studio_trace(studio, true);
  start(studio, &(NmLearnTask){.kind = NM_LEARN_LOAD, .path = path, .clip = studio->tracing.clip});
}

static void say_score(NmStudio *studio)
{
  const NmLearnScore *score = &studio->tracing.score;
  NmListenerSummary summary = nm_listener_get_summary(studio->tracing.listener);
  if (score->n[0] + score->n[1] > 0)
    nm_studio_say(studio,
                  _("Learned from %.0f s. The numbers: a listener that knows the first half of them, "
                    "held against the second"),
                  summary.seconds);
  else
    nm_studio_say(studio, _("Learned from %.1f s: draw more to see how well"), summary.seconds);
}

static void take_listener(NmStudio *studio, NmLearned *learned)
{
  NmTracing *tracing = &studio->tracing;
  if (learned->after && !make_curve(&tracing->after, learned->after, learned->n_rows)) {
    fail(studio);
    return;
  }
  nm_listener_free(tracing->listener);
  tracing->listener = learned->listener;
  learned->listener = NULL;
  tracing->score = learned->score;
  tracing->is_saved = learned->kind == NM_LEARN_LOAD;
  if (learned->kind == NM_LEARN_ADAPT) tracing->learned_step = tracing->learns_step;
  if (learned->kind == NM_LEARN_ADAPT)
    say_score(studio);
  else
    nm_studio_say(studio, "%s", _("The listener is here; it speaks where a sound begins with its clip"));
}

void nm_studio_follow_learner(NmStudio *studio)
{
  NmTracing *tracing = &studio->tracing;
  NmLearned *learned = tracing->learner ? nm_learner_take(tracing->learner) : NULL;
  if (!learned) return;
  bool was_replaced = learned->err.status == NM_ERR_CANCELLED && nm_learner_is_busy(tracing->learner, NULL);
  if (learned->err.status == NM_ERR_CANCELLED && !was_replaced)
    nm_studio_say(studio, "%s", _("Cancelled"));
  else if (learned->err.status && !was_replaced)
    nm_studio_warn(studio, &learned->err);
  else if (learned->kind == NM_LEARN_OPEN && !was_replaced)
    take_clip(studio, learned);
  else if (!was_replaced)
    take_listener(studio, learned);
  nm_learned_free(learned);
}
