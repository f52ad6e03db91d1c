// SPDX-License-Identifier: GPL-3.0-or-later
// Composing in the studio: lyrics, lines and words, by the keyboard, and what becomes of the song. The last
// test asks the model itself, in the background.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/studio/file.h"
#include "tests/ui/fake_muse.h"

static int open_studio(void **state)
{
  static Puppet puppet;
  puppet_open(&puppet, 4);
  fake_muse_install(&puppet);
  *state = &puppet;
  return 0;
}

static int close_studio(void **state)
{
  puppet_close(*state);
  return 0;
}

static char *print(const Puppet *p)
{
  char *bytes;
  size_t n;
  assert_int_equal(nm_document_print(p->studio->doc, &bytes, &n, NULL), NM_OK);
  return bytes;
}

static void expect_same(const Puppet *p, char *before)
{
  char *now = print(p);
  assert_string_equal(now, before);
  free(now);
  free(before);
}

static int count_takes(const Puppet *p, int line)
{
  char pointer[64];
  snprintf(pointer, sizeof pointer, "/lines/%d/takes", line);
  return (int)json_array_size(nm_document_get(p->studio->doc, pointer));
}

static const NmSong *get_song(const Puppet *p)
{
  return nm_document_get_song(p->studio->doc);
}

static void ask_for_lyrics(Puppet *p, const char *text)
{
  puppet_key(p, 'l', NM_MOD_CTRL | NM_MOD_SHIFT);
  assert_true(nm_kit_is_popup_open(p->kit) && nm_kit_is_typing(p->kit));
  puppet_key(p, 'a', NM_MOD_CTRL);
  nm_kit_set_clipboard(p->kit, text);
  puppet_key(p, 'v', NM_MOD_CTRL);
  puppet_key(p, NM_KEY_ENTER, NM_MOD_CTRL);
  assert_false(nm_kit_is_popup_open(p->kit));
}

static void lyrics_become_a_song(void **state)
{
  Puppet *p = *state;
  char *before = print(p);
  ask_for_lyrics(p, "sun and moon\nnight and day\n");
  assert_true(p->studio->audition.open);
  assert_int_equal(p->studio->audition.n, 4);
  assert_int_equal(p->studio->audition.chosen, 1);
  assert_int_equal(get_song(p)->n_lines, 2);
  assert_int_equal(puppet_n_notes(p), 6);
  assert_string_equal(puppet_text(p, 2), "moon");
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_false(p->studio->audition.open);
  assert_string_equal(nm_document_get_undo(p->studio->doc), "Compose a song");
  assert_int_equal(nm_document_get_n_undo(p->studio->doc), 1);
  puppet_key(p, 'z', NM_MOD_CTRL);
  expect_same(p, before);
}

static void lyrics_are_typed_into_an_empty_document(void **state)
{
  Puppet *p = *state;
  nm_studio_new_song(p->studio);
  puppet_rest(p);
  assert_int_equal(puppet_n_notes(p), 0);
  puppet_key(p, 'l', NM_MOD_CTRL | NM_MOD_SHIFT);
  puppet_type(p, "one two");
  puppet_key(p, NM_KEY_ENTER, 0); // a new line
  puppet_type(p, "three");
  puppet_key(p, NM_KEY_ENTER, NM_MOD_CTRL);
  assert_int_equal(get_song(p)->n_lines, 2);
  assert_int_equal(puppet_n_notes(p), 3);
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_int_equal(puppet_n_notes(p), 0);
  assert_false(p->studio->audition.open);
}

static void nothing_comes_of_no_words(void **state)
{
  Puppet *p = *state;
  char *before = print(p);
  ask_for_lyrics(p, " \n");
  puppet_rest(p);
  assert_false(p->studio->audition.open);
  assert_true(p->studio->status_is_warning);
  assert_non_null(strstr(p->studio->status, "no words"));
  expect_same(p, before);
}

static void the_dialog_is_left_by_escape(void **state)
{
  Puppet *p = *state;
  char *before = print(p);
  puppet_key(p, 'l', NM_MOD_CTRL | NM_MOD_SHIFT);
  assert_non_null(strstr(p->studio->composing.text, "la le li lo lu ma me mi\nla le"));
  puppet_key(p, NM_KEY_ESCAPE, 0);
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_false(nm_kit_is_popup_open(p->kit));
  expect_same(p, before);
}

static void candidates_are_gone_through(void **state)
{
  Puppet *p = *state;
  char *before = print(p);
  puppet_key(p, 'c', NM_MOD_SHIFT);
  assert_int_equal(p->studio->audition.chosen, 1);
  assert_int_equal(puppet_note(p, 0)->pitch, 60);
  puppet_key(p, NM_KEY_DOWN, 0);
  assert_int_equal(p->studio->audition.chosen, 2);
  assert_int_equal(puppet_note(p, 0)->pitch, 61);
  assert_int_equal(nm_document_get_n_undo(p->studio->doc), 1);
  puppet_key(p, NM_KEY_DOWN, 0);
  puppet_key(p, NM_KEY_DOWN, 0); // there is no other
  assert_int_equal(puppet_note(p, 0)->pitch, 62);
  for (int i = 0; i < 3; i++) puppet_key(p, NM_KEY_UP, 0);
  assert_int_equal(p->studio->audition.chosen, 0);
  expect_same(p, print(p));
  puppet_key(p, NM_KEY_DOWN, 0);
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_false(p->studio->audition.open);
  expect_same(p, before);
  assert_int_equal(nm_document_get_n_undo(p->studio->doc), 0);
}

static void a_candidate_is_clicked(void **state)
{
  Puppet *p = *state;
  puppet_key(p, 'c', NM_MOD_SHIFT);
  NmRect bounds = nm_kit_get_bounds(p->kit);
  float list = nm_candidates_get_height(4), y = bounds.h - 26 - list + 28;
  puppet_click(p, 60, y + 3 * 42 + 20);
  assert_int_equal(p->studio->audition.chosen, 3);
  assert_int_equal(puppet_note(p, 0)->pitch, 62);
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_int_equal(puppet_note(p, 0)->pitch, 62);
}

static void a_line_gets_another_melody_and_keeps_the_others(void **state)
{
  Puppet *p = *state;
  char *before = print(p);
  int64_t third = puppet_note(p, 18)->onset;
  nm_studio_choose_note(p->studio, 9, false); // of the second line
  puppet_key(p, 'c', 0);
  assert_int_equal(p->studio->audition.line_first, 1);
  puppet_key(p, NM_KEY_DOWN, 0);
  puppet_key(p, NM_KEY_DOWN, 0); // longer than there is room
  puppet_key(p, NM_KEY_UP, 0);
  assert_int_equal(puppet_note(p, 9)->pitch, 61);
  assert_int_equal(puppet_note(p, 0)->pitch, 60);
  assert_int_equal(puppet_note(p, 17)->onset, third); // a note less, and where it was
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_int_equal(count_takes(p, 1), 3);
  assert_int_equal(nm_document_get_n_undo(p->studio->doc), 1);
  puppet_key(p, 'z', NM_MOD_CTRL);
  expect_same(p, before);
}

static void takes_are_chosen_from(void **state)
{
  Puppet *p = *state;
  nm_studio_choose_note(p->studio, 0, false);
  puppet_key(p, 'c', 0);
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_int_equal(count_takes(p, 0), 3);
  nm_studio_choose_note(p->studio, 0, false);
  puppet_key(p, 'o', 0);
  assert_true(p->studio->audition.open);
  assert_int_equal(p->studio->audition.n, 4);
  puppet_key(p, NM_KEY_DOWN, 0); // as it was before all that
  assert_int_equal(puppet_note(p, 8)->pitch, 60);
  assert_int_equal(puppet_n_notes(p), 36);
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_int_equal(count_takes(p, 0), 3);
}

static void several_lines_are_composed_anew(void **state)
{
  Puppet *p = *state;
  nm_studio_choose_note(p->studio, 9, false);
  nm_studio_choose_note(p->studio, 20, true);
  puppet_key(p, 'c', 0);
  assert_int_equal(p->studio->audition.n_lines, 2);
  for (int i = 0; i < 2; i++) puppet_key(p, NM_KEY_DOWN, 0);
  assert_int_equal(p->studio->audition.chosen, 3);
  assert_int_equal(puppet_note(p, 9)->len, 720);
  assert_int_equal(puppet_note(p, 17)->len, 720);
  assert_string_equal(puppet_text(p, 24), "mi");
}

static void words_are_written_anew(void **state)
{
  Puppet *p = *state;
  char *before = print(p);
  puppet_key(p, 'w', NM_MOD_SHIFT);
  assert_true(nm_kit_is_popup_open(p->kit));
  puppet_type(p, "river");
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_false(nm_kit_is_popup_open(p->kit));
  assert_string_equal(p->studio->composing.theme, "river");
  assert_string_equal(puppet_text(p, 0), "do");
  puppet_key(p, NM_KEY_DOWN, 0);
  assert_string_equal(puppet_text(p, 0), "re");
  assert_int_equal(puppet_n_notes(p), 36);
  puppet_key(p, NM_KEY_ENTER, 0);
  puppet_key(p, 'z', NM_MOD_CTRL);
  nm_studio_choose_note(p->studio, 9, false);
  puppet_key(p, 'w', 0);
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_string_equal(puppet_text(p, 0), "la");
  assert_string_equal(puppet_text(p, 9), "do");
  puppet_key(p, NM_KEY_ESCAPE, 0);
  expect_same(p, before);
}

static void an_edit_in_between_keeps_what_is_chosen(void **state)
{
  Puppet *p = *state;
  puppet_key(p, 'c', NM_MOD_SHIFT);
  puppet_key(p, NM_KEY_DOWN, 0);
  nm_studio_choose_note(p->studio, 0, false);
  puppet_key(p, NM_KEY_UP, NM_MOD_SHIFT);
  assert_false(p->studio->audition.open);
  assert_int_equal(puppet_note(p, 0)->pitch, 73);
  puppet_key(p, 'z', NM_MOD_CTRL);
  puppet_key(p, 'z', NM_MOD_CTRL);
  assert_int_equal(puppet_n_notes(p), 36);
  assert_null(nm_document_get_undo(p->studio->doc));
}

static void another_document_ends_it(void **state)
{
  Puppet *p = *state;
  puppet_key(p, 'c', NM_MOD_SHIFT);
  nm_document_set_saved(p->studio->doc);
  nm_studio_new_song(p->studio);
  puppet_rest(p);
  assert_false(p->studio->audition.open);
  assert_int_equal(puppet_n_notes(p), 0);
}

// --- how words lie on notes ---

static void words_are_laid_otherwise(void **state)
{
  Puppet *p = *state;
  char *before = print(p);
  nm_studio_choose_note(p->studio, 9, false);
  puppet_key(p, 'x', 0); // shows the lane
  assert_false(p->studio->lanes[NM_LANE_ATTENTION].hidden);
  const NmLineWeights *weights = p->studio->attention.weights;
  assert_non_null(weights);
  assert_int_equal(weights->line, 1);
  assert_int_equal(weights->n_syllables, 8);
  assert_int_equal(weights->n_notes, 9);
  assert_null(weights->by[NM_WEIGHED_BY_ATTENTION].weights); // there is no model
  assert_true(weights->by[NM_WEIGHED_BY_FIT].n_ways > 2);
  puppet_key(p, 'x', 0);
  puppet_key(p, 'x', 0);
  assert_ptr_equal(p->studio->attention.weights, weights); // it is gone through one list
  assert_string_equal(nm_document_get_undo(p->studio->doc), "Lay words on notes");
  assert_int_equal(puppet_n_notes(p), 36);
  puppet_key(p, 'x', NM_MOD_SHIFT);
  while (nm_document_get_undo(p->studio->doc)) puppet_key(p, 'z', NM_MOD_CTRL);
  expect_same(p, before);
}

static void a_way_is_clicked(void **state)
{
  Puppet *p = *state;
  NmRect bounds = nm_kit_get_bounds(p->kit);
  float y = p->studio->roll_rect.y + p->studio->roll_rect.h;
  nm_studio_choose_note(p->studio, 0, false);
  puppet_key(p, 'x', 0);
  y -= p->studio->lanes[NM_LANE_ATTENTION].height;
  puppet_click(p, bounds.w - 60, y + 3 + 20 * 4 + 10); // two sources, then the third way
  const NmStudioAttention *attention = &p->studio->attention;
  const NmWeights *by = &attention->weights->by[NM_WEIGHED_BY_FIT];
  puppet_rest(p);
  for (int j = 0; j < 8; j++) {
    assert_int_equal(attention->n_notes[j], by->n_notes[16 + j]);
    assert_int_equal(attention->note_first[j], by->note_first[16 + j]);
  }
  puppet_key(p, NM_KEY_UP, NM_MOD_SHIFT); // another edit: it is weighed anew
  assert_int_equal(attention->revision, nm_document_get_revision(p->studio->doc));
  assert_int_equal(attention->line, 1);
}

static void other_songs_have_no_weights(void **state)
{
  Puppet *p = *state;
  nm_studio_choose_note(p->studio, 0, false);
  puppet_key(p, 'x', 0);
  nm_studio_new_song(p->studio);
  puppet_rest(p);
  assert_null(p->studio->attention.weights);
}

// --- the model itself ---

static void wait_for_muse(Puppet *p)
{
  for (int i = 0; nm_studio_is_composing(p->studio); i++) {
    if (i == 12000) fail_msg("nothing is composed within a minute or two");
    nm_studio_frame(p->studio);
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  }
  puppet_rest(p);
}

static void use_model(Puppet *p)
{
  char folder[] = NM_LEXICON;
  *strrchr(folder, '/') = 0;
  setenv("NEUME_ASSETS", folder, 1);
  nm_muse_free(p->studio->composing.muse);
  p->studio->composing.muse = NULL;
}

static void the_model_composes_in_the_background(void **state)
{
  Puppet *p = *state;
  use_model(p);
  ask_for_lyrics(p, "the morning sun is rising slow\nacross the fields of golden grain\n");
  assert_true(nm_studio_is_composing(p->studio));
  wait_for_muse(p);
  if (p->studio->status_is_warning) fail_msg("%s", p->studio->status);
  assert_true(p->studio->audition.n > 2);
  assert_int_equal(get_song(p)->n_syllables, 16);
  assert_true(puppet_n_notes(p) >= 16);
  puppet_key(p, NM_KEY_ENTER, 0);
  nm_studio_choose_note(p->studio, 0, false);
  puppet_key(p, 'c', 0);
  wait_for_muse(p);
  for (int i = 1; i < p->studio->audition.n; i++) {
    nm_studio_audition_choose(p->studio, i, false);
    if (p->studio->status_is_warning) fail_msg("%s", p->studio->status);
  }
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_true(count_takes(p, 0) > 1);
  puppet_key(p, 'w', 0);
  puppet_key(p, NM_KEY_ENTER, 0);
  wait_for_muse(p);
  if (p->studio->status_is_warning) fail_msg("%s", p->studio->status);
  assert_true(p->studio->audition.n > 2);
  puppet_key(p, NM_KEY_ENTER, 0);
  assert_int_equal(get_song(p)->n_lines, 2);
  assert_int_equal(nm_document_get_n_undo(p->studio->doc), 3);
}

static void the_model_attends(void **state)
{
  Puppet *p = *state;
  use_model(p);
  nm_studio_choose_note(p->studio, 9, false);
  puppet_key(p, 'x', 0);
  for (int i = 0; !p->studio->attention.weights; i++) {
    if (i == 12000) fail_msg("nothing is weighed within a minute or two");
    nm_studio_frame(p->studio);
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  }
  const NmLineWeights *weights = p->studio->attention.weights;
  const NmWeights *by = &weights->by[NM_WEIGHED_BY_ATTENTION];
  if (!by->weights) fail_msg("%s", weights->trouble);
  assert_true(by->n_ways > 2);
  float diagonal = 0, all = 0;
  for (int i = 0; i < 9; i++)
    for (int j = 0; j < 8; j++) {
      all += by->weights[i * 8 + j];
      if (j == (i < 8 ? i : 7)) diagonal += by->weights[i * 8 + j];
    }
  print_message("of the weights of 9 notes, %.2f are in the line and %.2f where it is sung\n", (double)all,
                (double)diagonal);
  assert_true(all <= 9.001f);
  assert_true(diagonal > 9 * .5f);
}

// Whatever is chosen, it finds room among the lines before and behind.
static void the_model_composes_some_lines(void **state)
{
  Puppet *p = *state;
  use_model(p);
  ask_for_lyrics(p, "the morning sun is rising slow\nacross the fields of golden grain\n"
                    "and everywhere the rivers go\nthey carry home the summer rain\n");
  wait_for_muse(p);
  puppet_key(p, NM_KEY_ENTER, 0);
  int32_t n_syllables = get_song(p)->n_syllables;
  nm_studio_choose_note(p->studio, p->studio->model.note_of_syllable[9], false);
  nm_studio_choose_note(p->studio, p->studio->model.note_of_syllable[18], true);
  puppet_key(p, 'c', 0);
  assert_int_equal(p->studio->audition.n_lines, 2);
  wait_for_muse(p);
  assert_true(p->studio->audition.n > 3);
  for (int i = 1; i < p->studio->audition.n; i++) {
    nm_studio_audition_choose(p->studio, i, false);
    if (p->studio->status_is_warning) fail_msg("%d: %s", i, p->studio->status);
    assert_int_equal(get_song(p)->n_syllables, n_syllables);
    for (int32_t s = 0; s < n_syllables; s++) assert_true(p->studio->model.note_of_syllable[s] >= 0);
  }
}

static void composing_is_given_up(void **state)
{
  Puppet *p = *state;
  char *before = print(p);
  use_model(p);
  puppet_key(p, 'c', NM_MOD_SHIFT);
  assert_true(nm_studio_is_composing(p->studio));
  puppet_key(p, NM_KEY_ESCAPE, 0);
  assert_false(nm_studio_is_composing(p->studio));
  puppet_rest(p);
  expect_same(p, before);
  puppet_key(p, 'c', NM_MOD_SHIFT); // and closed while it works
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_studio, close_studio)

int main(void)
{
  const struct CMUnitTest tests[] = {TEST(lyrics_become_a_song),
                                     TEST(lyrics_are_typed_into_an_empty_document),
                                     TEST(nothing_comes_of_no_words),
                                     TEST(the_dialog_is_left_by_escape),
                                     TEST(candidates_are_gone_through),
                                     TEST(a_candidate_is_clicked),
                                     TEST(a_line_gets_another_melody_and_keeps_the_others),
                                     TEST(takes_are_chosen_from),
                                     TEST(several_lines_are_composed_anew),
                                     TEST(words_are_written_anew),
                                     TEST(an_edit_in_between_keeps_what_is_chosen),
                                     TEST(another_document_ends_it),
                                     TEST(words_are_laid_otherwise),
                                     TEST(a_way_is_clicked),
                                     TEST(other_songs_have_no_weights),
                                     TEST(the_model_attends),
                                     TEST(the_model_composes_in_the_background),
                                     TEST(the_model_composes_some_lines),
                                     TEST(composing_is_given_up)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
