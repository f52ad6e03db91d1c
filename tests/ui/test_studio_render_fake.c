// SPDX-License-Identifier: GPL-3.0-or-later
// File > Render, with the fake voice: the same bytes as `neume render`, and what stops it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/document/file.h"
#include "tests/support/program.h"
#include "tests/ui/puppet.h"

static Puppet puppet;

static int set_up(void **state)
{
  char assets[512], here[4096], cache[4200];
  NmError err = {0};
  enter_scratch();
  assert_non_null(getcwd(here, sizeof here));
  snprintf(cache, sizeof cache, "%s/home", here);
  setenv("XDG_CACHE_HOME", cache, 1);
  snprintf(assets, sizeof assets, "%s", NM_LEXICON);
  *strrchr(assets, '/') = 0;
  setenv("NEUME_ASSETS", assets, 1);
  puppet_open(&puppet, 2);
  if (nm_document_save(puppet.studio->doc, "song.neume", true, &err)) fail_msg("%s", err.message);
  if (nm_studio_open(puppet.studio, "song.neume", &err)) fail_msg("%s", err.message);
  puppet_rest(&puppet);
  return 0;
}

static int tear_down(void **state)
{
  puppet_close(&puppet);
  leave_scratch();
  unsetenv("NEUME_ASSETS");
  return 0;
}

static void wait_for_render(void)
{
  while (puppet.studio->render.rendering) {
    nm_studio_frame(puppet.studio);
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
  }
}

// From the keyboard; Enter in the field begins.
static void render_into(const char *folder)
{
  puppet_key(&puppet, 'r', NM_MOD_CTRL);
  assert_true(nm_kit_is_popup_open(puppet.kit) && nm_kit_is_typing(puppet.kit));
  puppet_key(&puppet, 'a', NM_MOD_CTRL);
  puppet_type(&puppet, folder);
  puppet_key(&puppet, NM_KEY_ENTER, 0);
  assert_false(nm_kit_is_popup_open(puppet.kit));
}

static bool is_there(const char *path)
{
  struct stat about;
  return stat(path, &about) == 0;
}

static void expect_same(const char *a, const char *b)
{
  Ran ran = RUN(NULL, "/usr/bin/env", "diff", "-r", a, b);
  if (ran.exit_code) fail_msg("%s and %s differ: %s", a, b, ran.out);
  ran_free(&ran);
}

static void the_bytes_are_those_of_the_command(void **state)
{
  render_into("seen");
  wait_for_render();
  assert_non_null(strstr(puppet.studio->status, "Rendered: 12 files in seen"));
  assert_false(puppet.studio->status_is_warning);
  Ran ran = RUN(NULL, NM_PROGRAM_FAKE, "render", "song.neume", "-o", "typed", "--no-cache");
  if (ran.exit_code) fail_msg("%s", ran.err);
  ran_free(&ran);
  expect_same("seen", "typed");
}

// The folder is chosen in the dialog that opens and saves songs, too.
static void a_folder_is_chosen(void **state)
{
  NmRenderingOrder *order = &puppet.studio->render.order;
  char before[PATH_MAX], here[PATH_MAX], wanted[PATH_MAX + 16];
  assert_non_null(getcwd(here, sizeof here));
  mkdir("songs", 0777);
  puppet_key(&puppet, 'r', NM_MOD_CTRL);
  snprintf(before, sizeof before, "%s", order->folder);
  puppet_key(&puppet, NM_KEY_TAB, 0);
  puppet_key(&puppet, NM_KEY_ENTER, 0);
  assert_string_equal(puppet.studio->chooser.title, "Folder to render into");
  assert_string_equal(puppet.studio->chooser.folder, here);
  puppet_key(&puppet, NM_KEY_ESCAPE, 0); // of the field, and of the dialog
  puppet_key(&puppet, NM_KEY_ESCAPE, 0);
  assert_true(nm_kit_is_popup_open(puppet.kit) && nm_kit_is_typing(puppet.kit));
  assert_string_equal(order->folder, before);
  puppet_key(&puppet, NM_KEY_TAB, 0);
  puppet_key(&puppet, NM_KEY_ENTER, 0);
  puppet_key(&puppet, 'a', NM_MOD_CTRL);
  puppet_type(&puppet, "song.neume"); // is a file
  puppet_key(&puppet, NM_KEY_ENTER, 0);
  assert_non_null(strstr(puppet.studio->chooser.trouble, "not a folder"));
  puppet_key(&puppet, 'a', NM_MOD_CTRL);
  puppet_type(&puppet, "songs/first");
  puppet_key(&puppet, NM_KEY_ENTER, 0);
  snprintf(wanted, sizeof wanted, "%s/songs/first", here);
  assert_string_equal(order->folder, wanted);
  assert_true(nm_kit_is_popup_open(puppet.kit) && nm_kit_is_typing(puppet.kit));
  puppet_key(&puppet, NM_KEY_ENTER, 0);
  wait_for_render();
  assert_true(is_there("songs/first/song.wav"));
}

static void what_was_changed_replaces_what_is_there(void **state)
{
  NmError err = {0};
  render_into("out");
  wait_for_render();
  nm_studio_choose_note(puppet.studio, 2, false);
  puppet_key(&puppet, NM_KEY_UP, 0);
  puppet_key(&puppet, 'r', NM_MOD_CTRL);
  puppet_key(&puppet, 'a', NM_MOD_CTRL);
  puppet_type(&puppet, "out");
  assert_true(puppet.studio->render.is_there); // and it is said
  puppet_key(&puppet, NM_KEY_ENTER, 0);
  wait_for_render();
  assert_false(puppet.studio->status_is_warning);
  assert_int_equal(nm_document_save(puppet.studio->doc, "song.neume", true, &err), NM_OK);
  Ran ran = RUN(NULL, NM_PROGRAM_FAKE, "render", "song.neume", "-o", "typed");
  assert_int_equal(ran.exit_code, 0);
  ran_free(&ran);
  expect_same("out", "typed");
}

static void it_can_be_stopped(void **state)
{
  render_into("stopped");
  nm_rendering_cancel(puppet.studio->render.rendering); // at the latest before its files are put in place
  wait_for_render();
  assert_non_null(strstr(puppet.studio->status, "stopped"));
  assert_false(is_there("stopped/song.wav"));
}

static void a_folder_that_cannot_be_is_said(void **state)
{
  render_into("song.neume/inside");
  wait_for_render();
  assert_true(puppet.studio->status_is_warning);
  assert_non_null(strstr(puppet.studio->status, "song.neume/inside"));
}

static void work_goes_on_meanwhile(void **state)
{
  render_into("meanwhile");
  nm_studio_choose_note(puppet.studio, 0, false);
  puppet_key(&puppet, NM_KEY_UP, 0);
  assert_int_equal(puppet_note(&puppet, 0)->pitch, 61);
  wait_for_render();
  Ran ran = RUN(NULL, NM_PROGRAM_FAKE, "render", "song.neume", "-o", "typed"); // as it was saved
  assert_int_equal(ran.exit_code, 0);
  ran_free(&ran);
  expect_same("meanwhile", "typed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(the_bytes_are_those_of_the_command),      TEST(a_folder_is_chosen),
      TEST(what_was_changed_replaces_what_is_there), TEST(it_can_be_stopped),
      TEST(a_folder_that_cannot_be_is_said),         TEST(work_goes_on_meanwhile)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
