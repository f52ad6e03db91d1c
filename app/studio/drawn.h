// SPDX-License-Identifier: GPL-3.0-or-later
// Valence and arousal as somebody draws them over a clip, with every step to go back to.
#ifndef NM_STUDIO_DRAWN_H
#define NM_STUDIO_DRAWN_H

#include <stdbool.h>
#include <stdint.h>

#include "models/emotion/listener.h"
#include "ui/views/curve.h"

// One state of both: points by their second, straight between. [valence, arousal]
typedef struct NmDrawnState NmDrawnState;
struct NmDrawnState {
  NmCurvePoint *points[2]; // [n]
  int32_t n[2];
  NmDrawnState *before, *after; // by steps; NULL at the ends
  uint64_t number;              // of the step that made it, 1...
};

// Zero-initialise.
typedef struct {
  NmDrawnState *now; // NULL: nothing was ever drawn
  uint64_t n_steps;  // so far, undone ones included
} NmDrawn;

void nm_drawn_fini(NmDrawn *drawn);

// What is drawn now; NULL and 0 for nothing.
const NmCurvePoint *nm_drawn_get(const NmDrawn *drawn, int dimension, int32_t *n);

// One step: what strokes came to, of valence and of arousal; is_edit says which. False when memory is out.
bool nm_drawn_draw(NmDrawn *drawn, const NmCurveEdit edits[2]);
bool nm_drawn_clear(NmDrawn *drawn);

// Which step made what is drawn now; 0: none. No two have the same number.
uint64_t nm_drawn_get_step(const NmDrawn *drawn);

bool nm_drawn_can_undo(const NmDrawn *drawn);
bool nm_drawn_can_redo(const NmDrawn *drawn);
void nm_drawn_undo(NmDrawn *drawn);
void nm_drawn_redo(NmDrawn *drawn);

// The curve at a second, which must not be empty: held beyond its ends.
float nm_drawn_get_value(const NmDrawn *drawn, int dimension, double at);

// What a listener is learned from: a point in the middle of each half second [0, n_rows) from the first that
// is drawn to the last, in `points` [n_rows]; where only one of both is drawn, the other is as it is heard,
// rows [n_rows]. Answers how many; from[d] to to[d] is what was drawn of each (equal: nothing).
int32_t nm_drawn_sample(const NmDrawn *drawn, const NmEmotionRow *rows, int32_t n_rows,
                        NmListenerPoint *points, double from[2], double to[2]);

#endif
