// SPDX-License-Identifier: GPL-3.0-or-later
// A folder whose new files appear together: they are made in a hidden folder inside it and moved out at the
// end.
#ifndef NM_JOBS_RENDER_FOLDER_H
#define NM_JOBS_RENDER_FOLDER_H

#include <limits.h>
#include <stdbool.h>

#include "dsp/base/status.h"

enum { NM_RENDER_FOLDER_FILES_MAX = 64, NM_RENDER_FOLDER_NAME = 256 };

// Zero-initialise.
typedef struct {
  char path[PATH_MAX], work[PATH_MAX];                           // work: where files are made
  char names[NM_RENDER_FOLDER_FILES_MAX][NM_RENDER_FOLDER_NAME]; // [n] "song.wav", "stems/voice.wav"
  int n;
  bool force;
} NmRenderFolder;

// Makes the folder if it is missing, and the one to work in; removes those whose makers died.
NmStatus nm_render_folder_begin(NmRenderFolder *folder, const char *path, bool force,
                                NmError *err) NM_NODISCARD;

// Announces a file: NM_ERR_IO when it is there already and may not be replaced. *path (may be NULL) is where
// to make it.
NmStatus nm_render_folder_add(NmRenderFolder *folder, const char *name, char path[PATH_MAX],
                              NmError *err) NM_NODISCARD;

// Moves all announced files into place.
NmStatus nm_render_folder_commit(NmRenderFolder *folder, NmError *err) NM_NODISCARD;

// Removes what was not moved; nothing after a commit or on a zeroed struct.
void nm_render_folder_discard(NmRenderFolder *folder);

#endif
