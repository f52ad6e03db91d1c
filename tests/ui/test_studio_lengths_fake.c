// SPDX-License-Identifier: GPL-3.0-or-later
// Edges of sounds in the lane of phones, dragged and moved by keys, with the fake voice: the plan obeys, and
// so does `neume render`.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/document/file.h"
#include "tests/support/program.h"
#include "tests/ui/puppet.h"

static Puppet puppet;
static float lane_y;

static int set_up(void **state)
{
  char assets[512];
  enter_scratch();
  setenv("XDG_CACHE_HOME", "/nonexistent", 1);
  snprintf(assets, sizeof assets, "%s", NM_LEXICON);
  *strrchr(assets, '/') = 0;
  setenv("NEUME_ASSETS", assets, 1);
  puppet_open(&puppet, 2);
  assert_int_equal(nm_studio_start_voice(puppet.studio), NM_OK);
  nm_studio_wait_for_voice(puppet.studio);
  puppet_rest(&puppet);
  assert_non_null(puppet.studio->sung);
  lane_y = puppet.studio->roll_rect.y + puppet.studio->roll_rect.h + 13;
  return 0;
}

static int tear_down(void **state)
{
  puppet_close(&puppet);
  leave_scratch();
  unsetenv("NEUME_ASSETS");
  return 0;
}

static const NmPhoneBox *phone(int box)
{
  return &puppet.studio->sung->phones[box];
}

static float x_of(double seconds)
{
  const NmStudio *studio = puppet.studio;
  return nm_axis_get_x(&studio->axis, nm_axis_get_tick_of_seconds(&studio->model.time, seconds));
}

// The first sound of a syllable, or another of it.
static int find(int syllable, int phone)
{
  const NmSung *sung = puppet.studio->sung;
  for (int i = 0; i < sung->n_phones; i++)
    if (sung->sources[i].syllable == syllable && sung->sources[i].phone == phone) return i;
  fail_msg("syllable %d has no sound %d", syllable, phone);
  return -1;
}

static void settle(void)
{
  puppet_rest(&puppet);
  nm_studio_wait_for_voice(puppet.studio);
  puppet_rest(&puppet);
}

static void a_consonant_is_made_longer(void **state)
{
  int box = find(2, 0); // the L of "li"
  double start = phone(box)->start_s, end = phone(box)->end_s, by = 8 * 256 / 24000.;
  nm_axis_show(&puppet.studio->axis, 480, 2400);
  puppet_rest(&puppet);
  puppet_drag(&puppet, x_of(start), lane_y, x_of(start - by), lane_y);
  settle();
  assert_float_equal(phone(box)->start_s, start - by, 1e-6);
  assert_float_equal(phone(box)->end_s, end, 1e-6); // its vowel stays on the beat
  assert_true(phone(box)->by_hand);
  assert_string_equal(nm_document_get_undo(puppet.studio->doc), "Move the edge of a sound");
  puppet_key(&puppet, 'z', NM_MOD_CTRL);
  settle();
  assert_float_equal(phone(box)->start_s, start, 1e-6);
}

static void a_vowel_is_made_to_begin_later(void **state)
{
  int box = find(4, 1), consonant = find(4, 0);
  double start = phone(box)->start_s, start_consonant = phone(consonant)->start_s;
  nm_axis_show(&puppet.studio->axis, 1440, 3360);
  puppet_rest(&puppet);
  puppet_drag(&puppet, x_of(start), lane_y, x_of(start + 5 * 256 / 24000.), lane_y);
  settle();
  assert_float_equal(phone(box)->start_s, start + 5 * 256 / 24000., 1e-6);
  assert_float_equal(phone(consonant)->start_s, start_consonant, 1e-6);
  puppet_double_click(&puppet, x_of(phone(box)->start_s + .05), lane_y);
  settle();
  assert_float_equal(phone(box)->start_s, start, 1e-6);
}

static void keys_do_the_same(void **state)
{
  int box = find(1, 0);
  double start = phone(box)->start_s;
  puppet_click(&puppet, x_of(start + .01), lane_y); // the keyboard is in the lane
  puppet.studio->phones.box = box;
  for (int i = 0; i < 3; i++) {
    puppet_key(&puppet, NM_KEY_LEFT, NM_MOD_ALT);
    settle();
  }
  assert_float_equal(phone(box)->start_s, start - 3 * 256 / 24000., 1e-6);
  puppet_key(&puppet, NM_KEY_DELETE, 0);
  settle();
  assert_float_equal(phone(box)->start_s, start, 1e-6);
}

// When the sounds of a line of the timings begin.
static double rendered_start(int box)
{
  json_t *timings = json_load_file("out/song.json", 0, NULL);
  assert_non_null(timings);
  double start = json_number_value(
      json_object_get(json_array_get(json_object_get(timings, "phones"), (size_t)box), "start"));
  json_decref(timings);
  return start;
}

static void what_is_rendered_obeys(void **state)
{
  NmError err = {0};
  int box = find(3, 0);
  puppet_click(&puppet, x_of(phone(box)->start_s + .01), lane_y);
  puppet.studio->phones.box = box;
  puppet_key(&puppet, NM_KEY_LEFT, NM_MOD_ALT);
  settle();
  if (nm_document_save(puppet.studio->doc, "song.neume", true, &err)) fail_msg("%s", err.message);
  Ran ran = RUN(NULL, NM_PROGRAM_FAKE, "render", "song.neume", "-o", "out", "--no-emotion", "--no-cache");
  if (ran.exit_code) fail_msg("%s", ran.err);
  ran_free(&ran);
  assert_float_equal(rendered_start(box) - rendered_start(box - 1),
                     phone(box)->start_s - phone(box - 1)->start_s, 1e-4);
  assert_true(phone(box)->by_hand);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(a_consonant_is_made_longer), TEST(a_vowel_is_made_to_begin_later),
                                     TEST(keys_do_the_same), TEST(what_is_rendered_obeys)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
