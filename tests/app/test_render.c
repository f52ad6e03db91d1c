// SPDX-License-Identifier: GPL-3.0-or-later
// neume render with the fake voice: the same bytes however it is called, only what changed sung again, whole
// files or none.
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "app/document/edits.h"
#include "app/document/file.h"
#include "tests/support/program.h"
#include "tests/support/random_song.h"

#define RENDER(...) RUN(NULL, NM_PROGRAM_FAKE, "render", "song.neume", __VA_ARGS__)

// A tune of three lines with a rest between them, so that each is a phrase.
static NmDocument *make_document(void)
{
  NmSong *song = nm_song_new();
  nm_song_add_meter(song, 0, 4, 4);
  nm_song_add_key(song, 0, 0, false);
  nm_song_add_tempo(song, 0, 100);
  for (int i = 0; i < 12; ++i) {
    const char *words[] = {"row", "the", "boat", "home"};
    static const int32_t phones[][4] = {{15, 61}, {4, 31}, {1, 61, 18}, {7, 61, 11}};
    static const int n_phones[] = {2, 2, 3, 3};
    const int64_t onset = 480 * (i + 2 * (i / 4));
    nm_song_add_note(song, onset, 480, 60 + 2 * (i % 4) + i / 4, 0);
    if (i % 4 == 0) nm_song_add_line(song, 1, 0);
    nm_song_add_word(song);
    nm_song_add_syllable(song, words[i % 4], strlen(words[i % 4]), 1);
    nm_song_add_phones(song, phones[i % 4], n_phones[i % 4]);
    nm_song_add_link(song, i, i);
  }
  assert_int_equal(nm_song_finish(song, NULL), NM_OK);
  NmDocument *doc = nm_document_from_song(song, NULL);
  nm_song_free(song);
  assert_non_null(doc);
  return doc;
}

static void save(NmDocument *doc)
{
  NmError err = {0};
  if (nm_document_save(doc, "song.neume", true, &err)) fail_msg("%s", err.message);
}

static int set_up(void **state)
{
  enter_scratch();
  char here[4096], cache[4200];
  assert_non_null(getcwd(here, sizeof here));
  snprintf(cache, sizeof cache, "%s/home", here);
  setenv("XDG_CACHE_HOME", cache, 1);
  setenv("NEUME_ASSETS", NM_ASSETS, 1); // for the emotion
  NmDocument *doc = make_document();
  save(doc);
  nm_document_free(doc);
  return 0;
}

static int tear_down(void **state)
{
  leave_scratch();
  unsetenv("NEUME_ASSETS");
  return 0;
}

static void expect_same(const char *a, const char *b)
{
  Ran ran = RUN(NULL, "/usr/bin/env", "diff", "-r", a, b);
  if (ran.exit_code) fail_msg("%s and %s differ: %s", a, b, ran.out);
  ran_free(&ran);
}

// A number of the report.
static int get_number(const Ran *ran, const char *name)
{
  json_t *report = json_loads(ran->out, 0, NULL);
  if (!report) fail_msg("no report: %s%s", ran->out, ran->err);
  const json_t *value = json_object_get(report, name);
  assert_non_null(value);
  const int number = json_is_boolean(value) ? json_is_true(value) : (int)json_integer_value(value);
  json_decref(report);
  return number;
}

static void expect_sung(Ran ran, int n_phrases, int n_sung)
{
  if (ran.exit_code) fail_msg("exit %d: %s", ran.exit_code, ran.err);
  assert_int_equal(get_number(&ran, "phrases"), n_phrases);
  assert_int_equal(get_number(&ran, "sung"), n_sung);
  ran_free(&ran);
}

static void test_files(void **state)
{
  static const char *const names[] = {"song.wav", "stems/voice.wav", "song.json", "song.TextGrid",
                                      "song.srt", "song.vtt",        "song.lrc",  "song.txt",
                                      "song.mid", "song.musicxml",   "song.csv",  "song.png"};
  char path[64];
  struct stat info;
  Ran ran = RENDER("-o", "out", "--json", "--stats");
  if (ran.exit_code) fail_msg("%s", ran.err);
  assert_non_null(strstr(ran.err, "3 phrases: 3 sung, 0 found"));
  json_t *report = json_loads(ran.out, 0, NULL);
  assert_int_equal(json_array_size(json_object_get(report, "files")), 12);
  for (int i = 0; i < 12; ++i) {
    snprintf(path, sizeof path, "out/%s", names[i]);
    if (stat(path, &info) || info.st_size == 0) fail_msg("%s is not there", path);
    bool found = false;
    for (int k = 0; k < 12; ++k)
      found |=
          !strcmp(json_string_value(json_array_get(json_object_get(report, "files"), (size_t)k)), names[i]);
    assert_true(found);
  }
  json_decref(report);
  ran_free(&ran);
  assert_int_equal(chdir("out"), 0);
  assert_int_equal(count_files(), 12); // with the folder of stems, nothing hidden
  assert_int_equal(chdir(".."), 0);
}

// The cache cold, warm, elsewhere and none; any number of threads; another folder; another second.
static void test_same_bytes(void **state)
{
  const struct timespec second = {1, 100000000};
  expect_exit(RENDER("-o", "a", "-j", "1"), 0, NULL);
  nanosleep(&second, NULL);
  expect_sung(RENDER("-o", "b", "-j", "3", "--json"), 3, 0);
  expect_sung(RENDER("-o", "c", "--no-cache", "--json"), 3, 3);
  expect_sung(RENDER("-o", "d", "--cache", "other", "--json"), 3, 3);
  expect_same("a", "b");
  expect_same("a", "c");
  expect_same("a", "d");
}

// As sung by the command that only sings: the timings are the same.
static void test_as_sing(void **state)
{
  expect_exit(RENDER("-o", "out", "--no-emotion"), 0, NULL);
  expect_exit(RUN(NULL, NM_PROGRAM_FAKE, "sing", "song.neume", "-o", "song.wav", "-t", "song.json", "-t",
                  "song.TextGrid"),
              0, NULL);
  expect_same("song.json", "out/song.json");
  expect_same("song.TextGrid", "out/song.TextGrid");
}

static void set(NmDocument *doc, const char *place, json_t *value)
{
  NmError err = {0};
  if (nm_edit_set_value(doc, place, value, &err)) fail_msg("%s", err.message);
}

// A project of which nothing is as usual.
static void save_bent(void)
{
  static const NmPitchPoint bent[] = {{0, 0}, {480, 80}, {960, -50}};
  NmDocument *doc = make_document();
  set(doc, "/voice/speaker", json_string("other"));
  set(doc, "/voice/transpose", json_integer(3));
  set(doc, "/voice/seed", json_integer(7));
  set(doc, "/voice/portamento_s", json_real(.2));
  set(doc, "/lines/1/voice/as", json_real(.5));
  set(doc, "/lines/2/voice/level_db", json_real(-6));
  set(doc, "/backing/on", json_true());
  set(doc, "/backing/mood", json_string("solemn"));
  set(doc, "/backing/seed", json_integer(3));
  set(doc, "/mix/backing_db", json_real(2));
  set(doc, "/mix/duck_db", json_integer(0));
  set(doc, "/lead_in_bars", json_integer(1));
  assert_int_equal(nm_edit_draw_pitch(doc, 0, 960, bent, 3, NULL), NM_OK);
  assert_int_equal(nm_edit_set_chord(doc, 0, "Ebm", NULL), NM_OK);
  assert_int_equal(nm_edit_set_line(doc, 2, 2, 0, NULL), NM_OK);
  save(doc);
  nm_document_free(doc);
}

// Its settings, curves and chords are those of all commands that make sound of it.
static void test_settings_for_all(void **state)
{
  save_bent();
  expect_exit(RENDER("-o", "out", "--no-emotion"), 0, NULL);
  expect_exit(RUN(NULL, NM_PROGRAM_FAKE, "sing", "song.neume", "-o", "song.wav", "--stems", "stems", "-t",
                  "song.json"),
              0, NULL);
  expect_same("song.wav", "out/song.wav");
  expect_same("song.json", "out/song.json");
  expect_same("stems", "out/stems");
  expect_exit(RUN(NULL, "/bin/sh", "-c", NM_PROGRAM_FAKE " sing - --raw < song.neume > song.raw"), 0, NULL);
  expect_exit(RUN(NULL, "/usr/bin/env", "cmp", "-i", "44:0", "song.wav", "song.raw"), 0, NULL);
  // The band alone ends with itself; until then it is the same.
  expect_exit(RUN(NULL, NM_PROGRAM_FAKE, "backing", "song.neume", "--stems", "band"), 0, NULL);
  expect_exit(
      RUN(NULL, "/usr/bin/env", "cmp", "-i", "200", "-n", "2000000", "band/bass.wav", "stems/bass.wav"), 0,
      NULL);
  Ran ran = RUN(NULL, NM_PROGRAM_FAKE, "backing", "song.neume");
  if (!strstr(ran.out, "Ebm")) fail_msg("the chosen chord is lost: %s", ran.out);
  ran_free(&ran);
}

// Options stand in the place of the project's settings, for sing as for render.
static void test_settings_by_options(void **state)
{
  save_bent();
  expect_exit(RENDER("-o", "out", "--no-emotion", "--set", "voice/as=0.3", "--set", "voice/speaker=fake",
                     "--set", "voice/transpose=-2", "--set", "voice/verse=2", "--set", "lead_in_bars=2",
                     "--mood", "bright"),
              0, NULL);
  expect_exit(RUN(NULL, NM_PROGRAM_FAKE, "sing", "song.neume", "-o", "song.wav", "--as", "0.3", "--voice",
                  "fake", "--transpose", "-2", "--verse", "2", "--lead-in", "2", "--mood", "bright"),
              0, NULL);
  expect_same("song.wav", "out/song.wav");
  expect_exit(RUN(NULL, NM_PROGRAM_FAKE, "sing", "song.neume", "-o", "alone.wav", "--no-backing"), 0, NULL);
  size_t n;
  char *bytes = read_file("alone.wav", &n);
  assert_int_equal(bytes[22], 1);
  free(bytes);
  expect_exit(RUN(NULL, NM_PROGRAM_FAKE, "sing", "song.neume", "--no-backing", "--backing"), 2,
              "contradict each other");
}

static void test_only_what_changed(void **state)
{
  NmError err = {0};
  expect_sung(RENDER("-o", "out", "--json", "--no-emotion"), 3, 3);
  NmDocument *doc = nm_document_load("song.neume", false, NULL, &err);
  const int32_t id = nm_document_get_note_id(doc, 6);
  assert_int_equal(nm_edit_move_notes(doc, &id, 1, 0, 1, NM_OVERLAP_REFUSE, &err), NM_OK);
  save(doc);
  expect_sung(RENDER("-o", "out", "-f", "--json", "--no-emotion"), 3, 1);
  expect_sung(RENDER("-o", "cold", "--json", "--no-emotion", "--no-cache"), 3, 3);
  expect_same("out", "cold");
  assert_int_equal(nm_document_undo(doc, &err), NM_OK);
  save(doc);
  expect_sung(RENDER("-o", "out", "-f", "--json", "--no-emotion"), 3, 0);
  assert_int_equal(nm_edit_set_value(doc, "/lines/2/voice/level_db", json_real(-6), &err), NM_OK);
  save(doc);
  expect_sung(RENDER("-o", "out", "-f", "--json", "--no-emotion"), 3, 1);
  assert_int_equal(nm_edit_set_value(doc, "/lines/0/voice/speaker", json_string("other"), &err), NM_OK);
  assert_int_equal(nm_edit_set_value(doc, "/lines/1/voice/vibrato_cents", json_integer(0), &err), NM_OK);
  assert_int_equal(nm_edit_set_value(doc, "/lines/1/voice/drift_cents", json_integer(0), &err), NM_OK);
  save(doc);
  expect_sung(RENDER("-o", "out", "-f", "--json", "--no-emotion"), 3, 2);
  nm_document_free(doc);
}

static void test_band(void **state)
{
  NmError err = {0};
  NmDocument *doc = nm_document_load("song.neume", false, NULL, &err);
  assert_int_equal(nm_edit_set_value(doc, "/backing/on", json_true(), &err), NM_OK);
  assert_int_equal(nm_edit_set_value(doc, "/backing/mood", json_string("calm"), &err), NM_OK);
  save(doc);
  expect_exit(RENDER("-o", "a", "--no-emotion"), 0, NULL);
  expect_exit(RENDER("-o", "b", "--no-emotion", "--no-cache", "-j", "2"), 0, NULL);
  expect_same("a", "b");
  assert_true(file_exists("a/stems/bass.wav"));
  // Chosen chords are played: another bass; unknown ones are told.
  assert_int_equal(nm_edit_set_chord(doc, 0, "Ebm", &err), NM_OK);
  assert_int_equal(nm_edit_set_chord(doc, 960, "Xyz", &err), NM_OK);
  save(doc);
  expect_exit(RENDER("-o", "chords", "--no-emotion"), 0, "chord \"Xyz\" is not known");
  expect_exit(RUN(NULL, "/usr/bin/env", "cmp", "-s", "a/stems/bass.wav", "chords/stems/bass.wav"), 1, NULL);
  expect_same("a/stems/voice.wav", "chords/stems/voice.wav");
  assert_int_equal(nm_edit_set_value(doc, "/backing/mood", json_string("green"), &err), NM_OK);
  save(doc);
  expect_exit(RENDER("-o", "c", "--no-emotion"), 3, "backing.mood: \"green\" is none of calm");
  nm_document_free(doc);
}

// A changed or torn entry is sung again.
static void test_broken_cache(void **state)
{
  expect_exit(RENDER("-o", "a", "--no-emotion"), 0, NULL);
  expect_exit(RUN(NULL, "/bin/sh", "-c", "for f in home/neume/phrases/*; do printf x >>\"$f\"; done"), 0,
              NULL);
  Ran ran = RENDER("-o", "b", "--json", "--no-emotion");
  assert_int_equal(get_number(&ran, "broken_entries"), 3);
  expect_sung(ran, 3, 3);
  expect_same("a", "b");
  expect_exit(RENDER("-o", "c", "--no-emotion", "--cache", "song.neume/x"), 0, "everything is sung anew");
  expect_same("a", "c");
}

static void test_mistakes(void **state)
{
  NmError err = {0};
  expect_exit(RUN(NULL, NM_PROGRAM_FAKE, "render"), 2, "takes one project");
  expect_exit(RUN(NULL, NM_PROGRAM_FAKE, "render", "nothing.neume"), 3, "nothing.neume");
  expect_exit(RUN(NULL, NM_PROGRAM_FAKE, "render", "-"), 2, "takes a file");
  expect_exit(RENDER("--format", ".mp3"), 2, ".flac");
  write_file("bad.neume", "{\"format\": \"neume\", \"version\": 1}", 33);
  expect_exit(RUN(NULL, NM_PROGRAM_FAKE, "render", "bad.neume"), 3,
              "bad.neume: ticks_per_beat: it is missing");
  expect_exit(RENDER("-o", "no/such/folder"), 1, "cannot make the folder");
  NmDocument *doc = nm_document_load("song.neume", false, NULL, &err);
  assert_int_equal(nm_edit_set_value(doc, "/voice/speaker", json_string("nobody"), &err), NM_OK);
  save(doc);
  expect_exit(RENDER("-o", "out"), 3, "nobody");
  nm_document_free(doc);
  mkdir("out", 0777);
  write_file("out/song.lrc", "mine", 4);
  doc = make_document();
  save(doc);
  nm_document_free(doc);
  expect_exit(RENDER("-o", "out"), 1, "out/song.lrc exists; add --force");
  assert_int_equal(chdir("out"), 0);
  assert_int_equal(count_files(), 1);
  assert_int_equal(chdir(".."), 0);
}

// What was not saved is told, and rendered when asked for.
static void test_recover(void **state)
{
  NmError err = {0};
  NmDocument *doc = nm_document_load("song.neume", false, NULL, &err);
  assert_int_equal(nm_document_open_journal(doc, "song.neume", NULL, &err), NM_OK);
  const int32_t id = nm_document_get_note_id(doc, 6);
  assert_int_equal(nm_edit_move_notes(doc, &id, 1, 0, 1, NM_OVERLAP_REFUSE, &err), NM_OK);
  expect_exit(RENDER("-o", "a", "--no-emotion"), 0, "another program has unsaved changes");
  nm_document_close_journal(doc, true);
  expect_exit(RENDER("-o", "a", "--no-emotion", "-f"), 0, "1 unsaved steps; neume render --recover");
  expect_sung(RENDER("-o", "b", "--no-emotion", "--recover", "--json"), 3, 1);
  save(doc);
  expect_sung(RENDER("-o", "c", "--no-emotion", "--json"), 3, 0);
  expect_same("b", "c");
  nm_document_free(doc);
}

// Other songs are rendered too.
static void test_other_songs(void **state)
{
  expect_exit(RENDER("-o", "a", "--no-emotion"), 0, NULL);
  expect_exit(RUN(NULL, NM_PROGRAM_FAKE, "render", "a/song.musicxml", "-o", "b", "--no-emotion", "--format",
                  "flac", "--no-stems"),
              0, NULL);
  assert_true(file_exists("b/song.flac"));
  assert_false(file_exists("b/stems"));
  expect_same("a/song.mid", "b/song.mid");
}

// --- ends before the end ---

// Starts a render of a long song and ends it after so many milliseconds; its exit code or 128 + signal.
static int kill_after(int ms, int signal)
{
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    execl(NM_PROGRAM_FAKE, "neume", "render", "long.neume", "-o", "out", "--no-emotion", "-f", "-q", NULL);
    _exit(127);
  }
  const struct timespec wait = {ms / 1000, ms % 1000 * 1000000L};
  int status;
  nanosleep(&wait, NULL);
  kill(child, signal);
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void make_long(void)
{
  NmRng rng;
  NmError err = {0};
  nm_rng_init(&rng, 9);
  NmSong *song = nm_random_song(&rng, &(NmRandomSong){.n_notes_max = 4000});
  NmDocument *doc = nm_document_from_song(song, &err);
  assert_int_equal(nm_document_save(doc, "long.neume", true, &err), NM_OK);
  nm_document_free(doc);
  nm_song_free(song);
}

// Either all files are there or those from before, whatever the moment.
static void test_killed(void **state)
{
  int n_killed = 0;
  make_long();
  mkdir("out", 0777);
  write_file("out/long.lrc", "before", 6);
  for (int i = 0; i < 6; ++i) {
    const bool killed = kill_after(40 + 130 * i, SIGKILL) == 128 + SIGKILL;
    size_t n;
    char *lrc = read_file("out/long.lrc", &n);
    if (killed) assert_string_equal(lrc, "before");
    if (killed) assert_false(file_exists("out/long.wav"));
    n_killed += killed;
    free(lrc);
    if (!killed) break;
  }
  assert_true(n_killed > 0);
  assert_int_equal(kill_after(400, SIGINT), 130);
  expect_exit(RENDER("-o", "out", "--no-emotion"), 0, NULL);
  assert_int_equal(chdir("out"), 0);
  assert_int_equal(count_files(), 1 + 10); // what the killed ones left is gone
  assert_int_equal(chdir(".."), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_same_bytes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_as_sing, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_settings_for_all, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_settings_by_options, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_only_what_changed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_band, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_broken_cache, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_mistakes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_recover, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_other_songs, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
