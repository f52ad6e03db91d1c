// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/message.h"

enum { N_BAR = 40 };

static double start_time, last_time;
static bool drawn;

double nm_clock_start(void)
{
  if (start_time == 0) start_time = nm_clock_now();
  return start_time;
}

void nm_progress_show(const char *what, double done, double total)
{
  static const char bar[] = "########################################";
  const double now = nm_clock_now();
  if (now - nm_clock_start() < 1 || now - last_time < .1) return;
  last_time = now;
  if (nm_message_is_quiet() || !isatty(STDERR_FILENO)) return;
  const double part = done < total ? done / total : 1;
  fprintf(stderr, "\r%s [%-*.*s] %3.0f %%", what, N_BAR, (int)(part * N_BAR), bar, 100 * part);
  drawn = true;
}

void nm_progress_clear(void)
{
  if (drawn) fprintf(stderr, "\r\033[K");
  drawn = false;
}
