// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/run.h"

#include <string.h>

#include "app/studio/bend.h"
#include "app/studio/edit.h"
#include "app/studio/file.h"
#include "app/studio/lengths.h"
#include "app/studio/sheet.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

void nm_run_new(NmStudio *studio)
{
  nm_studio_new_song(studio);
}

void nm_run_open(NmStudio *studio)
{
  nm_studio_ask_open(studio);
}

void nm_run_save(NmStudio *studio)
{
  nm_studio_save(studio);
}

void nm_run_save_as(NmStudio *studio)
{
  nm_studio_ask_save(studio);
}

void nm_run_export(NmStudio *studio)
{
  nm_studio_ask_export(studio);
}

void nm_run_render(NmStudio *studio)
{
  nm_studio_ask_render(studio);
}

void nm_run_stop_render(NmStudio *studio)
{
  nm_studio_stop_render(studio);
}

bool nm_is_rendering(const NmStudio *studio)
{
  return studio->render.rendering;
}

void nm_run_quit(NmStudio *studio)
{
  nm_studio_quit(studio);
}

// Of the song, or of what is drawn over a clip.
void nm_run_undo(NmStudio *studio)
{
  if (studio->tracing.on)
    nm_drawn_undo(&studio->tracing.drawn);
  else
    nm_studio_undo(studio);
}

void nm_run_redo(NmStudio *studio)
{
  if (studio->tracing.on)
    nm_drawn_redo(&studio->tracing.drawn);
  else
    nm_studio_redo(studio);
}

bool nm_can_undo(const NmStudio *studio)
{
  return studio->tracing.on ? nm_drawn_can_undo(&studio->tracing.drawn)
                            : nm_document_get_undo(studio->doc) != NULL;
}

bool nm_can_redo(const NmStudio *studio)
{
  return studio->tracing.on ? nm_drawn_can_redo(&studio->tracing.drawn)
                            : nm_document_get_redo(studio->doc) != NULL;
}

static void select_all(NmStudio *studio, uint8_t selected)
{
  memset(studio->model.roll.selected, selected, (size_t)studio->model.roll.n);
  nm_studio_model_mark(&studio->model);
}

void nm_run_select_all(NmStudio *studio)
{
  select_all(studio, 1);
}

void nm_run_select_none(NmStudio *studio)
{
  select_all(studio, 0);
}

bool nm_has_chosen(const NmStudio *studio)
{
  return !studio->tracing.on && nm_studio_get_note(studio) >= 0;
}

// The note beside the selected ones, or nearest to the playhead.
static int note_beside(const NmStudio *studio, int way)
{
  const NmRollModel *roll = &studio->model.roll;
  int note = way < 0 ? nm_studio_get_note(studio) : nm_studio_get_last_note(studio);
  if (note < 0) return nm_roll_find(roll, studio->ruler_model.playhead);
  return note + way < 0 ? 0 : note + way >= roll->n ? roll->n - 1 : note + way;
}

static void step(NmStudio *studio, int way, bool extends)
{
  int note = note_beside(studio, way);
  nm_studio_choose_note(studio, note, extends);
  if (note >= 0 && note < studio->model.roll.n)
    nm_studio_audition(studio, studio->model.roll.notes[note].pitch);
}

void nm_run_next(NmStudio *studio)
{
  step(studio, 1, false);
}

void nm_run_previous(NmStudio *studio)
{
  step(studio, -1, false);
}

void nm_run_next_too(NmStudio *studio)
{
  step(studio, 1, true);
}

void nm_run_previous_too(NmStudio *studio)
{
  step(studio, -1, true);
}

void nm_run_type(NmStudio *studio)
{
  nm_studio_type(studio, nm_studio_get_note(studio));
}

void nm_run_up(NmStudio *studio)
{
  nm_studio_move(studio, 0, 1);
}

void nm_run_down(NmStudio *studio)
{
  nm_studio_move(studio, 0, -1);
}

void nm_run_octave_up(NmStudio *studio)
{
  nm_studio_move(studio, 0, 12);
}

void nm_run_octave_down(NmStudio *studio)
{
  nm_studio_move(studio, 0, -12);
}

void nm_run_scale_up(NmStudio *studio)
{
  nm_studio_move_by_scale(studio, 1);
}

void nm_run_scale_down(NmStudio *studio)
{
  nm_studio_move_by_scale(studio, -1);
}

// By the grid, or a quarter of a beat without one.
static int64_t grid(const NmStudio *studio)
{
  int64_t len = nm_axis_get_snap_len(&studio->axis, studio->ruler_model.playhead);
  return len > 1 ? len : studio->model.time.ticks_per_beat / 4;
}

void nm_run_earlier(NmStudio *studio)
{
  nm_studio_move(studio, -grid(studio), 0);
}

void nm_run_later(NmStudio *studio)
{
  nm_studio_move(studio, grid(studio), 0);
}

void nm_run_shorter(NmStudio *studio)
{
  nm_studio_resize(studio, false, -grid(studio));
}

void nm_run_longer(NmStudio *studio)
{
  nm_studio_resize(studio, false, grid(studio));
}

void nm_run_split(NmStudio *studio)
{
  nm_studio_split(studio);
}

void nm_run_merge(NmStudio *studio)
{
  nm_studio_merge(studio);
}

void nm_run_quantise(NmStudio *studio)
{
  nm_studio_quantise(studio);
}

void nm_run_remove(NmStudio *studio)
{
  nm_studio_remove(studio);
}

void nm_run_vibrato(NmStudio *studio)
{
  nm_studio_draw_vibrato(studio);
}

void nm_run_smooth(NmStudio *studio)
{
  nm_studio_smooth_pitch(studio);
}

void nm_run_reset_lengths(NmStudio *studio)
{
  nm_studio_reset_lengths(studio);
}

void nm_run_draw(NmStudio *studio)
{
  studio->draws = !studio->draws;
}

bool nm_is_drawing(const NmStudio *studio)
{
  return studio->draws;
}

void nm_run_play(NmStudio *studio)
{
  nm_studio_play(studio, !studio->heard.plays);
}

void nm_run_start(NmStudio *studio)
{
  nm_studio_seek(studio, 0);
  nm_axis_follow(nm_studio_get_axis(studio), 0);
}

void nm_run_to_note(NmStudio *studio)
{
  nm_studio_seek(studio, (double)studio->model.roll.notes[nm_studio_get_note(studio)].onset);
}

static const NmRulerModel *ruler_of(const NmStudio *studio)
{
  return studio->tracing.on ? &studio->tracing.ruler_model : &studio->ruler_model;
}

void nm_run_loop(NmStudio *studio)
{
  const NmRulerModel *ruler = ruler_of(studio);
  nm_studio_set_loop(studio, ruler->loop_from, ruler->loop_to, !ruler->loops);
}

bool nm_has_loop(const NmStudio *studio)
{
  return ruler_of(studio)->loop_to > ruler_of(studio)->loop_from;
}

bool nm_is_looped(const NmStudio *studio)
{
  return ruler_of(studio)->loops;
}

void nm_run_clicks(NmStudio *studio)
{
  nm_studio_set_clicks(studio, !studio->clicks);
}

void nm_run_device(NmStudio *studio)
{
  nm_studio_ask_device(studio);
}

bool nm_has_clicks(const NmStudio *studio)
{
  return studio->clicks;
}

void nm_run_transpose(NmStudio *studio)
{
  nm_studio_ask_transpose(studio);
}

void nm_run_marker(NmStudio *studio)
{
  nm_studio_ask_marker(studio);
}

void nm_run_next_marker(NmStudio *studio)
{
  nm_studio_go_to_marker(studio, 1);
}

void nm_run_previous_marker(NmStudio *studio)
{
  nm_studio_go_to_marker(studio, -1);
}

static void zoom_by(NmStudio *studio, double factor)
{
  NmAxis *axis = nm_studio_get_axis(studio);
  nm_axis_zoom(axis, factor, axis->x + axis->w / 2);
}

void nm_run_zoom_in(NmStudio *studio)
{
  zoom_by(studio, 1.25);
}

void nm_run_zoom_out(NmStudio *studio)
{
  zoom_by(studio, .8);
}

void nm_run_zoom_fit(NmStudio *studio)
{
  *(studio->tracing.on ? &studio->tracing.fits : &studio->fits) = true;
}

static void toggle(NmStudio *studio, NmLaneKind lane)
{
  studio->lanes[lane].hidden = !studio->lanes[lane].hidden;
}

void nm_run_pitch(NmStudio *studio)
{
  toggle(studio, NM_LANE_PITCH);
}

bool nm_shows_pitch(const NmStudio *studio)
{
  return !studio->lanes[NM_LANE_PITCH].hidden;
}

void nm_run_phones(NmStudio *studio)
{
  toggle(studio, NM_LANE_PHONES);
}

bool nm_shows_phones(const NmStudio *studio)
{
  return !studio->lanes[NM_LANE_PHONES].hidden;
}

void nm_run_sound(NmStudio *studio)
{
  toggle(studio, NM_LANE_SOUND);
}

bool nm_shows_sound(const NmStudio *studio)
{
  return !studio->lanes[NM_LANE_SOUND].hidden;
}

void nm_run_valence(NmStudio *studio)
{
  toggle(studio, NM_LANE_VALENCE);
}

bool nm_shows_valence(const NmStudio *studio)
{
  return !studio->lanes[NM_LANE_VALENCE].hidden;
}

void nm_run_arousal(NmStudio *studio)
{
  toggle(studio, NM_LANE_AROUSAL);
}

bool nm_shows_arousal(const NmStudio *studio)
{
  return !studio->lanes[NM_LANE_AROUSAL].hidden;
}

void nm_run_plane(NmStudio *studio)
{
  studio->hides_plane = !studio->hides_plane;
}

bool nm_shows_plane(const NmStudio *studio)
{
  return !studio->hides_plane;
}

void nm_run_voice(NmStudio *studio)
{
  nm_settings_toggle(studio, NM_SETTINGS_VOICE);
}

void nm_run_song(NmStudio *studio)
{
  nm_settings_toggle(studio, NM_SETTINGS_TIME);
}

void nm_run_band(NmStudio *studio)
{
  nm_settings_toggle(studio, NM_SETTINGS_BAND);
}

static bool shows(const NmStudio *studio, NmSettingsPart part)
{
  return studio->settings.shown && studio->settings.part == part;
}

bool nm_shows_voice(const NmStudio *studio)
{
  return shows(studio, NM_SETTINGS_VOICE);
}

bool nm_shows_song(const NmStudio *studio)
{
  return shows(studio, NM_SETTINGS_TIME);
}

bool nm_shows_band(const NmStudio *studio)
{
  return shows(studio, NM_SETTINGS_BAND);
}

void nm_run_dark(NmStudio *studio)
{
  nm_kit_set_theme(studio->kit, NM_THEME_DARK);
}

void nm_run_light(NmStudio *studio)
{
  nm_kit_set_theme(studio->kit, NM_THEME_LIGHT);
}

bool nm_is_dark(const NmStudio *studio)
{
  return nm_kit_get_theme(studio->kit) == NM_THEME_DARK;
}

bool nm_is_light(const NmStudio *studio)
{
  return nm_kit_get_theme(studio->kit) == NM_THEME_LIGHT;
}

void nm_run_tour(NmStudio *studio)
{
  nm_tour_begin(studio);
}

void nm_run_sheet(NmStudio *studio)
{
  nm_studio_open_sheet(studio);
}
