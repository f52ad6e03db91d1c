// SPDX-License-Identifier: GPL-3.0-or-later
// `neume compose` as a user drives it, with weights that have learned nothing: what comes out is a song all
// the same.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/formats/song_file.h"
#include "app/formats/song_values.h"
#include "models/song/tokens.h"
#include "tests/support/program.h"
#include "tests/support/song_check.h"
#include "tests/support/song_weights.h"

#define LYRICS NM_TEST_DATA "/data/lyrics/"
#define ROW "Row, row, row your boat,\nGently down the stream.\n"
#define WITH "--weights", "song.safetensors"

static int set_up(void **state)
{
  const NmSongConfig config = tiny_song_config();
  enter_scratch();
  write_song_weights("song.safetensors", &config, tiny_song_vocabulary, 1);
  return 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

// Every syllable is sung, on at most four notes, in order.
static void expect_sung(const NmSong *song)
{
  int32_t *first = calloc((size_t)song->n_syllables, sizeof *first);
  int32_t *n = calloc((size_t)song->n_syllables, sizeof *n);
  nm_song_get_notes_of_syllables(song, first, n);
  for (int32_t i = 0; i < song->n_syllables; ++i) {
    assert_in_range(n[i], 1, 4);
    assert_int_equal(first[i], i ? first[i - 1] + n[i - 1] : 0);
  }
  assert_int_equal(first[song->n_syllables - 1] + n[song->n_syllables - 1], song->n_notes);
  free(first);
  free(n);
}

static void test_song(void **state)
{
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", ROW, WITH, "-o", "a.musicxml", "-o", "a.mid", "--audio",
                  "a.wav", "--key", "D", "--meter", "3/4", "--tempo", "90", "--range", "A3-D5"),
              0, NULL);
  assert_true(file_exists("a.wav"));
  const char *const paths[] = {"a.musicxml", "a.mid"};
  for (int k = 0; k < 2; ++k) {
    NmSong *song = nm_song_read_file(paths[k]);
    assert_int_equal(song->n_syllables, 10);
    expect_sung(song);
    assert_int_equal(nm_song_get_key(song, 0).fifths, 2);
    assert_int_equal(nm_song_get_meter(song, 0).n_beats, 3);
    for (int32_t i = 0; i < song->n_notes; ++i) {
      assert_in_range(song->notes[i].pitch, 57, 74);
      assert_non_null(strchr("\2\4\6\7\11\13\1", song->notes[i].pitch % 12));
      int64_t place, bar;
      nm_song_get_bar(song, song->notes[i].onset, &place, &bar);
      assert_true(place + song->notes[i].len <= bar);
    }
    assert_int_equal(song->notes[song->n_notes - 1].pitch % 12, 2);
    nm_song_free(song);
  }
}

// The same words and seed, the same bytes; another seed, another song; by any way of searching.
static void test_seeds(void **state)
{
  static const char *const methods[] = {"sample", "beam", "diverse", "greedy"};
  for (int i = 0; i < 4; ++i) {
    Ran a = RUN(ROW, NM_PROGRAM, "compose", "-", WITH, "--method", methods[i], "-o", "-", "--format", ".abc");
    Ran b = RUN(ROW, NM_PROGRAM, "compose", WITH, "--method", methods[i], "--format", ".abc");
    assert_int_equal(a.exit_code, 0);
    assert_string_equal(a.out, b.out);
    ran_free(&b);
    b = RUN(ROW, NM_PROGRAM, "compose", WITH, "--method", methods[i], "--format", ".abc", "--seed", "9");
    assert_string_not_equal(a.out, b.out);
    ran_free(&a);
    ran_free(&b);
  }
}

static int count_notes(const json_t *syllables)
{
  int n = 0;
  for (size_t i = 0; i < json_array_size(syllables); ++i)
    n += (int)json_array_size(json_object_get(json_array_get(syllables, i), "notes"));
  return n;
}

// The attention's ways give all notes of a line to its syllables, the best way first.
static void expect_ways(const json_t *ways, const json_t *line)
{
  const json_t *syllables = json_object_get(line, "syllables");
  double before = 1e9;
  assert_in_range(json_array_size(ways), 1, 3);
  for (size_t i = 0; i < json_array_size(ways); ++i) {
    const json_t *way = json_array_get(ways, i), *notes = json_object_get(way, "notes");
    const double score = json_number_value(json_object_get(way, "score"));
    int n = 0;
    for (size_t k = 0; k < json_array_size(notes); ++k)
      n += (int)json_integer_value(json_array_get(notes, k));
    assert_int_equal(json_array_size(notes), json_array_size(syllables));
    assert_int_equal(n, count_notes(syllables));
    assert_true(score <= before);
    before = score;
  }
}

static void expect_candidates(const char *text)
{
  json_error_t cause;
  json_t *report = json_loads(text, 0, &cause);
  if (!report) fail_msg("%s", cause.text);
  const json_t *candidates = json_object_get(report, "candidates");
  assert_int_equal(json_array_size(candidates), 5);
  double before = 1e9;
  for (size_t i = 0; i < 5; ++i) {
    const json_t *candidate = json_array_get(candidates, i);
    const json_t *reasons = json_object_get(candidate, "reasons"),
                 *lines = json_object_get(candidate, "lines");
    const double score = json_real_value(json_object_get(candidate, "score"));
    const char *name;
    json_t *reason;
    double sum = 0;
    json_object_foreach((json_t *)reasons, name, reason) sum +=
        json_number_value(json_object_get(reason, "value")) *
        json_number_value(json_object_get(reason, "weight"));
    assert_true(score <= before);
    assert_true(score - sum < 1e-6 && sum - score < 1e-6);
    assert_int_equal(json_array_size(lines), 2);
    const json_t *attention = json_object_get(candidate, "attention");
    for (size_t l = 0; l < 2; ++l)
      expect_ways(json_array_get(json_object_get(attention, "lines"), l), json_array_get(lines, l));
    before = score;
  }
  json_decref(report);
}

static void test_candidates(void **state)
{
  Ran ran = RUN(NULL, NM_PROGRAM, "compose", ROW, WITH, "--candidates", "5", "--json", "-o", "c.mid");
  assert_int_equal(ran.exit_code, 0);
  expect_candidates(ran.out);
  ran_free(&ran);
  char name[16];
  for (int i = 1; i <= 5; ++i) {
    snprintf(name, sizeof name, "c-%d.mid", i);
    NmSong *song = nm_song_read_file(name);
    for (int j = 1; j < i; ++j) {
      char other[16];
      snprintf(other, sizeof other, "c-%d.mid", j);
      NmSong *before = nm_song_read_file(other);
      assert_false(nm_song_equal(song, before, NULL, 0));
      nm_song_free(before);
    }
    nm_song_free(song);
  }
  assert_int_equal(count_files(), 6);
}

// Notes of a line, the bar's place instead of the time.
static bool are_lines_alike(const NmSong *song, int32_t a, int32_t b)
{
  int32_t first[64], n[64];
  assert_true(song->n_syllables <= 64);
  nm_song_get_notes_of_syllables(song, first, n);
  const int32_t s_a = song->words[song->lines[a].word_first].syllable_first;
  const int32_t s_b = song->words[song->lines[b].word_first].syllable_first;
  for (int32_t i = 0; i < 5; ++i) {
    if (n[s_a + i] != n[s_b + i]) return false;
    for (int32_t k = 0; k < n[s_a + i]; ++k) {
      const NmSongNote *x = &song->notes[first[s_a + i] + k], *y = &song->notes[first[s_b + i] + k];
      int64_t place_x, place_y;
      nm_song_get_bar(song, x->onset, &place_x, NULL);
      nm_song_get_bar(song, y->onset, &place_y, NULL);
      if (x->pitch != y->pitch || x->len != y->len || place_x != place_y) return false;
    }
  }
  return true;
}

static void test_returning_lines(void **state)
{
  static const char words[] =
      "Silver moon in heaven\nOver all the river\n\nSilver moon in heaven,\nOver all my sorrow\n";
  expect_exit(RUN(words, NM_PROGRAM, "compose", WITH, "-o", "a.musicxml", "--style", "hymn"), 0, NULL);
  NmSong *song = nm_song_read_file("a.musicxml");
  assert_true(are_lines_alike(song, 0, 2));
  assert_false(are_lines_alike(song, 1, 3));
  nm_song_free(song);
  expect_exit(RUN(words, NM_PROGRAM, "compose", WITH, "-o", "b.musicxml", "--vary"), 0, NULL);
  song = nm_song_read_file("b.musicxml");
  assert_false(are_lines_alike(song, 0, 2));
  nm_song_free(song);
}

// Lyrics of every shape.
static void test_all_lyrics(void **state)
{
  DIR *folder = opendir(LYRICS);
  assert_non_null(folder);
  int n = 0;
  for (struct dirent *entry; (entry = readdir(folder));) {
    char path[512];
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, LYRICS "%s", entry->d_name);
    expect_exit(RUN(NULL, NM_PROGRAM, "compose", path, WITH, "-o", "a.musicxml", "--force"), 0, NULL);
    NmSong *song = nm_song_read_file("a.musicxml");
    expect_sung(song);
    nm_song_free(song);
    ++n;
  }
  closedir(folder);
  assert_true(n >= 50);
}

// Two hundred lines, more than the network sees at once.
static void test_long(void **state)
{
  char *words = malloc(1 << 16);
  size_t n = 0;
  static const char *const some[] = {"moon", "river", "silver", "golden", "sorrow", "heaven", "winter"};
  for (int i = 0; i < 200; ++i)
    n += (size_t)sprintf(words + n, "%s and %s in the %s of the %s night\n%s", some[i % 7], some[i / 7 % 7],
                         some[i / 49 % 7], some[(i + 3) % 5], i % 8 == 7 ? "\n" : "");
  expect_exit(RUN(words, NM_PROGRAM, "compose", WITH, "-o", "a.mid"), 0, NULL);
  NmSong *song = nm_song_read_file("a.mid");
  expect_sung(song);
  nm_song_free(song);
  free(words);
}

static void test_usage(void **state)
{
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", ROW, WITH, "-o", "a.mid", "--key", "H"), 2, "--key");
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", ROW, WITH, "-o", "a.mid", "--meter", "5/4"), 2, "--meter");
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", ROW, WITH, "-o", "a.mid", "--range", "C4-D4"), 2, "--range");
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", ROW, WITH, "-o", "a.mid", "--style", "noise"), 2, "--style");
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", ROW, WITH, "-o", "a.mid", "--method", "best"), 2, "--method");
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", ROW, WITH, "-o", "a.mid", "--method", "greedy", "-n", "2"), 2,
              "greedy");
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", ROW, WITH, "-o", "a.doc"), 2, "a.doc");
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", ROW, WITH, "-o", "a.mid", "-o", "a.mid"), 2, "named twice");
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", "no.txt", WITH, "-o", "a.mid"), 3, "no.txt");
  expect_exit(RUN("\n \n", NM_PROGRAM, "compose", WITH, "-o", "a.mid"), 3, NULL);
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", ROW, "--weights", "no.safetensors", "-o", "a.mid"), 3,
              "no.safetensors");
  assert_int_equal(count_files(), 1);
  write_file("a.mid", "mine", 4);
  expect_exit(RUN(NULL, NM_PROGRAM, "compose", ROW, WITH, "-o", "a.mid"), 1, "--force");
}

static void test_values(void **state)
{
  static const struct {
    const char *text;
    int fifths, mode;
  } keys[] = {{"C", 0, NM_MODE_MAJOR},        {"g", 1, NM_MODE_MAJOR},      {"Bb", -2, NM_MODE_MAJOR},
              {"F# minor", 3, NM_MODE_MINOR}, {"Am", 0, NM_MODE_MINOR},     {"Eb major", -3, NM_MODE_MAJOR},
              {"C#", 7, NM_MODE_MAJOR},       {"minor", 99, NM_MODE_MINOR}, {"Ab min", -7, NM_MODE_MINOR},
              {"Bm", 2, NM_MODE_MINOR}};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; ++i) {
    int fifths = 99, mode = NM_MODE_UNKNOWN;
    if (!nm_song_parse_key(keys[i].text, &fifths, &mode) || fifths != keys[i].fifths || mode != keys[i].mode)
      fail_msg("%s: %d %d", keys[i].text, fifths, mode);
  }
  int low, high, meter;
  char name[16];
  assert_false(nm_song_parse_key("H", &low, &high));
  assert_false(nm_song_parse_key("G# major", &low, &high));
  assert_false(nm_song_parse_key("", &low, &high));
  assert_true(nm_song_parse_range("C4-E5", &low, &high) && low == 60 && high == 76);
  assert_true(nm_song_parse_range("Bb3..Cb5", &low, &high) && low == 58 && high == 71);
  assert_true(nm_song_parse_range("55-79", &low, &high) && low == 55 && high == 79);
  assert_false(nm_song_parse_range("C4", &low, &high));
  assert_false(nm_song_parse_range("E5-C4", &low, &high));
  assert_true(nm_song_parse_meter("6/8", &meter));
  assert_false(nm_song_parse_meter("6/8x", &meter));
  assert_string_equal(nm_song_key_name(-2, false, name), "Bb major");
  assert_string_equal(nm_song_key_name(3, true, name), "F# minor");
  assert_string_equal(nm_song_key_name(-7, false, name), "Cb major");
  assert_string_equal(nm_song_key_name(7, true, name), "A# minor");
}

int main(void)
{
#define CASE(F) cmocka_unit_test_setup_teardown(F, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      CASE(test_song),       CASE(test_seeds), CASE(test_candidates), CASE(test_returning_lines),
      CASE(test_all_lyrics), CASE(test_long),  CASE(test_usage),      CASE(test_values)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
