// SPDX-License-Identifier: GPL-3.0-or-later
// `neume backing` as a user runs it, and accompaniments in song files: read back they are the song.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "app/formats/abc.h"
#include "app/formats/midi.h"
#include "app/formats/midi_file.h"
#include "app/formats/musicxml.h"
#include "app/jobs/backing.h"
#include "dsp/audio_file.h"
#include "models/song/copy.h"
#include "tests/support/fail_alloc.h"
#include "tests/support/program.h"
#include "tests/support/random_song.h"
#include "tests/support/song_check.h"

#define TUNES NM_TEST_DATA "/data/tunes/"

// --- files ---

static void expect_same(const NmSong *song, const NmSongWriting *writing, NmSongWrite write, NmSongRead read)
{
  uint8_t *bytes;
  size_t n;
  NmError err = {0};
  char why[128];
  const NmStatus status = nm_song_write_bytes(write, song, writing, &bytes, &n, &err);
  if (status == NM_ERR_UNSUPPORTED) return;
  assert_int_equal(status, NM_OK);
  NmSong *again;
  if (read(bytes, n, "again", NULL, &again, NULL, &err)) fail_msg("%s", err.message);
  if (!nm_song_equal(song, again, why, sizeof why)) fail_msg("%s", why);
  nm_song_free(again);
  free(bytes);
}

static void test_songs_come_back(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 21);
  const NmRandomSong shape = {
      .n_notes_max = 30, .n_verses = 2, .melismas = true, .tuplets = true, .pickups = true, .maps = true};
  for (int i = 0; i < 60; ++i) {
    NmSong *song = nm_random_song(&rng, &shape);
    NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
    const NmPerformanceStyle style = {.mood = {.7, .3}};
    NmPerformance *performance = nm_performance_new(song, harmony, &style, NULL);
    const NmSongWriting writing = {.harmony = harmony, .performance = performance};
    expect_same(song, &writing, nm_midi_write, nm_midi_read);
    expect_same(song, &writing, nm_musicxml_write, nm_musicxml_read);
    expect_same(song, &writing, nm_abc_write, nm_abc_read);
    nm_performance_free(performance);
    nm_harmony_free(harmony);
    nm_song_free(song);
  }
}

static void test_copy(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 22);
  const NmRandomSong shape = {
      .n_verses = 2, .melismas = true, .elisions = true, .unsung = true, .pickups = true, .maps = true};
  for (int i = 0; i < 50; ++i) {
    NmSong *song = nm_random_song(&rng, &shape), *copy = nm_song_copy(song);
    char why[128];
    assert_int_equal(nm_song_finish(copy, NULL), NM_OK);
    if (!nm_song_equal(song, copy, why, sizeof why)) fail_msg("%s", why);
    nm_song_free(song);
    nm_song_free(copy);
  }
}

// Every note of the performance is in the file, on its tick.
static void test_midi_tracks(void **state)
{
  NmSong *song = nm_song_read_file(TUNES "greensleeves.abc");
  nm_backing_add_lead_in(song);
  NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
  const NmPerformanceStyle style = {.mood = {.2, .8}};
  NmPerformance *performance = nm_performance_new(song, harmony, &style, NULL);
  const NmSongWriting writing = {.performance = performance};
  uint8_t *bytes;
  size_t n;
  assert_int_equal(nm_song_write_bytes(nm_midi_write, song, &writing, &bytes, &n, NULL), NM_OK);
  NmMidi midi = {.song = nm_song_new(), .name = "band"};
  assert_int_equal(nm_midi_parse(&midi, bytes, n, NULL), NM_OK);
  assert_int_equal(midi.n_tracks, 2 + performance->n_parts);
  assert_int_equal(midi.n_parts, 1 + performance->n_parts);
  for (int32_t p = 0; p < performance->n_parts; ++p) {
    const NmPart *part = &performance->parts[p];
    const NmMidiPart *track = &midi.parts[1 + p];
    assert_string_equal(track->name, part->name);
    assert_int_equal(track->channel, part->channel);
    assert_int_equal(track->n_notes, part->n_notes);
    for (int32_t i = 0; i < part->n_notes; ++i) {
      const NmMidiNote *note = &midi.notes[track->first + i];
      assert_int_equal(note->onset * performance->ticks_per_beat,
                       part->notes[i].onset * midi.song->ticks_per_beat);
      assert_int_equal(note->velocity, part->notes[i].velocity);
    }
  }
  nm_song_free(midi.song);
  nm_midi_fini(&midi);
  free(bytes);
  nm_performance_free(performance);
  nm_harmony_free(harmony);
  nm_song_free(song);
}

typedef struct {
  const NmSong *song;
  const NmSongWriting *writing;
} Writing;

static bool write_midi(void *context)
{
  const Writing *w = context;
  uint8_t *bytes;
  size_t n;
  const NmStatus status = nm_song_write_bytes(nm_midi_write, w->song, w->writing, &bytes, &n, NULL);
  if (!status) free(bytes);
  return !status;
}

static void test_no_memory(void **state)
{
  NmSong *song = nm_song_read_file(TUNES "twinkle.abc");
  NmHarmony *harmony = nm_harmony_new(song, NULL, NULL);
  const NmPerformanceStyle style = {0};
  NmPerformance *performance = nm_performance_new(song, harmony, &style, NULL);
  const NmSongWriting writing = {.performance = performance};
  assert_true(nm_fail_alloc_each(write_midi, &(Writing){song, &writing}, false) > 10);
  nm_performance_free(performance);
  nm_harmony_free(harmony);
  nm_song_free(song);
}

// --- the command ---

static void test_chart(void **state)
{
  Ran ran = RUN(NULL, NM_PROGRAM, "backing", TUNES "amazing_grace.abc");
  assert_int_equal(ran.exit_code, 0);
  assert_string_equal(ran.out,
                      "| G | % | C | D |\n| G | % | D | G |\n| % | % | C | D |\n| G | G D | G | % |\n");
  ran_free(&ran);
}

static void test_json(void **state)
{
  Ran ran = RUN(NULL, NM_PROGRAM, "backing", TUNES "twinkle.abc", "--json", "--mood", "bright");
  assert_int_equal(ran.exit_code, 0);
  json_t *answer = json_loads(ran.out, 0, NULL);
  assert_non_null(answer);
  const json_t *chords = json_object_get(answer, "chords");
  assert_string_equal(json_string_value(json_object_get(json_array_get(chords, 0), "chord")), "C");
  double end = 0;
  for (size_t i = 0; i < json_array_size(chords); ++i) {
    const json_t *chord = json_array_get(chords, i);
    assert_true(fabs(json_number_value(json_object_get(chord, "start")) - end) < 1e-6);
    end = json_number_value(json_object_get(chord, "end"));
  }
  assert_int_equal(json_array_size(json_object_get(answer, "parts")), 4);
  json_decref(answer);
  ran_free(&ran);
}

static void test_outputs(void **state)
{
  enter_scratch();
  expect_exit(RUN(NULL, NM_PROGRAM, "backing", TUNES "twinkle.abc", "-o", "a.mid", "-o", "a.musicxml", "-o",
                  "a.abc", "-o", "a.txt", "-o", "a.wav", "--stems", "stems"),
              0, NULL);
  NmAudioReader *reader = nm_audio_reader_open("a.wav", NULL);
  assert_non_null(reader);
  const NmAudioInfo info = nm_audio_reader_get_info(reader);
  assert_int_equal(info.rate_hz, 48000);
  assert_int_equal(info.n_channels, 2);
  nm_audio_reader_close(reader);
  assert_true(file_exists("stems/bass.wav"));
  size_t n, n_again;
  char *first = read_file("a.wav", &n);
  expect_exit(RUN(NULL, NM_PROGRAM, "backing", TUNES "twinkle.abc", "-o", "a.wav"), 1, "--force");
  expect_exit(RUN(NULL, NM_PROGRAM, "backing", TUNES "twinkle.abc", "-o", "a.wav", "--force"), 0, NULL);
  char *again = read_file("a.wav", &n_again);
  assert_int_equal(n, n_again);
  assert_memory_equal(first, again, n);
  free(first);
  free(again);
  expect_exit(RUN(NULL, NM_PROGRAM, "backing", "a.mid"), 0, NULL);
  expect_exit(RUN(NULL, NM_PROGRAM, "backing", "a.musicxml", "--lead-in", "1", "-o", "b.mid"), 0, NULL);
  leave_scratch();
}

static void test_mistakes(void **state)
{
  enter_scratch();
  expect_exit(RUN(NULL, NM_PROGRAM, "backing"), 2, "takes one song");
  expect_exit(RUN(NULL, NM_PROGRAM, "backing", TUNES "twinkle.abc", "--mood", "odd"), 2, "solemn");
  expect_exit(RUN(NULL, NM_PROGRAM, "backing", TUNES "twinkle.abc", "-o", "x.pdf"), 2, "x.pdf");
  expect_exit(RUN(NULL, NM_PROGRAM, "backing", "missing.abc"), 3, "missing.abc");
  expect_exit(RUN(NULL, NM_PROGRAM, "backing", TUNES "twinkle.abc", "-o", "x.wav", "--soundfont", "none.sf2"),
              3, "timgm6mb-soundfont");
  write_file("words.abc", "X:1\nK:C\nz4|]\n", 13);
  expect_exit(RUN(NULL, NM_PROGRAM, "backing", "words.abc"), 3, "no notes");
  assert_int_equal(count_files(), 1);
  leave_scratch();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_songs_come_back), cmocka_unit_test(test_copy),
      cmocka_unit_test(test_midi_tracks),     cmocka_unit_test(test_no_memory),
      cmocka_unit_test(test_chart),           cmocka_unit_test(test_json),
      cmocka_unit_test(test_outputs),         cmocka_unit_test(test_mistakes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
