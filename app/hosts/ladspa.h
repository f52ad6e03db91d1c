// SPDX-License-Identifier: GPL-3.0-or-later
// A host of LADSPA plug-ins (version 1.1 of their interface, ladspa.h by Richard Furse): sound files through
// foreign code. Nothing is linked: libraries are opened where LADSPA_PATH says, or in the usual folders.
//
// Libraries may crash when they are only opened, so looking at them is done in a process apart
// (nm_ladspa_locate, _check, _list); processing belongs into a process that may be lost.
#ifndef NM_HOSTS_LADSPA_H
#define NM_HOSTS_LADSPA_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "dsp/base/status.h"

enum { NM_LADSPA_SETTINGS_MAX = 128 };

// Where a plug-in is.
typedef struct {
  char library[PATH_MAX];
  unsigned long index; // in the library
} NmLadspaPlace;

// NAME=VALUE as it was given. NAME is a control's name, or its beginning, or a part of it, in any case and
// without regard to blanks and signs; or # and the number of its port. "tail" is how many seconds may sound
// on after the end of the input: otherwise until it is silent, at most NM_LADSPA_TAIL_MAX_S.
typedef struct {
  const char *name, *value;
} NmLadspaSetting;

enum { NM_LADSPA_TAIL_MAX_S = 30 };

// Finds a plug-in by its label or its number, in a process apart. NM_ERR_BAD_ARG with names that are near,
// the places searched and the Debian package; NM_ERR_IO.
NmStatus nm_ladspa_locate(const char *name, NmLadspaPlace *place, NmError *err) NM_NODISCARD;

// Checks settings, as far as that is possible without knowing the rate of the sound, in a process apart.
// NM_ERR_BAD_ARG, with the controls there are or the range.
NmStatus nm_ladspa_check(const NmLadspaPlace *place, const NmLadspaSetting *settings, int n,
                         NmError *err) NM_NODISCARD;

// Prints the plug-ins whose label, name or number contains `word` (NULL: all), with their controls and
// ranges; `json`: an object in each line. *n of them.
NmStatus nm_ladspa_list(const char *word, bool json, FILE *file, int *n, NmError *err) NM_NODISCARD;

// Sends a sound file through a plug-in into another, .wav .flac .ogg or .opus (24 bits where the format has
// them). A plug-in of one input and one output gets as many instances as there are channels; one input and
// several outputs get the mean of all channels, several inputs and one channel that one in each. What else
// does not fit is NM_ERR_UNSUPPORTED. A plug-in that tells its delay (an output "latency") has it taken back.
// NM_ERR_BAD_DATA when samples come out that are no numbers; NM_ERR_BAD_ARG for settings; errors of the
// files; NM_ERR_CANCELLED.
NmStatus nm_ladspa_process_file(const NmLadspaPlace *place, const NmLadspaSetting *settings, int n,
                                const char *path_in, const char *path_out, NmError *err) NM_NODISCARD;

#endif
