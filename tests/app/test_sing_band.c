// SPDX-License-Identifier: GPL-3.0-or-later
// `neume sing --backing` as a user drives it, with the fake voice: one time for voice, band, MIDI and
// timings.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "app/formats/midi.h"
#include "app/formats/midi_file.h"
#include "dsp/audio_file.h"
#include "tests/support/program.h"

#define NEUME NM_PROGRAM_FAKE
#define TUNE NM_TEST_DATA "/data/tunes/amazing_grace.abc"

enum { RATE = 48000, HOP = 2 * 256 };

// Both channels of a file, added; n frames.
static float *load(const char *path, int64_t *n)
{
  NmError err = {0};
  NmAudioReader *reader = nm_audio_reader_open(path, &err);
  if (!reader) fail_msg("%s", err.message);
  const NmAudioInfo info = nm_audio_reader_get_info(reader);
  assert_int_equal(info.rate_hz, RATE);
  assert_int_equal(info.n_channels, 2);
  float *frames = malloc((size_t)(2 * info.n_frames) * sizeof *frames);
  assert_int_equal(nm_audio_reader_read(reader, frames, info.n_frames, n, &err), NM_OK);
  for (int64_t i = 0; i < *n; ++i) frames[i] = frames[2 * i] + frames[2 * i + 1];
  nm_audio_reader_close(reader);
  return frames;
}

static int64_t find_onset(const float *x, int64_t from, int64_t n)
{
  while (from < n && !(fabs(x[from]) > 1e-4)) ++from;
  return from;
}

static void test_one_time(void **state)
{
  enter_scratch();
  expect_exit(RUN(NULL, NEUME, "sing", TUNE, "--backing", "--mood", "bright", "-o", "a.wav", "--stems",
                  "stems", "-t", "a.json"),
              0, NULL);
  expect_exit(RUN(NULL, NEUME, "backing", TUNE, "--mood", "bright", "-o", "a.mid"), 0, NULL);
  size_t n_bytes;
  int64_t n;
  uint8_t *bytes = (uint8_t *)read_file("a.mid", &n_bytes);
  NmMidi midi = {.song = nm_song_new(), .name = "a.mid"};
  assert_int_equal(nm_midi_parse(&midi, bytes, n_bytes, NULL), NM_OK);
  json_t *timings = json_load_file("a.json", 0, NULL);
  const json_t *note = json_array_get(json_object_get(timings, "notes"), 0);
  assert_non_null(note);
  const double start = json_number_value(json_object_get(note, "start"));
  const double meant = nm_song_get_seconds(midi.song, midi.notes[midi.parts[0].first].onset);
  assert_true(start > 1);
  assert_true(fabs(start - meant) <= (double)HOP / RATE);
  for (int32_t p = 1; p < midi.n_parts; ++p) {
    char path[64];
    snprintf(path, sizeof path, "stems/%s.wav", midi.parts[p].name);
    float *x = load(path, &n);
    const double onset = (double)find_onset(x, 0, n) / RATE;
    assert_true(fabs(onset - nm_song_get_seconds(midi.song, midi.notes[midi.parts[p].first].onset)) < .03);
    free(x);
  }
  json_decref(timings);
  nm_song_free(midi.song);
  nm_midi_fini(&midi);
  free(bytes);
  leave_scratch();
}

static void test_streams_and_repeats(void **state)
{
  size_t n, n_again;
  enter_scratch();
  expect_exit(RUN(NULL, NEUME, "sing", TUNE, "-b", "-o", "a.wav", "-j", "1"), 0, NULL);
  expect_exit(RUN(NULL, NEUME, "sing", TUNE, "-b", "-o", "b.wav", "-j", "3"), 0, NULL);
  Ran ran = RUN(NULL, NEUME, "sing", TUNE, "-b", "-o", "-");
  assert_int_equal(ran.exit_code, 0);
  char *a = read_file("a.wav", &n), *b = read_file("b.wav", &n_again);
  assert_int_equal(n, n_again);
  assert_memory_equal(a, b, n);
  assert_int_equal(ran.n_out, n);
  assert_memory_equal(ran.out + 44, a + 44, n - 44);
  assert_int_equal((uint8_t)ran.out[22], 2);
  free(a);
  free(b);
  ran_free(&ran);
  leave_scratch();
}

static void test_options(void **state)
{
  enter_scratch();
  Ran ran = RUN(NULL, NEUME, "sing", TUNE, "--stems", "only", "--json");
  assert_int_equal(ran.exit_code, 0);
  json_t *report = json_loads(ran.out, 0, NULL);
  const json_t *band = json_object_get(report, "band");
  assert_int_equal(json_integer_value(json_object_get(band, "sample_rate")), RATE);
  assert_true(json_array_size(json_object_get(band, "parts")) >= 3);
  json_decref(report);
  ran_free(&ran);
  assert_true(file_exists("only/voice.wav") && file_exists("only/bass.wav"));
  expect_exit(RUN(NULL, NEUME, "sing", TUNE, "--stems", "only"), 1, "--force");
  expect_exit(RUN(NULL, NEUME, "sing", TUNE, "-b", "--transpose", "3", "--lead-in", "1", "-o", "c.flac"), 0,
              NULL);
  expect_exit(RUN(NULL, NEUME, "sing", TUNE, "-b", "-t", "d.lrc"), 0, NULL);
  expect_exit(RUN(NULL, NEUME, "sing", TUNE, "--mood", "1,2", "-o", "e.wav"), 2, "--mood");
  expect_exit(RUN(NULL, NEUME, "sing", TUNE, "--soundfont", TUNE, "-o", "e.wav"), 3, "no soundfont");
  assert_false(file_exists("e.wav"));
  leave_scratch();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_time),
      cmocka_unit_test(test_streams_and_repeats),
      cmocka_unit_test(test_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
