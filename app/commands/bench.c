// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/bench_tasks.h"
#include "app/commands/commands.h"

static const NmOption options[] = {{"threads", 'j', "N", "threads to use"},
                                   {"backend", 'b', "NAME", "attention, ops, train: cpu (default) or cuda"},
                                   {"model", 'm', "NAME", "what to train (train; default all)"},
                                   {"corpus", 'c', "DIR", "the prepared corpus (voice)"},
                                   {"teacher", 0, "FILE", "compare with this teacher (speech)"},
                                   {"speaker", 's', "NAME", "whose recordings (voice; default kathleen)"},
                                   {0}};

static const NmTask tasks[] = {
    {"attention", "every pattern and length against a plain product of matrices", nm_bench_attention},
    {"ops", "the engine's kernels against a product of matrices and a copy", nm_bench_ops},
    {"speech", "the stages of speaking, each against what its bare products cost", nm_bench_speech},
    {"train", "steps of every training, against the best product of matrices", nm_bench_train},
    {"voice", "the voice against held-out recordings", nm_bench_voice},
    {0}};

const NmCommand nm_command_bench = {.name = "bench",
                                    .operands = "WHAT",
                                    .summary = "measure how fast, or how good, a part is on this machine",
                                    .options = options,
                                    .tasks = tasks};
