// SPDX-License-Identifier: GPL-3.0-or-later
// The program in a real window, on an X server without a screen, driven by the events that a mouse and a
// keyboard send (xdotool). Sound goes nowhere.
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/document/file.h"
#include "tests/ui/puppet.h"

enum { WIDTH = 1280, HEIGHT = 800, PATIENCE_S = 60 };

typedef struct {
  char folder[64];
  pid_t server, studio;
} Screen;

static Screen screen;

static void sleep_s(double seconds)
{
  struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&time, NULL);
}

static void write_file(const char *name, const char *text)
{
  char path[128];
  snprintf(path, sizeof path, "%s/%s", screen.folder, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

// --- the server ---

static void start_server(void)
{
  int ends[2];
  char number[16] = {0}, fd[16];
  assert_int_equal(pipe(ends), 0);
  screen.server = fork();
  if (screen.server == 0) {
    snprintf(fd, sizeof fd, "%d", ends[1]);
    int nothing = open("/dev/null", O_WRONLY);
    dup2(nothing, 2);
    execlp("Xvfb", "Xvfb", "-displayfd", fd, "-screen", "0", "1280x800x24", "-fbdir", screen.folder,
           "-nolisten", "tcp", NULL);
    _exit(127);
  }
  close(ends[1]);
  if (read(ends[0], number, sizeof number - 1) <= 0)
    fail_msg("Xvfb does not start: is the package xvfb installed?");
  close(ends[0]);
  char display[24];
  snprintf(display, sizeof display, ":%d", atoi(number));
  setenv("DISPLAY", display, 1);
}

static int set_up(void **state)
{
  strcpy(screen.folder, "/tmp/neume-window-XXXXXX");
  assert_non_null(mkdtemp(screen.folder));
  char path[128];
  snprintf(path, sizeof path, "%s/asound", screen.folder);
  write_file("asound", "pcm.!default { type null }\nctl.!default { type hw card 0 }\n");
  setenv("ALSA_CONFIG_PATH", path, 1);
  setenv("HOME", screen.folder, 1);
  setenv("XDG_STATE_HOME", screen.folder, 1);
  setenv("XDG_CONFIG_HOME", screen.folder, 1);
  setenv("NEUME_ASSETS", screen.folder, 1); // no voice: the instrument plays
  unsetenv("WAYLAND_DISPLAY");
  setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
  start_server();
  return 0;
}

static void stop(pid_t *pid, int signal)
{
  if (*pid > 0) {
    kill(*pid, signal);
    waitpid(*pid, NULL, 0);
  }
  *pid = 0;
}

static int tear_down(void **state)
{
  char command[128];
  stop(&screen.studio, SIGKILL);
  stop(&screen.server, SIGTERM);
  snprintf(command, sizeof command, "rm -rf '%s'", screen.folder);
  return system(command);
}

// --- what a user does ---

static int do_it(const char *command)
{
  char line[640];
  snprintf(line, sizeof line, "xdotool %s >/dev/null 2>&1", command);
  return system(line);
}

static void press(const char *keys)
{
  char line[256];
  snprintf(line, sizeof line, "key --delay 20 %s", keys);
  if (do_it(line)) fail_msg("xdotool %s failed: is the package xdotool installed?", line);
  sleep_s(.3);
}

static void type(const char *text)
{
  char line[512];
  snprintf(line, sizeof line, "type --delay 5 '%s'", text);
  assert_int_equal(do_it(line), 0);
  sleep_s(.3);
}

static void click(int x, int y)
{
  char line[128];
  snprintf(line, sizeof line, "mousemove %d %d click 1", x, y);
  assert_int_equal(do_it(line), 0);
  sleep_s(.3);
}

// Opens a file and waits until the window is there.
static void open_studio(const char *path)
{
  screen.studio = fork();
  if (screen.studio == 0) {
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1); // of OpenGL; ours are found without a window
    execl(NM_STUDIO, "neume-studio", "studio", "--font", "DejaVu Sans", "--theme", "dark", "--scale", "1",
          path, NULL);
    _exit(127);
  }
  for (int i = 0; do_it("search --onlyvisible --class neume windowfocus"); i++) {
    if (i == PATIENCE_S * 2) fail_msg("no window opens");
    sleep_s(.5);
  }
  sleep_s(1);
}

// --- what comes of it ---

static void make_song(char path[128])
{
  Puppet puppet;
  NmError err = {0};
  puppet_open(&puppet, 4);
  snprintf(path, 128, "%s/song.neume", screen.folder);
  if (nm_document_save(puppet.studio->doc, path, true, &err)) fail_msg("%s", err.message);
  puppet_close(&puppet);
  setenv("XDG_STATE_HOME", screen.folder, 1);
}

static int pitch_in_file(const char *path, int note)
{
  NmError err = {0};
  NmDocument *doc = nm_document_load(path, false, NULL, &err);
  if (!doc) fail_msg("%s", err.message);
  int pitch = nm_document_get_song(doc)->notes[note].pitch;
  nm_document_free(doc);
  return pitch;
}

static void wait_for_pitch(const char *path, int note, int pitch)
{
  for (int i = 0; pitch_in_file(path, note) != pitch; i++) {
    if (i == PATIENCE_S) fail_msg("note %d is not %d but %d", note, pitch, pitch_in_file(path, note));
    sleep_s(1);
  }
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

// The server's screen is a file of X's window dump format: a header that says its length, colours, then
// pixels.
static uint32_t read_pixel(const uint8_t *dump, int x, int y)
{
  uint32_t header[25];
  for (int i = 0; i < 25; i++)
    header[i] = (uint32_t)dump[4 * i] << 24 | (uint32_t)dump[4 * i + 1] << 16 |
                (uint32_t)dump[4 * i + 2] << 8 | dump[4 * i + 3];
  size_t at = header[0] + 12 * (size_t)header[19] + (size_t)y * header[12] + 4 * (size_t)x;
  return (uint32_t)dump[at + 2] << 16 | (uint32_t)dump[at + 1] << 8 | dump[at];
}

static int count_pixels(uint32_t colour)
{
  char path[128];
  int n = 0;
  struct stat about;
  snprintf(path, sizeof path, "%s/Xvfb_screen0", screen.folder);
  int fd = open(path, O_RDONLY);
  assert_true(fd >= 0 && fstat(fd, &about) == 0);
  uint8_t *dump = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, fd, 0);
  assert_true(dump != MAP_FAILED);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++) n += read_pixel(dump, x, y) == colour;
  munmap(dump, (size_t)about.st_size);
  close(fd);
  return n;
}

// --- tests ---

static void a_song_is_edited_saved_killed_and_recovered(void **state)
{
  char path[128];
  make_song(path);
  open_studio(path);
  assert_true(count_pixels(nm_theme_get_ink(NM_THEME_DARK, NM_PAINT_NOTE) >> 8) > 2000);
  click(20, 126); // the first syllable
  assert_true(count_pixels(nm_theme_get_ink(NM_THEME_DARK, NM_PAINT_ACCENT) >> 8) > 500);
  press("Up Up Up");
  press("ctrl+s");
  wait_for_pitch(path, 0, 63);
  press("Right shift+Up");
  press("Return");
  type("glo-ri-a");
  press("Return");
  press("space"); // plays into the void
  sleep_s(1);
  press("space");
  sleep_s(1);
  stop(&screen.studio, SIGKILL);
  assert_int_equal(pitch_in_file(path, 1), 62);
  open_studio(path);
  press("Return"); // bring it back
  press("ctrl+s");
  wait_for_pitch(path, 1, 74);
  stop(&screen.studio, SIGKILL);
}

static void nothing_is_done_while_nothing_happens(void **state)
{
  char path[128];
  make_song(path);
  open_studio(path);
  sleep_s(2);
  double before = get_cpu_s(screen.studio), seconds = 4;
  sleep_s(seconds);
  double part = (get_cpu_s(screen.studio) - before) / seconds;
  print_message("idle: %.2f %% of a processor\n", 100 * part);
  assert_true(part < .01);
  stop(&screen.studio, SIGKILL);
}

static void the_window_closes_when_it_is_asked_to(void **state)
{
  char path[128];
  int status;
  make_song(path);
  open_studio(path);
  press("ctrl+q");
  for (int i = 0; waitpid(screen.studio, &status, WNOHANG) == 0; i++) {
    if (i == PATIENCE_S) fail_msg("it does not end");
    sleep_s(1);
  }
  screen.studio = 0;
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_song_is_edited_saved_killed_and_recovered),
                                     cmocka_unit_test(nothing_is_done_while_nothing_happens),
                                     cmocka_unit_test(the_window_closes_when_it_is_asked_to)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
