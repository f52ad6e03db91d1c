// SPDX-License-Identifier: GPL-3.0-or-later
// The program in a real window, from lyrics to a rendered song, as somebody would use it (tests/ui/window.h).
// Its weights know nothing but are real; sound goes nowhere. Pictures stay in window-pictures of the build
// folder.
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/document/file.h"
#include "models/emotion/listener.h"
#include "tests/support/program.h"
#include "tests/support/tiny_assets.h"
#include "tests/ui/picture.h"
#include "tests/ui/puppet.h"
#include "tests/ui/window.h"

static const char pictures[] = "window-pictures";
static const WindowPart place = {150, 26, 150, 36}; // bar and beat, and the time
static const WindowPart wave = {376, 150, 880, 90}; // of the clip that is listened to
static const WindowPart dialog = {300, 150, 680, 500};
static const WindowPart beside = {1000, 110, 270, 400}; // no dialog
static const WindowPart legend = {1086, 284, 24, 14};   // where it names the listener
static char folder[64];

static void name_in(const char *name, char path[128])
{
  snprintf(path, 128, "%s/%s", folder, name);
}

static void put_asset(const char *assets, const char *name)
{
  char from[PATH_MAX], to[PATH_MAX];
  snprintf(from, sizeof from, "%s/%s", NM_ASSETS, name);
  snprintf(to, sizeof to, "%s/%s", assets, name);
  unlink(to);
  assert_int_equal(symlink(from, to), 0);
}

// What was found out about emotion is real, as a listener belongs to it.
static int set_up(void **state)
{
  char assets[128];
  window_begin(folder);
  name_in("assets", assets);
  make_tiny_assets(assets, NM_LEXICON, NM_HYPHENS);
  put_asset(assets, "emotion.safetensors");
  put_asset(assets, "listener.safetensors");
  setenv("NEUME_ASSETS", assets, 1);
  return 0;
}

static int tear_down(void **state)
{
  window_end();
  return 0;
}

static void make_song(char path[128])
{
  Puppet puppet;
  NmError err = {0};
  puppet_open(&puppet, 4);
  name_in("song.neume", path);
  if (nm_document_save(puppet.studio->doc, path, true, &err)) fail_msg("%s", err.message);
  puppet_close(&puppet);
  setenv("XDG_STATE_HOME", folder, 1);
}

static NmDocument *load(const char *path, NmJournalState *journal)
{
  NmError err = {0};
  NmDocument *doc = nm_document_load(path, false, journal, &err);
  if (!doc) fail_msg("%s", err.message);
  return doc;
}

static int pitch_in_file(const char *path, int note)
{
  NmDocument *doc = load(path, NULL);
  int pitch = nm_document_get_song(doc)->notes[note].pitch;
  nm_document_free(doc);
  return pitch;
}

static int count_steps(const char *path)
{
  NmJournalState journal = {0};
  nm_document_free(load(path, &journal));
  return journal.n_steps;
}

static int count_feelings(const char *path)
{
  int32_t n;
  NmDocument *doc = load(path, NULL);
  (void)nm_document_get_emotion_curve(doc, &n);
  nm_document_free(doc);
  return n;
}

static bool is_there(const char *path)
{
  struct stat about;
  return stat(path, &about) == 0;
}

static bool shows(NmPaint paint, int n)
{
  return window_count(WINDOW_ALL, nm_theme_get_ink(NM_THEME_DARK, paint), 0) > n;
}

// What is behind a dialog is dimmed.
static void wait_for_dialog(void)
{
  WINDOW_WAIT(window_count(beside, nm_theme_get_ink(NM_THEME_DARK, NM_PAINT_GROUND), 0) < 1000);
  window_wait_until_still(WINDOW_ALL, .3);
}

// A name typed into the field of a dialog, in place of what is there.
static void answer(const char *path)
{
  wait_for_dialog();
  window_press("ctrl+a");
  window_wait_until_still(WINDOW_ALL, .3); // text is only told to a window that has said that it wants some
  window_type(path);
  window_press("Return");
}

// --- the parts of the day ---

// Typed, cut, and brought back from the clipboard.
static void compose(void)
{
  char path[128];
  name_in("composed.neume", path);
  window_open(NULL);
  WINDOW_WAIT(shows(NM_PAINT_NOTE, 2000)); // the demo song, and its tour
  window_press("Escape ctrl+n");
  WINDOW_WAIT(!shows(NM_PAINT_NOTE, 500));
  window_press("ctrl+l");
  wait_for_dialog();
  window_click(640, 320);
  window_wait_until_still(WINDOW_ALL, .3);
  window_type("The sun is in the sky");
  window_press("Return");
  window_type("and all the birds are singing");
  window_press("ctrl+a ctrl+x");
  window_wait_until_still(dialog, .2);
  window_press("ctrl+v");
  window_wait_until_still(dialog, .2);
  window_keep(pictures, "lyrics");
  window_press("ctrl+Return");
  WINDOW_WAIT(shows(NM_PAINT_NOTE, 2000));
  window_wait_until_still(WINDOW_ALL, 1);
  window_keep(pictures, "composed");
  window_press("ctrl+s");
  answer(path);
  WINDOW_WAIT(is_there(path));
  NmDocument *doc = load(path, NULL);
  assert_int_equal(nm_document_get_song(doc)->n_lines, 2);
  assert_true(nm_document_get_song(doc)->n_notes >= 12);
  nm_document_free(doc);
  window_kill();
}

static void edit_a_note(const char *path)
{
  window_click(20, 126); // the first syllable
  WINDOW_WAIT(shows(NM_PAINT_ACCENT, 500));
  window_press("Up Up Up ctrl+s");
  WINDOW_WAIT(pitch_in_file(path, 0) == 63);
}

static void play(void)
{
  uint64_t before = window_hash(place);
  window_press("space");
  WINDOW_WAIT(window_hash(place) != before);
  window_press("space");
  WINDOW_WAIT(window_hash(place) == before);
}

static void draw_a_feeling(const char *path)
{
  window_drag(500, 716, 900, 690);
  WINDOW_WAIT(count_steps(path) > 0);
  window_press("ctrl+s");
  WINDOW_WAIT(count_feelings(path) > 4);
}

static void adapt_to_a_listener(void)
{
  char path[128];
  NmError err = {0};
  NmInk ink = nm_theme_get_ink(NM_THEME_DARK, NM_PAINT_WAVE);
  name_in("me.listener", path);
  window_press("ctrl+d");
  WINDOW_WAIT(window_count(wave, ink, 8) > 200);
  window_drag(430, 480, 920, 270);
  window_drag(430, 580, 920, 590);
  window_press("a");
  WINDOW_WAIT(window_count(legend, ink, 16) > 10);
  window_keep(pictures, "listener");
  window_click(600, 86);
  answer(path);
  WINDOW_WAIT(is_there(path));
  NmListener *listener = nm_listener_load(path, NULL, &err);
  if (!listener) fail_msg("%s", err.message);
  nm_listener_free(listener);
  window_press("ctrl+d");
  WINDOW_WAIT(shows(NM_PAINT_NOTE, 2000));
}

static void crash_and_recover(const char *path)
{
  window_press("Right shift+Up Return");
  window_wait_until_still(WINDOW_ALL, .3);
  window_type("glo-ri-a");
  window_press("Return");
  WINDOW_WAIT(count_steps(path) >= 2);
  window_kill();
  assert_int_equal(pitch_in_file(path, 1), 62);
  window_open(path);
  window_keep(pictures, "recover");
  window_press("Return"); // bring it back
  window_press("ctrl+s");
  WINDOW_WAIT(pitch_in_file(path, 1) == 74);
}

// The same bytes as `neume render`.
static void render(const char *path)
{
  char seen[128], typed[128], last[160];
  name_in("seen", seen);
  name_in("typed", typed);
  snprintf(last, sizeof last, "%s/song.wav", seen);
  window_press("ctrl+r");
  answer(seen);
  WINDOW_WAIT(is_there(last));
  window_wait_until_still(WINDOW_ALL, .5);
  window_keep(pictures, "rendered");
  Ran ran = RUN(NULL, NM_PROGRAM, "render", path, "-o", typed, "--no-cache");
  if (ran.exit_code) fail_msg("%s", ran.err);
  ran_free(&ran);
  ran = RUN(NULL, "/usr/bin/env", "diff", "-r", seen, typed);
  if (ran.exit_code) fail_msg("the studio renders otherwise: %s", ran.out);
  ran_free(&ran);
}

static double get_cpu_s(pid_t pid)
{
  char path[64], line[1024];
  long user, system_time;
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  assert_non_null(fgets(line, sizeof line, file));
  fclose(file);
  assert_int_equal(sscanf(strrchr(line, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user,
                          &system_time),
                   2);
  return (double)(user + system_time) / (double)sysconf(_SC_CLK_TCK);
}

// Soon after the last thing was done; a frame or two may still come of it.
static void rest(void)
{
  const double seconds = 3;
  double part = 1;
  window_press("Escape");
  window_wait_until_still(WINDOW_ALL, 1);
  for (int i = 0; i < 8 && part >= .01; i++) {
    double before = get_cpu_s(window_get_pid());
    window_sleep(seconds);
    part = (get_cpu_s(window_get_pid()) - before) / seconds;
    print_message("idle: %.2f %% of a processor\n", 100 * part);
  }
  assert_true(part < .01);
}

static void quit(void)
{
  int code;
  window_press("ctrl+q");
  WINDOW_WAIT(window_has_ended(&code));
  assert_int_equal(code, 0);
}

static void a_song_is_edited_played_felt_recovered_and_rendered(void **state)
{
  char path[128];
  make_song(path);
  compose();
  window_open(path);
  assert_true(shows(NM_PAINT_NOTE, 2000));
  edit_a_note(path);
  play();
  draw_a_feeling(path);
  adapt_to_a_listener();
  crash_and_recover(path);
  render(path);
  rest();
  quit();
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_song_is_edited_played_felt_recovered_and_rendered)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
