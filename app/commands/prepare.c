// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/commands.h"

static const NmOption options[] = {{"output", 'o', "FILE", "the corpus file to write"},
                                   {"threads", 'j', "N", "threads to use"},
                                   {"force", 'f', NULL, "overwrite files that exist"},
                                   {0}};

static const NmTask tasks[] = {{0}};

const NmCommand nm_command_prepare = {.name = "prepare",
                                      .operands = "WHAT DIR",
                                      .summary = "make training data from recordings",
                                      .options = options,
                                      .tasks = tasks};
