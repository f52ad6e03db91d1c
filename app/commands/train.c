// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/commands.h"
#include "app/commands/train_tasks.h"

static const NmOption options[] = {
    {"recipe", 'r', "FILE", "sizes, steps, rates (assets/recipes)"},
    {"corpus", 'c', "DIR", "the prepared corpus (neume prepare)"},
    {"output", 'o', "FILE", "the weights to write"},
    {"log", 'l', "FILE", "write losses as TSV"},
    {"checkpoint", 0, "FILE", "write all state here at the end, or when interrupted"},
    {"resume", 0, "FILE", "go on from this checkpoint"},
    {"seconds", 0, "N", "stop after this long"},
    {"threads", 'j', "N", "threads to use (default: all processors)"},
    {"backend", 'b', "NAME", "where to compute: cpu (default) or cuda"},
    {"force", 'f', NULL, "overwrite weights that exist"},
    {0}};

static const NmTask tasks[] = {
    {"aligner", "learn which frames belong to which phone; writes the corpus's durations", nm_train_aligner},
    {"speech", "the acoustic model, on an aligned corpus", nm_train_speech},
    {"teacher", "the autoregressive teacher of the acoustic model, on an aligned corpus", nm_train_teacher},
    {"vocoder", "the vocoder", nm_train_vocoder},
    {"song", "words to melodies and back, on a corpus of songs", nm_train_song},
    {"g2p", "the spelling of unknown words; the corpus is a compiled lexicon", nm_train_g2p},
    {"emotion", "what music feels like, on a corpus of neume prepare emotion", nm_train_emotion},
    {"listener", "what listeners have in common, on a corpus of their curves", nm_train_listener},
    {0}};

const NmCommand nm_command_train = {.name = "train",
                                    .operands = "MODEL",
                                    .summary = "train a model from a recipe",
                                    .options = options,
                                    .tasks = tasks};
