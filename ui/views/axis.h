// SPDX-License-Identifier: GPL-3.0-or-later
// The time axis that all views share: ticks lie evenly from left to right, seconds follow by the tempo map.
// Arrays belong to the caller and stay as long as they are shown. One thread.
#ifndef NM_UI_VIEWS_AXIS_H
#define NM_UI_VIEWS_AXIS_H

#include "ui/kit/draw.h"

typedef struct {
  int64_t tick;     // where it begins
  int64_t len_beat; // ticks
  int32_t n_beats, number;
} NmBar;

// What a song says about time.
typedef struct {
  int32_t ticks_per_beat;
  int64_t end;               // tick of the last note's end
  const int64_t *map_ticks;  // [n_map] ascending, the first 0: places of known time, straight between
  const double *map_seconds; // [n_map]
  int n_map;                 // >= 2
  const NmBar *bars;         // [n_bars] ascending, without gaps; beyond, the last goes on
  int n_bars;                // >= 1
} NmAxisTime;

// How it is looked at. first and zoom are changed by the functions below.
typedef struct {
  const NmAxisTime *time;
  float x, w;   // units: where it lies
  double first; // tick at x
  double zoom;  // units per quarter note
  int snap;     // a row of nm_axis_snaps
} NmAxis;

// Places to snap to, by their distance: `n` of `per` beats (quarter notes); n 0 means bars, per 0 not at all.
typedef struct {
  const char *name;
  int n, per;
} NmAxisSnap;

extern const NmAxisSnap nm_axis_snaps[];
extern const int nm_axis_n_snaps;

float nm_axis_get_x(const NmAxis *axis, double tick);
double nm_axis_get_tick(const NmAxis *axis, float x);
float nm_axis_get_width(const NmAxis *axis, double ticks);

double nm_axis_get_seconds(const NmAxisTime *time, double tick);
double nm_axis_get_tick_of_seconds(const NmAxisTime *time, double seconds);

// Up to which second the tempo stays as it is at this one; infinite after the last change.
double nm_axis_get_piece_end(const NmAxisTime *time, double seconds);

// The bar of a tick, made up beyond the last.
NmBar nm_axis_get_bar(const NmAxisTime *time, double tick);

// The nearest place to snap to, and the one at or before; the tick rounded when nothing snaps. The distance
// between places (at that tick), at least 1.
int64_t nm_axis_snap(const NmAxis *axis, double tick);
int64_t nm_axis_snap_down(const NmAxis *axis, double tick);
int64_t nm_axis_get_snap_len(const NmAxis *axis, double tick);

// Zooms by a factor around x; scrolls by units; shows from one tick to another; scrolls as little as needed
// to have a tick in sight, with room to the right for what comes.
void nm_axis_zoom(NmAxis *axis, double factor, float x);
void nm_axis_scroll(NmAxis *axis, float dx);
void nm_axis_show(NmAxis *axis, double from, double to);
void nm_axis_follow(NmAxis *axis, double tick);

// Lines of the grid in sight, left to right, no closer than a few units: strength 2 for bars, 1 for beats, 0
// for parts of beats. Start with a zeroed line and end when false is answered.
typedef struct {
  int64_t tick;
  int strength;
  NmBar bar; // that it is in
  int64_t step;
  bool begun;
} NmGridLine;

bool nm_axis_next_line(const NmAxis *axis, NmGridLine *line);

// Draws the grid into a rectangle.
void nm_axis_draw_grid(NmKit *kit, const NmAxis *axis, NmRect rect);

#endif
