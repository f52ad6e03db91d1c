// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame.h"

#include "app/studio/actions.h"
#include "app/studio/state.h"
#include "ui/kit/widget.h"
#include "ui/kit/words.h"

enum { STATUS_HEIGHT = 26, LEFT_WIDTH = 64 };

static void show_status(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  nm_kit_panel_begin(kit, "status", rect, 0);
  nm_draw_across(kit, rect.x, rect.x + rect.w, rect.y, nm_kit_get_ink(kit, NM_PAINT_LINE));
  nm_draw_label(kit, NM_FONT_SMALL, (NmRect){rect.x + 10, rect.y, rect.w - 20, rect.h},
                nm_kit_get_ink(kit, NM_PAINT_TEXT_DIM), studio->status);
  nm_kit_panel_end(kit);
}

static void place_axis(NmStudio *studio, NmRect rect)
{
  studio->axis.x = rect.x;
  studio->axis.w = rect.w;
  if (!studio->fits) return;
  int64_t beat = studio->model.time.ticks_per_beat;
  nm_axis_show(&studio->axis, -.5 * (double)beat, (double)(studio->model.time.end + 4 * beat));
  studio->fits = false;
}

static void obey_ruler(NmStudio *studio, NmRulerEdit edit)
{
  NmRulerModel *model = &studio->ruler_model;
  if (edit.kind == NM_RULER_SEEK) model->playhead = (double)edit.from;
  if (edit.kind != NM_RULER_LOOP) return;
  model->loop_from = edit.from;
  model->loop_to = edit.to;
  model->loops = edit.to > edit.from;
}

static void show_lanes(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  NmRect lanes = {rect.x + LEFT_WIDTH, rect.y, rect.w - LEFT_WIDTH, rect.h};
  NmRect ruler = {lanes.x, lanes.y, lanes.w, NM_RULER_HEIGHT};
  place_axis(studio, lanes);
  nm_kit_panel_begin(kit, "lanes", rect, 0);
  obey_ruler(studio, nm_ruler_show(kit, &studio->ruler, &studio->ruler_model, &studio->axis, ruler));
  NmRect roll = {lanes.x, lanes.y + ruler.h, lanes.w, lanes.h - ruler.h};
  nm_draw_clip(kit, roll);
  nm_draw_rect(kit, roll, nm_kit_get_ink(kit, NM_PAINT_GROUND), 0);
  nm_axis_draw_grid(kit, &studio->axis, roll);
  nm_ruler_draw_playhead(kit, &studio->ruler_model, &studio->axis, roll);
  nm_draw_unclip(kit);
  nm_kit_panel_end(kit);
}

void nm_studio_show(NmStudio *studio)
{
  NmRect bounds = nm_kit_get_bounds(studio->kit);
  float y = nm_actions_show_menu(studio), bottom = bounds.h - STATUS_HEIGHT;
  show_lanes(studio, (NmRect){0, y, bounds.w, bottom - y});
  show_status(studio, (NmRect){0, bottom, bounds.w, STATUS_HEIGHT});
  nm_actions_show_sheet(studio);
  nm_actions_take_keys(studio);
}
