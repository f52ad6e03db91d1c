// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the menu "View".
#include "app/studio/run.h"
#include "app/studio/state.h"

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
