// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/axis.h"

#include <math.h>

#include "ui/kit/words.h"

static const double zoom_min = .25, zoom_max = 2000;
static const float gap_min = 9; // units between lines of the grid

const NmAxisSnap nm_axis_snaps[] = {{N_("Off"), 1, 0}, {N_("Bar"), 0, 1}, {"1/2", 2, 1},  {"1/4", 1, 1},
                                    {"1/8", 1, 2},     {"1/16", 1, 4},    {"1/32", 1, 8}, {"1/4T", 2, 3},
                                    {"1/8T", 1, 3},    {"1/16T", 1, 6}};
const int nm_axis_n_snaps = sizeof nm_axis_snaps / sizeof *nm_axis_snaps;

float nm_axis_get_width(const NmAxis *axis, double ticks)
{
  return (float)(ticks * axis->zoom / axis->time->ticks_per_beat);
}

float nm_axis_get_x(const NmAxis *axis, double tick)
{
  return axis->x + nm_axis_get_width(axis, tick - axis->first);
}

double nm_axis_get_tick(const NmAxis *axis, float x)
{
  return axis->first + (double)(x - axis->x) * axis->time->ticks_per_beat / axis->zoom;
}

// The piece of the map for a tick or second: the last whose beginning is not after it, but not the last
// point.
static int find_piece(const NmAxisTime *time, double at, bool by_seconds)
{
  int low = 0, high = time->n_map - 1;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    double value = by_seconds ? time->map_seconds[middle] : (double)time->map_ticks[middle];
    *(value <= at ? &low : &high) = middle;
  }
  return low;
}

double nm_axis_get_seconds(const NmAxisTime *time, double tick)
{
  int i = find_piece(time, tick, false);
  double t0 = (double)time->map_ticks[i], t1 = (double)time->map_ticks[i + 1];
  double s0 = time->map_seconds[i], s1 = time->map_seconds[i + 1];
  return s0 + (tick - t0) * (s1 - s0) / (t1 - t0);
}

double nm_axis_get_tick_of_seconds(const NmAxisTime *time, double seconds)
{
  int i = find_piece(time, seconds, true);
  double t0 = (double)time->map_ticks[i], t1 = (double)time->map_ticks[i + 1];
  double s0 = time->map_seconds[i], s1 = time->map_seconds[i + 1];
  return t0 + (seconds - s0) * (t1 - t0) / (s1 - s0);
}

double nm_axis_get_piece_end(const NmAxisTime *time, double seconds)
{
  int i = find_piece(time, seconds, true);
  return i + 2 < time->n_map ? time->map_seconds[i + 1] : HUGE_VAL;
}

static int64_t len_of_bar(const NmBar *bar)
{
  return bar->len_beat * bar->n_beats;
}

NmBar nm_axis_get_bar(const NmAxisTime *time, double tick)
{
  int low = 0, high = time->n_bars;
  while (high - low > 1) {
    int middle = (low + high) / 2;
    *((double)time->bars[middle].tick <= tick ? &low : &high) = middle;
  }
  NmBar bar = time->bars[low];
  if (low + 1 < time->n_bars && tick >= (double)bar.tick) return bar;
  int64_t n = (int64_t)floor((tick - (double)bar.tick) / (double)len_of_bar(&bar));
  if (low > 0 && n < 0) n = 0;
  bar.tick += n * len_of_bar(&bar);
  bar.number += (int32_t)n;
  return bar;
}

int64_t nm_axis_get_snap_len(const NmAxis *axis, double tick)
{
  const NmAxisSnap *snap = &nm_axis_snaps[axis->snap];
  if (snap->per == 0) return 1;
  if (snap->n == 0) {
    NmBar bar = nm_axis_get_bar(axis->time, tick);
    return len_of_bar(&bar);
  }
  int64_t len = (int64_t)axis->time->ticks_per_beat * snap->n / snap->per;
  return len > 0 ? len : 1;
}

static int64_t snap_by(const NmAxis *axis, double tick, double (*to_whole)(double))
{
  int64_t bar = nm_axis_get_bar(axis->time, tick).tick, len = nm_axis_get_snap_len(axis, tick);
  return bar + (int64_t)to_whole((tick - (double)bar) / (double)len) * len;
}

int64_t nm_axis_snap(const NmAxis *axis, double tick)
{
  return snap_by(axis, tick, round);
}

int64_t nm_axis_snap_down(const NmAxis *axis, double tick)
{
  return snap_by(axis, tick, floor);
}

// A little before the beginning and about a window after the end may be seen.
static void keep_in_sight(NmAxis *axis)
{
  double in_sight = axis->w * axis->time->ticks_per_beat / axis->zoom;
  double low = -.1 * in_sight, high = fmax((double)axis->time->end - .3 * in_sight, 0);
  axis->first = fmin(fmax(axis->first, low), high);
}

void nm_axis_zoom(NmAxis *axis, double factor, float x)
{
  double tick = nm_axis_get_tick(axis, x);
  axis->zoom = fmin(fmax(axis->zoom * factor, zoom_min), zoom_max);
  axis->first += tick - nm_axis_get_tick(axis, x);
  keep_in_sight(axis);
}

void nm_axis_scroll(NmAxis *axis, float dx)
{
  axis->first += dx * axis->time->ticks_per_beat / axis->zoom;
  keep_in_sight(axis);
}

void nm_axis_show(NmAxis *axis, double from, double to)
{
  double beats = fmax(to - from, 1) / axis->time->ticks_per_beat;
  axis->zoom = fmin(fmax(axis->w / beats, zoom_min), zoom_max);
  axis->first = from;
}

void nm_axis_follow(NmAxis *axis, double tick)
{
  float x = nm_axis_get_x(axis, tick), margin = fminf(40, axis->w / 4);
  if (x < axis->x + margin)
    nm_axis_scroll(axis, x - axis->x - margin);
  else if (x > axis->x + axis->w - margin)
    nm_axis_scroll(axis, x - axis->x - margin);
}

// How far apart lines must be at least; a part of a beat, a beat, or a number of bars that is a power of two.
static int64_t grid_step(const NmAxis *axis, const NmBar *bar)
{
  static const int parts[] = {16, 8, 4, 2};
  const int64_t beat = axis->time->ticks_per_beat;
  for (int i = 0; i < 4; i++)
    if (beat % parts[i] == 0 && bar->len_beat % (beat / parts[i]) == 0 &&
        nm_axis_get_width(axis, (double)(beat / parts[i])) >= gap_min)
      return beat / parts[i];
  if (nm_axis_get_width(axis, (double)bar->len_beat) >= gap_min) return bar->len_beat;
  int64_t step = len_of_bar(bar);
  while (nm_axis_get_width(axis, (double)step) < gap_min) step *= 2;
  return step;
}

static int strength_of(const NmGridLine *line)
{
  if (line->tick == line->bar.tick) return 2;
  return (line->tick - line->bar.tick) % line->bar.len_beat == 0;
}

static void begin_lines(const NmAxis *axis, NmGridLine *line)
{
  line->begun = true;
  line->bar = nm_axis_get_bar(axis->time, axis->first);
  line->step = grid_step(axis, &line->bar);
  line->tick = line->bar.tick;
  int64_t n_bars = line->step / len_of_bar(&line->bar);
  if (n_bars > 1) line->tick -= (line->bar.number - 1) % n_bars * len_of_bar(&line->bar);
  line->bar = nm_axis_get_bar(axis->time, (double)line->tick);
}

static void advance(const NmAxis *axis, NmGridLine *line)
{
  int64_t bar_end = line->bar.tick + len_of_bar(&line->bar);
  line->tick += line->step;
  if (line->tick < bar_end) return;
  if (line->step < len_of_bar(&line->bar)) line->tick = bar_end;
  line->bar = nm_axis_get_bar(axis->time, (double)line->tick);
  line->tick = line->bar.tick; // where the meter changes, lines begin anew
  line->step = grid_step(axis, &line->bar);
}

bool nm_axis_next_line(const NmAxis *axis, NmGridLine *line)
{
  if (line->begun)
    advance(axis, line);
  else
    begin_lines(axis, line);
  line->strength = strength_of(line);
  return nm_axis_get_x(axis, (double)line->tick) < axis->x + axis->w;
}

void nm_axis_draw_grid(NmKit *kit, const NmAxis *axis, NmRect rect)
{
  const NmInk strong = nm_kit_get_ink(kit, NM_PAINT_LINE_STRONG), weak = nm_kit_get_ink(kit, NM_PAINT_LINE);
  NmGridLine line = {0};
  while (nm_axis_next_line(axis, &line)) {
    float x = nm_axis_get_x(axis, (double)line.tick);
    if (x < rect.x) continue;
    nm_draw_down(kit, x, rect.y, rect.y + rect.h,
                 line.strength == 2   ? strong
                 : line.strength == 1 ? weak
                                      : nm_ink_fade(weak, .5f));
  }
}
