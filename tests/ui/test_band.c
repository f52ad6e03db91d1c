// SPDX-License-Identifier: GPL-3.0-or-later
// The band in the background: where it is, when it is made anew, when it is heard.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/document/edits.h"
#include "app/jobs/project.h"
#include "app/studio/state.h"
#include "tests/ui/puppet.h"

enum { PATIENCE_S = 120, RATE_HZ = NM_PLAYBACK_RATE_HZ };

static Puppet puppet;

static void wait_for_band(void)
{
  for (int i = 0; nm_studio_band_is_busy(puppet.studio->band, NULL); i++) {
    if (i == PATIENCE_S * 100) fail_msg("the band does not come");
    nm_studio_frame(puppet.studio);
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  }
  puppet_rest(&puppet);
}

static void set(const char *place, json_t *value)
{
  NmError err = {0};
  if (nm_edit_set_value(puppet.studio->doc, place, value, &err)) fail_msg("%s", err.message);
  puppet_rest(&puppet);
  wait_for_band();
}

static int open_studio(void **state)
{
  puppet_open(&puppet, 2);
  puppet.studio->band = nm_studio_band_new(nm_studio_wake, puppet.kit);
  assert_non_null(puppet.studio->band);
  return 0;
}

static int close_studio(void **state)
{
  puppet_close(&puppet);
  return 0;
}

// The first sample from which something is heard, before the document's beginning perhaps.
static int64_t find_onset(const NmPlayback *sound, int64_t from)
{
  float block[512];
  for (int64_t at = from; at < nm_playback_get_len(sound); at += 512) {
    memset(block, 0, sizeof block);
    nm_playback_add(sound, at, block, 512);
    for (int i = 0; i < 512; i++)
      if (fabsf(block[i]) > 1e-3f) return at + i;
  }
  fail_msg("nothing is heard");
  return 0;
}

// It begins in the lead-in, which lies before second 0, at the sample that `neume render` has it at.
static void it_is_where_the_song_is(void **state)
{
  NmProject project;
  NmError err = {0};
  assert_null(puppet.studio->band_heard);
  set("/backing/on", json_true());
  NmPlayback *sound = puppet.studio->band_heard;
  assert_non_null(sound);
  assert_int_equal(nm_project_read(&project, puppet.studio->doc, NULL, NULL, NULL, &err), NM_OK);
  NmBacking *backing = nm_backing_new(project.song, &project.band.backing, &err);
  assert_non_null(backing);
  const NmPerformance *performance = nm_backing_get_performance(backing);
  int64_t first = INT64_MAX;
  for (int32_t p = 0; p < performance->n_parts; p++)
    if (performance->parts[p].n_notes > 0 && performance->parts[p].notes[0].frame < first)
      first = performance->parts[p].notes[0].frame;
  double lead_in_s = nm_song_get_seconds(project.song, project.n_lead_in);
  assert_true(lead_in_s > 1);
  int64_t onset = find_onset(sound, -llround(lead_in_s * RATE_HZ));
  double late_s = (double)onset / RATE_HZ + lead_in_s - (double)first / NM_BACKING_RATE_HZ;
  print_message("lead-in %.3f s, first note %.1f ms late\n", lead_in_s, 1e3 * late_s);
  assert_true(late_s > -.005 && late_s < .03);
  assert_true(nm_playback_get_len(sound) > nm_playback_get_len(puppet.studio->playback));
  nm_backing_free(backing);
  nm_project_fini(&project);
}

static void it_is_made_anew_when_it_changes(void **state)
{
  set("/backing/on", json_true());
  NmPlayback *first = nm_playback_share(puppet.studio->band_heard);
  assert_non_null(first);
  set("/title", json_string("of no matter to a band"));
  assert_ptr_equal(puppet.studio->band_heard, first);
  set("/mix/duck_db", json_integer(6)); // it is not ducked here
  assert_ptr_equal(puppet.studio->band_heard, first);
  set("/backing/mood", json_string("driving"));
  assert_non_null(puppet.studio->band_heard);
  assert_ptr_not_equal(puppet.studio->band_heard, first);
  set("/backing/soundfont", json_string("nowhere.sf2"));
  char trouble[512];
  assert_false(nm_studio_band_is_busy(puppet.studio->band, trouble));
  assert_non_null(strstr(trouble, "nowhere.sf2"));
  assert_null(puppet.studio->band_heard);
  set("/backing/soundfont", NULL);
  assert_non_null(puppet.studio->band_heard);
  set("/backing/on", NULL);
  assert_null(puppet.studio->band_heard);
  nm_playback_release(first);
}

// What is asked for last is what is played, and a studio that closes does not wait for it.
static void what_is_under_way_is_given_up(void **state)
{
  NmError err = {0};
  set("/backing/on", json_true());
  for (int i = 0; i < 20; i++) {
    assert_int_equal(nm_edit_set_value(puppet.studio->doc, "/backing/seed", json_integer(i), &err), NM_OK);
    nm_studio_frame(puppet.studio);
    nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
  }
  wait_for_band();
  NmPlayback *last = puppet.studio->band_heard;
  assert_non_null(last);
  nm_studio_band_play(puppet.studio->band, puppet.studio->doc, 1);
  wait_for_band();
  assert_ptr_equal(puppet.studio->band_heard, last); // the same again
  assert_int_equal(nm_edit_set_value(puppet.studio->doc, "/backing/seed", json_integer(99), &err), NM_OK);
  nm_studio_frame(puppet.studio);
}

static void it_is_heard_when_it_is_wanted(void **state)
{
  set("/backing/on", json_true());
  assert_non_null(puppet.studio->band_heard);
  puppet.studio->mutes_band = true;
  puppet_rest(&puppet);
  assert_null(puppet.studio->band_heard);
  puppet.studio->mutes_band = false;
  puppet_rest(&puppet);
  assert_non_null(puppet.studio->band_heard);
  nm_studio_trace(puppet.studio, true); // a clip is heard alone
  puppet_rest(&puppet);
  assert_null(puppet.studio->band_heard);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_studio, close_studio)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(it_is_where_the_song_is), TEST(it_is_made_anew_when_it_changes),
                                     TEST(what_is_under_way_is_given_up),
                                     TEST(it_is_heard_when_it_is_wanted)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
