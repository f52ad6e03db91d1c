// SPDX-License-Identifier: GPL-3.0-or-later
// `neume lyrics` as a user drives it, with weights that have learned nothing: what comes out are lines of
// words all the same.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/song_file.h"
#include "tests/support/program.h"
#include "tests/support/song_check.h"
#include "tests/support/song_weights.h"

#define WITH "--weights", "song.safetensors"

// Four phrases of seven notes, with rests between.
static const char tune[] = "X:1\nM:4/4\nL:1/4\nQ:1/4=100\nK:G\n"
                           "G A B c|d2 B z|A B c A|B4|\nG A B c|d2 B z|A G F A|G4|\n";
// A slur is a syllable of two notes, and words tell the lines.
static const char sung[] =
    "X:1\nM:3/4\nL:1/4\nK:C\nC E G|(GF) E|D2 z|E D C|]\nw: Old words are sung _ here, then they go\n";

static int set_up(void **state)
{
  const NmSongConfig config = tiny_song_config();
  enter_scratch();
  write_song_weights("song.safetensors", &config, tiny_song_vocabulary, 1);
  write_file("tune.abc", tune, strlen(tune));
  write_file("sung.abc", sung, strlen(sung));
  return 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

// The tune is as it was, with a syllable on every note.
static void test_song(void **state)
{
  expect_exit(RUN(NULL, NM_PROGRAM, "lyrics", "tune.abc", WITH, "-o", "a.musicxml", "-o", "a.txt", "--audio",
                  "a.wav"),
              0, NULL);
  NmSong *song = nm_song_read_file("a.musicxml"), *before = nm_song_read_file("tune.abc");
  assert_int_equal(song->n_notes, before->n_notes);
  for (int32_t i = 0; i < song->n_notes; ++i) {
    assert_int_equal(song->notes[i].pitch, before->notes[i].pitch);
    assert_int_equal(song->notes[i].onset * before->ticks_per_beat,
                     before->notes[i].onset * song->ticks_per_beat);
  }
  assert_int_equal(song->n_syllables, song->n_notes);
  assert_int_equal(song->n_links, song->n_notes);
  nm_song_free(song);
  nm_song_free(before);
  size_t n;
  assert_true(file_exists("a.wav"));
  char *text = read_file("a.txt", &n);
  assert_true(isupper((unsigned char)text[0]));
  assert_non_null(strchr(".!?", text[n - 2]));
  free(text);
}

static void test_melismas(void **state)
{
  expect_exit(RUN(sung, NM_PROGRAM, "lyrics", "-", WITH, "-o", "a.musicxml"), 0, NULL);
  NmSong *song = nm_song_read_file("a.musicxml"), *before = nm_song_read_file("sung.abc");
  assert_int_equal(song->n_syllables, before->n_syllables);
  assert_int_equal(song->n_notes, before->n_notes);
  for (int32_t i = 0; i < before->n_links; ++i)
    assert_int_equal(song->links[i].syllable, before->links[i].syllable);
  nm_song_free(song);
  nm_song_free(before);
}

static void test_seeds(void **state)
{
  static const char *const methods[] = {"sample", "beam", "diverse", "greedy"};
  for (int i = 0; i < 4; ++i) {
    Ran a = RUN(tune, NM_PROGRAM, "lyrics", "-", WITH, "--method", methods[i], "--rhyme", "AABB");
    Ran b = RUN(NULL, NM_PROGRAM, "lyrics", "tune.abc", WITH, "--method", methods[i], "--rhyme", "AABB");
    assert_int_equal(a.exit_code, 0);
    assert_string_equal(a.out, b.out);
    ran_free(&b);
    ran_free(&a);
  }
}

static int count(const char *text, const char *what)
{
  int n = 0;
  for (; (text = strstr(text, what)); ++text) ++n;
  return n;
}

// One of the theme's words is in each candidate, whatever the model thinks; unknown ones are told of.
static void test_theme(void **state)
{
  Ran ran = RUN(NULL, NM_PROGRAM, "lyrics", "tune.abc", WITH, "--theme", "moon, River zyzzyva", "-n", "6",
                "-o", "t.txt");
  assert_int_equal(ran.exit_code, 0);
  assert_non_null(strstr(ran.err, "zyzzyva"));
  ran_free(&ran);
  for (int i = 1; i <= 6; ++i) {
    char name[16];
    size_t n;
    snprintf(name, sizeof name, "t-%d.txt", i);
    char *text = read_file(name, &n);
    assert_non_null(text);
    for (size_t k = 0; k < n; ++k) text[k] = (char)tolower((unsigned char)text[k]);
    assert_true(count(text, "moon") + count(text, "river") > 0);
    free(text);
  }
}

static void test_json(void **state)
{
  json_error_t cause;
  Ran ran =
      RUN(NULL, NM_PROGRAM, "lyrics", "tune.abc", WITH, "--json", "--rhyme", "ABAB", "--candidates", "3");
  assert_int_equal(ran.exit_code, 0);
  json_t *report = json_loads(ran.out, 0, &cause);
  if (!report) fail_msg("%s", cause.text);
  assert_int_equal(json_array_size(json_object_get(report, "candidates")), 3);
  assert_string_equal(json_string_value(json_object_get(report, "rhyme")), "ABAB");
  assert_int_equal(json_integer_value(json_object_get(report, "syllables")), 22);
  const json_t *first = json_array_get(json_object_get(report, "candidates"), 0);
  assert_non_null(json_object_get(json_object_get(first, "reasons"), "likelihood"));
  json_decref(report);
  ran_free(&ran);
}

static void test_usage(void **state)
{
  expect_exit(RUN(NULL, NM_PROGRAM, "lyrics", "tune.abc", WITH, "--rhyme", "A,B"), 2, "--rhyme");
  expect_exit(RUN(NULL, NM_PROGRAM, "lyrics", "tune.abc", WITH, "--style", "odd"), 2, "--style");
  expect_exit(RUN(NULL, NM_PROGRAM, "lyrics", "tune.abc", WITH, "-o", "a.doc"), 2, "a.doc");
  expect_exit(RUN(NULL, NM_PROGRAM, "lyrics", "tune.abc", WITH, "--audio", "a.mp4"), 2, "a.mp4");
  expect_exit(RUN(NULL, NM_PROGRAM, "lyrics", "tune.abc", "more.abc", WITH), 2, "one melody");
  expect_exit(RUN(NULL, NM_PROGRAM, "lyrics", "no.mid", WITH), 3, "no.mid");
  expect_exit(RUN("words are no melody", NM_PROGRAM, "lyrics", "-", WITH), 3, NULL);
  expect_exit(RUN(NULL, NM_PROGRAM, "lyrics", "tune.abc", "--weights", "tune.abc"), 3, "tune.abc");
  write_file("a.txt", "mine", 4);
  expect_exit(RUN(NULL, NM_PROGRAM, "lyrics", "tune.abc", WITH, "-o", "a.txt"), 1, "--force");
}

int main(void)
{
#define CASE(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)
  const struct CMUnitTest tests[] = {CASE(test_song),  CASE(test_melismas), CASE(test_seeds),
                                     CASE(test_theme), CASE(test_json),     CASE(test_usage)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
