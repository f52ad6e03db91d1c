// SPDX-License-Identifier: GPL-3.0-or-later
// What a frame costs does not depend on how long the song is, only on what is in sight.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/fail_alloc.h"
#include "tests/ui/fake_muse.h"
#include "tests/ui/puppet.h"

typedef struct {
  int n_corners;
  int64_t n_allocs;
  double ms;
} Cost;

static double cpu_ms(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * (double)now.tv_sec + 1e-6 * (double)now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static Cost measure(int n_lines, bool with_attention)
{
  enum { N = 101 };
  Puppet puppet;
  double times[N];
  Cost cost = {0};
  puppet_open(&puppet, n_lines);
  fake_muse_install(&puppet);
  puppet.studio->lanes[NM_LANE_ATTENTION].hidden = !with_attention;
  puppet_rest(&puppet);
  puppet_move(&puppet, 700, 400);
  for (int i = 0; i < N; i++) {
    double begin = cpu_ms();
    nm_alloc_guard_begin();
    nm_studio_frame(puppet.studio);
    cost.n_allocs = nm_alloc_guard_end();
    times[i] = cpu_ms() - begin;
  }
  qsort(times, N, sizeof *times, by_value);
  cost.ms = times[N / 2];
  cost.n_corners = nm_kit_get_n_corners(puppet.kit);
  puppet_close(&puppet);
  return cost;
}

static void compare(bool with_attention)
{
  Cost small = measure(40, with_attention), large = measure(223, with_attention); // 2,007 notes
  print_message("360 notes: %d corners, %.2f ms; 2007 notes: %d corners, %.2f ms a frame, ratio %.2f\n",
                small.n_corners, small.ms, large.n_corners, large.ms, large.ms / small.ms);
  assert_int_equal(small.n_corners, large.n_corners);
  assert_int_equal(small.n_allocs, 0);
  assert_int_equal(large.n_allocs, 0);
}

static void it_is_what_is_in_sight(void **state)
{
  compare(false);
}

static void words_on_notes_too(void **state)
{
  compare(true);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(it_is_what_is_in_sight),
                                     cmocka_unit_test(words_on_notes_too)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
