// SPDX-License-Identifier: GPL-3.0-or-later
// Listens to sounds with the emotion model: what is heard becomes a mood (app/formats/mood.h).
#ifndef NM_JOBS_EAR_H
#define NM_JOBS_EAR_H

#include <stdbool.h>

#include "app/formats/mood.h"
#include "app/jobs/sound.h"
#include "models/emotion/listener.h"

// The model and what goes with it, loaded once. One thread at a time.
typedef struct {
  NmPool *pool;
  NmEmotionModel *model;
  NmListener *listener; // NULL: people on average
  const char *path_listener;
  NmEmotion *emotion;
} NmEar;

// `path_listener` may be NULL, else it must stay; n_threads 0: as many as are useful. Close also after a
// failure.
NmStatus nm_ear_open(NmEar *ear, const char *path_listener, int n_threads, NmError *err) NM_NODISCARD;
void nm_ear_close(NmEar *ear);

typedef struct {
  bool keeps_rows; // in the mood; else they only go to `hear`
  // Listening live: rows go to `hear` when they are two seconds old, from what is known by then (those of the
  // mood are final); the sound ends when interrupted, or after `seconds`.
  bool is_live;
  double seconds; // 0: to the end
  double change;  // of the mood that divides segments, 0: none are looked for
  // Takes each row as it comes; may be NULL. An error ends the listening.
  NmStatus (*hear)(void *user, const NmEmotionRow *row, NmError *err);
  void *user;
} NmHearing;

typedef struct {
  NmMood mood; // of what is below
  NmWave wave;
  NmEmotionRow *rows;
  NmEmotionSegment *segments;
  int64_t capacity;
} NmHeard;

// Hears a sound to its end. NM_ERR_BAD_DATA when it is shorter than a sample at 24 kHz; other errors of the
// sound. Free with nm_heard_fini, also after a failure; `sound` and `ear` must stay until then.
NmStatus nm_ear_hear(NmEar *ear, NmSound *sound, const NmHearing *hearing, NmHeard *heard,
                     NmError *err) NM_NODISCARD;
void nm_heard_fini(NmHeard *heard);

#endif
