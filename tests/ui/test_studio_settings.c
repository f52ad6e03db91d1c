// SPDX-License-Identifier: GPL-3.0-or-later
// The settings of a song by mouse and keyboard: what is in the document afterwards, and how it is undone.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/puppet.h"

enum { X_CROSS = 1025, X_SLIDER = 1046, X_SLIDER_END = 1160, Y_FIRST = 168, ROW = 28 };

static int open_studio(void **state)
{
  static Puppet puppet;
  puppet_open(&puppet, 4);
  *state = &puppet;
  return 0;
}

static int close_studio(void **state)
{
  puppet_close(*state);
  return 0;
}

static double get_number(const Puppet *p, const char *pointer)
{
  const json_t *value = nm_document_get(p->studio->doc, pointer);
  return value ? json_number_value(value) : NAN;
}

static int count_steps(const Puppet *p)
{
  int n = 0;
  while (nm_document_undo(p->studio->doc, NULL) == NM_OK) n++;
  for (int i = 0; i < n; i++) assert_int_equal(nm_document_redo(p->studio->doc, NULL), NM_OK);
  return n;
}

// Slowly, as sliders are moved.
static void slide(Puppet *p, float x0, float y, float x1)
{
  puppet_click(p, 640, 20); // long before
  puppet_move(p, x0, y);
  puppet_rest(p);
  puppet_button(p, NM_BUTTON_LEFT, true, x0, y);
  puppet_rest(p);
  for (int i = 1; i <= 4; i++) {
    puppet_move(p, x0 + (x1 - x0) * (float)i / 4, y);
    puppet_rest(p);
  }
  puppet_button(p, NM_BUTTON_LEFT, false, x1, y);
  puppet_rest(p);
}

static void a_slider_sets_a_value_in_one_step(void **state)
{
  Puppet *p = *state;
  const float y = Y_FIRST + 5 * ROW; // vibrato
  puppet_key(p, NM_KEY_F1 + 3, 0);
  slide(p, X_SLIDER + 30, y, X_SLIDER_END);
  assert_float_equal(get_number(p, "/voice/vibrato_cents"), 150, 1e-6);
  assert_int_equal(count_steps(p), 1);
  slide(p, X_SLIDER_END - 5, y, X_SLIDER);
  assert_float_equal(get_number(p, "/voice/vibrato_cents"), 0, 1e-6);
  assert_int_equal(count_steps(p), 2);
  puppet_click(p, X_CROSS, y);
  assert_null(nm_document_get(p->studio->doc, "/voice"));
  puppet_key(p, 'z', NM_MOD_CTRL);
  puppet_key(p, 'z', NM_MOD_CTRL);
  assert_float_equal(get_number(p, "/voice/vibrato_cents"), 150, 1e-6);
}

static void lines_have_a_voice_of_their_own(void **state)
{
  Puppet *p = *state;
  const float y = Y_FIRST + ROW; // speech to song
  nm_studio_choose_note(p->studio, 12, false);
  nm_studio_choose_note(p->studio, 20, true);
  puppet_key(p, NM_KEY_F1 + 3, 0);
  puppet_click(p, 1115, 129); // "2 lines"
  slide(p, X_SLIDER_END - 4, y, X_SLIDER);
  assert_float_equal(get_number(p, "/lines/1/voice/as"), 0, 1e-6);
  assert_float_equal(get_number(p, "/lines/2/voice/as"), 0, 1e-6);
  assert_null(nm_document_get(p->studio->doc, "/lines/0/voice"));
  assert_null(nm_document_get(p->studio->doc, "/voice"));
  assert_int_equal(count_steps(p), 1);
  puppet_click(p, X_SLIDER + 10, Y_FIRST + 4 * ROW - 1); // straight notes
  assert_true(json_is_true(nm_document_get(p->studio->doc, "/lines/1/voice/plain")));
  puppet_click(p, X_CROSS, Y_FIRST + 4 * ROW); // as the song
  puppet_click(p, X_CROSS, y);
  assert_null(nm_document_get(p->studio->doc, "/lines/1/voice"));
  assert_null(nm_document_get(p->studio->doc, "/lines/2/voice"));
}

// Tab goes to the first slider; Space takes it, arrows move it.
static void everything_is_reached_by_the_keyboard(void **state)
{
  Puppet *p = *state;
  puppet_key(p, NM_KEY_F1 + 3, 0);
  for (int i = 0; i < 6; i++) puppet_key(p, NM_KEY_TAB, 0); // tabs, scope, singer
  puppet_key(p, NM_KEY_SPACE, 0);
  for (int i = 0; i < 30; i++) puppet_key(p, NM_KEY_LEFT, 0);
  assert_true(get_number(p, "/voice/as") < 1);
  assert_int_equal(count_steps(p), 1);
  puppet_key(p, NM_KEY_F1 + 3, 0);
  assert_false(p->studio->settings.shown);
}

static void tempo_meter_and_key_change_at_the_playhead(void **state)
{
  Puppet *p = *state;
  const NmSong *song;
  puppet_key(p, NM_KEY_F1 + 4, 0);
  puppet_double_click(p, 1100, 251);
  puppet_key(p, 'a', NM_MOD_CTRL);
  puppet_type(p, "90");
  puppet_key(p, NM_KEY_ENTER, 0);
  song = nm_document_get_song(p->studio->doc);
  assert_int_equal(song->n_tempos, 1);
  assert_float_equal(song->tempos[0].bpm, 90, 1e-9);
  nm_studio_seek(p->studio, 3 * 1920 + 700); // in bar 4
  puppet_rest(p);
  puppet_click(p, 1080, 279); // otherwise from bar 4 on
  slide(p, 1080, 251, 1100);
  song = nm_document_get_song(p->studio->doc);
  assert_int_equal(song->n_tempos, 2);
  assert_int_equal(song->tempos[1].tick, 3 * 1920);
  assert_true(song->tempos[1].bpm > 90);
  assert_float_equal(song->tempos[0].bpm, 90, 1e-9);
  puppet_click(p, X_CROSS, 251); // as before
  assert_int_equal(nm_document_get_song(p->studio->doc)->n_tempos, 1);
}

static void the_title_is_typed(void **state)
{
  Puppet *p = *state;
  puppet_key(p, NM_KEY_F1 + 4, 0);
  puppet_click(p, 1080, 129);
  puppet_type(p, "Moon");
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_string_equal(nm_document_get_song(p->studio->doc)->title, "Moon");
  puppet_click(p, 1080, 129);
  puppet_type(p, "Sun");
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_string_equal(nm_document_get_song(p->studio->doc)->title, "Moon");
  assert_int_equal(count_steps(p), 1);
}

static void the_band_and_the_mix(void **state)
{
  Puppet *p = *state;
  puppet_key(p, NM_KEY_F1 + 5, 0);
  puppet_click(p, 1055, 129);
  assert_true(json_is_true(nm_document_get(p->studio->doc, "/backing/on")));
  puppet_click(p, 1055, 157); // heard no longer, and again
  assert_true(p->studio->mutes_band);
  puppet_click(p, X_CROSS, 157);
  assert_false(p->studio->mutes_band);
  puppet_click(p, 1100, 185); // mood
  puppet_key(p, NM_KEY_DOWN, 0);
  puppet_key(p, NM_KEY_DOWN, 0);
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_non_null(json_string_value(nm_document_get(p->studio->doc, "/backing/mood")));
  slide(p, X_SLIDER + 70, 421, X_SLIDER_END);
  assert_float_equal(get_number(p, "/mix/voice_db"), 12, 1e-6);
  slide(p, X_SLIDER, 353, X_SLIDER_END);
  assert_true(json_is_integer(nm_document_get(p->studio->doc, "/lead_in_bars")));
  while (nm_document_get_undo(p->studio->doc)) puppet_key(p, 'z', NM_MOD_CTRL);
  assert_null(nm_document_get(p->studio->doc, "/backing"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_studio, close_studio)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(a_slider_sets_a_value_in_one_step),
                                     TEST(lines_have_a_voice_of_their_own),
                                     TEST(everything_is_reached_by_the_keyboard),
                                     TEST(tempo_meter_and_key_change_at_the_playhead),
                                     TEST(the_title_is_typed),
                                     TEST(the_band_and_the_mix)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
