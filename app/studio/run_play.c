// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the menu "Play".
#include "app/studio/run.h"
#include "app/studio/state.h"

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
