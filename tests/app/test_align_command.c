// SPDX-License-Identifier: GPL-3.0-or-later
// `neume align` as a user drives it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/song_file.h"
#include "tests/support/program.h"
#include "tests/support/song_check.h"

#define LYRICS NM_TEST_DATA "/data/lyrics/"
#define WORDS LYRICS "title_and_by.txt"

// "Amazing grace", New Britain.
static const char tune[] =
    "X:1\nT:New Britain\nM:3/4\nL:1/4\nK:G\n"
    "D|G2 B/G/|B2 A|G2 E|D2 D|G2 B/G/|B2 A|d3-|d2 B|d2 B/G/|B2 A|G2 E|D2 D|G2 B/G/|B2 A|"
    "G3-|G2|]\n";

static int set_up(void **state)
{
  enter_scratch();
  write_file("tune.abc", tune, strlen(tune));
  return 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

// Two stanzas are two verses, and "-ing" has the two quavers.
static void check_song(const char *path)
{
  NmSong *song = nm_song_read_file(path);
  int32_t note_first[56], n_notes[56];
  assert_int_equal(song->n_notes, 32);
  assert_int_equal(song->n_syllables, 56);
  assert_string_equal(song->title, "Amazing Grace");
  assert_int_equal(song->lines[song->n_lines - 1].verse, 2);
  nm_song_get_notes_of_syllables(song, note_first, n_notes);
  assert_string_equal(song->syllables[2].text, "ing");
  assert_int_equal(note_first[2], 2);
  assert_int_equal(n_notes[2], 2);
  nm_song_free(song);
}

static void test_files(void **state)
{
  static const char *const files[] = {"a.musicxml", "a.mxl", "a.abc"};
  for (size_t i = 0; i < sizeof files / sizeof *files; ++i) {
    expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "tune.abc", "-o", files[i]), 0, NULL);
    check_song(files[i]);
  }
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "tune.abc", "-o", "a.lrc"), 0, NULL);
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "a.musicxml", "-o", "b.abc"), 0, NULL);
  check_song("b.abc");
  assert_int_equal(count_files(), 6);
}

static void test_streams(void **state)
{
  Ran ran =
      RUN("A-ma-zing grace\nhow sweet the sound\n", NM_PROGRAM, "align", "-", "tune.abc", "--format", ".abc");
  assert_int_equal(ran.exit_code, 0);
  assert_non_null(strstr(ran.out, "w: "));
  ran_free(&ran);
  ran = RUN(tune, NM_PROGRAM, "align", WORDS, "-", "--format", ".musicxml");
  assert_int_equal(ran.exit_code, 0);
  assert_non_null(strstr(ran.out, "<score-partwise"));
  ran_free(&ran);
  expect_exit(RUN("", NM_PROGRAM, "align", "-", "-"), 2, "only one");
  expect_exit(RUN(NULL, NM_PROGRAM, "align",
                  "Oh how sweet the sound that saved a wretch like me and now I see", "tune.abc", "-o",
                  "a.abc"),
              0, NULL);
}

static void test_same_bytes(void **state)
{
  Ran a = RUN(NULL, NM_PROGRAM, "align", WORDS, "tune.abc", "--format", ".abc");
  Ran b = RUN(NULL, NM_PROGRAM, "align", WORDS, "tune.abc", "--format", ".abc");
  assert_string_equal(a.out, b.out);
  ran_free(&a);
  ran_free(&b);
}

static void check_candidate(const json_t *candidate)
{
  double sum = 0;
  const char *name;
  json_t *value;
  json_object_foreach(json_object_get(candidate, "parts"), name, value) sum += json_real_value(value);
  const double cost = json_real_value(json_object_get(candidate, "cost"));
  if (!(fabs(sum - cost) <= 1e-5 * cost)) fail_msg("parts of %g cost %g", sum, cost);
  const json_t *lines = json_object_get(candidate, "lines");
  assert_int_equal(json_array_size(lines), 8);
  for (size_t i = 0; i < 8; ++i) {
    const json_t *syllables = json_object_get(json_array_get(lines, i), "syllables");
    for (size_t k = 0; k < json_array_size(syllables); ++k)
      assert_true(json_array_size(json_object_get(json_array_get(syllables, k), "notes")) >= 1);
  }
}

static void test_json_and_candidates(void **state)
{
  Ran ran = RUN(NULL, NM_PROGRAM, "align", WORDS, "tune.abc", "-o", "a.abc", "-n", "3", "--json");
  assert_int_equal(ran.exit_code, 0);
  json_t *report = json_loads(ran.out, 0, NULL);
  assert_non_null(report);
  assert_int_equal(json_integer_value(json_object_get(report, "n_verses")), 2);
  assert_string_equal(json_string_value(json_object_get(report, "file")), "a.abc");
  check_candidate(report);
  const json_t *others = json_object_get(report, "alternatives");
  double last = json_real_value(json_object_get(report, "cost"));
  assert_int_equal(json_array_size(others), 2);
  for (size_t i = 0; i < 2; ++i) {
    const json_t *other = json_array_get(others, i);
    check_candidate(other);
    assert_true(json_real_value(json_object_get(other, "cost")) >= last);
    last = json_real_value(json_object_get(other, "cost"));
  }
  json_decref(report);
  ran_free(&ran);
  assert_true(file_exists("a.abc") && file_exists("a-2.abc") && file_exists("a-3.abc"));
  NmSong *best = nm_song_read_file("a.abc"), *second = nm_song_read_file("a-2.abc");
  assert_false(nm_song_equal(best, second, NULL, 0));
  nm_song_free(best);
  nm_song_free(second);
}

static void test_no_overwriting(void **state)
{
  write_file("a-2.abc", "mine", 4);
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "tune.abc", "-o", "a.abc", "-n", "2"), 1,
              "a-2.abc exists");
  assert_false(file_exists("a.abc"));
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "tune.abc", "-o", "a.abc", "-n", "2", "--force"), 0,
              NULL);
}

static void test_mistakes(void **state)
{
  write_file("empty.txt", "\n\n", 2);
  write_file("short.abc", "X:1\nM:4/4\nL:1/4\nK:C\nC D|]\n", 27);
  write_file("noise.mid", "noise", 5);
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS), 2, "lyrics and a melody");
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "tune.abc", "-o", "a.wav"), 2, ".musicxml");
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "tune.abc", "-n", "0", "-o", "a.abc"), 2, "candidates");
  expect_exit(RUN(NULL, NM_PROGRAM, "align", "nothing.txt", "tune.abc", "-o", "a.abc"), 3, "nothing.txt");
  expect_exit(RUN(NULL, NM_PROGRAM, "align", "nothing", "tune.abc", "-o", "a.abc"), 3, "cannot read nothing");
  expect_exit(RUN(NULL, NM_PROGRAM, "align", "empty.txt", "tune.abc", "-o", "a.abc"), 3,
              "empty.txt: no words");
  expect_exit(RUN(NULL, NM_PROGRAM, "align", "tune.abc", "tune.abc", "-o", "a.abc"), 3, "is a song in ABC");
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "nothing.abc", "-o", "a.abc"), 3, "nothing.abc");
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "noise.mid", "-o", "a.abc"), 3, "noise.mid");
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "short.abc", "-o", "a.abc"), 3, "does not fit short.abc");
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "tune.abc", "--verses", "5", "-o", "a.abc"), 3,
              "5 verses");
  expect_exit(RUN(NULL, NM_PROGRAM, "align", WORDS, "tune.abc", "-o", "no/such/a.abc"), 1, "no/such/a.abc");
  assert_false(file_exists("a.abc"));
}

// What was left out of the words is told, and not when quiet.
static void test_warnings(void **state)
{
  const char *chords = LYRICS "chords_above.txt";
  expect_exit(RUN(NULL, NM_PROGRAM, "align", chords, "tune.abc", "-o", "a.abc"), 0, "lines of chords");
  Ran ran = RUN(NULL, NM_PROGRAM, "align", chords, "tune.abc", "-o", "b.abc", "--quiet");
  assert_int_equal(ran.exit_code, 0);
  assert_string_equal(ran.err, "");
  ran_free(&ran);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_streams, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_same_bytes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_json_and_candidates, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_no_overwriting, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_mistakes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_warnings, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
