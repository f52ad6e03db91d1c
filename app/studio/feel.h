// SPDX-License-Identifier: GPL-3.0-or-later
// How the song feels, and how it should: the curves of both, and the plane.
#ifndef NM_STUDIO_FEEL_H
#define NM_STUDIO_FEEL_H

#include "app/studio/listen.h"
#include "app/studio/studio.h"
#include "ui/views/curve.h"
#include "ui/views/plane.h"

// What was heard, every half second. Zero-initialise.
typedef struct {
  NmEmotionRow *rows; // [n], and the same for the views
  NmCurvePoint *valence, *arousal;
  NmFeeling *path;
  int32_t n, room;
  char trouble[512];
} NmFelt;

void nm_felt_fini(NmFelt *felt);

// Every frame: has the song heard once all of it is sung, and takes what was found.
void nm_studio_feel(NmStudio *studio);

// Why there is nothing to see yet.
const char *nm_studio_why_unfelt(const NmStudio *studio);

// What the mouse drew: the points [n] for [from, to] in seconds; n 0: nothing is wanted there.
void nm_studio_draw_feeling(NmStudio *studio, bool arousal, double from, double to,
                            const NmCurvePoint *points, int n);

void nm_studio_show_plane(NmStudio *studio, NmRect rect);

#endif
