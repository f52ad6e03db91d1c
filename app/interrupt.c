// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/interrupt.h"

#include <signal.h>
#include <stddef.h>

static atomic_bool seen;

static void on_signal(int number)
{
  atomic_store(&seen, true);
}

void nm_interrupt_install(void)
{
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  action = (struct sigaction){.sa_handler = SIG_IGN};
  sigaction(SIGPIPE, &action, NULL);
  sigaction(SIGXFSZ, &action, NULL); // a file that may not grow is told as what it is: no room
}

void nm_interrupt_restore(void)
{
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
}

bool nm_interrupt_seen(void)
{
  return atomic_load(&seen);
}

const atomic_bool *nm_interrupt_get_flag(void)
{
  return &seen;
}
