// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/actions.h"

#include <stdio.h>
#include <string.h>

#include "app/studio/run.h"
#include "app/studio/state.h"
#include "ui/kit/widget.h"
#include "ui/kit/words.h"

#define CTRL NM_MOD_CTRL
#define SHIFT NM_MOD_SHIFT
#define ALT NM_MOD_ALT

static const char file[] = N_("&File"), edit[] = N_("&Edit"), notes[] = NM_MENU_NOTES,
                  compose[] = N_("&Compose"), view[] = N_("&View"), play[] = N_("&Play"),
                  listener[] = N_("&Listener"), help[] = N_("&Help");

const NmAction nm_actions[] = {
    {.menu = file, .label = N_("&New"), .shortcut = {'n', CTRL}, .run = nm_run_new},
    {.menu = file, .label = N_("&Open..."), .shortcut = {'o', CTRL}, .run = nm_run_open},
    {.menu = file, .label = N_("&Save"), .shortcut = {'s', CTRL}, .run = nm_run_save},
    {.menu = file, .label = N_("Save &as..."), .shortcut = {'s', CTRL | SHIFT}, .run = nm_run_save_as},
    {.menu = file, .label = N_("&Export..."), .shortcut = {'e', CTRL}, .run = nm_run_export},
    {.menu = file, .label = N_("&Render..."), .shortcut = {'r', CTRL}, .run = nm_run_render},
    {.menu = file, .label = N_("S&top rendering"), .run = nm_run_stop_render, .is_enabled = nm_is_rendering},
    {.menu = file},
    {.menu = file, .label = N_("&Quit"), .shortcut = {'q', CTRL}, .run = nm_run_quit},

    {.menu = edit,
     .label = N_("&Undo"),
     .shortcut = {'z', CTRL},
     .run = nm_run_undo,
     .is_enabled = nm_can_undo},
    {.menu = edit,
     .label = N_("&Redo"),
     .shortcut = {'z', CTRL | SHIFT},
     .also = {'y', CTRL},
     .run = nm_run_redo,
     .is_enabled = nm_can_redo},
    {.menu = edit},
    {.menu = edit,
     .label = N_("Select &all"),
     .shortcut = {'a', CTRL},
     .run = nm_run_select_all,
     .is_enabled = nm_is_editing},
    {.menu = edit,
     .label = N_("Select &none"),
     .shortcut = {.key = NM_KEY_ESCAPE},
     .run = nm_run_select_none,
     .is_enabled = nm_is_editing},
    {.menu = edit,
     .label = N_("Ne&xt note"),
     .shortcut = {.key = NM_KEY_RIGHT},
     .run = nm_run_next,
     .is_enabled = nm_is_editing},
    {.menu = edit,
     .label = N_("&Previous note"),
     .shortcut = {.key = NM_KEY_LEFT},
     .run = nm_run_previous,
     .is_enabled = nm_is_editing},
    {.menu = edit,
     .label = N_("Next note too"),
     .shortcut = {NM_KEY_RIGHT, SHIFT},
     .run = nm_run_next_too,
     .is_enabled = nm_is_editing},
    {.menu = edit,
     .label = N_("Previous note too"),
     .shortcut = {NM_KEY_LEFT, SHIFT},
     .run = nm_run_previous_too,
     .is_enabled = nm_is_editing},

    {.menu = notes,
     .label = N_("&Words"),
     .shortcut = {.key = NM_KEY_ENTER},
     .also = {.key = NM_KEY_F1 + 1},
     .run = nm_run_type,
     .is_enabled = nm_has_chosen},
    {.menu = notes},
    {.menu = notes,
     .label = N_("Semitone &up"),
     .shortcut = {.key = NM_KEY_UP},
     .run = nm_run_up,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("Semitone &down"),
     .shortcut = {.key = NM_KEY_DOWN},
     .run = nm_run_down,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("Octave up"),
     .shortcut = {NM_KEY_UP, SHIFT},
     .run = nm_run_octave_up,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("Octave down"),
     .shortcut = {NM_KEY_DOWN, SHIFT},
     .run = nm_run_octave_down,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("Up in the &key"),
     .shortcut = {NM_KEY_UP, ALT},
     .run = nm_run_scale_up,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("Down in the key"),
     .shortcut = {NM_KEY_DOWN, ALT},
     .run = nm_run_scale_down,
     .is_enabled = nm_has_chosen},
    {.menu = notes, .label = N_("Trans&pose..."), .shortcut = {'t', CTRL}, .run = nm_run_transpose},
    {.menu = notes},
    {.menu = notes,
     .label = N_("&Earlier"),
     .shortcut = {NM_KEY_LEFT, CTRL},
     .run = nm_run_earlier,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("&Later"),
     .shortcut = {NM_KEY_RIGHT, CTRL},
     .run = nm_run_later,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("S&horter"),
     .shortcut = {NM_KEY_LEFT, ALT},
     .run = nm_run_shorter,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("L&onger"),
     .shortcut = {NM_KEY_RIGHT, ALT},
     .run = nm_run_longer,
     .is_enabled = nm_has_chosen},
    {.menu = notes},
    {.menu = notes,
     .label = N_("&Split"),
     .shortcut = {.key = 's'},
     .run = nm_run_split,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("&Merge"),
     .shortcut = {.key = 'm'},
     .run = nm_run_merge,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("&Quantise"),
     .shortcut = {.key = 'q'},
     .run = nm_run_quantise,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("Dele&te"),
     .shortcut = {.key = NM_KEY_DELETE},
     .also = {.key = NM_KEY_BACKSPACE},
     .run = nm_run_remove,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("Draw a vi&brato"),
     .shortcut = {.key = 'v'},
     .run = nm_run_vibrato,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("Smooth the pit&ch"),
     .shortcut = {.key = 'h'},
     .run = nm_run_smooth,
     .is_enabled = nm_has_chosen},
    {.menu = notes,
     .label = N_("Sounds as the &voice says"),
     .run = nm_run_reset_lengths,
     .is_enabled = nm_has_chosen},
    {.menu = notes},
    {.menu = notes,
     .label = N_("D&raw with the mouse"),
     .shortcut = {.key = 'd'},
     .run = nm_run_draw,
     .is_enabled = nm_is_editing,
     .is_checked = nm_is_drawing},

    {.menu = compose,
     .label = N_("&Lyrics..."),
     .shortcut = {'l', CTRL},
     .also = {'l', CTRL | SHIFT},
     .run = nm_run_lyrics,
     .is_enabled = nm_is_editing},
    {.menu = compose},
    {.menu = compose,
     .label = N_("The song &anew"),
     .shortcut = {'c', SHIFT},
     .run = nm_run_compose,
     .is_enabled = nm_has_words},
    {.menu = compose,
     .label = N_("The line a&new"),
     .shortcut = {.key = 'c'},
     .run = nm_run_compose_lines,
     .is_enabled = nm_has_lines},
    {.menu = compose,
     .label = N_("&Other melodies of the line"),
     .shortcut = {.key = 'o'},
     .run = nm_run_takes,
     .is_enabled = nm_has_takes},
    {.menu = compose},
    {.menu = compose,
     .label = N_("New &words to the song..."),
     .shortcut = {'w', SHIFT},
     .run = nm_run_words,
     .is_enabled = nm_has_notes},
    {.menu = compose,
     .label = N_("New words to the l&ine..."),
     .shortcut = {.key = 'w'},
     .run = nm_run_words_of_lines,
     .is_enabled = nm_has_lines},
    {.menu = compose},
    {.menu = compose,
     .label = N_("Ne&xt way to lay the words"),
     .shortcut = {.key = 'x'},
     .run = nm_run_next_way,
     .is_enabled = nm_has_words},
    {.menu = compose,
     .label = N_("&Previous way"),
     .shortcut = {'x', SHIFT},
     .run = nm_run_previous_way,
     .is_enabled = nm_has_words},
    {.menu = compose},
    {.menu = compose,
     .label = N_("&Give up composing"),
     .run = nm_run_stop_composing,
     .is_enabled = nm_is_composing},

    {.menu = play, .label = N_("&Play or stop"), .shortcut = {.key = NM_KEY_SPACE}, .run = nm_run_play},
    {.menu = play, .label = N_("To the &beginning"), .shortcut = {.key = NM_KEY_HOME}, .run = nm_run_start},
    {.menu = play,
     .label = N_("To the &note"),
     .shortcut = {.key = 'g'},
     .run = nm_run_to_note,
     .is_enabled = nm_has_chosen},
    {.menu = play},
    {.menu = play,
     .label = N_("&Again and again"),
     .shortcut = {.key = 'l'},
     .run = nm_run_loop,
     .is_enabled = nm_has_loop,
     .is_checked = nm_is_looped},
    {.menu = play,
     .label = N_("&Metronome"),
     .shortcut = {.key = 'k'},
     .run = nm_run_clicks,
     .is_checked = nm_has_clicks},
    {.menu = play},
    {.menu = play, .label = N_("Sound &device..."), .run = nm_run_device},

    {.menu = play},
    {.menu = play, .label = N_("Mar&ker..."), .shortcut = {'m', CTRL}, .run = nm_run_marker},
    {.menu = play,
     .label = N_("Ne&xt marker"),
     .shortcut = {.key = NM_KEY_PAGE_DOWN},
     .run = nm_run_next_marker},
    {.menu = play,
     .label = N_("P&revious marker"),
     .shortcut = {.key = NM_KEY_PAGE_UP},
     .run = nm_run_previous_marker},

    {.menu = view, .label = N_("Zoom &in"), .shortcut = {'+', CTRL}, .run = nm_run_zoom_in},
    {.menu = view, .label = N_("Zoom &out"), .shortcut = {'-', CTRL}, .run = nm_run_zoom_out},
    {.menu = view, .label = N_("&Whole song"), .shortcut = {'0', CTRL}, .run = nm_run_zoom_fit},
    {.menu = view},
    {.menu = view, .label = N_("A&ttention"), .run = nm_run_attention, .is_checked = nm_shows_attention},
    {.menu = view, .label = N_("&Pitch"), .run = nm_run_pitch, .is_checked = nm_shows_pitch},
    {.menu = view, .label = N_("P&hones"), .run = nm_run_phones, .is_checked = nm_shows_phones},
    {.menu = view, .label = N_("&Sound"), .run = nm_run_sound, .is_checked = nm_shows_sound},
    {.menu = view, .label = N_("&Valence"), .run = nm_run_valence, .is_checked = nm_shows_valence},
    {.menu = view, .label = N_("&Arousal"), .run = nm_run_arousal, .is_checked = nm_shows_arousal},
    {.menu = view, .label = N_("Plane of &feelings"), .run = nm_run_plane, .is_checked = nm_shows_plane},
    {.menu = view},
    {.menu = view,
     .label = N_("Settings: voi&ce"),
     .shortcut = {.key = NM_KEY_F1 + 3},
     .run = nm_run_voice,
     .is_checked = nm_shows_voice},
    {.menu = view,
     .label = N_("Settings: so&ng"),
     .shortcut = {.key = NM_KEY_F1 + 4},
     .run = nm_run_song,
     .is_checked = nm_shows_song},
    {.menu = view,
     .label = N_("Settings: &band"),
     .shortcut = {.key = NM_KEY_F1 + 5},
     .run = nm_run_band,
     .is_checked = nm_shows_band},
    {.menu = view},
    {.menu = view, .label = N_("&Dark"), .run = nm_run_dark, .is_checked = nm_is_dark},
    {.menu = view, .label = N_("&Light"), .run = nm_run_light, .is_checked = nm_is_light},

    {.menu = listener,
     .label = N_("&Listen and draw"),
     .shortcut = {'d', CTRL},
     .run = nm_run_trace,
     .is_checked = nm_is_tracing},
    {.menu = listener},
    {.menu = listener, .label = N_("&The song"), .run = nm_run_trace_song},
    {.menu = listener, .label = N_("A sound &file..."), .run = nm_run_trace_file},
    {.menu = listener},
    {.menu = listener,
     .label = N_("T&race while it plays"),
     .shortcut = {.key = 't'},
     .run = nm_run_trace_while,
     .is_enabled = nm_is_tracing,
     .is_checked = nm_traces_while},
    {.menu = listener, .label = N_("&Clear"), .run = nm_run_clear_tracing, .is_enabled = nm_has_tracing},
    {.menu = listener,
     .label = N_("&Adapt"),
     .shortcut = {.key = 'a'},
     .run = nm_run_adapt,
     .is_enabled = nm_can_adapt},
    {.menu = listener, .label = N_("Ca&ncel"), .run = nm_run_stop_adapting, .is_enabled = nm_is_adapting},
    {.menu = listener},
    {.menu = listener,
     .label = N_("&Save the listener..."),
     .run = nm_run_save_listener,
     .is_enabled = nm_has_listener},
    {.menu = listener, .label = N_("L&oad a listener..."), .run = nm_run_load_listener},

    {.menu = help, .label = N_("&Keyboard"), .shortcut = {.key = NM_KEY_F1}, .run = nm_run_sheet},
    {.menu = help, .label = N_("&Tour"), .run = nm_run_tour},
    {0}};

static bool is_enabled(const NmStudio *studio, const NmAction *action)
{
  return !action->is_enabled || action->is_enabled(studio);
}

static void show_item(NmStudio *studio, const NmAction *action)
{
  char text[NM_SHORTCUT_TEXT_MAX];
  bool checked = action->is_checked && action->is_checked(studio);
  if (!action->label)
    nm_kit_separator(studio->kit);
  else if (nm_kit_menu_item(studio->kit, _(action->label), nm_shortcut_write(action->shortcut, text), checked,
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

void nm_actions_show_popup(NmStudio *studio, const char *name, const char *menu)
{
  if (!nm_kit_popup_begin(studio->kit, name)) return;
  for (const NmAction *action = nm_actions; action->menu; action++)
    if (!strcmp(action->menu, menu)) show_item(studio, action);
  nm_kit_popup_end(studio->kit);
}

void nm_actions_take_keys(NmStudio *studio)
{
  if (!nm_kit_get_input(studio->kit)->key) return;
  for (const NmAction *action = nm_actions; action->menu; action++) {
    if (!action->run || !is_enabled(studio, action)) continue;
    if (nm_shortcut_take(studio->kit, action->shortcut) || nm_shortcut_take(studio->kit, action->also)) {
      action->run(studio);
      return;
    }
  }
}
