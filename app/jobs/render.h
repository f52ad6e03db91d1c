// SPDX-License-Identifier: GPL-3.0-or-later
// All of a project into a folder: the mix, its stems, the timings in every format, the song for other
// programs, and how it feels. The same document gives the same bytes, whoever asks, on any number of threads,
// with or without a cache; and only phrases that changed are sung again.
//
// Everything is written in a hidden folder inside the target and moved into place at the end, so that
// whatever ends the work before leaves the files that were there. What a killed render left is removed by the
// next one.
#ifndef NM_JOBS_RENDER_H
#define NM_JOBS_RENDER_H

#include <stdatomic.h>

#include "app/document/document.h"
#include "app/jobs/cache.h"
#include "app/jobs/speech.h"

enum { NM_RENDER_FILES_MAX = 64, NM_RENDER_NAME_LEN = 256 };

// Strings are borrowed for the time of the call.
typedef struct {
  const char *name;   // of the song: all files begin with it
  const char *folder; // made if it is missing
  const char *ending; // of the mix: ".wav" ".flac" ".ogg" ".opus"
  bool stems, emotion;
  bool force;                // files of that name are replaced
  NmCache *cache;            // NULL: none
  int n_threads;             // of the emotion model; 0: as many as are useful
  const atomic_bool *cancel; // NULL: only interrupts stop it
  // Hears how far all of it is, 0 to 1, with what is being done; may be NULL.
  void (*progress)(void *user, const char *what, double done);
  // Hears what cannot be sung or written as it is; may be NULL.
  void (*note)(void *user, const char *message);
  void *user;
} NmRenderRequest;

// "song", "out", ".wav", stems and emotion.
NmRenderRequest nm_render_defaults(void);

// What was done. Files by their name in the folder, in the order they were made.
typedef struct {
  int32_t n_phrases, n_sung; // the others came from the cache
  bool heard;                // the emotion was computed, not found
  double seconds_sound;      // how long the song is
  double seconds_plan, seconds_voice, seconds_mix, seconds_emotion, seconds_total;
  int n_files;
  char files[NM_RENDER_FILES_MAX][NM_RENDER_NAME_LEN];
} NmRenderStats;

// NM_ERR_IO when a file is there and `force` is not set (before any work), or cannot be written;
// NM_ERR_BAD_DATA and others for what cannot be sung (nm_project_init); NM_ERR_CANCELLED. One at a time over
// a `speech`.
NmStatus nm_render_run(NmSpeech *speech, const NmDocument *doc, const NmRenderRequest *request,
                       NmRenderStats *stats, NmError *err) NM_NODISCARD;

#endif
