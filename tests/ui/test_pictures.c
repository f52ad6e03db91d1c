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
#include <png.h>

#include "tests/ui/fake_muse.h"
#include "tests/ui/puppet.h"
#include "ui/kit/png_file.h"
#include "ui/kit/words.h"

enum { SHRINK = 4 };

static bool read_png(const char *path, NmPixels *pixels)
{
  png_image image = {.version = PNG_IMAGE_VERSION};
  if (!png_image_begin_read_from_file(&image, path)) return false;
  image.format = PNG_FORMAT_RGBA;
  *pixels = (NmPixels){(int)image.width, (int)image.height, malloc(PNG_IMAGE_SIZE(image))};
  return pixels->rgba && png_image_finish_read(&image, NULL, pixels->rgba, 0, NULL);
}

static NmPixels shrink(const NmPixels *from)
{
  NmPixels to = {from->width / SHRINK, from->height / SHRINK, NULL};
  to.rgba = malloc((size_t)to.width * (size_t)to.height * 4);
  assert_non_null(to.rgba);
  for (int y = 0; y < to.height; y++)
    for (int x = 0; x < to.width; x++)
      for (int c = 0; c < 4; c++) {
        int sum = SHRINK * SHRINK / 2;
        for (int i = 0; i < SHRINK * SHRINK; i++)
          sum += from->rgba[4 * ((y * SHRINK + i / SHRINK) * from->width + x * SHRINK + i % SHRINK) + c];
        to.rgba[4 * (y * to.width + x) + c] = (uint8_t)(sum / (SHRINK * SHRINK));
      }
  return to;
}

// Letters may be drawn a little otherwise by another version of FreeType; nothing else may differ.
static void compare(const NmPixels *a, const NmPixels *b, const char *name)
{
  int64_t n = (int64_t)a->width * a->height, n_far = 0, sum = 0;
  assert_int_equal(a->width, b->width);
  assert_int_equal(a->height, b->height);
  for (int64_t i = 0; i < 4 * n; i++) {
    int far = abs(a->rgba[i] - b->rgba[i]);
    sum += far;
    n_far += far > 40;
  }
  double mean = (double)sum / (double)(4 * n), part = (double)n_far / (double)(4 * n);
  print_message("%s: mean difference %.3f, %.4f %% far off\n", name, mean, 100 * part);
  if (!(mean <= .8) || !(part <= .004))
    fail_msg("%s does not look as it should: see ui-pictures/%s.png", name, name);
}

static void look(Puppet *p, const char *name)
{
  char path[256], golden[512];
  NmError err = {0};
  NmPixels picture = {0}, wanted = {0};
  mkdir("ui-pictures", 0777);
  snprintf(path, sizeof path, "ui-pictures/%s.png", name);
  snprintf(golden, sizeof golden, "%s/golden/ui/%s.png", NM_TEST_DATA, name);
  puppet_rest(p);
  if (nm_kit_screenshot(p->kit, path, &err)) fail_msg("%s", err.message);
  assert_true(read_png(path, &picture));
  NmPixels small = shrink(&picture);
  if (getenv("NM_NEW_PICTURES")) assert_int_equal(nm_png_file_write(golden, &small, &err), NM_OK);
  if (!read_png(golden, &wanted)) fail_msg("%s cannot be read", golden);
  compare(&small, &wanted, name);
  free(small.rgba);
  free(picture.rgba);
  free(wanted.rgba);
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
