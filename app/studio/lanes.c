// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/lanes.h"

#include <math.h>

#include "app/studio/actions.h"
#include "app/studio/attend.h"
#include "app/studio/edit.h"
#include "app/studio/feel.h"
#include "app/studio/lengths.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

enum { ROLL_MIN = 120, LANE_MIN = 24 };

static void place_axis(NmStudio *studio, float x, float w)
{
  studio->axis.x = x;
  studio->axis.w = w;
  int64_t beat = studio->model.time.ticks_per_beat, end = studio->model.time.end + 4 * beat;
  if (studio->fits) nm_axis_show(&studio->axis, -.5 * (double)beat, (double)end);
  studio->fits = false;
}

static void obey_ruler(NmStudio *studio, NmRulerEdit edit)
{
  if (edit.kind == NM_RULER_SEEK) nm_studio_scrub(studio, (double)edit.from);
  if (edit.kind == NM_RULER_LOOP) nm_studio_set_loop(studio, edit.from, edit.to, true);
}

static void obey_roll(NmStudio *studio, NmRollEdit edit)
{
  switch (edit.kind) {
  case NM_ROLL_MOVE: nm_studio_move(studio, edit.ticks, edit.semitones); break;
  case NM_ROLL_START: nm_studio_resize(studio, true, edit.ticks); break;
  case NM_ROLL_END: nm_studio_resize(studio, false, edit.ticks); break;
  case NM_ROLL_ADD: nm_studio_add(studio, edit.tick, edit.ticks, edit.pitch); break;
  case NM_ROLL_TEXT: nm_studio_type(studio, edit.note); break;
  case NM_ROLL_MENU: nm_kit_popup_open(studio->kit, "notes"); break;
  case NM_ROLL_AUDITION: nm_studio_audition(studio, edit.pitch); break;
  case NM_ROLL_NOTHING: break;
  }
}

static const char *write_progress(const NmStudio *studio)
{
  const NmStudioVoiceState *state = &studio->voice_state;
  if (state->trouble[0]) return state->trouble;
  if (state->loads) return _("The voice is being loaded");
  if (state->works) return _("It is about to be sung");
  return studio->voice ? _("Nothing is sung") : _("Played by an instrument");
}

// --- lanes ---

// By the arrow keys, to draw at the next place.
static void step_playhead(NmStudio *studio, int step)
{
  double at = studio->ruler_model.playhead;
  if (step) nm_studio_seek(studio, at + step * (double)studio->model.time.ticks_per_beat / 4);
}

static void show_pitch(NmStudio *studio, NmRect rect)
{
  NmCurveModel model = {.drawn = studio->model.pitch,
                        .n_drawn = studio->model.n_pitch,
                        .has_cursor = true,
                        .cursor = studio->ruler_model.playhead,
                        .low = -300,
                        .high = 300,
                        .step = 100,
                        .format = _("%+.0f cents"),
                        .paint = NM_PAINT_PITCH,
                        .title = _("Pitch"),
                        .empty = _("Draw here how far the voice is to be above or below the notes")};
  NmCurveEdit edit = nm_curve_show(studio->kit, &studio->curve_pitch, &model, &studio->axis, rect);
  if (edit.is_edit) nm_studio_draw_pitch(studio, edit.from, edit.to, edit.points, edit.n);
  step_playhead(studio, edit.step);
}

static void show_phones(NmStudio *studio, NmRect rect)
{
  const NmSung *sung = studio->sung;
  NmPhonesModel model = {.title = _("Phones"), .empty = write_progress(studio), .heard_s = -1};
  if (sung) model.boxes = sung->phones, model.n = sung->n_phones;
  if (studio->heard.plays) model.heard_s = (double)studio->heard.heard / NM_PLAYBACK_RATE_HZ;
  model.step_s = (double)NM_VOICE_HOP / NM_VOICE_RATE_HZ;
  nm_studio_obey_phones(studio, nm_phones_show(studio->kit, &studio->phones, &model, &studio->axis, rect));
}

static void show_sound(NmStudio *studio, NmRect rect)
{
  NmWaveformModel model = {.pieces = studio->pieces,
                           .n = studio->n_pieces,
                           .rate_hz = NM_PLAYBACK_RATE_HZ,
                           .title = _("Sound"),
                           .empty = write_progress(studio)};
  NmWaveformEdit edit = nm_waveform_show(studio->kit, &studio->waveform, &model, &studio->axis, rect);
  if (edit.kind == NM_WAVEFORM_SEEK) nm_studio_seek(studio, (double)edit.tick);
}

static void show_feeling(NmStudio *studio, NmRect rect, bool arousal)
{
  NmCurveModel model = {.drawn = arousal ? studio->model.arousal : studio->model.valence,
                        .n_drawn = studio->model.n_feelings,
                        .found = arousal ? studio->felt.arousal : studio->felt.valence,
                        .n_found = studio->felt.n,
                        .in_seconds = true,
                        .has_cursor = true,
                        .cursor = nm_axis_get_seconds(&studio->model.time, studio->ruler_model.playhead),
                        .low = -1,
                        .high = 1,
                        .step = .5f,
                        .format = arousal ? _("arousal %.2f") : _("valence %.2f"),
                        .paint = arousal ? NM_PAINT_AROUSAL : NM_PAINT_VALENCE,
                        .title = arousal ? _("Arousal") : _("Valence"),
                        .empty = nm_studio_why_unfelt(studio)};
  NmCurve *curve = arousal ? &studio->curve_arousal : &studio->curve_valence;
  NmCurveEdit edit = nm_curve_show(studio->kit, curve, &model, &studio->axis, rect);
  if (edit.is_edit) nm_studio_draw_feeling(studio, arousal, edit.from, edit.to, edit.points, edit.n);
  step_playhead(studio, edit.step);
}

static void show_valence(NmStudio *studio, NmRect rect)
{
  show_feeling(studio, rect, false);
}

static void show_arousal(NmStudio *studio, NmRect rect)
{
  show_feeling(studio, rect, true);
}

static const struct {
  const char *name;
  float height;
  bool hidden, fixed;
  void (*show)(NmStudio *studio, NmRect rect);
} kinds[NM_LANES] = {[NM_LANE_ATTENTION] = {N_("Attention"), 206, true, false, nm_studio_show_attention},
                     [NM_LANE_PITCH] = {N_("Pitch"), 80, true, false, show_pitch},
                     [NM_LANE_PHONES] = {N_("Phones"), NM_PHONES_HEIGHT, false, true, show_phones},
                     [NM_LANE_SOUND] = {N_("Sound"), 120, false, false, show_sound},
                     [NM_LANE_VALENCE] = {N_("Valence"), 48, false, false, show_valence},
                     [NM_LANE_AROUSAL] = {N_("Arousal"), 48, false, false, show_arousal}};

void nm_lanes_init(NmLane lanes[NM_LANES])
{
  for (int i = 0; i < NM_LANES; i++) lanes[i] = (NmLane){kinds[i].height, kinds[i].hidden};
}

// --- all of them ---

NmRect nm_lane_show_head(NmKit *kit, NmRect lane, const char *name)
{
  nm_draw_rect(kit, lane, nm_kit_get_ink(kit, NM_PAINT_PANEL), 0);
  nm_draw_across(kit, lane.x, lane.x + lane.w, lane.y, nm_kit_get_ink(kit, NM_PAINT_LINE));
  nm_draw_label(kit, NM_FONT_SMALL,
                (NmRect){lane.x + 6, lane.y + 2, NM_ROLL_KEYS_WIDTH - 8, NM_PHONES_HEIGHT - 4},
                nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), name);
  return (NmRect){lane.x + NM_ROLL_KEYS_WIDTH, lane.y + 1, lane.w - NM_ROLL_KEYS_WIDTH, lane.h - 1};
}

// The line over a lane, by which it is made higher, as far as there is room.
static void show_edge(NmKit *kit, NmLane *lane, NmRect rect, float room)
{
  NmArea area = nm_kit_area(kit, "edge", (NmRect){rect.x, rect.y - 3, rect.w, 6});
  if (area.hovered || area.active) {
    nm_kit_set_cursor(kit, NM_CURSOR_UP_DOWN);
    nm_draw_across(kit, rect.x, rect.x + rect.w, rect.y, nm_kit_get_ink(kit, NM_PAINT_ACCENT));
  }
  if (area.active) lane->height -= nm_kit_get_input(kit)->dy;
  lane->height = fmaxf(fminf(lane->height, lane->height + room), LANE_MIN);
}

static float height_of_lanes(const NmStudio *studio)
{
  float height = 0;
  for (int i = 0; i < NM_LANES; i++)
    if (!studio->lanes[i].hidden) height += studio->lanes[i].height;
  return height;
}

// What the tour calls them, -1: not at all.
static const int sights[NM_LANES] = {[NM_LANE_PITCH] = -1,
                                     [NM_LANE_PHONES] = NM_SIGHT_PHONES,
                                     [NM_LANE_SOUND] = NM_SIGHT_SOUND,
                                     [NM_LANE_VALENCE] = NM_SIGHT_FEELINGS,
                                     [NM_LANE_AROUSAL] = -1};

// From the bottom up; the roll has what is left. In a low window lanes give way from the top.
static NmRect show_lower_lanes(NmStudio *studio, NmRect rect)
{
  NmRect rest = rect;
  float room = rect.h - ROLL_MIN - height_of_lanes(studio);
  for (int i = NM_LANES - 1; i >= 0; i--) {
    NmLane *lane = &studio->lanes[i];
    if (lane->hidden || rest.h - lane->height < ROLL_MIN) continue;
    rest.h -= lane->height;
    NmRect whole = {rest.x, rest.y + rest.h, rest.w, lane->height};
    nm_kit_push_id(studio->kit, i);
    if (!kinds[i].fixed) show_edge(studio->kit, lane, whole, room);
    if (sights[i] >= 0) nm_tour_tell(studio, (NmSight)sights[i], whole);
    kinds[i].show(studio, nm_lane_show_head(studio->kit, whole, _(kinds[i].name)));
    nm_kit_pop_id(studio->kit);
    if (nm_studio_update(studio)) break; // what was changed there
  }
  return rest;
}

static void show_roll(NmStudio *studio, NmRect roll)
{
  nm_tour_tell(studio, NM_SIGHT_NOTES, roll);
  studio->roll_rect = (NmRect){roll.x + NM_ROLL_KEYS_WIDTH, roll.y, roll.w - NM_ROLL_KEYS_WIDTH, roll.h};
  studio->model.roll.draws = studio->draws;
  obey_roll(studio, nm_roll_show(studio->kit, &studio->roll, &studio->model.roll, &studio->axis, roll));
  if (studio->roll.selects) nm_studio_model_mark(&studio->model);
}

void nm_studio_show_lanes(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  NmRect ruler = {rect.x + NM_ROLL_KEYS_WIDTH, rect.y, rect.w - NM_ROLL_KEYS_WIDTH, NM_RULER_HEIGHT};
  NmRect below = {rect.x, rect.y + ruler.h, rect.w, rect.h - ruler.h};
  place_axis(studio, ruler.x, ruler.w);
  nm_kit_panel_begin(kit, "lanes", rect, 0);
  studio->ruler_model.markers = studio->model.markers;
  studio->ruler_model.n_markers = studio->model.n_markers;
  obey_ruler(studio, nm_ruler_show(kit, &studio->ruler, &studio->ruler_model, &studio->axis, ruler));
  NmRect roll = show_lower_lanes(studio, below);
  if (nm_studio_update(studio) == NM_OK) show_roll(studio, roll);
  nm_ruler_draw_playhead(kit, &studio->ruler_model, &studio->axis,
                         (NmRect){ruler.x, below.y, ruler.w, below.h});
  nm_actions_show_popup(studio, "notes", NM_MENU_NOTES);
  nm_kit_panel_end(kit);
  nm_studio_show_typing(studio, studio->roll_rect);
}
