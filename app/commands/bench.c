// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/commands.h"

static const NmOption options[] = {{"threads", 'j', "N", "threads to use"}, {0}};

static const NmTask tasks[] = {{0}};

const NmCommand nm_command_bench = {.name = "bench",
                                    .operands = "WHAT",
                                    .summary = "measure how fast a part is on this machine",
                                    .options = options,
                                    .tasks = tasks};
