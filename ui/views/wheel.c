// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/wheel.h"

#include <math.h>

static const float step = 60; // units a step of the wheel
static const double zoom_step = 1.2;

static void drag_axis(NmKit *kit, const NmArea *area, NmAxis *axis)
{
  const NmInput *input = nm_kit_get_input(kit);
  if (!area->active || !input->down[NM_BUTTON_MIDDLE]) return;
  nm_kit_set_cursor(kit, NM_CURSOR_LEFT_RIGHT);
  nm_axis_scroll(axis, -input->dx);
}

float nm_wheel_move_axis(NmKit *kit, const NmArea *area, NmAxis *axis)
{
  const NmInput *input = nm_kit_get_input(kit);
  drag_axis(kit, area, axis);
  if (area->wheel_x != 0) nm_axis_scroll(axis, area->wheel_x * step);
  if (area->wheel_y == 0) return 0;
  if (input->mods & NM_MOD_CTRL) {
    nm_axis_zoom(axis, pow(zoom_step, area->wheel_y), input->x);
    return 0;
  }
  if (!(input->mods & NM_MOD_SHIFT)) return area->wheel_y;
  nm_axis_scroll(axis, -area->wheel_y * step);
  return 0;
}

void nm_wheel_scroll_axis(NmKit *kit, const NmArea *area, NmAxis *axis)
{
  nm_axis_scroll(axis, -nm_wheel_move_axis(kit, area, axis) * step);
}
