// SPDX-License-Identifier: GPL-3.0-or-later
// What is heard of the studio, by a sound card that the test plugs in and out
// (tests/support/fake_portaudio.h).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/studio/edit.h"
#include "tests/support/fake_portaudio.h"
#include "tests/ui/puppet.h"

enum { PATIENCE_S = 60 };

static int open_studio(void **state)
{
  static Puppet puppet;
  fake_portaudio_set_cards(2);
  puppet_open(&puppet, 4);
  *state = &puppet;
  return 0;
}

static int close_studio(void **state)
{
  puppet_close(*state);
  return 0;
}

static double now_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// A frame, and a little time.
static void go_on(Puppet *p)
{
  nm_studio_frame(p->studio);
  nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

#define WAIT_FOR(p, condition)                                                                               \
  do {                                                                                                       \
    double end_s = now_s() + PATIENCE_S;                                                                     \
    while (!(condition)) {                                                                                   \
      if (now_s() > end_s) fail_msg("waited in vain for: %s (%s)", #condition, (p)->studio->status);         \
      go_on(p);                                                                                              \
    }                                                                                                        \
  } while (0)

static double get_seconds(const Puppet *p)
{
  return nm_axis_get_seconds(&p->studio->model.time, p->studio->ruler_model.playhead);
}

static void it_plays_from_anywhere(void **state)
{
  Puppet *p = *state;
  nm_studio_seek(p->studio, 8 * 480);
  fake_portaudio_take_peak();
  puppet_key(p, NM_KEY_SPACE, 0);
  WAIT_FOR(p, p->studio->heard.plays && get_seconds(p) > 4.3);
  assert_true(get_seconds(p) < 12);
  assert_true(fake_portaudio_take_peak() > .1f);
  assert_true(p->studio->heard.peak > 0);
  puppet_key(p, NM_KEY_SPACE, 0);
  assert_false(p->studio->heard.plays);
  assert_int_equal(p->studio->ruler_model.playhead, 8 * 480);
}

static void a_loop_is_played_again_and_again(void **state)
{
  Puppet *p = *state;
  nm_studio_set_loop(p->studio, 0, 480, true); // half a second
  puppet_key(p, NM_KEY_SPACE, 0);
  WAIT_FOR(p, get_seconds(p) > .3);
  double before = get_seconds(p);
  int n_back = 0;
  while (n_back < 3) {
    WAIT_FOR(p, get_seconds(p) != before);
    assert_true(get_seconds(p) < .51);
    n_back += get_seconds(p) < before;
    before = get_seconds(p);
  }
  puppet_key(p, NM_KEY_SPACE, 0);
}

static void the_metronome_is_heard(void **state)
{
  Puppet *p = *state;
  puppet_key(p, 'a', NM_MOD_CTRL);
  puppet_key(p, NM_KEY_DELETE, 0);
  nm_studio_add(p->studio, 40 * 480, 480, 60); // silence before it
  puppet_rest(p);
  puppet_key(p, NM_KEY_HOME, 0);
  puppet_key(p, 'k', 0);
  fake_portaudio_listen(.1f);
  puppet_key(p, NM_KEY_SPACE, 0);
  WAIT_FOR(p, fake_portaudio_get_heard_s() > 0);
  puppet_key(p, 'k', 0);
  puppet_key(p, NM_KEY_SPACE, 0);
}

static void what_the_ruler_is_dragged_over_is_heard(void **state)
{
  Puppet *p = *state;
  NmRect roll = p->studio->roll_rect;
  WAIT_FOR(p, !p->studio->heard.plays);
  fake_portaudio_listen(.05f);
  float y = roll.y - 6, x = nm_axis_get_x(&p->studio->axis, 480);
  puppet_drag(p, x, y, x + 200, y);
  WAIT_FOR(p, fake_portaudio_get_heard_s() > 0);
  assert_false(p->studio->heard.plays);
}

// A note appears under the playhead: how long until it sounds, the device's delay and what it had been given
// included.
static void an_edit_is_heard_soon(void **state)
{
  Puppet *p = *state;
  enum { N = 9 };
  double waits[N];
  puppet_key(p, 'a', NM_MOD_CTRL);
  puppet_key(p, NM_KEY_DELETE, 0);
  nm_studio_add(p->studio, 200 * 480, 480, 60);
  puppet_rest(p);
  puppet_key(p, NM_KEY_HOME, 0);
  puppet_key(p, NM_KEY_SPACE, 0);
  WAIT_FOR(p, get_seconds(p) > .2);
  for (int i = 0; i < N; i++) {
    double edited_s = now_s();
    fake_portaudio_listen(.05f);
    nm_studio_add(p->studio, (int64_t)p->studio->ruler_model.playhead, 4 * 480, 60);
    WAIT_FOR(p, fake_portaudio_get_heard_s() > 0);
    waits[i] = fake_portaudio_get_heard_s() - edited_s;
    nm_studio_undo(p->studio);
    WAIT_FOR(p, (fake_portaudio_take_peak(), go_on(p), go_on(p), go_on(p), go_on(p), go_on(p), go_on(p),
                 go_on(p), fake_portaudio_take_peak() < .001f));
  }
  double sum = 0, most = 0;
  for (int i = 0; i < N; i++) {
    sum += waits[i];
    if (waits[i] > most) most = waits[i];
  }
  print_message("an edit is heard after %.0f ms, at most %.0f\n", 1000 * sum / N, 1000 * most);
  puppet_key(p, NM_KEY_SPACE, 0);
}

static void a_device_is_chosen(void **state)
{
  Puppet *p = *state;
  nm_studio_ask_device(p->studio);
  WAIT_FOR(p, p->studio->device.knows);
  assert_int_equal(p->studio->device.found.n, 2);
  assert_string_equal(p->studio->device.found.names[1], "card 1 (fake)");
  puppet_key(p, NM_KEY_ESCAPE, 0);
  puppet_key(p, NM_KEY_SPACE, 0);
  WAIT_FOR(p, get_seconds(p) > .3);
  assert_int_equal(fake_portaudio_get_card(), 0);
  nm_studio_choose_device(p->studio, "card 1 (fake)");
  WAIT_FOR(p, fake_portaudio_get_card() == 1 && get_seconds(p) > .6);
  assert_true(p->studio->heard.plays);
  puppet_key(p, NM_KEY_SPACE, 0);
  p->studio->device.chosen[0] = 0;
  nm_studio_recall_device(p->studio);
  assert_string_equal(p->studio->device.chosen, "card 1 (fake)");
}

static void a_device_that_is_unplugged_is_replaced(void **state)
{
  Puppet *p = *state;
  nm_studio_choose_device(p->studio, "card 1 (fake)");
  puppet_key(p, NM_KEY_SPACE, 0);
  WAIT_FOR(p, fake_portaudio_get_card() == 1 && get_seconds(p) > 1);
  fake_portaudio_set_cards(1);
  fake_portaudio_unplug();
  WAIT_FOR(p, fake_portaudio_get_card() == 0 && get_seconds(p) > 2);
  assert_true(p->studio->heard.plays);
  assert_non_null(strstr(p->studio->status, "gone away"));
  // The last one goes, too: it stops, and says why.
  fake_portaudio_set_cards(0);
  fake_portaudio_unplug();
  WAIT_FOR(p, !p->studio->heard.plays);
  assert_non_null(strstr(p->studio->status, "no sound device"));
  assert_non_null(strstr(p->studio->status, "Play > Sound device")); // what can be done in a window
  assert_null(strstr(p->studio->status, "-o"));
  fake_portaudio_set_cards(1);
  puppet_key(p, NM_KEY_SPACE, 0);
  WAIT_FOR(p, p->studio->heard.plays && fake_portaudio_get_card() == 0);
  puppet_key(p, NM_KEY_SPACE, 0);
}

// After all that was played, stopped, looped, scrubbed, discarded above.
static void the_callback_never_allocates(void **state)
{
  assert_true(fake_portaudio_get_n_calls() > 100);
  assert_int_equal(fake_portaudio_get_n_allocations(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_studio, close_studio)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(it_plays_from_anywhere),
                                     TEST(a_loop_is_played_again_and_again),
                                     TEST(the_metronome_is_heard),
                                     TEST(what_the_ruler_is_dragged_over_is_heard),
                                     TEST(an_edit_is_heard_soon),
                                     TEST(a_device_is_chosen),
                                     TEST(a_device_that_is_unplugged_is_replaced),
                                     cmocka_unit_test(the_callback_never_allocates)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
