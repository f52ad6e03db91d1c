// SPDX-License-Identifier: GPL-3.0-or-later
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "app/clock.h"
#include "app/commands/commands.h"
#include "app/interrupt.h"
#include "app/message.h"

// Whoever reads a pipe may have enough of it.
static bool is_pipe_closed(void)
{
  struct pollfd output = {.fd = STDOUT_FILENO};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR);
}

// What was printed must have arrived.
static int finish_output(int exit_code)
{
  const bool failed = fflush(stdout) != 0 || ferror(stdout);
  if (exit_code != NM_EXIT_DONE || !failed || is_pipe_closed()) return exit_code;
  return nm_message_fail(NM_EXIT_FAILED, "standard output cannot be written");
}

int main(int argc, char **argv)
{
  nm_clock_start();
  nm_interrupt_install();
  nm_message_install();
  return finish_output(nm_command_main(nm_commands, argc, argv));
}
