// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/commands.h"

static const NmOption options[] = {
    {"recipe", 'r', "FILE", "what to train with: data, sizes, steps (assets/recipes)"},
    {"resume", 0, "FILE", "go on from this checkpoint"},
    {"threads", 'j', "N", "threads to use"},
    {"force", 'f', NULL, "overwrite weights that exist"},
    {0}};

static const NmTask tasks[] = {{0}};

const NmCommand nm_command_train = {.name = "train",
                                    .operands = "MODEL",
                                    .summary = "train a model from a recipe",
                                    .options = options,
                                    .tasks = tasks};
