// SPDX-License-Identifier: GPL-3.0-or-later
// A lane with a curve that can be drawn by hand: pitch, valence, arousal.
#ifndef NM_UI_VIEWS_CURVE_H
#define NM_UI_VIEWS_CURVE_H

#include "ui/kit/widget.h"
#include "ui/views/axis.h"

typedef struct {
  double at; // a tick, or a second when the model says so
  float value;
} NmCurvePoint;

typedef struct {
  const NmCurvePoint *drawn; // [n_drawn] by `at`, straight between them
  const NmCurvePoint *found; // [n_found] what is heard, which cannot be drawn
  const NmCurvePoint *other; // [n_other] what is heard otherwise
  int n_drawn, n_found, n_other;
  bool in_seconds;
  bool has_cursor;
  double cursor;         // where the arrow keys draw, in the unit of `at`
  bool traces;           // the pointer draws at the cursor, wherever it is
  float low, high, step; // of the lane, and between the lines across it
  const char *format;    // of a value, "%.0f"
  NmPaint paint;
  const char *title, *empty;
} NmCurveModel;

// The drawn points of [from, to] are to be these [n], until the next frame; n 0: none.
typedef struct {
  bool is_edit;
  double from, to;
  const NmCurvePoint *points;
  int n;
  int step; // the left arrow key: -1, the right one: 1
} NmCurveEdit;

enum { NM_CURVE_POINTS_MAX = 2048 };

// Zero-initialise.
typedef struct {
  NmCurvePoint points[NM_CURVE_POINTS_MAX]; // of the stroke, by `at`
  int n;
  double last; // where the pointer was
  float last_value;
  bool draws, erases;
} NmCurve;

// Begins a stroke that is drawn elsewhere; a point of it, in place of those since the last; what it comes to.
void nm_curve_begin(NmCurve *curve, bool erases);
void nm_curve_put(NmCurve *curve, double at, float value);
NmCurveEdit nm_curve_end(NmCurve *curve);

// The left button draws; with Ctrl, or the right button, what is drawn goes. When the lane was reached by
// Tab, Up and Down draw at the cursor, Delete takes away what is drawn there, and `step` of the answer asks
// for the cursor to be moved.
NmCurveEdit nm_curve_show(NmKit *kit, NmCurve *curve, const NmCurveModel *model, NmAxis *axis, NmRect rect);

#endif
