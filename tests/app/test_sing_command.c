// SPDX-License-Identifier: GPL-3.0-or-later
// `neume sing` as a user drives it, with the fake voice, and that all its results count time alike.
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

#include "app/formats/song_file.h"
#include "tests/support/program.h"
#include "tests/support/song_check.h"

#define NEUME NM_PROGRAM_FAKE

enum { RATE = 24000, HOP = 256, N_HEADER = 44, N_LINES = 5 };

// Vowels after rests, at a tempo that no frame divides: their onsets can be seen in the sound. The sixth
// syllable is held on a second note.
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
  if (nm_song_file_write("song.musicxml", song, NULL, true, &err)) fail_msg("%s", err.message);
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

// --- one timing map ---

// What each result says of the onset of line i, in samples.
typedef struct {
  double midi, musicxml, json, textgrid, srt, vtt, lrc, lrc_word, wav;
} Onsets;

static double clock_of(const char *text)
{
  double hours = 0, minutes = 0, seconds = 0;
  char buffer[32];
  snprintf(buffer, sizeof buffer, "%.24s", text);
  for (char *c = buffer; *c; ++c)
    if (*c == ',') *c = '.';
  if (sscanf(buffer, "%lf:%lf:%lf", &hours, &minutes, &seconds) < 3) {
    hours = 0;
    assert_int_equal(sscanf(buffer, "%lf:%lf", &minutes, &seconds), 2);
  }
  return RATE * (3600 * hours + 60 * minutes + seconds);
}

// The n-th place in a file (from 0) that begins with `mark`; what follows it.
static const char *nth(const char *text, const char *mark, int n)
{
  const char *at = strstr(text, mark);
  while (at && n-- > 0) at = strstr(at + 1, mark);
  if (!at) fail_msg("there is no further %s", mark);
  return at + strlen(mark);
}

static double song_onset(const char *path, int line)
{
  NmSong *song = nm_song_read_file(path);
  const double seconds = nm_song_get_seconds(song, song->notes[3 * line].onset);
  nm_song_free(song);
  return RATE * seconds;
}

// Start of the n-th interval with a text in the tier of that name.
static double textgrid_onset(const char *text, const char *tier, int n)
{
  double start = -1;
  char name[40];
  snprintf(name, sizeof name, "name = \"%s\"", tier);
  for (const char *at = strstr(nth(text, name, 0), "intervals [1]"); n >= 0; at = strchr(at, '\n') + 1) {
    const char *xmin = strstr(at, "xmin = "), *line = strstr(at, "text = \"");
    assert_non_null(line);
    if (xmin && xmin < line) start = RATE * strtod(xmin + 7, NULL);
    at = line;
    n -= line[8] != '"';
  }
  return start;
}

// The first sample that is loud, from `from` on.
static double wav_onset(const char *wav, size_t n_bytes, int64_t from)
{
  const int16_t *samples = (const int16_t *)(const void *)(wav + N_HEADER);
  const int64_t n = (int64_t)(n_bytes - N_HEADER) / 2;
  for (int64_t i = from; i < n; ++i)
    if (abs(samples[i]) > 600) return (double)i;
  fail_msg("the sound is silent");
  return 0;
}

static void expect_near(const char *what, double found, double wanted)
{
  if (fabs(found - wanted) > HOP) fail_msg("%s: %.0f is not near %.0f", what, found, wanted);
}

static void test_one_timing_map(void **state)
{
  expect_exit(RUN(NULL, NEUME, "sing", "song.mid", "--plain", "-o", "m.wav", "-t", "m.json", "-t",
                  "m.TextGrid", "-t", "m.srt", "-t", "m.vtt", "-t", "m.lrc"),
              0, NULL);
  size_t n, n_wav;
  char *srt = read_file("m.srt", &n), *vtt = read_file("m.vtt", &n), *lrc = read_file("m.lrc", &n),
       *grid = read_file("m.TextGrid", &n), *wav = read_file("m.wav", &n_wav);
  json_t *json = json_load_file("m.json", 0, NULL);
  const json_t *notes = json_object_get(json, "notes"), *lines = json_object_get(json, "lines");
  assert_int_equal(json_array_size(notes), 3 * N_LINES);
  for (int i = 0; i < N_LINES; ++i) {
    const double midi = song_onset("song.mid", i);
    expect_near("MusicXML", song_onset("song.musicxml", i), midi);
    expect_near("notes of JSON",
                RATE * json_number_value(json_object_get(json_array_get(notes, 3 * (size_t)i), "start")),
                midi);
    expect_near("lines of JSON",
                RATE * json_number_value(json_object_get(json_array_get(lines, (size_t)i), "start")), midi);
    expect_near("notes of TextGrid", textgrid_onset(grid, "notes", 3 * i), midi);
    expect_near("lines of TextGrid", textgrid_onset(grid, "lines", i), midi);
    expect_near("words of TextGrid", textgrid_onset(grid, "words", 2 * i), midi);
    expect_near("SRT", clock_of(nth(srt, "\n", 4 * i)), midi);
    char cue[60];
    snprintf(cue, sizeof cue, "%s %s\n", words[i][0], words[i][1]);
    const char *text = strstr(vtt, cue);
    assert_non_null(text);
    expect_near("WebVTT", clock_of(text - 30), midi);
    snprintf(cue, sizeof cue, ">%s <", words[i][0]);
    text = strstr(lrc, cue);
    assert_non_null(text);
    expect_near("word of LRC", clock_of(text - 8), midi);
    expect_near("line of LRC", clock_of(text - 19), midi);
    expect_near("WAV", wav_onset(wav, n_wav, (int64_t)midi - RATE / 4), midi);
  }
  json_decref(json);
  free(srt);
  free(vtt);
  free(lrc);
  free(grid);
  free(wav);
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
  expect_exit(RUN(NULL, NEUME, "sing", "no.txt", "-o", "f.wav"), 3, "no.txt");
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

// A song of two hours: it is not over when the signal comes.
static void test_interrupt(void **state)
{
  NmSong *song = nm_song_new();
  for (int i = 0; i < 7200; ++i) nm_song_add_note(song, (int64_t)i * 960, 960, 60, 0);
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  assert_int_equal(nm_song_file_write("long.mid", song, NULL, true, NULL), NM_OK);
  nm_song_free(song);
  expect_exit(RUN(NULL, "/bin/sh", "-c",
                  NEUME
                  " sing long.mid -o long.wav -t long.json 2>messages & sleep 0.7; kill -TERM $!; wait $!"),
              130, NULL);
  assert_false(file_exists("long.wav"));
  assert_false(file_exists("long.json"));
}

static void test_nobody_listens(void **state)
{
  expect_exit(RUN(NULL, "/bin/sh", "-c", NEUME " sing song.mid -o - | head -c 100 > /dev/null"), 0, NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sings),
      cmocka_unit_test(test_one_timing_map),
      cmocka_unit_test(test_streams_are_the_file),
      cmocka_unit_test(test_threads_change_nothing),
      cmocka_unit_test(test_lead_in),
      cmocka_unit_test(test_transpose),
      cmocka_unit_test(test_every_option),
      cmocka_unit_test(test_failures),
      cmocka_unit_test(test_interrupt),
      cmocka_unit_test(test_nobody_listens),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
