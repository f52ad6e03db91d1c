// SPDX-License-Identifier: GPL-3.0-or-later
// Everything on the time axis, one lane under the other.
#ifndef NM_STUDIO_LANES_H
#define NM_STUDIO_LANES_H

#include "app/studio/studio.h"

// Those below the piano roll, from top to bottom.
typedef enum {
  NM_LANE_ATTENTION,
  NM_LANE_PITCH,
  NM_LANE_PHONES,
  NM_LANE_SOUND,
  NM_LANE_VALENCE,
  NM_LANE_AROUSAL,
  NM_LANES
} NmLaneKind;

// How high a lane is, and whether it is there.
typedef struct {
  float height; // units
  bool hidden;
} NmLane;

// Sizes at the beginning.
void nm_lanes_init(NmLane lanes[NM_LANES]);

// The head of a lane with its name, where the piano roll has its keys. Answers the rest.
NmRect nm_lane_show_head(NmKit *kit, NmRect lane, const char *name);

void nm_studio_show_lanes(NmStudio *studio, NmRect rect);

#endif
