// SPDX-License-Identifier: GPL-3.0-or-later
// What is seen of app/studio/tracing.h.
#include <math.h>
#include <stdio.h>

#include "app/studio/file.h"
#include "app/studio/state.h"
#include "app/studio/tracing.h"
#include "ui/kit/words.h"

enum { BAR_HEIGHT = 44, WAVE_HEIGHT = 96, LEGEND_ROW = 15 };

static double get_cursor(const NmTracing *tracing)
{
  return tracing->ruler_model.playhead / tracing->time.ticks_per_beat;
}

// --- buttons ---

static void show_sources(NmStudio *studio)
{
  if (nm_kit_button(studio->kit, _("The song"))) nm_studio_trace_song(studio);
  nm_kit_tip(studio->kit, _("Listen to the song as it is sung now"));
  nm_kit_same_row(studio->kit, 4);
  if (nm_kit_button(studio->kit, _("A file..."))) nm_studio_ask_clip(studio);
  nm_kit_tip(studio->kit, _("Listen to a sound file; it can be dropped here, too"));
}

static void show_learning(NmStudio *studio, float done)
{
  NmKit *kit = studio->kit;
  bool cancels = nm_kit_button(kit, _("Cancel"));
  nm_kit_same_row(kit, 8);
  nm_kit_set_width(kit, 160);
  nm_kit_progress(kit, done, "");
  if (cancels) nm_studio_stop_adapting(studio);
}

static void show_deeds(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmTracing *tracing = &studio->tracing;
  nm_kit_toggle(kit, _("Trace"), &tracing->traces);
  nm_kit_tip(kit, _("While it plays, the mouse draws at the place that is heard (T)"));
  nm_kit_same_row(kit, 4);
  nm_kit_disable(kit, !nm_studio_can_adapt(studio));
  if (nm_kit_button(kit, _("Adapt"))) nm_studio_adapt(studio);
  nm_kit_enable(kit);
  nm_kit_tip(kit, _("Learn from what is drawn how you hear (A)"));
  nm_kit_same_row(kit, 4);
  nm_kit_disable(kit, !tracing->listener);
  if (nm_kit_button(kit, _("Save..."))) nm_studio_ask_save_listener(studio);
  nm_kit_enable(kit);
  nm_kit_same_row(kit, 4);
  if (nm_kit_button(kit, _("Load..."))) nm_studio_ask_load_listener(studio);
}

static void show_bar(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  NmTracing *tracing = &studio->tracing;
  float done = -1;
  nm_kit_set_place(kit, rect.x + 10, rect.y + 10);
  show_sources(studio);
  nm_kit_same_row(kit, 18);
  if (tracing->learner && nm_learner_is_busy(tracing->learner, &done))
    show_learning(studio, done);
  else
    show_deeds(studio);
  NmRect last = nm_kit_get_last_rect(kit);
  float x = last.x + last.w + 18;
  nm_draw_label(kit, NM_FONT_BOLD, (NmRect){x, rect.y, rect.x + rect.w - x - 90, rect.h},
                nm_kit_get_ink(kit, NM_PAINT_TEXT), tracing->clip ? tracing->clip->name : "");
  nm_kit_set_place(kit, rect.x + rect.w - 80, rect.y + 10);
  if (nm_kit_button(kit, _("Done"))) nm_studio_trace(studio, false);
}

// --- lanes ---

static void show_wave(NmStudio *studio, NmRect rect)
{
  NmTracing *tracing = &studio->tracing;
  bool opens = tracing->learner && nm_learner_is_busy(tracing->learner, NULL);
  NmWaveformModel model = {.pieces = &tracing->piece,
                           .n = tracing->clip != NULL,
                           .rate_hz = NM_PLAYBACK_RATE_HZ,
                           .title = _("Sound"),
                           .empty = opens ? _("It is being opened") : _("Choose what to listen to")};
  NmWaveformEdit edit = nm_waveform_show(studio->kit, &tracing->waveform, &model, &tracing->axis, rect);
  if (edit.kind == NM_WAVEFORM_SEEK) nm_studio_seek(studio, (double)edit.tick);
}

typedef struct {
  const char *text;
  NmInk ink;
  double error; // negative: none
} LegendRow;

static void draw_legend(NmKit *kit, const LegendRow *rows, int n, NmRect rect)
{
  const float width = 190;
  NmRect box = {rect.x + rect.w - width - 8, rect.y + 6, width, (float)n * LEGEND_ROW + 6};
  nm_draw_rect(kit, box, nm_ink_fade(nm_kit_get_ink(kit, NM_PAINT_PANEL), .8f), 3);
  for (int i = 0; i < n; i++) {
    char error[32];
    float y = box.y + 3 + (float)i * LEGEND_ROW;
    nm_draw_line(kit, box.x + 8, y + 8, box.x + 26, y + 8, rows[i].ink, 2);
    nm_draw_text(kit, NM_FONT_SMALL, box.x + 34, y, nm_kit_get_ink(kit, NM_PAINT_TEXT), rows[i].text, -1);
    if (rows[i].error < 0) continue;
    snprintf(error, sizeof error, "RMSE %.3f", rows[i].error);
    nm_draw_text(kit, NM_FONT_SMALL,
                 box.x + box.w - 8 - nm_draw_get_text_width(kit, NM_FONT_SMALL, error, -1), y,
                 nm_kit_get_ink(kit, NM_PAINT_TEXT), error, -1);
  }
}

static void show_legend(NmStudio *studio, NmRect rect, int d)
{
  const NmTracing *tracing = &studio->tracing;
  const NmLearnScore *score = &tracing->score;
  bool has_score = score->n[d] > 0;
  NmInk ink = nm_kit_get_ink(studio->kit, d ? NM_PAINT_AROUSAL : NM_PAINT_VALENCE);
  LegendRow rows[] = {
      {_("drawn"), ink, -1},
      {_("people"), nm_ink_fade(ink, .55f), has_score ? score->before[d] : -1},
      {_("listener"), nm_kit_get_ink(studio->kit, NM_PAINT_WAVE), has_score ? score->after[d] : -1}};
  draw_legend(studio->kit, rows, tracing->after.n ? 3 : 2, rect);
}

static NmCurveEdit show_curve(NmStudio *studio, NmRect rect, int d)
{
  NmTracing *tracing = &studio->tracing;
  int32_t n;
  const NmCurvePoint *points = nm_drawn_get(&tracing->drawn, d, &n);
  NmCurveModel model = {.drawn = points,
                        .n_drawn = n,
                        .found = tracing->before.points[d],
                        .n_found = tracing->before.n,
                        .other = tracing->after.points[d],
                        .n_other = tracing->after.n,
                        .in_seconds = true,
                        .has_cursor = true,
                        .cursor = get_cursor(tracing),
                        .traces = tracing->traces && studio->heard.plays,
                        .low = -1,
                        .high = 1,
                        .step = .5f,
                        .format = d ? _("arousal %.2f") : _("valence %.2f"),
                        .paint = d ? NM_PAINT_AROUSAL : NM_PAINT_VALENCE,
                        .title = d ? _("Arousal") : _("Valence"),
                        .empty = _("Draw here how it feels")};
  NmCurveEdit edit = nm_curve_show(studio->kit, &tracing->curves[d], &model, &tracing->axis, rect);
  if (tracing->clip) show_legend(studio, rect, d);
  return edit;
}

static void obey_curves(NmStudio *studio, const NmCurveEdit edits[2])
{
  NmTracing *tracing = &studio->tracing;
  int step = edits[0].step + edits[1].step;
  if (tracing->clip && (edits[0].is_edit || edits[1].is_edit)) nm_studio_trace_feeling(studio, edits);
  if (step)
    nm_studio_seek(studio,
                   tracing->ruler_model.playhead + step * NM_EMOTION_STEP_S * tracing->time.ticks_per_beat);
}

static void obey_ruler(NmStudio *studio, NmRulerEdit edit)
{
  if (edit.kind == NM_RULER_SEEK) nm_studio_scrub(studio, (double)edit.from);
  if (edit.kind == NM_RULER_LOOP) nm_studio_set_loop(studio, edit.from, edit.to, true);
}

static void place_axis(NmTracing *tracing, float x, float w)
{
  tracing->axis.x = x;
  tracing->axis.w = w;
  if (tracing->fits)
    nm_axis_show(&tracing->axis, -.3 * tracing->time.ticks_per_beat,
                 (double)tracing->time.end + .5 * tracing->time.ticks_per_beat);
  tracing->fits = false;
}

// The sound, and below it both curves, of the same height.
static void show_lanes(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  float height = fmaxf((rect.h - WAVE_HEIGHT) / 2, 24);
  NmCurveEdit edits[2];
  show_wave(studio, nm_lane_show_head(kit, (NmRect){rect.x, rect.y, rect.w, WAVE_HEIGHT}, _("Sound")));
  for (int d = 0; d < 2; d++) {
    NmRect lane = {rect.x, rect.y + WAVE_HEIGHT + (float)d * height, rect.w, height};
    studio->tracing.lanes[d] = nm_lane_show_head(kit, lane, d ? _("Arousal") : _("Valence"));
    edits[d] = show_curve(studio, studio->tracing.lanes[d], d);
  }
  obey_curves(studio, edits);
}

void nm_studio_show_tracing(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  NmTracing *tracing = &studio->tracing;
  NmRect bar = {rect.x, rect.y, rect.w, BAR_HEIGHT};
  NmRect ruler = {rect.x + NM_ROLL_KEYS_WIDTH, rect.y + BAR_HEIGHT, rect.w - NM_ROLL_KEYS_WIDTH,
                  NM_RULER_HEIGHT};
  NmRect lanes = {rect.x, ruler.y + ruler.h, rect.w, rect.y + rect.h - ruler.y - ruler.h};
  place_axis(tracing, ruler.x, ruler.w);
  nm_kit_panel_begin(kit, "tracing", rect, 0);
  show_bar(studio, bar);
  obey_ruler(studio, nm_ruler_show(kit, &tracing->ruler, &tracing->ruler_model, &tracing->axis, ruler));
  show_lanes(studio, lanes);
  nm_ruler_draw_playhead(kit, &tracing->ruler_model, &tracing->axis,
                         (NmRect){ruler.x, lanes.y, ruler.w, lanes.h});
  nm_kit_panel_end(kit);
}

// --- the plane ---

// While it is held, both are drawn where the clip is.
static void trace_on_plane(NmStudio *studio, bool held, NmFeeling feeling)
{
  NmTracing *tracing = &studio->tracing;
  NmCurve *strokes = tracing->strokes;
  if (held && tracing->clip) {
    for (int d = 0; d < 2; d++) {
      if (!strokes[d].draws) nm_curve_begin(&strokes[d], false);
      nm_curve_put(&strokes[d], get_cursor(tracing), d ? feeling.arousal : feeling.valence);
    }
  } else if (strokes[0].draws) {
    NmCurveEdit edits[2] = {nm_curve_end(&strokes[0]), nm_curve_end(&strokes[1])};
    nm_studio_trace_feeling(studio, edits);
  }
}

void nm_studio_show_traced_plane(NmStudio *studio, NmRect rect)
{
  NmTracing *tracing = &studio->tracing;
  const NmHeardCurve *heard = tracing->after.n ? &tracing->after : &tracing->before;
  double cursor = get_cursor(tracing);
  int32_t n[2];
  NmFeeling feeling;
  nm_drawn_get(&tracing->drawn, 0, &n[0]);
  nm_drawn_get(&tracing->drawn, 1, &n[1]);
  NmPlaneModel plane = {.path = heard->path,
                        .n = heard->n,
                        .at = (float)fmax(cursor / NM_EMOTION_STEP_S - .5, 0),
                        .has_wanted = n[0] > 0 && n[1] > 0,
                        .title = _("Plane of feelings"),
                        .empty = _("nothing heard yet")};
  if (plane.has_wanted)
    plane.wanted = (NmFeeling){nm_drawn_get_value(&tracing->drawn, 0, cursor),
                               nm_drawn_get_value(&tracing->drawn, 1, cursor)};
  trace_on_plane(studio, nm_plane_show(studio->kit, &plane, rect, &feeling), feeling);
}
