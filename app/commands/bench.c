// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/bench_tasks.h"
#include "app/commands/commands.h"

static const NmOption options[] = {
    {"threads", 'j', "N", "threads to use"},
    {"backend", 'b', "NAME", "attention, ops, train: cpu (default) or cuda"},
    {"model", 'm', "NAME", "what to train (train; default all)"},
    {"corpus", 'c', "DIR", "the prepared corpus (voice, song)"},
    {"teacher", 0, "FILE", "compare with this teacher (speech)"},
    {"speaker", 's', "NAME", "whose recordings (voice; default kathleen)"},
    {"song", 0, "FILE", "the song model (song)"},
    {"without-pretraining", 0, "FILE", "one without pre-training (song)"},
    {"without-constraint", 0, "FILE", "one without the attention constraint (song)"},
    {"lstm", 0, "FILE", "the recurrent baseline (song)"},
    {"split", 0, "NAME", "train, valid or test (song; default test)"},
    {"songs", 'n', "N", "the first N songs (song; default all)"},
    {"candidates", 0, "N", "melodies drawn for each song (song; default 32)"},
    {"temperature", 0, "T", "of drawing (song; default 1)"},
    {"nucleus", 0, "P", "share of probability that is drawn from (song; default 1)"},
    {"seed", 0, "N", "of drawing (song; default 1)"},
    {"listeners", 0, "DIR", "the prepared corpus of curves (emotion)"},
    {"weights", 0, "FILE", "another model than the program's (emotion)"},
    {"prior", 0, "FILE", "other weights of listeners (emotion)"},
    {0}};

static const char details[] =
    "What is measured is printed as medians and as ratios to something known: a product of matrices, a "
    "copy, a baseline. Options say in brackets which of the tasks they belong to.";

static const NmExample examples[] = {
    {"neume bench ops", "the kernels of this machine"},
    {"neume bench speech", "the stages of speaking"},
    {"neume bench voice -c data/speech -s kathleen", "the voice beside held-out recordings"},
    {"neume bench song -c data/songs -n 10", "melodies beside those of held-out songs"},
    {"neume bench train --model acoustic", "steps of a training"},
    {0}};

static const NmChoice choices[] = {{"backend", "cpu cuda"},
                                   {"split", "train valid test"},
                                   {"teacher", ".safetensors"},
                                   {"song", ".safetensors"},
                                   {"lstm", ".safetensors"},
                                   {"without-pretraining", ".safetensors"},
                                   {"without-constraint", ".safetensors"},
                                   {"weights", ".safetensors"},
                                   {"prior", ".safetensors"},
                                   {0}};

static const NmTask tasks[] = {
    {"attention", "every pattern and length against a plain product of matrices", nm_bench_attention},
    {"emotion", "what music feels like, beside simple ways; listeners (P1 to P3)", nm_bench_emotion},
    {"ops", "the engine's kernels against a product of matrices and a copy", nm_bench_ops},
    {"song", "melodies for the words of held-out songs against their own", nm_bench_song},
    {"speech", "the stages of speaking, each against what its bare products cost", nm_bench_speech},
    {"train", "steps of every training, against the best product of matrices", nm_bench_train},
    {"voice", "the voice against held-out recordings", nm_bench_voice},
    {0}};

const NmCommand nm_command_bench = {.name = "bench",
                                    .operands = "WHAT",
                                    .summary = "measure how fast, or how good, a part is on this machine",
                                    .details = details,
                                    .examples = examples,
                                    .choices = choices,
                                    .options = options,
                                    .tasks = tasks,
                                    .writes_nothing = true};
