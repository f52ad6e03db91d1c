// SPDX-License-Identifier: GPL-3.0-or-later
// `neume emotion` and `neume listener` as a user drives them, with a model that knows nothing.
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
#include <sys/stat.h>
#include <unistd.h>

#include "dsp/audio_file.h"
#include "tests/support/emotion_weights.h"
#include "tests/support/program.h"

enum { RATE = 24000, N_SONG = 60 * RATE + 7000 };

typedef float (*Wave)(int64_t i, int rate_hz);

static char weights[64];

// --- sounds ---

static float song(int64_t i, int rate_hz)
{
  const double t = (double)i / rate_hz, hz = 220 * pow(2, floor(fmod(t * 2, 8)) / 12);
  const double loudness = t < 30 ? .1 : .8;
  return (float)(loudness * exp(-4 * fmod(t, .5)) * sin(2 * M_PI * hz * t));
}

static float silence(int64_t i, int rate_hz)
{
  return 0;
}

static float steady(int64_t i, int rate_hz)
{
  return .5f;
}

static float not_a_number(int64_t i, int rate_hz)
{
  return i % 100 == 50 ? NAN : i % 100 == 51 ? INFINITY : song(i, rate_hz);
}

static void write_sound(const char *path, Wave wave, int64_t n, int rate_hz, int n_channels)
{
  const NmAudioFormat format = {rate_hz, n_channels, NM_AUDIO_FLOAT};
  NmError err = {0};
  NmAudioWriter *writer = nm_audio_writer_open(path, &format, &err);
  if (!writer) fail_msg("%s", err.message);
  float *x = malloc((size_t)(n * n_channels + 1) * sizeof *x);
  for (int64_t i = 0; i < n; ++i)
    for (int c = 0; c < n_channels; ++c) x[i * n_channels + c] = wave(i, rate_hz);
  assert_int_equal(nm_audio_writer_write(writer, x, n, &err), NM_OK);
  assert_int_equal(nm_audio_writer_close(writer, true, &err), NM_OK);
  free(x);
}

// WAV of 32-bit floats as they are, no numbers included.
static void write_floats(const char *path, Wave wave, int64_t n, int rate_hz)
{
  const uint32_t n_bytes = (uint32_t)n * 4, size = n_bytes + 36, sixteen = 16, rate = (uint32_t)rate_hz,
                 per_second = rate * 4;
  const uint16_t words[] = {3, 1}, sizes[] = {4, 32};
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  fwrite("RIFF", 1, 4, file);
  fwrite(&size, 4, 1, file);
  fwrite("WAVEfmt ", 1, 8, file);
  fwrite(&sixteen, 4, 1, file);
  fwrite(words, 2, 2, file);
  fwrite(&rate, 4, 1, file);
  fwrite(&per_second, 4, 1, file);
  fwrite(sizes, 2, 2, file);
  fwrite("data", 1, 4, file);
  fwrite(&n_bytes, 4, 1, file);
  for (int64_t i = 0; i < n; ++i) {
    const float x = wave(i, rate_hz);
    fwrite(&x, 4, 1, file);
  }
  assert_int_equal(fclose(file), 0);
}

static int set_up_weights(void **state)
{
  snprintf(weights, sizeof weights, P_tmpdir "/neume-weights-XXXXXX");
  assert_non_null(mkdtemp(weights));
  write_emotion_weights(weights);
  return setenv("NEUME_ASSETS", weights, 1);
}

static int tear_down_weights(void **state)
{
  char path[128];
  static const char *const names[] = {"emotion.safetensors", "listener.safetensors"};
  for (int i = 0; i < 2; ++i) {
    snprintf(path, sizeof path, "%s/%s", weights, names[i]);
    remove(path);
  }
  return rmdir(weights);
}

static int set_up(void **state)
{
  enter_scratch();
  write_floats("song.wav", song, N_SONG, RATE);
  return 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  return 0;
}

// --- what is said ---

// The table's rows, times checked; values within -1 to 1.
static int count_rows(const char *csv)
{
  int n = 0;
  const char *line = strchr(csv, '\n');
  assert_int_equal(strncmp(csv, "time_s,valence,arousal,confidence\n", 34), 0);
  for (++line; *line; line = strchr(line, '\n') + 1, ++n) {
    double time, valence, arousal, confidence;
    assert_int_equal(sscanf(line, "%lf,%lf,%lf,%lf", &time, &valence, &arousal, &confidence), 4);
    assert_true(time == n * .5 + .25);
    assert_true(fabs(valence) <= 1 && fabs(arousal) <= 1 && confidence >= 0 && confidence <= 1);
  }
  return n;
}

static void expect_rows(Ran ran, int n, const char *in_err)
{
  if (ran.exit_code) fail_msg("exit %d: %s", ran.exit_code, ran.err);
  assert_int_equal(count_rows(ran.out), n);
  if (in_err) assert_non_null(strstr(ran.err, in_err));
  ran_free(&ran);
}

static void test_any_threads_and_streamed(void **state)
{
  Ran file = RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "-j", "1");
  Ran threads = RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "-j", "3");
  Ran pipe = RUN(NULL, "/bin/sh", "-c", "cat song.wav | " NM_PROGRAM " emotion -");
  Ran raw = RUN(NULL, "/bin/sh", "-c", "tail -c +45 song.wav | " NM_PROGRAM " emotion --raw f32 -");
  Ran slow = RUN(NULL, "/bin/sh", "-c",
                 "(head -c 1000001 song.wav; sleep 0.1; tail -c +1000002 song.wav) | " NM_PROGRAM
                 " emotion - -o - --format csv");
  assert_int_equal(count_rows(file.out), 121);
  assert_string_equal(file.out, threads.out);
  assert_string_equal(file.out, pipe.out);
  assert_string_equal(file.out, raw.out);
  assert_string_equal(file.out, slow.out);
  ran_free(&file);
  ran_free(&threads);
  ran_free(&pipe);
  ran_free(&raw);
  ran_free(&slow);
}

// What is no plain WAV comes through a pipe too, and sounds the same.
static void test_packed_pipe(void **state)
{
  write_sound("song.flac", song, 5 * 44100, 44100, 2);
  Ran file = RUN(NULL, NM_PROGRAM, "emotion", "song.flac");
  Ran pipe = RUN(NULL, "/bin/sh", "-c", "cat song.flac | " NM_PROGRAM " emotion -");
  assert_int_equal(count_rows(file.out), 10);
  assert_string_equal(file.out, pipe.out);
  ran_free(&file);
  ran_free(&pipe);
}

static void test_odd_sounds(void **state)
{
  static const struct {
    Wave wave;
    int64_t n;
    int rate_hz, n_rows;
    const char *says;
  } cases[] = {{not_a_number, 3 * RATE, RATE, 6, "are no numbers"},
               {silence, 10 * RATE, RATE, 20, "is silent"},
               {steady, 10 * RATE, RATE, 20, NULL},
               {song, 1, RATE, 1, NULL},
               {song, 8000, 8000, 2, NULL},
               {song, 2 * 192000, 192000, 4, NULL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    write_floats("odd.wav", cases[i].wave, cases[i].n, cases[i].rate_hz);
    expect_rows(RUN(NULL, NM_PROGRAM, "emotion", "odd.wav"), cases[i].n_rows, cases[i].says);
    expect_rows(RUN(NULL, "/bin/sh", "-c", "cat odd.wav | " NM_PROGRAM " emotion -"), cases[i].n_rows,
                cases[i].says);
  }
}

static void test_channels(void **state)
{
  write_sound("seven.wav", song, 4 * RATE, RATE, 7);
  expect_rows(RUN(NULL, NM_PROGRAM, "emotion", "seven.wav"), 8, NULL);
  Ran file = RUN(NULL, NM_PROGRAM, "emotion", "seven.wav");
  Ran pipe = RUN(NULL, "/bin/sh", "-c", "cat seven.wav | " NM_PROGRAM " emotion -");
  assert_string_equal(file.out, pipe.out);
  ran_free(&file);
  ran_free(&pipe);
}

static void test_damaged_files(void **state)
{
  size_t n;
  char *bytes = read_file("song.wav", &n);
  write_file("cut.wav", bytes, n / 2);
  write_file("head.wav", bytes, 20);
  write_file("none.wav", bytes, 44);
  write_file("empty.wav", "", 0);
  write_file("text.wav", "It was a dark and stormy night.\n", 32);
  free(bytes);
  write_floats("short.wav", song, 1, 192000);
  expect_rows(RUN(NULL, NM_PROGRAM, "emotion", "cut.wav"), 60, "is cut off");
  expect_rows(RUN(NULL, "/bin/sh", "-c", "cat cut.wav | " NM_PROGRAM " emotion -"), 60, "is cut off");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "head.wav"), 3, "head.wav");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "none.wav"), 3, "none.wav");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "empty.wav"), 3, "empty.wav: is empty");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "text.wav"), 3, "text.wav: is no sound file");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "short.wav"), 3, "too short");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "nothing.wav"), 3, "nothing.wav");
  expect_exit(RUN(NULL, "/bin/sh", "-c", "cat text.wav | " NM_PROGRAM " emotion -"), 3, "standard input");
  expect_exit(RUN(NULL, "/bin/sh", "-c", ": | " NM_PROGRAM " emotion --raw s16 -"), 3, "not one sample");
}

// --- formats ---

static json_t *read_json(const char *path)
{
  char *text = read_file(path, NULL);
  json_error_t error;
  assert_non_null(text);
  json_t *json = json_loads(text, 0, &error);
  if (!json) fail_msg("%s:%d: %s", path, error.line, error.text);
  free(text);
  return json;
}

static void check_json(void)
{
  json_t *json = read_json("a.json");
  assert_int_equal(json_array_size(json_object_get(json, "rows")), 121);
  assert_int_equal(strlen(json_string_value(json_object_get(json, "model"))), 16);
  assert_true(json_is_null(json_object_get(json, "listener")));
  assert_true(json_is_object(json_object_get(json_object_get(json, "summary"), "arousal")));
  assert_true(json_array_size(json_object_get(json, "segments")) >= 1);
  json_decref(json);
}

// What the schema of JAMS requires.
static void check_jams(void)
{
  json_t *json = read_json("a.jams");
  const json_t *annotations = json_object_get(json, "annotations");
  const json_t *file = json_object_get(json, "file_metadata");
  assert_true(fabs(json_real_value(json_object_get(file, "duration")) - (double)N_SONG / RATE) < 1e-4);
  assert_int_equal(json_array_size(annotations), 2);
  const json_t *curve = json_array_get(annotations, 0), *segments = json_array_get(annotations, 1);
  assert_string_equal(json_string_value(json_object_get(curve, "namespace")), "mood_thayer");
  assert_string_equal(json_string_value(json_object_get(segments, "namespace")), "segment_open");
  const json_t *first = json_array_get(json_object_get(curve, "data"), 0);
  assert_int_equal(json_array_size(json_object_get(curve, "data")), 121);
  assert_true(json_real_value(json_object_get(first, "time")) == .25);
  assert_int_equal(json_array_size(json_object_get(first, "value")), 2);
  json_decref(json);
}

static void check_labels(void)
{
  char *text = read_file("a.txt", NULL);
  double start, end, at = 0;
  for (const char *line = text; *line; line = strchr(line, '\n') + 1, at = end) {
    assert_int_equal(sscanf(line, "%lf\t%lf\t", &start, &end), 2);
    assert_true(start == at && end > start);
  }
  assert_true(fabs(at - (double)N_SONG / RATE) < 1e-5);
  free(text);
}

static void test_formats(void **state)
{
  size_t n;
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "-o", "a.csv", "-o", "a.json", "-o", "a.jams",
                  "-o", "a.txt", "-o", "a.summary", "-o", "a.png", "--segments"),
              0, NULL);
  check_json();
  check_jams();
  check_labels();
  char *csv = read_file("a.csv", NULL), *png = read_file("a.png", &n), *words = read_file("a.summary", NULL);
  assert_int_equal(strncmp(csv, "start_s,end_s,valence,arousal,mood\n0.00,", 40), 0);
  assert_memory_equal(png, "\x89PNG", 4);
  assert_non_null(strstr(words, "song.wav: 1:00.3"));
  assert_int_equal(count_files(), 7);
  free(csv);
  free(png);
  free(words);
}

static void test_no_overwriting(void **state)
{
  write_file("a.csv", "mine", 4);
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "-o", "a.csv"), 1, "a.csv exists");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "-o", "a.csv", "--force"), 0, NULL);
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "-o", "no/such/a.csv"), 1, "no/such/a.csv");
}

// --- many ---

static void test_many(void **state)
{
  write_file("text.wav", "no sound", 8);
  write_floats("b, \"two\".wav", song, 5 * RATE, RATE);
  Ran ran = RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "text.wav", "b, \"two\".wav");
  assert_int_equal(ran.exit_code, 4);
  assert_non_null(strstr(ran.err, "text.wav: is no sound file"));
  assert_non_null(strstr(ran.out, "\nsong.wav,60.29,"));
  assert_non_null(strstr(ran.out, "\n\"b, \"\"two\"\".wav\",5.00,"));
  ran_free(&ran);
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "text.wav", "nothing.wav"), 3, "nothing.wav");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "song.wav", "-o", "table.json"), 0, NULL);
  char *table = read_file("table.json", NULL);
  json_t *json = json_loads(table, JSON_DISABLE_EOF_CHECK, NULL);
  assert_string_equal(json_string_value(json_object_get(json, "file")), "song.wav");
  json_decref(json);
  free(table);
}

static void test_folder(void **state)
{
  write_floats("b.wav", song, 5 * RATE, RATE);
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "b.wav", "--to", "moods", "--format", "csv",
                  "--format", "png"),
              0, NULL);
  assert_true(file_exists("moods/song.csv") && file_exists("moods/song.png"));
  assert_true(file_exists("moods/b.csv") && file_exists("moods/b.png"));
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "b.wav", "--to", "moods"), 1, "exists");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "b.wav", "./b.wav", "--to", "moods"), 2, "both be written");
  static const char *const names[] = {"moods/song.csv", "moods/song.png", "moods/b.csv", "moods/b.png",
                                      "moods"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) assert_int_equal(remove(names[i]), 0);
}

static void test_usage(void **state)
{
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion"), 2, "takes sound files");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "-o", "a.wav"), 2, ".csv, .json");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "--raw", "s20"), 2, "s24");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "--rate", "8000"), 2, "--raw");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "--live"), 2, "microphone");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "-", "-"), 2, "heard once");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "--change", "0"), 2, "--change");
  setenv("NEUME_ASSETS", "/nonexistent", 1);
  if (!file_exists(NM_ASSETS "/emotion.safetensors"))
    expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav"), 3, "emotion.safetensors");
  setenv("NEUME_ASSETS", weights, 1);
}

// --- listeners ---

static const char curve[] = "time_s,valence,arousal\n0,0.1,-0.2\n2,0.3,-0.4\n6,0.5,-0.6\n";

static void test_listener(void **state)
{
  write_file("curve.csv", curve, strlen(curve));
  write_floats("clip.wav", song, 6 * RATE, RATE);
  expect_exit(RUN(NULL, NM_PROGRAM, "listener", "adapt", "--audio", "clip.wav", "--labels", "curve.csv", "-o",
                  "me.listener"),
              0, NULL);
  Ran show = RUN(NULL, NM_PROGRAM, "listener", "show", "me.listener", "--json");
  json_t *json = json_loads(show.out, 0, NULL);
  assert_true(fabs(json_real_value(json_object_get(json_object_get(json, "valence"), "last")) - .3) < 1e-3);
  json_decref(json);
  ran_free(&show);
  Ran mine = RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "--listener", "me.listener");
  Ran average = RUN(NULL, NM_PROGRAM, "emotion", "song.wav");
  assert_int_equal(count_rows(mine.out), 121);
  assert_non_null(strstr(mine.out, "\n0.25,0.1000,-0.2000,"));
  assert_non_null(strstr(mine.out, "\n4.25,0.3000,-0.4000,"));
  assert_string_not_equal(mine.out, average.out);
  ran_free(&mine);
  ran_free(&average);
  expect_exit(RUN(NULL, NM_PROGRAM, "listener", "adapt", "--audio", "clip.wav", "--labels", "curve.csv", "-o",
                  "me.listener"),
              1, "exists");
}

static void test_listener_mistakes(void **state)
{
  static const struct {
    const char *curve, *says;
  } cases[] = {{"", "curve.csv"},
               {"time_s,valence\n0,1\n1,1\n", "arousal"},
               {"time_s,valence,arousal\n0,0,0\n1,2,0\n", "line 3"},
               {"time_s,valence,arousal\n1,0,0\n0,0,0\n", "line 3"},
               {"time_s,valence,arousal\n0,nan,0\n1,0,0\n", "line 2"},
               {"time_s,valence,arousal\n0,0\n1,0,0\n", "line 2"},
               {"time_s,valence,arousal\n900,0,0\n901,0,0\n", "two seconds"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    write_file("curve.csv", cases[i].curve, strlen(cases[i].curve));
    expect_exit(RUN(NULL, NM_PROGRAM, "listener", "adapt", "--audio", "song.wav", "--labels", "curve.csv",
                    "-o", "me.listener"),
                3, cases[i].says);
  }
  assert_false(file_exists("me.listener"));
  expect_exit(RUN(NULL, NM_PROGRAM, "listener", "adapt", "-o", "me.listener"), 2, "--audio");
  expect_exit(RUN(NULL, NM_PROGRAM, "listener", "show"), 2, "one listener");
  expect_exit(RUN(NULL, NM_PROGRAM, "listener", "show", "curve.csv"), 3, "curve.csv");
  expect_exit(RUN(NULL, NM_PROGRAM, "emotion", "song.wav", "--listener", "curve.csv"), 3, "curve.csv");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_any_threads_and_streamed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_packed_pipe, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_odd_sounds, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_channels, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_damaged_files, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_formats, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_no_overwriting, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_folder, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_usage, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_listener, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_listener_mistakes, set_up, tear_down)};
  return cmocka_run_group_tests(tests, set_up_weights, tear_down_weights);
}
