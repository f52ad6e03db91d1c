// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/window.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ui/kit/png_file.h"

static struct {
  char folder[64];
  pid_t server, studio;
  const uint8_t *dump;        // the server's screen: a file of X's window dump format
  size_t size, first, stride; // bytes; where its pixels begin
} screen;

void window_sleep(double seconds)
{
  struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&time, NULL);
}

// --- the server ---

static void start_server(void)
{
  int ends[2];
  char number[16] = {0}, fd[16], display[24];
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
  snprintf(display, sizeof display, ":%d", atoi(number));
  setenv("DISPLAY", display, 1);
}

static size_t read_header(int i)
{
  const uint8_t *at = screen.dump + 4 * i;
  return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

// A header that says its length, colours, then pixels.
static void map_screen(void)
{
  char path[128];
  struct stat about;
  snprintf(path, sizeof path, "%s/Xvfb_screen0", screen.folder);
  int fd = open(path, O_RDONLY);
  assert_true(fd >= 0 && fstat(fd, &about) == 0);
  screen.size = (size_t)about.st_size;
  screen.dump = mmap(NULL, screen.size, PROT_READ, MAP_SHARED, fd, 0);
  assert_true(screen.dump != MAP_FAILED);
  close(fd);
  screen.first = read_header(0) + 12 * read_header(19);
  screen.stride = read_header(12);
}

void window_begin(char *folder)
{
  char path[128];
  strcpy(screen.folder, "/tmp/neume-window-XXXXXX");
  assert_non_null(mkdtemp(screen.folder));
  strcpy(folder, screen.folder);
  snprintf(path, sizeof path, "%s/asound", screen.folder);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("pcm.!default { type null }\nctl.!default { type hw card 0 }\n", file);
  fclose(file);
  setenv("ALSA_CONFIG_PATH", path, 1);
  static const char *const homes[] = {"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"};
  for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) setenv(homes[i], screen.folder, 1);
  unsetenv("WAYLAND_DISPLAY");
  setenv("LC_ALL", "C.UTF-8", 1);
  setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
  start_server();
  map_screen();
}

static void stop(pid_t *pid, int signal)
{
  if (*pid > 0) {
    kill(*pid, signal);
    waitpid(*pid, NULL, 0);
  }
  *pid = 0;
}

void window_end(void)
{
  char command[128];
  stop(&screen.studio, SIGKILL);
  stop(&screen.server, SIGTERM);
  munmap((void *)screen.dump, screen.size);
  snprintf(command, sizeof command, "rm -rf '%s'", screen.folder);
  assert_int_equal(system(command), 0);
}

// --- what a user does ---

static int do_it(const char *command)
{
  char line[1024];
  snprintf(line, sizeof line, "xdotool %s >/dev/null 2>&1", command);
  return system(line);
}

static void must_do(const char *command)
{
  if (do_it(command)) fail_msg("xdotool %s failed: is the package xdotool installed?", command);
}

void window_press(const char *keys)
{
  char line[256];
  snprintf(line, sizeof line, "key --delay 12 %s", keys);
  must_do(line);
}

void window_type(const char *text)
{
  char line[900];
  snprintf(line, sizeof line, "type --delay 12 '%s'", text);
  must_do(line);
}

void window_click(int x, int y)
{
  char line[128];
  snprintf(line, sizeof line, "mousemove %d %d click 1", x, y);
  must_do(line);
}

void window_drag(int x0, int y0, int x1, int y1)
{
  enum { STEPS = 8 };
  char line[900];
  int n = snprintf(line, sizeof line, "mousemove %d %d mousedown 1", x0, y0);
  for (int i = 1; i <= STEPS; i++)
    n += snprintf(line + n, sizeof line - (size_t)n, " sleep 0.02 mousemove %d %d",
                  x0 + (x1 - x0) * i / STEPS, y0 + (y1 - y0) * i / STEPS);
  snprintf(line + n, sizeof line - (size_t)n, " sleep 0.02 mouseup 1");
  must_do(line);
}

void window_open(const char *path)
{
  screen.studio = fork();
  if (screen.studio == 0) {
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1); // of OpenGL; ours are found without a window
    execl(NM_STUDIO, "neume-studio", "studio", "--font", "DejaVu Sans", "--theme", "dark", "--scale", "1",
          path, NULL);
    _exit(127);
  }
  WINDOW_WAIT(do_it("search --onlyvisible --class neume windowfocus") == 0);
  WINDOW_WAIT(window_count(WINDOW_ALL, 0x000000ff, 0) < 100000); // the server's own ground is black
  window_wait_until_still(WINDOW_ALL, .3);
}

void window_kill(void)
{
  stop(&screen.studio, SIGKILL);
}

pid_t window_get_pid(void)
{
  return screen.studio;
}

bool window_has_ended(int *code)
{
  int status;
  if (waitpid(screen.studio, &status, WNOHANG) == 0) return false;
  screen.studio = 0;
  *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

// --- what is seen ---

static uint32_t read_pixel(int x, int y)
{
  const uint8_t *at = screen.dump + screen.first + (size_t)y * screen.stride + 4 * (size_t)x;
  return (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static bool is_near(uint32_t a, uint32_t b, int tolerance)
{
  for (int shift = 0; shift < 24; shift += 8)
    if (abs((int)(a >> shift & 0xff) - (int)(b >> shift & 0xff)) > tolerance) return false;
  return true;
}

int window_count(WindowPart part, NmInk ink, int tolerance)
{
  int n = 0;
  for (int y = part.y; y < part.y + part.h; y++)
    for (int x = part.x; x < part.x + part.w; x++) n += is_near(read_pixel(x, y), ink >> 8, tolerance);
  return n;
}

uint64_t window_hash(WindowPart part)
{
  uint64_t hash = 14695981039346656037U;
  for (int y = part.y; y < part.y + part.h; y++)
    for (int x = part.x; x < part.x + part.w; x++) hash = (hash ^ read_pixel(x, y)) * 1099511628211U;
  return hash;
}

void window_wait_until_still(WindowPart part, double seconds)
{
  uint64_t before = window_hash(part);
  int n_still = 0, n_wanted = (int)(seconds / .1 + .5);
  for (int i = 0; n_still < n_wanted; i++) {
    if (i == WINDOW_PATIENCE_S * 10) fail_msg("the window is never still");
    window_sleep(.1);
    uint64_t now = window_hash(part);
    n_still = now == before ? n_still + 1 : 0;
    before = now;
  }
}

void window_keep(const char *folder, const char *name)
{
  char path[256];
  NmError err = {0};
  NmPixels pixels = {WINDOW_WIDTH, WINDOW_HEIGHT, malloc(4UL * WINDOW_WIDTH * WINDOW_HEIGHT)};
  assert_non_null(pixels.rgba);
  for (int i = 0; i < WINDOW_WIDTH * WINDOW_HEIGHT; i++) {
    uint32_t pixel = read_pixel(i % WINDOW_WIDTH, i / WINDOW_WIDTH);
    for (int c = 0; c < 3; c++) pixels.rgba[4 * i + c] = (uint8_t)(pixel >> (16 - 8 * c));
    pixels.rgba[4 * i + 3] = 255;
  }
  mkdir(folder, 0777);
  snprintf(path, sizeof path, "%s/%s.png", folder, name);
  if (nm_png_file_write(path, &pixels, &err)) fail_msg("%s", err.message);
  free(pixels.rgba);
}
