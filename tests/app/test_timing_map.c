// SPDX-License-Identifier: GPL-3.0-or-later
// Time is counted once: MIDI, MusicXML, JSON, TextGrid, SRT, WebVTT, LRC and the sound agree to a hop of 256
// samples, for a plain song and for a project with everything that moves time.
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
#include "dsp/audio_file.h"
#include "tests/support/program.h"
#include "tests/support/song_check.h"

#define NEUME NM_PROGRAM_FAKE

enum { N_LINES = 5, N_NOTES = 3 * N_LINES, N_VERSES = 2, BAR = 1440 };

static const double hop_s = 256. / 24000;
// At a tempo that no frame divides.
static const double bpm = 97.3;

// Vowels after rests, so that their onsets can be seen in the sound. The second syllable of a line is held on
// its third note.
static const char *const words[N_VERSES * N_LINES][2] = {
    {"oh", "me"}, {"ah", "no"},  {"all", "we"}, {"eve", "low"},  {"ice", "may"},
    {"I", "see"}, {"aim", "my"}, {"oar", "no"}, {"each", "row"}, {"eye", "lay"}};

static void add_line(NmSong *song, int line)
{
  nm_song_add_line(song, 1 + line / N_LINES, 0);
  for (int k = 0; k < 2; ++k) {
    nm_song_add_word(song);
    const int32_t syllable = nm_song_add_syllable(song, words[line][k], strlen(words[line][k]), 1);
    nm_song_add_link(song, syllable, 3 * (line % N_LINES) + k);
    if (k) nm_song_add_link(song, syllable, 3 * (line % N_LINES) + 2);
  }
}

static NmSong *make_song(int n_verses)
{
  NmSong *song = nm_song_new();
  nm_song_add_tempo(song, 0, bpm);
  nm_song_add_meter(song, 0, 3, 4);
  for (int i = 0; i < N_LINES; ++i) {
    const int64_t tick = 480 * (1 + 6 * i);
    nm_song_add_note(song, tick, 480, 50 + 2 * i, 0);
    nm_song_add_note(song, tick + 480, 960, 52 + i, 0);
    nm_song_add_note(song, tick + 1440, 480, 50 + i, 0);
  }
  for (int line = 0; line < n_verses * N_LINES; ++line) add_line(song, line);
  return song;
}

static void save_song(NmSong *song, const char *path)
{
  NmError err = {0};
  if (nm_song_finish(song, &err) || nm_song_file_write(path, song, NULL, true, &err))
    fail_msg("%s", err.message);
}

// --- what each file says, in seconds ---

typedef struct {
  const char *stem, *wav; // stem of the names of all other files
  int n_lines;
} Results;

static char *read_ending(const Results *results, const char *ending)
{
  size_t n;
  char path[80];
  snprintf(path, sizeof path, "%s%s", results->stem, ending);
  char *text = read_file(path, &n);
  if (!text) fail_msg("%s is missing", path);
  return text;
}

static NmSong *read_song(const Results *results, const char *ending)
{
  char path[80];
  snprintf(path, sizeof path, "%s%s", results->stem, ending);
  return nm_song_read_file(path);
}

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
  return 3600 * hours + 60 * minutes + seconds;
}

// The n-th place in a text (from 0) that begins with `mark`; what follows it.
static const char *nth(const char *text, const char *mark, int n)
{
  const char *at = strstr(text, mark);
  while (at && n-- > 0) at = strstr(at + 1, mark);
  if (!at) fail_msg("there is no further %s", mark);
  return at + strlen(mark);
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
    if (xmin && xmin < line) start = strtod(xmin + 7, NULL);
    at = line;
    n -= line[8] != '"';
  }
  return start;
}

static double json_onset(const json_t *json, const char *list, int n)
{
  return json_number_value(json_object_get(json_array_get(json_object_get(json, list), (size_t)n), "start"));
}

// The first loud frame from `from` on.
static double wav_onset(const float *frames, const NmAudioInfo *info, double from)
{
  for (int64_t i = (int64_t)(from * info->rate_hz); i < info->n_frames; ++i)
    if (fabsf(frames[i * info->n_channels]) > .018f) return (double)i / info->rate_hz;
  fail_msg("the sound is silent");
  return 0;
}

static float *load_sound(const char *path, NmAudioInfo *info)
{
  NmError err = {0};
  int64_t n;
  NmAudioReader *reader = nm_audio_reader_open(path, &err);
  if (!reader) fail_msg("%s", err.message);
  *info = nm_audio_reader_get_info(reader);
  float *frames = malloc((size_t)(info->n_frames * info->n_channels) * sizeof *frames);
  assert_int_equal(nm_audio_reader_read(reader, frames, info->n_frames, &n, &err), NM_OK);
  assert_int_equal(n, info->n_frames);
  nm_audio_reader_close(reader);
  return frames;
}

// --- that they agree ---

static void expect_near(const char *what, int i, double found, double wanted)
{
  if (!(fabs(found - wanted) <= hop_s)) fail_msg("%s %d: %.4f s is not near %.4f s", what, i, found, wanted);
}

static void check_notes(const Results *results, const NmSong *midi)
{
  NmSong *musicxml = read_song(results, ".musicxml");
  char *grid = read_ending(results, ".TextGrid"), *text = read_ending(results, ".json");
  json_t *json = json_loads(text, 0, NULL);
  assert_int_equal(midi->n_notes, 3 * results->n_lines);
  assert_int_equal(json_array_size(json_object_get(json, "notes")), midi->n_notes);
  for (int i = 0; i < midi->n_notes; ++i) {
    const double onset = nm_song_get_seconds(midi, midi->notes[i].onset);
    expect_near("MusicXML", i, nm_song_get_seconds(musicxml, musicxml->notes[i].onset), onset);
    expect_near("notes of JSON", i, json_onset(json, "notes", i), onset);
    expect_near("notes of TextGrid", i, textgrid_onset(grid, "notes", i), onset);
  }
  for (int i = 0; i < results->n_lines; ++i) {
    const double onset = nm_song_get_seconds(midi, midi->notes[3 * i].onset);
    expect_near("lines of JSON", i, json_onset(json, "lines", i), onset);
    expect_near("lines of TextGrid", i, textgrid_onset(grid, "lines", i), onset);
    expect_near("words of TextGrid", i, textgrid_onset(grid, "words", 2 * i), onset);
  }
  json_decref(json);
  nm_song_free(musicxml);
  free(text);
  free(grid);
}

static void check_subtitles(const Results *results, const NmSong *midi)
{
  char *srt = read_ending(results, ".srt"), *vtt = read_ending(results, ".vtt"),
       *lrc = read_ending(results, ".lrc");
  for (int i = 0; i < results->n_lines; ++i) {
    char cue[60];
    const double onset = nm_song_get_seconds(midi, midi->notes[3 * i].onset);
    expect_near("SRT", i, clock_of(nth(srt, "\n", 4 * i)), onset);
    snprintf(cue, sizeof cue, "%s %s\n", words[i][0], words[i][1]);
    const char *text = strstr(vtt, cue);
    assert_non_null(text);
    expect_near("WebVTT", i, clock_of(text - 30), onset);
    snprintf(cue, sizeof cue, ">%s <", words[i][0]);
    text = strstr(lrc, cue);
    assert_non_null(text);
    expect_near("word of LRC", i, clock_of(text - 8), onset);
    expect_near("line of LRC", i, clock_of(text - 19), onset);
  }
  free(srt);
  free(vtt);
  free(lrc);
}

static void check_sound(const Results *results, const NmSong *midi)
{
  NmAudioInfo info;
  float *frames = load_sound(results->wav, &info);
  for (int i = 0; i < results->n_lines; ++i) {
    const double onset = nm_song_get_seconds(midi, midi->notes[3 * i].onset);
    expect_near("WAV", i, wav_onset(frames, &info, onset - .2), onset);
  }
  free(frames);
}

static void check(const Results *results)
{
  NmSong *midi = read_song(results, ".mid");
  check_notes(results, midi);
  check_subtitles(results, midi);
  check_sound(results, midi);
  nm_song_free(midi);
}

// --- the songs ---

static void test_sing(void **state)
{
  enter_scratch();
  NmSong *song = make_song(1);
  save_song(song, "song.mid");
  save_song(song, "song.musicxml");
  expect_exit(RUN(NULL, NEUME, "sing", "song.mid", "--plain", "-o", "song.wav", "-t", "song.json", "-t",
                  "song.TextGrid", "-t", "song.srt", "-t", "song.vtt", "-t", "song.lrc"),
              0, NULL);
  check(&(Results){"song", "song.wav", N_LINES});
  nm_song_free(song);
  leave_scratch();
}

// Seconds of a tick in the song with two tempos, counted by hand.
static double seconds_of(int64_t tick, int64_t change, double bpm_later)
{
  const int64_t later = tick > change ? tick - change : 0;
  return (double)(tick - later) / 480 * 60 / bpm + (double)later / 480 * 60 / bpm_later;
}

// The tempo changes within a note that a syllable is held on; the second verse is sung after the first; empty
// bars go before, for the band.
static void test_render(void **state)
{
  const int64_t change = 480 * 15 + 200, period = 480 * 30;
  const double bpm_later = 143.7;
  enter_scratch();
  NmSong *song = make_song(N_VERSES);
  nm_song_add_tempo(song, change, bpm_later);
  save_song(song, "song.neume");
  expect_exit(RUN(NULL, NEUME, "render", "song.neume", "-o", "out", "--no-cache", "--no-emotion", "--mood",
                  "bright", "--set", "voice/plain=true"),
              0, NULL);
  const Results results = {"out/song", "out/stems/voice.wav", N_VERSES * N_LINES};
  check(&results);
  NmSong *midi = read_song(&results, ".mid");
  const double start = nm_song_get_seconds(midi, midi->notes[0].onset),
               first = seconds_of(480, change, bpm_later);
  assert_true(start - first > 1);
  const double bars = (start - first) / (BAR / 480. * 60 / bpm);
  assert_true(fabs(bars - round(bars)) < 1e-3);
  for (int i = 0; i < midi->n_notes; ++i) {
    const double of_verse = i < N_NOTES ? 0 : seconds_of(period, change, bpm_later);
    const double wanted = seconds_of(song->notes[i % N_NOTES].onset, change, bpm_later);
    expect_near("note", i, nm_song_get_seconds(midi, midi->notes[i].onset),
                start - first + of_verse + wanted);
  }
  nm_song_free(midi);
  nm_song_free(song);
  leave_scratch();
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sing), cmocka_unit_test(test_render)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
