// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of the menu "Notes".
#include "app/studio/bend.h"
#include "app/studio/edit.h"
#include "app/studio/lengths.h"
#include "app/studio/run.h"
#include "app/studio/state.h"

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

void nm_run_transpose(NmStudio *studio)
{
  nm_studio_ask_transpose(studio);
}
