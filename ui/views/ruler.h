// SPDX-License-Identifier: GPL-3.0-or-later
// The ruler over the lanes: bars, seconds, markers; where it plays from and what it plays again and again.
#ifndef NM_UI_VIEWS_RULER_H
#define NM_UI_VIEWS_RULER_H

#include "ui/kit/widget.h"
#include "ui/views/axis.h"

typedef struct {
  int64_t tick;
  const char *text;
} NmMarker;

typedef struct {
  double playhead; // tick
  bool loops;
  bool plain; // there are no bars, only seconds
  int64_t loop_from, loop_to;
  const NmMarker *markers; // [n_markers] ascending
  int n_markers;
} NmRulerModel;

typedef enum { NM_RULER_NOTHING, NM_RULER_SEEK, NM_RULER_LOOP } NmRulerEditKind;

// What is asked for: play from `from`; play [from, to) again and again, or no longer when they are equal.
typedef struct {
  NmRulerEditKind kind;
  int64_t from, to;
} NmRulerEdit;

// Zero-initialised.
typedef struct {
  double dragged_from; // tick
  bool loops;
} NmRuler;

enum { NM_RULER_HEIGHT = 40 };

// A click plays from there, a drag along the upper half makes a loop, the wheel scrolls and with Ctrl zooms.
NmRulerEdit nm_ruler_show(NmKit *kit, NmRuler *ruler, const NmRulerModel *model, NmAxis *axis, NmRect rect);

// The playhead and the loop over a lane.
void nm_ruler_draw_playhead(NmKit *kit, const NmRulerModel *model, const NmAxis *axis, NmRect rect);

#endif
