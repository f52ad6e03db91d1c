// SPDX-License-Identifier: GPL-3.0-or-later
// Seconds for measuring.
#ifndef NM_BASE_CLOCK_H
#define NM_BASE_CLOCK_H

#include <time.h>

// Seconds since some moment in the past; never runs backward.
static inline double nm_clock_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
