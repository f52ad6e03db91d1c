// SPDX-License-Identifier: GPL-3.0-or-later
// Random events for half a minute, the same in every run. `tests/bench/monkey` goes on for as long as one
// likes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/ui/monkey.h"

static double now_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// NM_MONKEY_SECONDS: go on with further seeds for so long, from NM_MONKEY_SEED on.
static void nothing_breaks(void **state)
{
  const char *seconds = getenv("NM_MONKEY_SECONDS"), *first = getenv("NM_MONKEY_SEED");
  double end_s = now_s() + (seconds ? atof(seconds) : 0);
  uint64_t seed = first ? strtoull(first, NULL, 10) : 1;
  do {
    Puppet puppet;
    puppet_open(&puppet, 6);
    monkey_play(&puppet, seed++, 3000);
    puppet_close(&puppet);
  } while (seed <= 3 || now_s() < end_s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_breaks)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
