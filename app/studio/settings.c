// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/settings.h"

#include "app/studio/settings_parts.h"
#include "app/studio/state.h"
#include "ui/kit/words.h"

static const struct {
  const char *name;
  void (*show)(NmStudio *studio);
} parts[NM_SETTINGS_PARTS] = {[NM_SETTINGS_VOICE] = {N_("Voice"), nm_settings_show_voice},
                              [NM_SETTINGS_TIME] = {N_("Song"), nm_settings_show_time},
                              [NM_SETTINGS_BAND] = {N_("Band"), nm_settings_show_band}};

static void show_tabs(NmStudio *studio)
{
  NmKit *kit = studio->kit;
  NmSettings *settings = &studio->settings;
  for (int i = 0; i < NM_SETTINGS_PARTS; i++) {
    bool on = settings->part == (NmSettingsPart)i;
    if (i > 0) nm_kit_same_row(kit, 6);
    if (settings->focuses && on) nm_kit_focus_next(kit);
    if (nm_kit_toggle(kit, _(parts[i].name), &on)) settings->part = (NmSettingsPart)i;
  }
  settings->focuses = false;
}

void nm_settings_show(NmStudio *studio, NmRect rect)
{
  NmKit *kit = studio->kit;
  NmSettings *settings = &studio->settings;
  int first, end;
  settings->stroke += nm_kit_get_input(kit)->pressed[NM_BUTTON_LEFT];
  nm_kit_panel_begin(kit, "settings", rect, 10);
  show_tabs(studio);
  nm_kit_space(kit, 2);
  nm_kit_list_begin(kit, "rows", 0, 0, &first, &end);
  parts[settings->part].show(studio);
  nm_kit_list_end(kit);
  nm_draw_down(kit, rect.x, rect.y, rect.y + rect.h, nm_kit_get_ink(kit, NM_PAINT_LINE));
  nm_kit_panel_end(kit);
}

void nm_settings_toggle(NmStudio *studio, NmSettingsPart part)
{
  NmSettings *settings = &studio->settings;
  settings->shown = !settings->shown || settings->part != part;
  settings->focuses = settings->shown;
  settings->part = part;
}
