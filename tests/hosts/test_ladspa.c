// SPDX-License-Identifier: GPL-3.0-or-later
// The host of LADSPA plug-ins, with tests/support/ladspa_tiny.c.
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

#include "app/hosts/ladspa.h"
#include "dsp/audio_file.h"
#include "tests/support/program.h"

enum { RATE = 24000, N = RATE / 2 };

static int set_up(void **state)
{
  enter_scratch();
  return setenv("LADSPA_PATH", NM_LADSPA_TINY, 1);
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

// --- sounds ---

// Channel c has a level of its own; the first half second sounds, to the last sample.
static float make_sample(int64_t i, int c)
{
  return (float)((.1 + .1 * c) * sin((double)i * .05)) + (i == N - 1 ? .05f : 0);
}

static void write_sound(int n_channels, int64_t n)
{
  const NmAudioFormat format = {RATE, n_channels, NM_AUDIO_FLOAT};
  NmError err = {0};
  NmAudioWriter *writer = nm_audio_writer_open("in.wav", &format, &err);
  assert_non_null(writer);
  for (int64_t i = 0; i < n; ++i) {
    float frame[8];
    for (int c = 0; c < n_channels; ++c) frame[c] = make_sample(i, c);
    assert_int_equal(nm_audio_writer_write(writer, frame, 1, &err), NM_OK);
  }
  assert_int_equal(nm_audio_writer_close(writer, true, &err), NM_OK);
}

typedef struct {
  float *x; // [n, n_channels]
  int64_t n;
  int n_channels;
} Sound;

static Sound read_sound(const char *path)
{
  NmError err = {0};
  NmAudioReader *reader = nm_audio_reader_open(path, &err);
  if (!reader) fail_msg("%s", err.message);
  const NmAudioInfo info = nm_audio_reader_get_info(reader);
  Sound sound = {calloc((size_t)(info.n_frames * info.n_channels) + 1, sizeof(float)), 0, info.n_channels};
  assert_int_equal(info.rate_hz, RATE);
  assert_int_equal(nm_audio_reader_read(reader, sound.x, info.n_frames, &sound.n, &err), NM_OK);
  nm_audio_reader_close(reader);
  return sound;
}

// --- processing ---

static int read_settings(const char *text, char *buffer, NmLadspaSetting settings[8])
{
  int n = 0;
  strcpy(buffer, text);
  for (char *word = strtok(buffer, ";"); word; word = strtok(NULL, ";")) {
    char *equals = strchr(word, '=');
    *equals = '\0';
    settings[n++] = (NmLadspaSetting){word, equals + 1};
  }
  return n;
}

// With "name=value;name=value".
static NmStatus process(const char *label, const char *text, NmError *err)
{
  NmLadspaPlace place;
  NmLadspaSetting settings[8];
  char buffer[256];
  const int n = read_settings(text, buffer, settings);
  NmStatus status = nm_ladspa_locate(label, &place, err);
  if (!status) status = nm_ladspa_check(&place, settings, n, err);
  if (!status) status = nm_ladspa_process_file(&place, settings, n, "in.wav", "out.wav", err);
  return status;
}

static Sound expect_sound(const char *label, const char *settings, int n_channels, int64_t n)
{
  NmError err = {0};
  remove("out.wav");
  if (process(label, settings, &err)) fail_msg("%s", err.message);
  Sound sound = read_sound("out.wav");
  assert_int_equal(sound.n_channels, n_channels);
  if (sound.n != n) fail_msg("%s: %d frames instead of %d", label, (int)sound.n, (int)n);
  return sound;
}

static void expect_near(float a, float b)
{
  if (!(fabsf(a - b) < 2e-6f)) fail_msg("%g instead of %g", (double)a, (double)b);
}

static void expect_gain(const char *settings, float gain)
{
  Sound s = expect_sound("tiny_gain", settings, 1, N);
  for (int64_t i = 0; i < s.n; ++i) expect_near(s.x[i], gain * make_sample(i, 0));
  free(s.x);
}

static void test_controls(void **state)
{
  write_sound(1, N);
  expect_gain("", 1);
  expect_gain("gain (db)=-20", .1f);
  expect_gain("GAIN_DB=6;times=2", 2 * powf(10, .3f));
  expect_gain("mute=on", 0);
  expect_gain("mute=off;#2=-40", .01f);
  expect_gain("gaintimes=4", 4);
  Sound s = expect_sound("9001", "gaind=-20", 1, N); // by its number
  free(s.x);
}

static void expect_wrong(const char *label, const char *settings, NmStatus status, const char *said)
{
  NmError err = {0};
  remove("out.wav");
  assert_int_equal(process(label, settings, &err), status);
  if (!strstr(err.message, said)) fail_msg("%s", err.message);
  assert_false(file_exists("out.wav"));
}

static void test_wrong_settings(void **state)
{
  write_sound(1, N);
  expect_wrong("tiny_gain", "gaindb=41", NM_ERR_BAD_ARG, "'Gain (dB)' goes from -40 to 40, not to 41");
  expect_wrong("tiny_gain", "times=1.5", NM_ERR_BAD_ARG, "'Gain times' takes whole numbers");
  expect_wrong("tiny_gain", "gain=1", NM_ERR_BAD_ARG,
               "more than one control 'gain'; it has 'Gain (dB)', 'Mute'");
  expect_wrong("tiny_gain", "pitch=1", NM_ERR_BAD_ARG, "no control 'pitch'");
  expect_wrong("tiny_gain", "#0=1", NM_ERR_BAD_ARG, "no control '#0'"); // its input
  expect_wrong("tiny_gain", "#2x=1", NM_ERR_BAD_ARG, "no control '#2x'");
  expect_wrong("tiny_gain", "()=1", NM_ERR_BAD_ARG, "no control '()'");
  expect_wrong("tiny_gain", "mute=loud", NM_ERR_BAD_ARG, "is no number");
  expect_wrong("tiny_gain", "mute=nan", NM_ERR_BAD_ARG, "is no number");
  expect_wrong("tiny_gain", "tail=-1", NM_ERR_BAD_ARG, "tail goes from 0");
  expect_wrong("tiny_echo", "delay=5", NM_ERR_BAD_ARG, "'Delay' is 4 at most, not 5");
  expect_wrong("tiny_tell", "cutoff=12001", NM_ERR_BAD_ARG, "goes from 240 to 6000"); // known with the rate
  expect_wrong("tiny_meter", "", NM_ERR_BAD_ARG, "is no effect");
  expect_wrong("tiny_source", "", NM_ERR_BAD_ARG, "is no effect");
}

static void test_bounds_by_the_rate(void **state)
{
  write_sound(1, N);
  Sound s = expect_sound("tiny_tell", "tail=0", 1, N);
  expect_near(s.x[0], .05f); // the geometric mean of .01 and .25
  free(s.x);
}

static void test_channels(void **state)
{
  write_sound(2, N);
  Sound s = expect_sound("tiny_gain", "gaindb=-20", 2, N); // two instances
  expect_near(s.x[2001], .1f * make_sample(1000, 1));
  free(s.x);
  s = expect_sound("tiny_swap", "", 2, N);
  expect_near(s.x[2000], make_sample(1000, 1));
  expect_near(s.x[2001], make_sample(1000, 0));
  free(s.x);
  s = expect_sound("tiny_wide", "", 2, N); // the mean of both
  expect_near(s.x[2000], (make_sample(1000, 0) + make_sample(1000, 1)) / 2);
  expect_near(s.x[2001], -s.x[2000]);
  free(s.x);
  expect_wrong("tiny_three", "", NM_ERR_UNSUPPORTED, "3 inputs and 1 outputs, and cannot take 2 channels");
  write_sound(1, N);
  s = expect_sound("tiny_wide", "", 2, N);
  expect_near(s.x[2001], -make_sample(1000, 0));
  free(s.x);
  s = expect_sound("tiny_swap", "", 2, N); // the same in both
  expect_near(s.x[2000], make_sample(1000, 0));
  free(s.x);
  write_sound(4, N);
  s = expect_sound("tiny_swap", "", 4, N); // two by two
  expect_near(s.x[4000], make_sample(1000, 1));
  expect_near(s.x[4002], make_sample(1000, 3));
  free(s.x);
}

// Where echoes of one second, each of half the level, are heard last: above -90 dB.
static int64_t find_end_of_echoes(void)
{
  int64_t n = N;
  float level = 1;
  for (int64_t echo = 0; echo < 20; ++echo, level /= 2)
    for (int64_t i = 0; i < N; ++i)
      if (fabsf(level * make_sample(i, 0)) > 3e-5f) n = echo * RATE + i + 1;
  return n;
}

static void test_tail(void **state)
{
  write_sound(1, N);
  Sound s = expect_sound("tiny_echo", "", 1, find_end_of_echoes());
  expect_near(s.x[2 * RATE + 1000], make_sample(1000, 0) / 4);
  free(s.x);
  s = expect_sound("tiny_echo", "tail=2", 1, N + 2 * RATE);
  expect_near(s.x[2 * RATE + 1000], make_sample(1000, 0) / 4);
  free(s.x);
  s = expect_sound("tiny_echo", "tail=0", 1, N);
  free(s.x);
  s = expect_sound("tiny_hum", "", 1, N + NM_LADSPA_TAIL_MAX_S * RATE); // never silent: warned of, and cut
  free(s.x);
  s = expect_sound("tiny_gain", "mute=1", 1, N); // silence is as long as what came in
  free(s.x);
}

static void test_delay_is_taken_back(void **state)
{
  write_sound(1, N);
  Sound s = expect_sound("tiny_late", "", 1, N);
  for (int64_t i = 0; i < N; ++i) expect_near(s.x[i], make_sample(i, 0));
  free(s.x);
  write_sound(1, 10); // shorter than the delay
  s = expect_sound("tiny_late", "", 1, 10);
  expect_near(s.x[9], make_sample(9, 0));
  free(s.x);
}

static void test_broken_sound(void **state)
{
  write_sound(1, N);
  expect_wrong("tiny_nan", "", NM_ERR_BAD_DATA, "no numbers, after 0.0");
  remove("in.wav");
  expect_wrong("tiny_gain", "", NM_ERR_IO, "in.wav");
}

static void test_not_found(void **state)
{
  expect_wrong("tiny_gian", "", NM_ERR_BAD_ARG, "near it is tiny_gain");
  expect_wrong("plate", "", NM_ERR_BAD_ARG, "swh-plugins");
  setenv("LADSPA_PATH", "/nowhere:/nowhere/else", 1);
  expect_wrong("tiny_gain", "", NM_ERR_BAD_ARG, "searched in /nowhere:/nowhere/else");
}

// A library that crashes when it is opened costs a message, not the program.
static void test_broken_library(void **state)
{
  NmError err = {0};
  int n = 0;
  FILE *file = tmpfile();
  setenv("LADSPA_PATH", NM_LADSPA_BROKEN ":" NM_LADSPA_TINY, 1);
  expect_wrong("tiny_gain", "", NM_ERR_IO, "is broken");
  assert_int_equal(nm_ladspa_list("swap", true, file, &n, &err), NM_OK);
  assert_int_equal(n, 1);
  fclose(file);
}

static void test_list(void **state)
{
  NmError err = {0};
  char line[4096];
  int n = 0;
  FILE *file = tmpfile();
  assert_int_equal(nm_ladspa_list(NULL, true, file, &n, &err), NM_OK);
  assert_int_equal(n, 12);
  rewind(file);
  for (int i = 0; i < n; ++i) {
    assert_non_null(fgets(line, sizeof line, file));
    json_t *plugin = json_loads(line, 0, NULL);
    assert_non_null(plugin);
    assert_int_equal(json_integer_value(json_object_get(plugin, "id")), 9001 + i);
    json_decref(plugin);
  }
  fclose(file);
  file = tmpfile();
  assert_int_equal(nm_ladspa_list("gain", false, file, &n, &err), NM_OK);
  rewind(file);
  assert_non_null(fgets(line, sizeof line, file));
  assert_string_equal(line, "tiny_gain (9001): Tiny gain, 1 in, 1 out\n");
  assert_non_null(fgets(line, sizeof line, file));
  assert_string_equal(line, "    #2   Gain (dB), from -40, to 40, usually 0\n");
  fclose(file);
  assert_int_equal(nm_ladspa_list("no such", false, stdout, &n, &err), NM_ERR_IO);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(test_controls),     TEST(test_wrong_settings), TEST(test_bounds_by_the_rate),
      TEST(test_channels),     TEST(test_tail),           TEST(test_delay_is_taken_back),
      TEST(test_broken_sound), TEST(test_not_found),      TEST(test_broken_library),
      TEST(test_list),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
