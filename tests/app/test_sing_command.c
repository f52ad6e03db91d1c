// SPDX-License-Identifier: GPL-3.0-or-later
// `neume sing` as a user drives it, with the fake voice.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/formats/song_file.h"
#include "tests/support/program.h"

#define NEUME NM_PROGRAM_FAKE

enum { RATE = 24000, HOP = 256, N_HEADER = 44, N_LINES = 5 };

// At a tempo that no frame divides. The second syllable of a line is held on a second note.
static const char *const words[N_LINES][2] = {
    {"oh", "me"}, {"ah", "no"}, {"all", "we"}, {"eve", "low"}, {"ice", "may"}};
static const double bpm = 97.3;

static void make_song(void)
{
  NmError err = {0};
  NmSong *song = nm_song_new();
  nm_song_add_tempo(song, 0, bpm);
  nm_song_add_meter(song, 0, 3, 4);
  for (int i = 0; i < N_LINES; ++i) {
    const int64_t tick = 480 * (1 + 6 * i);
    nm_song_add_note(song, tick, 480, 50 + 2 * i, 0);
    nm_song_add_note(song, tick + 480, 960, 52 + i, 0);
    nm_song_add_note(song, tick + 1440, 480, 50 + i, 0);
    nm_song_add_line(song, 1, 0);
    for (int k = 0; k < 2; ++k) {
      nm_song_add_word(song);
      const int32_t syllable = nm_song_add_syllable(song, words[i][k], strlen(words[i][k]), 1);
      nm_song_add_link(song, syllable, 3 * i + k);
      if (k) nm_song_add_link(song, syllable, 3 * i + 2);
    }
  }
  if (nm_song_finish(song, &err)) fail_msg("%s", err.message);
  if (nm_song_file_write("song.mid", song, NULL, true, &err)) fail_msg("%s", err.message);
  nm_song_free(song);
}

static int set_up(void **state)
{
  enter_scratch();
  make_song();
  return 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

static json_t *report_of(Ran ran)
{
  json_error_t cause;
  if (ran.exit_code) fail_msg("%s", ran.err);
  json_t *report = json_loads(ran.out, 0, &cause);
  if (!report) fail_msg("%s", cause.text);
  ran_free(&ran);
  return report;
}

static int64_t get(const json_t *report, const char *object, const char *name)
{
  return json_integer_value(json_object_get(object ? json_object_get(report, object) : report, name));
}

static void test_sings(void **state)
{
  json_t *report = report_of(RUN(NULL, NEUME, "sing", "song.mid", "-o", "a.wav", "-t", "a.json", "--json"));
  assert_true(json_is_true(json_object_get(json_object_get(report, "proof"), "complete")));
  assert_int_equal(get(report, "counts", "notes"), 3 * N_LINES);
  assert_int_equal(get(report, "counts", "syllables"), 2 * N_LINES);
  assert_int_equal(get(report, "late", "beyond_30_ms"), 0);
  assert_int_equal(json_array_size(json_object_get(report, "phrases")), N_LINES);
  size_t n;
  free(read_file("a.wav", &n));
  assert_int_equal((int64_t)(n - N_HEADER) / 2, get(report, NULL, "samples"));
  json_decref(report);
}

// --- the same bytes ---

static void expect_same(const char *a, const char *b)
{
  size_t n_a, n_b;
  char *x = read_file(a, &n_a), *y = read_file(b, &n_b);
  assert_int_equal(n_a, n_b);
  assert_memory_equal(x, y, n_a);
  free(x);
  free(y);
}

static void test_streams_are_the_file(void **state)
{
  expect_exit(RUN(NULL, NEUME, "sing", "song.mid", "-o", "s.wav", "--seed", "3"), 0, NULL);
  expect_exit(RUN(NULL, "/bin/sh", "-c", NEUME " sing - --seed 3 --raw < song.mid > s.raw"), 0, NULL);
  size_t n_wav, n_raw;
  char *wav = read_file("s.wav", &n_wav), *raw = read_file("s.raw", &n_raw);
  assert_int_equal(n_wav - N_HEADER, n_raw);
  assert_memory_equal(wav + N_HEADER, raw, n_raw);
  free(wav);
  free(raw);
}

static void test_threads_change_nothing(void **state)
{
  expect_exit(RUN(NULL, NM_PROGRAM, "sing", "song.mid", "-o", "j1.wav", "-j", "1"), 0, NULL);
  expect_exit(RUN(NULL, NM_PROGRAM, "sing", "song.mid", "-o", "j3.wav", "-j", "3"), 0, NULL);
  expect_same("j1.wav", "j3.wav");
}

// --- options ---

static int64_t samples_with(const char *option, const char *value)
{
  json_t *report =
      report_of(RUN(NULL, NEUME, "sing", "song.mid", "-t", "o.json", "-f", "--json", option, value));
  const int64_t n = get(report, NULL, "samples");
  json_decref(report);
  return n;
}

static void test_lead_in(void **state)
{
  const int64_t bar = llround(3 * 60 / bpm * RATE);
  const int64_t longer = samples_with("--lead-in", "2") - samples_with("--lead-in", "0");
  assert_true(llabs(longer - 2 * bar) <= HOP);
}

static void test_transpose(void **state)
{
  json_t *report =
      report_of(RUN(NULL, NEUME, "sing", "song.mid", "-t", "o.json", "-f", "--json", "--transpose", "-3"));
  assert_int_equal(get(report, NULL, "transpose"), -3);
  json_decref(report);
}

static void test_every_option(void **state)
{
  expect_exit(RUN(NULL, NEUME, "sing", "song.mid", "-o", "e.wav", "--as", "recitative", "--portamento", "50",
                  "--vibrato", "20", "--vibrato-rate", "5", "--vibrato-delay", "0.2", "--drift", "0",
                  "--swell", "2", "--accent", "0", "--no-breaths", "--consonants", "1.2", "--voice", "other",
                  "--verse", "1", "--vowel", "oo", "--part", "1"),
              0, NULL);
  for (int i = 0; i < 4; ++i) {
    static const char *const wrong[][2] = {
        {"--as", "opera"}, {"--vowel", "meow"}, {"--transpose", "high"}, {"--vibrato", "-3"}};
    expect_exit(RUN(NULL, NEUME, "sing", "song.mid", "-o", "w.wav", wrong[i][0], wrong[i][1]), 2,
                wrong[i][0] + 2);
  }
  assert_false(file_exists("w.wav"));
}

static void test_failures(void **state)
{
  static const char rest[] = "X:1\nT:none\nM:4/4\nL:1/4\nK:C\nz4|\n";
  write_file("no.txt", "hello", 5);
  write_file("empty.abc", rest, strlen(rest));
  expect_exit(RUN(NULL, NEUME, "sing"), 2, "one song");
  expect_exit(RUN(NULL, NEUME, "sing", "missing.mid", "-o", "f.wav"), 3, "missing.mid");
  expect_exit(RUN(NULL, NEUME, "sing", "no.txt", "-o", "f.wav"), 3, "no.txt: words are no song yet");
  expect_exit(RUN(NULL, NEUME, "sing", "empty.abc", "-o", "f.wav"), 3, "empty.abc");
  expect_exit(RUN(NULL, NEUME, "sing", "song.mid", "-o", "f.wav", "--verse", "3"), 2, "no verse 3");
  expect_exit(RUN(NULL, NEUME, "sing", "song.mid", "-o", "f.wav", "--voice", "nobody"), 2, "nobody");
  expect_exit(RUN(NULL, NEUME, "sing", "song.mid", "-o", "f.wav", "-t", "f.pdf"), 2, "f.pdf");
  expect_exit(RUN(NULL, NEUME, "sing", "song.mid", "-o", "f.xyz"), 2, "f.xyz");
  assert_false(file_exists("f.wav"));
  write_file("there.wav", "x", 1);
  expect_exit(RUN(NULL, NEUME, "sing", "song.mid", "-o", "there.wav"), 1, "there.wav");
  size_t n;
  char *kept = read_file("there.wav", &n);
  assert_string_equal(kept, "x");
  free(kept);
}

// Songs that are hardly any are sung, or refused in a sentence.
static void test_odd_songs(void **state)
{
  static const struct {
    const char *bars; // behind the header
    int exit_code;
    const char *said;
  } cases[] = {
      {"", 3, "no notes"},
      {"z4|z4|\n", 3, "no notes"},
      {"C4|\nw: oh\n", 0, NULL},
      {"C4|\n", 0, NULL},
      {"C D E F|\nw: hmm pst tsk brr\n", 0, NULL}, // no vowel in any
      {"C D E F|\nw: one two\n", 0, NULL},
      {"C D E F|\nw: one two three four five\n", 0, "1 syllable has no note"},
      {"C D E F|\nw: one two three four five six sev-en\n", 0, "4 syllables have no note"},
      {"g'''' C,,,, g'''' C,,,,|\nw: high low high low\n", 0, "out of the voice's reach"},
      {"C/16 D/16 E/16 F/16|\nw: quick as a flash\n", 0, NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char abc[256];
    const int n = snprintf(abc, sizeof abc, "X:1\nM:4/4\nL:1/4\nK:C\n%s", cases[i].bars);
    write_file("odd.abc", abc, (size_t)n);
    Ran ran = RUN(NULL, NEUME, "sing", "odd.abc", "-f", "-o", "odd.wav", "-t", "odd.json", "--json");
    if (ran.exit_code == 0 && !strstr(ran.out, "\"complete\": true"))
      fail_msg("%s: a phone is lost", cases[i].bars);
    expect_exit(ran, cases[i].exit_code, cases[i].said);
  }
}

// The highest and the lowest key that there are.
static void test_extreme_keys(void **state)
{
  for (int key = 0; key <= 127; key += 127) {
    NmSong *song = nm_song_new();
    for (int i = 0; i < 5; ++i) nm_song_add_note(song, i * 480, 480, key, 0);
    assert_int_equal(nm_song_finish(song, NULL), NM_OK);
    assert_int_equal(nm_song_file_write("key.mid", song, NULL, true, NULL), NM_OK);
    nm_song_free(song);
    expect_exit(RUN(NULL, NEUME, "sing", "key.mid", "-f", "-o", "key.wav"), 0,
                key ? "octaves lower" : "octaves higher");
  }
}

static void test_ten_minutes(void **state)
{
  NmSong *song = nm_song_new();
  for (int i = 0; i < 1200; ++i) nm_song_add_note(song, (int64_t)i * 480, 480, 55 + i % 7, 0);
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  assert_int_equal(nm_song_file_write("ten.mid", song, NULL, true, NULL), NM_OK);
  nm_song_free(song);
  json_t *report = report_of(RUN(NULL, NEUME, "sing", "ten.mid", "-o", "ten.wav", "--json"));
  assert_true(get(report, NULL, "samples") >= 600 * RATE);
  json_decref(report);
}

// A song of two hours: it is not over when the signal comes, and then leaves nothing, hidden files included.
static void interrupt(const char *with, const char *signal)
{
  char line[256];
  const int n_files = count_files();
  snprintf(line, sizeof line,
           "set -m; " NEUME
           " sing long.mid -o long.wav -t long.json %s 2>messages & sleep 0.7; kill -%s $!; wait $!",
           with, signal);
  expect_exit(RUN(NULL, "/bin/bash", "-c", line), 130, NULL);
  remove("messages");
  assert_false(file_exists("long"));
  assert_int_equal(count_files(), n_files);
}

static void test_interrupt(void **state)
{
  NmSong *song = nm_song_new();
  for (int i = 0; i < 7200; ++i) nm_song_add_note(song, (int64_t)i * 960, 960, 60, 0);
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  assert_int_equal(nm_song_file_write("long.mid", song, NULL, true, NULL), NM_OK);
  nm_song_free(song);
  interrupt("", "INT");
  interrupt("", "TERM");
  interrupt("--backing --stems long", "INT");
}

static void test_nobody_listens(void **state)
{
  expect_exit(RUN(NULL, "/bin/sh", "-c", NEUME " sing song.mid -o - | head -c 100 > /dev/null"), 0, NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sings),
      cmocka_unit_test(test_streams_are_the_file),
      cmocka_unit_test(test_threads_change_nothing),
      cmocka_unit_test(test_lead_in),
      cmocka_unit_test(test_transpose),
      cmocka_unit_test(test_every_option),
      cmocka_unit_test(test_failures),
      cmocka_unit_test(test_odd_songs),
      cmocka_unit_test(test_extreme_keys),
      cmocka_unit_test(test_ten_minutes),
      cmocka_unit_test(test_interrupt),
      cmocka_unit_test(test_nobody_listens),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
