// SPDX-License-Identifier: GPL-3.0-or-later
// A walk through the window over the demo song, offered when the studio opens for the first time.
#ifndef NM_STUDIO_TOUR_H
#define NM_STUDIO_TOUR_H

#include "app/studio/studio.h"

// What it points at: places that the views tell in every frame.
typedef enum {
  NM_SIGHT_WORDS,
  NM_SIGHT_NOTES,
  NM_SIGHT_PHONES,
  NM_SIGHT_SOUND,
  NM_SIGHT_FEELINGS,
  NM_SIGHT_PLANE,
  NM_SIGHT_BAR,
  NM_SIGHT_MENU,
  NM_SIGHTS
} NmSight;

// Zero-initialise.
typedef struct {
  bool on, focuses;
  int step;
  NmRect sights[NM_SIGHTS]; // of this frame; width 0: not to be seen
} NmTour;

// Begins it when that was never done; the demo song is opened unless there is a song.
void nm_tour_offer(NmStudio *studio);
void nm_tour_begin(NmStudio *studio);

// Every frame: where views are, then the step.
void nm_tour_tell(NmStudio *studio, NmSight sight, NmRect rect);
void nm_tour_show(NmStudio *studio);

#endif
