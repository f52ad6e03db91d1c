// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands with a band have in common.
#ifndef NM_COMMANDS_BACKING_OPTIONS_H
#define NM_COMMANDS_BACKING_OPTIONS_H

#include <jansson.h>

#include "app/command.h"

// Rows of an option table.
#define NM_BACKING_OPTIONS                                                                                   \
  {"mood", 0, "MOOD",                                                                                        \
   "of the band: calm bright dark driving sad solemn, or VALENCE,AROUSAL from -1 to 1 (default: the "        \
   "project's, else as tempo and key suggest)"},                                                             \
      {"stems", 0, "DIR", "write a .wav file for each part into DIR"},                                       \
  {                                                                                                          \
    "soundfont", 0, "FILE", "the instruments: a General MIDI .sf2 or .sf3 (default: Debian's)"               \
  }

// --mood into the settings for a project (project_options.h); false after a message.
bool nm_backing_options_read(const NmArgs *args, json_t *settings);

// Finds before the work whether a soundfont that --soundfont names can be read; an exit code.
int nm_backing_options_check(const NmArgs *args);

// Whether one of the options was given.
bool nm_backing_options_given(const NmArgs *args);

#endif
