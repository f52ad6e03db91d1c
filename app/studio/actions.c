// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/actions.h"

#include <string.h>

#include "app/studio/state.h"
#include "ui/kit/widget.h"
#include "ui/kit/words.h"

static void run_quit(NmStudio *studio)
{
  studio->done = true;
}

static void zoom_by(NmStudio *studio, double factor)
{
  nm_axis_zoom(&studio->axis, factor, studio->axis.x + studio->axis.w / 2);
}

static void run_zoom_in(NmStudio *studio)
{
  zoom_by(studio, 1.25);
}

static void run_zoom_out(NmStudio *studio)
{
  zoom_by(studio, .8);
}

static void run_zoom_fit(NmStudio *studio)
{
  studio->fits = true;
}

static void run_dark(NmStudio *studio)
{
  nm_kit_set_theme(studio->kit, NM_THEME_DARK);
}

static void run_light(NmStudio *studio)
{
  nm_kit_set_theme(studio->kit, NM_THEME_LIGHT);
}

static bool is_dark(const NmStudio *studio)
{
  return nm_kit_get_theme(studio->kit) == NM_THEME_DARK;
}

static bool is_light(const NmStudio *studio)
{
  return nm_kit_get_theme(studio->kit) == NM_THEME_LIGHT;
}

static void run_play(NmStudio *studio)
{
  nm_studio_play(studio, !studio->heard.plays);
}

static void run_start(NmStudio *studio)
{
  nm_studio_seek(studio, 0);
  nm_axis_follow(&studio->axis, 0);
}

static void run_loop(NmStudio *studio)
{
  const NmRulerModel *ruler = &studio->ruler_model;
  nm_studio_set_loop(studio, ruler->loop_from, ruler->loop_to, !ruler->loops);
}

static bool has_loop(const NmStudio *studio)
{
  return studio->ruler_model.loop_to > studio->ruler_model.loop_from;
}

static bool is_looped(const NmStudio *studio)
{
  return studio->ruler_model.loops;
}

static void run_clicks(NmStudio *studio)
{
  nm_studio_set_clicks(studio, !studio->clicks);
}

static bool has_clicks(const NmStudio *studio)
{
  return studio->clicks;
}

static void run_sheet(NmStudio *studio)
{
  nm_kit_dialog_open(studio->kit, _("Keyboard"));
}

#define CTRL NM_MOD_CTRL
#define FILE_MENU N_("&File")
#define VIEW_MENU N_("&View")
#define PLAY_MENU N_("&Play")
#define HELP_MENU N_("&Help")

const NmAction nm_actions[] = {
    {.menu = FILE_MENU, .label = N_("&Quit"), .chord = {'q', CTRL}, .run = run_quit},
    {.menu = VIEW_MENU, .label = N_("Zoom &in"), .chord = {'+', CTRL}, .run = run_zoom_in},
    {.menu = VIEW_MENU, .label = N_("Zoom &out"), .chord = {'-', CTRL}, .run = run_zoom_out},
    {.menu = VIEW_MENU, .label = N_("Whole &song"), .chord = {'0', CTRL}, .run = run_zoom_fit},
    {.menu = VIEW_MENU},
    {.menu = VIEW_MENU, .label = N_("&Dark"), .run = run_dark, .is_checked = is_dark},
    {.menu = VIEW_MENU, .label = N_("&Light"), .run = run_light, .is_checked = is_light},
    {.menu = PLAY_MENU, .label = N_("&Play or stop"), .chord = {.key = NM_KEY_SPACE}, .run = run_play},
    {.menu = PLAY_MENU, .label = N_("To the &beginning"), .chord = {.key = NM_KEY_HOME}, .run = run_start},
    {.menu = PLAY_MENU},
    {.menu = PLAY_MENU,
     .label = N_("&Again and again"),
     .chord = {.key = 'l'},
     .run = run_loop,
     .is_enabled = has_loop,
     .is_checked = is_looped},
    {.menu = PLAY_MENU,
     .label = N_("&Metronome"),
     .chord = {.key = 'k'},
     .run = run_clicks,
     .is_checked = has_clicks},
    {.menu = HELP_MENU, .label = N_("&Keyboard"), .chord = {.key = NM_KEY_F1}, .run = run_sheet},
    {0}};

static bool is_enabled(const NmStudio *studio, const NmAction *action)
{
  return !action->is_enabled || action->is_enabled(studio);
}

static void show_item(NmStudio *studio, const NmAction *action)
{
  char text[NM_CHORD_TEXT_MAX];
  bool checked = action->is_checked && action->is_checked(studio);
  if (!action->label)
    nm_kit_separator(studio->kit);
  else if (nm_kit_menu_item(studio->kit, _(action->label), nm_chord_write(action->chord, text), checked,
                            is_enabled(studio, action)))
    action->run(studio);
}

static const NmAction *end_of_menu(const NmAction *action)
{
  const char *menu = action->menu;
  while (action->menu && !strcmp(action->menu, menu)) action++;
  return action;
}

float nm_actions_show_menu(NmStudio *studio)
{
  if (!nm_kit_menu_bar_begin(studio->kit)) return 0;
  for (const NmAction *action = nm_actions, *end; action->menu; action = end) {
    end = end_of_menu(action);
    if (!nm_kit_menu_begin(studio->kit, _(action->menu))) continue;
    for (; action < end; action++) show_item(studio, action);
    nm_kit_menu_end(studio->kit);
  }
  return nm_kit_menu_bar_end(studio->kit);
}

void nm_actions_take_keys(NmStudio *studio)
{
  for (const NmAction *action = nm_actions; action->menu; action++) {
    if (!action->run || !is_enabled(studio, action)) continue;
    if (nm_chord_take(studio->kit, action->chord) || nm_chord_take(studio->kit, action->also)) {
      action->run(studio);
      return;
    }
  }
}

void nm_actions_show_sheet(NmStudio *studio)
{
  char text[NM_CHORD_TEXT_MAX];
  if (!nm_kit_dialog_begin(studio->kit, _("Keyboard"), 0, 0)) return;
  for (const NmAction *action = nm_actions; action->menu; action++) {
    if (!action->chord.key) continue;
    nm_kit_text(studio->kit, NM_FONT_BODY, NM_PAINT_TEXT, _(action->label));
    nm_kit_same_row(studio->kit, 20);
    nm_kit_text(studio->kit, NM_FONT_BODY, NM_PAINT_TEXT_DIM, nm_chord_write(action->chord, text));
  }
  if (nm_kit_button(studio->kit, _("Close"))) nm_kit_dialog_close(studio->kit);
  nm_kit_dialog_end(studio->kit);
}
