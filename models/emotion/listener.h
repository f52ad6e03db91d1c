// SPDX-License-Identifier: GPL-3.0-or-later
// One listener: what a curve drawn over one clip says of how the same person will hear what follows. Learned
// in the public annotators of VGMIDI: within a piece it helps (protocol P1), in another piece it does not
// (P2), so a listener speaks only where the sound begins with the clip it was made from, after the clip's
// end.
#ifndef NM_EMOTION_LISTENER_H
#define NM_EMOTION_LISTENER_H

#include <stdatomic.h>

#include "models/emotion/emotion.h"

enum { NM_LISTENER_STEPS_MAX = 240 }; // of the clip: two minutes, the last if it is longer

// A point of a drawn curve. Points need not be even; between them the curve holds the earlier value.
typedef struct {
  double time_s;
  float valence, arousal; // -1..1
} NmListenerPoint;

typedef struct NmListenerPoints {
  NmListenerPoint *points; // [n], in order of time
  int64_t n;
} NmListenerPoints;

// Reads a curve from text: comma or tab separated, a header line that names time_s (or time), valence and
// arousal in any order (further columns are ignored), then at least two rows in order of time. `name` is for
// messages. NM_ERR_BAD_DATA with the line. *out is the caller's (nm_listener_points_fini), also after a
// failure.
NmStatus nm_listener_points_read(NmListenerPoints *out, const char *text, size_t len, const char *name,
                                 NmError *err) NM_NODISCARD;
void nm_listener_points_fini(NmListenerPoints *points);

typedef struct NmListener NmListener;

// One annotated clip: sound at 24 kHz and the curve over it.
typedef struct {
  const float *x; // [n]
  int64_t n;
  const NmListenerPoint *points; // [n_points]
  int64_t n_points;
  const atomic_bool *cancel; // may be NULL; when it becomes true, learning ends within a second
} NmListenerClip;

// Learns from one clip. `path_prior` is the file of what listeners have in common
// (assets/listener.safetensors), bound to the same model. Below a second for a clip of half a minute. NULL
// and `err`: NM_ERR_BAD_DATA when curve and sound share less than four half seconds, NM_ERR_CANCELLED.
NmListener *nm_listener_adapt(NmEmotionModel *model, const char *path_prior, const NmListenerClip *clip,
                              NmError *err);
void nm_listener_free(NmListener *listener);

// A listener file: JSON, versioned, below 100 kB, written atomically. Load checks everything, the model's
// hash included
// (`model` NULL: any).
NmStatus nm_listener_save(const NmListener *listener, const char *path, NmError *err) NM_NODISCARD;
NmListener *nm_listener_load(const char *path, const NmEmotionModel *model, NmError *err);
// From memory; `name` is for messages.
NmListener *nm_listener_read(const char *text, size_t len, const char *name, const NmEmotionModel *model,
                             NmError *err);

// What `listener show` tells.
typedef struct {
  char model_hash[NM_EMOTION_HASH_SIZE];
  double seconds;                    // of the clip that were annotated
  float mean[2], last[2], spread[2]; // valence, arousal: of the curve
  float model_mean[2];               // of the model over the same time
} NmListenerSummary;

NmListenerSummary nm_listener_get_summary(const NmListener *listener);

#endif
