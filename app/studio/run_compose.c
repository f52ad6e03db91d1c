// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the menu "Compose", and the lane that belongs to it.
#include "app/studio/run.h"
#include "app/studio/state.h"

void nm_run_lyrics(NmStudio *studio)
{
  nm_studio_ask_lyrics(studio);
}

void nm_run_compose(NmStudio *studio)
{
  nm_studio_compose(studio);
}

void nm_run_compose_lines(NmStudio *studio)
{
  nm_studio_compose_lines(studio);
}

void nm_run_words(NmStudio *studio)
{
  nm_studio_ask_words(studio, false);
}

void nm_run_words_of_lines(NmStudio *studio)
{
  nm_studio_ask_words(studio, true);
}

void nm_run_takes(NmStudio *studio)
{
  int32_t line, n;
  if (nm_studio_get_lines(studio, &line, &n)) nm_studio_audition_takes(studio, line);
}

void nm_run_next_way(NmStudio *studio)
{
  nm_studio_step_way(studio, 1);
}

void nm_run_previous_way(NmStudio *studio)
{
  nm_studio_step_way(studio, -1);
}

void nm_run_attention(NmStudio *studio)
{
  studio->lanes[NM_LANE_ATTENTION].hidden = !studio->lanes[NM_LANE_ATTENTION].hidden;
}

bool nm_shows_attention(const NmStudio *studio)
{
  return !studio->lanes[NM_LANE_ATTENTION].hidden;
}

void nm_run_stop_composing(NmStudio *studio)
{
  nm_studio_stop_composing(studio);
}

bool nm_has_words(const NmStudio *studio)
{
  return nm_is_editing(studio) && studio->model.lyrics.n_lines > 0;
}

bool nm_has_notes(const NmStudio *studio)
{
  return nm_is_editing(studio) && studio->model.roll.n > 0;
}

bool nm_has_lines(const NmStudio *studio)
{
  int32_t line, n;
  return nm_is_editing(studio) && nm_studio_get_lines(studio, &line, &n);
}

bool nm_has_takes(const NmStudio *studio)
{
  int32_t line, n;
  return nm_has_lines(studio) && nm_studio_get_lines(studio, &line, &n) && nm_studio_has_takes(studio, line);
}

bool nm_is_composing(const NmStudio *studio)
{
  return nm_studio_is_composing(studio);
}
