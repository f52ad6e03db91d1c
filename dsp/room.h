// SPDX-License-Identifier: GPL-3.0-or-later
// The sound of a room: a feedback delay network of eight lines with an orthogonal matrix and damped highs
// (Jot and Chaigne 1991, "Digital delay networks for designing artificial reverberators"). Linear, so rooms
// of single sounds sum to the room of their sum.
#ifndef NM_DSP_ROOM_H
#define NM_DSP_ROOM_H

#include "dsp/base/status.h"

typedef struct {
  double rate_hz;
  double decay_s;      // until low sounds are 60 dB down
  double decay_high_s; // the same near half of the rate
  double before_s;     // until the first sound returns
} NmRoomConfig;

// 48 kHz, 1.1 s, 0.45 s, 18 ms: a small hall.
NmRoomConfig nm_room_defaults(void);

// One thread at a time per object.
typedef struct NmRoom NmRoom;

// NULL for times that are not positive, or when memory is out.
NmRoom *nm_room_new(const NmRoomConfig *config);
void nm_room_free(NmRoom *room);

// Adds `gain` times the room's answer to in [n, 2] to out [n, 2], which may be the same. The answer to steady
// noise is about as loud as the noise at gain 1. The same whatever it is cut into; never allocates.
void nm_room_process(NmRoom *room, const float *in, float gain, float *out, int64_t n);

#endif
