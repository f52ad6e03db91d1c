// SPDX-License-Identifier: GPL-3.0-or-later
// How a rendered mix feels, as a table and a picture.
#ifndef NM_JOBS_RENDER_EMOTION_H
#define NM_JOBS_RENDER_EMOTION_H

#include <stdatomic.h>

#include "app/jobs/cache.h"

typedef struct {
  const char *path;                // of the sound
  const char *name;                // that the picture bears
  const char *path_csv, *path_png; // written here
  int n_threads;
  const atomic_bool *cancel; // NULL: never
  NmCache *cache;            // NULL: none
  const NmHash *salt;
} NmRenderEmotion;

// *heard: whether it was computed, not found in the cache. Errors as nm_ear_open and nm_ear_hear.
NmStatus nm_render_emotion(const NmRenderEmotion *request, bool *heard, NmError *err) NM_NODISCARD;

#endif
