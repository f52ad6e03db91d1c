// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dsp/base/rng.h"
#include "ui/views/axis.h"

// A pick-up beat, 4/4, from bar 3 on 3/4, from bar 5 on 6/8; 120, then 60 quarter notes a minute.
static const NmBar bars[] = {{-1440, 480, 4, 0}, {480, 480, 4, 1},  {2400, 480, 4, 2},
                             {4320, 480, 3, 3},  {5760, 480, 3, 4}, {7200, 240, 6, 5}};
static const int64_t map_ticks[] = {0, 4320, 4800};
static const double map_seconds[] = {0, 4.5, 5.5};
static const NmAxisTime time_map = {480, 12000, map_ticks, map_seconds, 3, bars, 6};

static NmAxis axis_of(double zoom)
{
  return (NmAxis){.time = &time_map, .x = 100, .w = 800, .first = 240, .zoom = zoom, .snap = 3};
}

static void places_go_there_and_back(void **state)
{
  NmAxis axis = axis_of(37);
  assert_true(fabsf(nm_axis_get_x(&axis, 240) - 100) < 1e-3f);
  assert_true(fabsf(nm_axis_get_x(&axis, 720) - 137) < 1e-3f);
  for (double tick = -5000; tick < 50000; tick += 333.3)
    assert_true(fabs(nm_axis_get_tick(&axis, nm_axis_get_x(&axis, tick)) - tick) < .1);
}

static void seconds_follow_the_tempo(void **state)
{
  assert_true(fabs(nm_axis_get_seconds(&time_map, 960) - 1) < 1e-9);
  assert_true(fabs(nm_axis_get_seconds(&time_map, 4560) - 5) < 1e-9);
  assert_true(fabs(nm_axis_get_seconds(&time_map, 5760) - 7.5) < 1e-9);
  for (double tick = -960; tick < 20000; tick += 77.7)
    assert_true(fabs(nm_axis_get_tick_of_seconds(&time_map, nm_axis_get_seconds(&time_map, tick)) - tick) <
                1e-6);
}

static void bars_go_on_for_ever(void **state)
{
  static const struct {
    double tick;
    int64_t begins;
    int number, n_beats;
  } cases[] = {{-1441, -3360, -1, 4}, {-1440, -1440, 0, 4}, {479, -1440, 0, 4},     {480, 480, 1, 4},
               {4319, 2400, 2, 4},    {4320, 4320, 3, 3},   {7199, 5760, 4, 3},     {7200, 7200, 5, 6},
               {8639, 7200, 5, 6},    {8640, 8640, 6, 6},   {101520, 100800, 70, 6}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    NmBar bar = nm_axis_get_bar(&time_map, cases[i].tick);
    assert_int_equal(bar.tick, cases[i].begins);
    assert_int_equal(bar.number, cases[i].number);
    assert_int_equal(bar.n_beats, cases[i].n_beats);
  }
}

static void snapping_begins_anew_in_each_bar(void **state)
{
  NmAxis axis = axis_of(37);
  assert_string_equal(nm_axis_snaps[axis.snap].name, "1/4");
  assert_int_equal(nm_axis_snap(&axis, 700), 480);
  assert_int_equal(nm_axis_snap(&axis, 730), 960);
  assert_int_equal(nm_axis_snap_down(&axis, 959), 480);
  axis.snap = 1; // bars
  assert_int_equal(nm_axis_snap(&axis, 2300), 2400);
  assert_int_equal(nm_axis_snap(&axis, 5000), 4320);
  assert_int_equal(nm_axis_get_snap_len(&axis, 5000), 1440);
  axis.snap = 0; // off
  assert_int_equal(nm_axis_snap(&axis, 1234.6), 1235);
  axis.snap = 8; // eighths in triplets
  assert_int_equal(nm_axis_get_snap_len(&axis, 0), 160);
}

static void zooming_keeps_what_is_under_the_pointer(void **state)
{
  NmAxis axis = axis_of(37);
  axis.first = 3000;
  double tick = nm_axis_get_tick(&axis, 300);
  for (int i = 0; i < 4; i++) {
    nm_axis_zoom(&axis, 1.3, 300);
    assert_true(fabs(nm_axis_get_tick(&axis, 300) - tick) < 1);
  }
  for (int i = 0; i < 100; i++) nm_axis_zoom(&axis, .5, 300);
  assert_true(axis.zoom > 0);
  for (int i = 0; i < 100; i++) nm_axis_zoom(&axis, 2, 300);
  assert_true(isfinite(axis.zoom) && isfinite(axis.first));
}

static void a_followed_tick_is_in_sight(void **state)
{
  NmRng rng;
  nm_rng_init(&rng, 7);
  NmAxis axis = axis_of(37);
  for (int i = 0; i < 2000; i++) {
    double tick = nm_rng_uniform(&rng) * 12000;
    nm_axis_follow(&axis, tick);
    float x = nm_axis_get_x(&axis, tick);
    assert_true(x >= axis.x - 1 && x <= axis.x + axis.w + 1);
    nm_axis_zoom(&axis, .8 + .5 * nm_rng_uniform(&rng), axis.x + (float)nm_rng_uniform(&rng) * axis.w);
  }
}

// At any zoom: lines ascend, are not crowded, and every bar line is one (or, far out, every 2^k-th).
static void the_grid_has_its_lines(void **state)
{
  for (double zoom = .25; zoom < 2000; zoom *= 1.37) {
    NmAxis axis = axis_of(zoom);
    NmGridLine line = {0};
    int64_t last = INT64_MIN;
    int n = 0;
    while (nm_axis_next_line(&axis, &line)) {
      assert_true(line.tick > last);
      assert_int_equal(line.bar.tick, nm_axis_get_bar(&time_map, (double)line.tick).tick);
      assert_int_equal(line.strength == 2, line.tick == line.bar.tick);
      last = line.tick;
      n++;
    }
    assert_true(n <= 800 / 4 + 4);
    assert_true(n >= 1);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(places_go_there_and_back),
                                     cmocka_unit_test(seconds_follow_the_tempo),
                                     cmocka_unit_test(bars_go_on_for_ever),
                                     cmocka_unit_test(snapping_begins_anew_in_each_bar),
                                     cmocka_unit_test(zooming_keeps_what_is_under_the_pointer),
                                     cmocka_unit_test(a_followed_tick_is_in_sight),
                                     cmocka_unit_test(the_grid_has_its_lines)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
