// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/commands/commands.h"

static const NmOption options[] = {
    {"theme", 0, "NAME", "dark or light (default: as last time)"},
    {"scale", 0, "X", "pixels per unit, 0.5-4 (default: what the display asks for)"},
    {"lang", 0, "CODE", "language of the window: en, de (default: the system's)"},
    {"font", 0, "FAMILY", "of the letters (default: the system's sans-serif)"},
    {"screenshot", 0, "FILE", "write a picture of the window to FILE (.png) instead of opening it"},
    {"force", 'f', NULL, "overwrite FILE if it exists"},
    {0}};

static const char details[] = "Opens a window with the song: its words, its notes, and how it sounds. SONG "
                              "is whatever Neume reads: MIDI, "
                              "MusicXML (also packed), ABC. F1 shows what every key does.";

static const NmExample examples[] = {
    {"neume studio song.musicxml", "a song in a window"},
    {"neume studio song.musicxml --screenshot song.png", "a picture of that window"},
    {0}};

static const NmChoice choices[] = {{"theme", "dark light"},
                                   {"screenshot", ".png"},
                                   {"", ".neume .mid .midi .kar .musicxml .xml .mxl .abc"},
                                   {0}};

// neume-studio lies beside this program.
static bool find_program(char path[PATH_MAX])
{
  ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
  if (n < 0) return false;
  path[n] = 0;
  char *slash = strrchr(path, '/');
  const char name[] = "/neume-studio";
  if (!slash || slash + sizeof name > path + PATH_MAX) return false;
  memcpy(slash, name, sizeof name);
  return access(path, X_OK) == 0;
}

static char **make_command_line(const NmArgs *args, char *path)
{
  char **line = calloc(2 * (size_t)args->n_chosen + (size_t)args->n_operands + 4, sizeof *line);
  int n = 0;
  if (!line) return NULL;
  line[n++] = path;
  line[n++] = "studio";
  for (int i = 0; i < args->n_chosen; i++) {
    if (asprintf(&line[n++], "--%s", args->chosen[i].name) < 0) return NULL;
    if (args->chosen[i].value) line[n++] = (char *)args->chosen[i].value;
  }
  line[n++] = "--";
  for (int i = 0; i < args->n_operands; i++) line[n++] = args->operands[i];
  return line;
}

static int run(const NmArgs *args)
{
  char path[PATH_MAX];
  if (!find_program(path))
    return nm_message_fail(NM_EXIT_FAILED,
                           "this build has no studio: install the packages libsdl2-dev, libimgui-dev and "
                           "libfontconfig-dev and build again, then neume-studio lies beside neume");
  char **line = make_command_line(args, path);
  if (!line) return nm_message_fail(NM_EXIT_FAILED, "out of memory");
  execv(path, line);
  return nm_message_fail(NM_EXIT_FAILED, "%s cannot be started: %s", path, strerror(errno));
}

const NmCommand nm_command_studio = {.name = "studio",
                                     .operands = "[SONG]",
                                     .summary = "show and edit a song in a window",
                                     .details = details,
                                     .examples = examples,
                                     .choices = choices,
                                     .options = options,
                                     .run = run};
