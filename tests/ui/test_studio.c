// SPDX-License-Identifier: GPL-3.0-or-later
// The studio as a user drives it: mouse and keyboard, and what becomes of the song.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/document/edits.h"
#include "app/document/file.h"
#include "app/studio/file.h"
#include "tests/ui/puppet.h"

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

static void notes_are_moved_by_the_mouse(void **state)
{
  Puppet *p = *state;
  float x, y, row = p->studio->roll.row;
  puppet_find(p, 2, &x, &y);
  puppet_drag(p, x, y, x, y - 3 * row);
  assert_int_equal(puppet_note(p, 2)->pitch, 67);
  assert_int_equal(puppet_note(p, 2)->onset, 960);
  assert_string_equal(nm_document_get_undo(p->studio->doc), "Move notes");
  puppet_key(p, 'z', NM_MOD_CTRL);
  assert_int_equal(puppet_note(p, 2)->pitch, 64);
  puppet_key(p, 'z', NM_MOD_CTRL | NM_MOD_SHIFT);
  assert_int_equal(puppet_note(p, 2)->pitch, 67);
}

static void what_is_dragged_snaps_but_not_with_ctrl(void **state)
{
  Puppet *p = *state;
  float x, y, beat = (float)p->studio->axis.zoom;
  puppet_find(p, 35, &x, &y); // the last, behind which there is room
  puppet_key(p, NM_KEY_END, 0);
  nm_studio_choose_note(p->studio, 35, false);
  puppet_rest(p);
  puppet_find(p, 35, &x, &y);
  puppet_drag(p, x, y, x + beat * .9f, y);
  assert_int_equal(puppet_note(p, 35)->onset, 31 * 480 + 240 + 480);
  nm_kit_post(p->kit, &(NmEvent){.kind = NM_EVENT_KEY, .key = NM_KEY_CTRL, .down = true});
  puppet_find(p, 35, &x, &y);
  puppet_drag(p, x, y, x + beat * .1f, y);
  nm_kit_post(p->kit, &(NmEvent){.kind = NM_EVENT_KEY, .key = NM_KEY_CTRL});
  assert_in_range(puppet_note(p, 35)->onset, 31 * 480 + 720 + 40, 31 * 480 + 720 + 56);
}

static void ends_are_dragged(void **state)
{
  Puppet *p = *state;
  float x, y, beat = (float)p->studio->axis.zoom;
  puppet_find(p, 3, &x, &y);
  puppet_drag(p, x + beat / 2 - 3, y, x - 2, y);
  assert_int_equal(puppet_note(p, 3)->len, 240);
  puppet_find(p, 3, &x, &y);
  puppet_drag(p, x - beat / 4 + 2, y, x - beat * 3 / 4, y);
  assert_int_equal(puppet_note(p, 3)->onset, 1200);
  assert_int_equal(puppet_note(p, 3)->len, 480);
  assert_int_equal(puppet_note(p, 2)->len, 240); // made room
}

static void a_click_selects_and_shift_extends(void **state)
{
  Puppet *p = *state;
  float x, y;
  puppet_find(p, 1, &x, &y);
  puppet_click(p, x, y);
  assert_int_equal(nm_studio_get_note(p->studio), 1);
  assert_true(p->studio->model.lyrics.syllables[1].selected);
  puppet_find(p, 4, &x, &y);
  puppet_button(p, NM_BUTTON_LEFT, false, x, y);
  nm_kit_post(p->kit, &(NmEvent){.kind = NM_EVENT_KEY, .key = NM_KEY_SHIFT, .down = true});
  puppet_click(p, x, y);
  nm_kit_post(p->kit, &(NmEvent){.kind = NM_EVENT_KEY, .key = NM_KEY_SHIFT});
  int32_t ids[64];
  assert_int_equal(nm_studio_model_get_selected(&p->studio->model, ids), 2);
  puppet_key(p, NM_KEY_UP, 0);
  assert_int_equal(puppet_note(p, 1)->pitch, 63);
  assert_int_equal(puppet_note(p, 4)->pitch, 68);
  assert_int_equal(nm_studio_model_get_selected(&p->studio->model, ids), 2);
}

static void a_box_selects(void **state)
{
  Puppet *p = *state;
  float x0, y0, x1, y1, row = p->studio->roll.row;
  int32_t ids[64];
  puppet_find(p, 1, &x0, &y0);
  puppet_find(p, 3, &x1, &y1);
  puppet_drag(p, x0 - 5, y0 + 2 * row, x1 + 5, y1 - 2 * row);
  assert_int_equal(nm_studio_model_get_selected(&p->studio->model, ids), 3);
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_int_equal(nm_studio_model_get_selected(&p->studio->model, ids), 0);
}

static void notes_are_added_and_deleted(void **state)
{
  Puppet *p = *state;
  float x, y, row = p->studio->roll.row;
  int n = puppet_n_notes(p);
  puppet_find(p, 0, &x, &y);
  puppet_double_click(p, x, y - 8 * row); // above the first: that one is cut
  assert_int_equal(puppet_note(p, nm_studio_get_note(p->studio))->pitch, 68);
  puppet_key(p, NM_KEY_DELETE, 0);
  puppet_key(p, 'a', NM_MOD_CTRL);
  puppet_key(p, NM_KEY_DELETE, 0);
  assert_int_equal(puppet_n_notes(p), 0);
  for (int i = 0; i < 3; i++) puppet_key(p, 'z', NM_MOD_CTRL);
  assert_int_equal(puppet_n_notes(p), n);
}

static void words_are_typed_through(void **state)
{
  Puppet *p = *state;
  float x, y;
  puppet_find(p, 0, &x, &y);
  puppet_double_click(p, x, y);
  assert_true(nm_kit_is_typing(p->kit));
  puppet_type(p, "glo-");
  puppet_key(p, NM_KEY_TAB, 0);
  puppet_type(p, "ri-a in");
  puppet_key(p, NM_KEY_TAB, 0);
  puppet_type(p, "_");
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_false(nm_kit_is_typing(p->kit));
  assert_string_equal(puppet_text(p, 0), "glo-");
  assert_string_equal(puppet_text(p, 1), "ri-");
  assert_string_equal(puppet_text(p, 2), "a");
  assert_string_equal(puppet_text(p, 3), "in");
  assert_true(p->studio->model.roll.notes[4].continues);
  assert_string_equal(puppet_text(p, 5), "ma");
}

static void a_hyphen_alone_is_a_melisma(void **state)
{
  Puppet *p = *state;
  nm_studio_choose_note(p->studio, 1, false);
  puppet_key(p, NM_KEY_ENTER, 0);
  puppet_type(p, "-");
  puppet_key(p, NM_KEY_TAB, 0);
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_true(p->studio->model.roll.notes[1].continues);
  assert_string_equal(puppet_text(p, 0), "la");
  assert_string_equal(puppet_text(p, 2), "li");
}

static void notes_and_songs_are_transposed(void **state)
{
  Puppet *p = *state;
  nm_studio_choose_note(p->studio, 2, false);
  puppet_key(p, 't', NM_MOD_CTRL);
  assert_true(nm_kit_is_popup_open(p->kit));
  puppet_key(p, 'a', NM_MOD_CTRL);
  puppet_type(p, "4");
  for (int i = 0; i < 3; i++) puppet_key(p, NM_KEY_TAB, 0);
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_false(nm_kit_is_popup_open(p->kit));
  assert_int_equal(puppet_note(p, 2)->pitch, 68);
  assert_int_equal(puppet_note(p, 3)->pitch, 65);
  assert_int_equal(nm_edit_set_key(p->studio->doc, 0, 0, false, NULL), NM_OK);
  puppet_key(p, NM_KEY_ESCAPE, 0);
  puppet_key(p, 't', NM_MOD_CTRL);
  puppet_key(p, 'a', NM_MOD_CTRL);
  puppet_type(p, "-2");
  for (int i = 0; i < 2; i++) puppet_key(p, NM_KEY_TAB, 0);
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_int_equal(puppet_note(p, 0)->pitch, 58);
  assert_int_equal(nm_document_get_song(p->studio->doc)->keys[0].fifths, -2); // B flat
  puppet_key(p, 'z', NM_MOD_CTRL);
  assert_int_equal(puppet_note(p, 0)->pitch, 60);
  assert_int_equal(nm_document_get_song(p->studio->doc)->keys[0].fifths, 0);
}

static void markers_are_set_and_found(void **state)
{
  Puppet *p = *state;
  int32_t n;
  for (int i = 1; i < 3; i++) {
    nm_studio_seek(p->studio, i * 1920 + 7);
    puppet_key(p, 'm', NM_MOD_CTRL);
    puppet_type(p, i == 1 ? "verse" : "refrain");
    puppet_key(p, NM_KEY_ENTER, 0);
  }
  const NmPlaceMark *markers = nm_document_get_markers(p->studio->doc, &n);
  assert_int_equal(n, 2);
  assert_int_equal(markers[1].tick, 3840);
  assert_string_equal(markers[1].name, "refrain");
  puppet_key(p, NM_KEY_HOME, 0);
  puppet_key(p, NM_KEY_PAGE_DOWN, 0);
  assert_float_equal(p->studio->ruler_model.playhead, 1920, 1e-9);
  puppet_key(p, NM_KEY_PAGE_DOWN, 0);
  puppet_key(p, NM_KEY_PAGE_DOWN, 0);
  assert_float_equal(p->studio->ruler_model.playhead, 3840, 1e-9);
  puppet_key(p, NM_KEY_PAGE_UP, 0);
  assert_float_equal(p->studio->ruler_model.playhead, 1920, 1e-9);
  puppet_key(p, 'm', NM_MOD_CTRL); // has it already: Set, Cancel, Remove
  for (int i = 0; i < 3; i++) puppet_key(p, NM_KEY_TAB, 0);
  puppet_key(p, NM_KEY_ENTER, 0);
  (void)nm_document_get_markers(p->studio->doc, &n);
  assert_int_equal(n, 1);
}

static void pitch_swings_and_is_smoothed(void **state)
{
  Puppet *p = *state;
  const NmStudioModel *model = &p->studio->model;
  float high = 0, sum = 0, sum_smooth = 0;
  for (int i = 0; i < 2; i++) nm_studio_choose_note(p->studio, 3 + i, i > 0);
  puppet_key(p, 'v', 0);
  assert_in_range(model->n_pitch, 40, 60); // a second
  for (int i = 0; i < model->n_pitch; i++) {
    high = fmaxf(high, fabsf(model->pitch[i].value));
    sum += i ? fabsf(model->pitch[i].value - model->pitch[i - 1].value) : 0;
  }
  assert_true(high > 25 && high < 36);
  assert_float_equal(model->pitch[0].at, 3 * 480, 1e-9);
  assert_float_equal(model->pitch[model->n_pitch - 1].value, 0, 1e-3);
  puppet_key(p, 'h', 0);
  for (int i = 1; i < model->n_pitch; i++)
    sum_smooth += fabsf(model->pitch[i].value - model->pitch[i - 1].value);
  assert_true(sum_smooth < .7f * sum);
  puppet_key(p, 'z', NM_MOD_CTRL);
  puppet_key(p, 'z', NM_MOD_CTRL);
  assert_int_equal(model->n_pitch, 0);
}

static void the_tour_is_walked_once(void **state)
{
  Puppet *p = *state;
  char path[128];
  nm_tour_offer(p->studio);
  puppet_rest(p);
  assert_true(p->studio->tour.on);
  assert_int_equal(puppet_n_notes(p), 36); // there is a song already
  for (int i = 0; i < 3; i++) puppet_key(p, NM_KEY_ENTER, 0);
  assert_int_equal(p->studio->tour.step, 3);
  puppet_key(p, NM_KEY_TAB, 0);
  puppet_key(p, NM_KEY_ENTER, 0); // back
  assert_int_equal(p->studio->tour.step, 2);
  for (int i = 0; i < 6; i++) puppet_key(p, NM_KEY_ENTER, 0);
  assert_false(p->studio->tour.on);
  snprintf(path, sizeof path, "%s/neume/toured", p->folder);
  assert_int_equal(access(path, F_OK), 0);
  nm_tour_offer(p->studio);
  assert_false(p->studio->tour.on);
  nm_tour_begin(p->studio); // by the menu
  puppet_rest(p);
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_false(p->studio->tour.on);
}

static void the_tour_opens_the_demo_song(void **state)
{
  Puppet *p = *state;
  setenv("NEUME_ASSETS", NM_ASSETS, 1);
  puppet_key(p, 'a', NM_MOD_CTRL);
  puppet_key(p, NM_KEY_DELETE, 0);
  nm_tour_offer(p->studio);
  unsetenv("NEUME_ASSETS");
  puppet_rest(p);
  assert_string_equal(nm_document_get_song(p->studio->doc)->title, "Harbour Lights");
  assert_string_equal(p->studio->path, ""); // a copy
}

static void typing_can_be_given_up(void **state)
{
  Puppet *p = *state;
  uint64_t before = nm_document_get_revision(p->studio->doc);
  nm_studio_choose_note(p->studio, 2, false);
  puppet_key(p, NM_KEY_ENTER, 0);
  puppet_type(p, "zzz");
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_false(nm_kit_is_typing(p->kit));
  assert_int_equal(nm_document_get_revision(p->studio->doc), before);
}

static void the_keyboard_goes_through_the_notes(void **state)
{
  Puppet *p = *state;
  puppet_key(p, NM_KEY_RIGHT, 0);
  assert_int_equal(nm_studio_get_note(p->studio), 0);
  puppet_key(p, NM_KEY_RIGHT, 0);
  puppet_key(p, NM_KEY_RIGHT, 0);
  assert_int_equal(nm_studio_get_note(p->studio), 2);
  puppet_key(p, NM_KEY_LEFT, 0);
  puppet_key(p, NM_KEY_RIGHT, NM_MOD_SHIFT);
  assert_int_equal(nm_studio_get_note(p->studio), 1);
  assert_int_equal(nm_studio_get_last_note(p->studio), 2);
  puppet_key(p, 'm', 0);
  assert_int_equal(puppet_note(p, 1)->len, 960);
  puppet_key(p, 's', 0);
  assert_int_equal(puppet_note(p, 1)->len, 480);
  puppet_key(p, NM_KEY_UP, NM_MOD_SHIFT);
  assert_int_equal(puppet_note(p, 1)->pitch, 74);
  puppet_key(p, NM_KEY_LEFT, NM_MOD_ALT);
  assert_int_equal(puppet_note(p, 1)->len, 240);
}

static void the_menu_opens_by_the_keyboard(void **state)
{
  Puppet *p = *state;
  puppet_key(p, 'a', NM_MOD_CTRL);
  puppet_key(p, 'e', NM_MOD_ALT);
  assert_true(nm_kit_is_popup_open(p->kit));
  for (int i = 0; i < 8; i++) puppet_key(p, NM_KEY_DOWN, 0);
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_false(nm_kit_is_popup_open(p->kit));
  int32_t ids[64];
  assert_int_equal(nm_studio_model_get_selected(&p->studio->model, ids), 36);
  puppet_key(p, NM_KEY_F1, 0);
  assert_true(nm_kit_is_popup_open(p->kit));
  puppet_key(p, NM_KEY_UP, 0); // goes to the dialog
  assert_int_equal(puppet_note(p, 0)->pitch, 60);
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_false(nm_kit_is_popup_open(p->kit));
}

static void tab_goes_through_everything(void **state)
{
  Puppet *p = *state;
  int n_plays = 0;
  for (int i = 0; i < 40; i++) {
    puppet_key(p, NM_KEY_TAB, i % 7 == 6 ? NM_MOD_SHIFT : 0);
    n_plays += nm_kit_is_typing(p->kit);
  }
  assert_int_equal(n_plays, 0);
  assert_int_equal(puppet_n_notes(p), 36);
}

static void wheels_scroll_and_zoom(void **state)
{
  Puppet *p = *state;
  float x, y;
  double first = p->studio->axis.first, zoom = p->studio->axis.zoom;
  puppet_find(p, 4, &x, &y);
  puppet_move(p, x, y);
  puppet_wheel(p, 2, 0);
  assert_true(p->studio->axis.first > first);
  nm_kit_post(p->kit, &(NmEvent){.kind = NM_EVENT_KEY, .key = NM_KEY_CTRL, .down = true});
  puppet_wheel(p, 0, 2);
  nm_kit_post(p->kit, &(NmEvent){.kind = NM_EVENT_KEY, .key = NM_KEY_CTRL});
  puppet_rest(p);
  assert_true(p->studio->axis.zoom > zoom * 1.3);
}

static void songs_are_saved_and_opened(void **state)
{
  Puppet *p = *state;
  char path[128];
  NmError err = {0};
  snprintf(path, sizeof path, "%s/a song.neume", p->folder);
  nm_studio_choose_note(p->studio, 0, false);
  puppet_key(p, NM_KEY_UP, 0);
  puppet_key(p, 's', NM_MOD_CTRL);
  assert_true(nm_kit_is_popup_open(p->kit) && nm_kit_is_typing(p->kit));
  puppet_key(p, 'a', NM_MOD_CTRL);
  puppet_type(p, path);
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_false(nm_kit_is_popup_open(p->kit));
  assert_string_equal(p->studio->path, path);
  assert_false(nm_document_is_changed(p->studio->doc));
  puppet_key(p, NM_KEY_UP, 0);
  puppet_key(p, 'n', NM_MOD_CTRL); // asks what becomes of the change
  assert_true(nm_kit_is_popup_open(p->kit));
  puppet_key(p, NM_KEY_TAB, 0);
  puppet_key(p, NM_KEY_ENTER, 0); // do not save
  assert_int_equal(puppet_n_notes(p), 0);
  assert_int_equal(nm_studio_open(p->studio, path, &err), NM_OK);
  puppet_rest(p);
  assert_int_equal(puppet_n_notes(p), 36);
  assert_int_equal(puppet_note(p, 0)->pitch, 61);
}

static void what_was_not_saved_comes_back(void **state)
{
  Puppet *p = *state;
  char path[128];
  NmError err = {0};
  snprintf(path, sizeof path, "%s/song.neume", p->folder);
  assert_int_equal(nm_document_save(p->studio->doc, path, false, &err), NM_OK);
  assert_int_equal(nm_studio_open(p->studio, path, &err), NM_OK);
  puppet_rest(p);
  for (int i = 0; i < 3; i++) {
    nm_studio_choose_note(p->studio, i, false);
    puppet_key(p, NM_KEY_UP, 0);
  }
  nm_document_close_journal(p->studio->doc, true); // as a crash would leave it
  nm_studio_new_song(p->studio);
  puppet_rest(p);
  puppet_key(p, NM_KEY_TAB, 0);
  puppet_key(p, NM_KEY_SPACE, 0);
  assert_int_equal(nm_studio_open(p->studio, path, &err), NM_OK);
  puppet_rest(p);
  assert_true(nm_kit_is_popup_open(p->kit));
  puppet_key(p, NM_KEY_ENTER, 0); // bring them back
  assert_false(nm_kit_is_popup_open(p->kit));
  assert_int_equal(puppet_note(p, 2)->pitch, 65);
  for (int i = 0; i < 3; i++) puppet_key(p, 'z', NM_MOD_CTRL);
  assert_int_equal(puppet_note(p, 0)->pitch, 60);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_studio, close_studio)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(notes_are_moved_by_the_mouse),
                                     TEST(what_is_dragged_snaps_but_not_with_ctrl),
                                     TEST(ends_are_dragged),
                                     TEST(a_click_selects_and_shift_extends),
                                     TEST(a_box_selects),
                                     TEST(notes_are_added_and_deleted),
                                     TEST(words_are_typed_through),
                                     TEST(a_hyphen_alone_is_a_melisma),
                                     TEST(notes_and_songs_are_transposed),
                                     TEST(markers_are_set_and_found),
                                     TEST(pitch_swings_and_is_smoothed),
                                     TEST(the_tour_is_walked_once),
                                     TEST(the_tour_opens_the_demo_song),
                                     TEST(typing_can_be_given_up),
                                     TEST(the_keyboard_goes_through_the_notes),
                                     TEST(the_menu_opens_by_the_keyboard),
                                     TEST(tab_goes_through_everything),
                                     TEST(wheels_scroll_and_zoom),
                                     TEST(songs_are_saved_and_opened),
                                     TEST(what_was_not_saved_comes_back)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
