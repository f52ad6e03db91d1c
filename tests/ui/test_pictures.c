// SPDX-License-Identifier: GPL-3.0-or-later
// What the studio looks like: pictures of it, kept in ui-pictures of the build folder and held against those
// of tests/golden/ui, which are a quarter as large. With NM_NEW_PICTURES in the environment those are made
// anew: look at them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/ui/fake_muse.h"
#include "tests/ui/picture.h"
#include "tests/ui/puppet.h"
#include "ui/kit/words.h"

static void look(Puppet *p, const char *name)
{
  char path[256];
  NmError err = {0};
  mkdir("ui-pictures", 0777);
  snprintf(path, sizeof path, "ui-pictures/%s.png", name);
  puppet_rest(p);
  if (nm_kit_screenshot(p->kit, path, &err)) fail_msg("%s", err.message);
  picture_compare_file("ui-pictures", name);
}

static int open_studio(void **state)
{
  static Puppet puppet;
  puppet_open(&puppet, 8);
  *state = &puppet;
  return 0;
}

static int close_studio(void **state)
{
  puppet_close(*state);
  return 0;
}

static void the_window(void **state)
{
  Puppet *p = *state;
  look(p, "dark");
  nm_kit_set_theme(p->kit, NM_THEME_LIGHT);
  look(p, "light");
}

static void notes_that_are_selected_and_dragged(void **state)
{
  Puppet *p = *state;
  float x, y;
  puppet_find(p, 2, &x, &y);
  puppet_click(p, x, y);
  puppet_key(p, NM_KEY_RIGHT, NM_MOD_SHIFT);
  puppet_find(p, 3, &x, &y);
  puppet_move(p, x, y);
  puppet_button(p, NM_BUTTON_LEFT, true, x, y);
  puppet_move(p, x + 70, y - 60);
  look(p, "dragged");
  puppet_button(p, NM_BUTTON_LEFT, false, x + 70, y - 60);
  puppet_rest(p);
}

static void words_that_are_typed(void **state)
{
  Puppet *p = *state;
  nm_studio_choose_note(p->studio, 1, false);
  puppet_key(p, NM_KEY_ENTER, 0);
  puppet_type(p, "al-le-");
  look(p, "typed");
}

static void menus_and_dialogs(void **state)
{
  Puppet *p = *state;
  puppet_key(p, 'n', NM_MOD_ALT);
  look(p, "menu");
  puppet_key(p, NM_KEY_ESCAPE, 0);
  puppet_key(p, NM_KEY_F1, 0);
  look(p, "keyboard");
  puppet_key(p, NM_KEY_ESCAPE, 0);
  puppet_key(p, NM_KEY_RIGHT, 0);
  puppet_key(p, NM_KEY_UP, 0);
  puppet_key(p, 'q', NM_MOD_CTRL);
  look(p, "unsaved");
}

static void what_is_rendered(void **state)
{
  Puppet *p = *state;
  setenv("HOME", "/home/singer", 1);
  puppet_key(p, 'r', NM_MOD_CTRL);
  look(p, "render");
}

static void settings_of_the_song(void **state)
{
  Puppet *p = *state;
  nm_studio_choose_note(p->studio, 2, false);
  puppet_key(p, NM_KEY_F1 + 3, 0);
  look(p, "settings-voice");
  puppet_key(p, NM_KEY_F1 + 4, 0);
  look(p, "settings-song");
  puppet_key(p, NM_KEY_F1 + 5, 0);
  look(p, "settings-band");
}

static void candidates(void **state)
{
  Puppet *p = *state;
  fake_muse_install(p);
  nm_studio_choose_note(p->studio, 9, false);
  puppet_key(p, 'c', 0);
  puppet_key(p, NM_KEY_DOWN, 0);
  nm_studio_play(p->studio, false);
  nm_studio_say(p->studio, "%s", ""); // whether a device can play
  look(p, "candidates");
  puppet_key(p, NM_KEY_ESCAPE, 0);
  puppet_key(p, 'l', NM_MOD_CTRL | NM_MOD_SHIFT);
  look(p, "lyrics");
}

static void attention(void **state)
{
  Puppet *p = *state;
  fake_muse_install(p);
  nm_studio_choose_note(p->studio, 2, false);
  puppet_key(p, 'x', 0);
  puppet_key(p, 'x', 0);
  look(p, "attention");
}

static void the_tour(void **state)
{
  Puppet *p = *state;
  nm_tour_begin(p->studio);
  look(p, "tour");
}

static void in_german(void **state)
{
  Puppet *p = *state;
  nm_words_init(NM_LOCALE, "de");
  nm_studio_choose_note(p->studio, 2, false);
  puppet_key(p, NM_KEY_F1 + 3, 0);
  puppet_key(p, 'n', NM_MOD_ALT);
  look(p, "german");
  nm_words_init(NM_LOCALE, "en");
}

static void two_pixels_a_unit(void **state)
{
  Puppet *p = *state;
  nm_kit_set_scale(p->kit, 2);
  look(p, "scaled");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_studio, close_studio)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(the_window),
                                     TEST(notes_that_are_selected_and_dragged),
                                     TEST(words_that_are_typed),
                                     TEST(menus_and_dialogs),
                                     TEST(what_is_rendered),
                                     TEST(settings_of_the_song),
                                     TEST(candidates),
                                     TEST(attention),
                                     TEST(the_tour),
                                     TEST(in_german),
                                     TEST(two_pixels_a_unit)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
