// SPDX-License-Identifier: GPL-3.0-or-later
// What is heard in a clip, and how one person hears it, found in the background.
#ifndef NM_STUDIO_LEARNER_H
#define NM_STUDIO_LEARNER_H

#include "app/studio/clip.h"
#include "models/emotion/listener.h"

// All calls from one thread, the user's.
typedef struct NmLearner NmLearner;

typedef enum {
  NM_LEARN_OPEN,  // a clip from `path`, else `playback`, and how people hear it on average
  NM_LEARN_ADAPT, // a listener from what was drawn over a clip
  NM_LEARN_LOAD   // a listener from the file `path`, and how the clip is heard then
} NmLearnKind;

// What is to be done. All is borrowed, and shared or copied while it is needed.
typedef struct {
  NmLearnKind kind;
  const char *path;
  NmPlayback *playback;
  NmClip *clip;
  const char *name;              // of a clip of a playback
  const NmListenerPoint *points; // [n_points] one at each half second's middle
  int64_t n_points;
  double from[2], to[2]; // what of them was drawn, seconds: valence, arousal; equal: nothing
} NmLearnTask;

// How well a listener that knows the first half of what was drawn does in the second: root mean square errors
// without it and with it, over n half seconds (0: too little was drawn). [valence, arousal]
typedef struct {
  int32_t n[2];
  double before[2], after[2];
} NmLearnScore;

// What came of it: what belongs to its kind, else NULL. The caller's.
typedef struct {
  NmLearnKind kind;
  NmError err;                  // err.status is NM_OK when all is well
  NmClip *clip;                 // opened: a share
  NmEmotionRow *before, *after; // [n_rows] people on average; the listener
  int32_t n_rows;
  NmListener *listener;
  NmLearnScore score;
} NmLearned;

// `wake` is called from the thread when there is something new. NULL when memory or threads are out.
NmLearner *nm_learner_new(void (*wake)(void *user), void *user);
void nm_learner_free(NmLearner *learner);

// Does this now; what is under way is given up. False when memory is out.
bool nm_learner_start(NmLearner *learner, const NmLearnTask *task);
// Gives up what is under way; within a second it ends with NM_ERR_CANCELLED.
void nm_learner_cancel(NmLearner *learner);

// Whether something is under way, and how much of it is done, 0 to 1; negative: not known.
bool nm_learner_is_busy(NmLearner *learner, float *done);

// What has ended since the last call, NULL: nothing.
NmLearned *nm_learner_take(NmLearner *learner);
void nm_learned_free(NmLearned *learned);

#endif
