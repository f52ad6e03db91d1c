// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/clock.h"
#include "app/commands/commands.h"
#include "app/interrupt.h"
#include "app/message.h"

int main(int argc, char **argv)
{
  nm_clock_start();
  nm_interrupt_install();
  nm_message_install();
  return nm_command_main(nm_commands, argc, argv);
}
