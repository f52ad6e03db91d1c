// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/commands.h"
#include "app/commands/train_tasks.h"

static const NmOption options[] = {
    {"recipe", 'r', "FILE", "sizes, steps, rates (assets/recipes)"},
    {"corpus", 'c', "DIR", "the prepared corpus (neume prepare); of moods repeatable"},
    {"output", 'o', "FILE", "the weights to write"},
    {"log", 'l', "FILE", "write losses as TSV"},
    {"checkpoint", 0, "FILE", "write all state here at the end, or when interrupted"},
    {"resume", 0, "FILE", "go on from this checkpoint"},
    {"seconds", 0, "N", "stop after this long"},
    {"threads", 'j', "N", "threads to use (default: all processors)"},
    {"backend", 'b', "NAME", "where to compute: cpu (default) or cuda"},
    {"force", 'f', NULL, "overwrite weights that exist"},
    {0}};

static const char details[] =
    "A recipe is a file of JSON with the sizes, steps and rates; those that made the program's own "
    "weights come with it, and every weights file holds its own (neume info FILE). The same recipe, "
    "corpus and seed give the same weights on any number of threads. A voice needs three trainings: "
    "aligner, which writes the durations into the corpus, speech, and vocoder.\n\n"
    "With --checkpoint an interrupted training (Ctrl-C, --seconds) leaves all its state, and --resume "
    "goes on as if nothing had happened. Training on a graphics card needs a program built with "
    "-DNEUME_CUDA=ON.";

static const NmExample examples[] = {
    {"neume train aligner -r assets/recipes/aligner.json -c data/speech -o aligner.safetensors",
     "durations, the first of a voice"},
    {"neume train speech -r assets/recipes/speech.json -c data/speech -o voice.safetensors -l speech.tsv",
     "the acoustic model, with a log"},
    {"neume train vocoder -r assets/recipes/vocoder.json -c data/speech -o vocoder.safetensors",
     "the vocoder"},
    {"neume train song -r assets/recipes/song.json -c data/songs -o song.safetensors --checkpoint "
     "song.checkpoint",
     "can be interrupted"},
    {"neume train song -r assets/recipes/song.json -c data/songs -o song.safetensors --resume "
     "song.checkpoint",
     "goes on"},
    {"neume train g2p -r assets/recipes/g2p.json -c english.lexicon -o g2p.safetensors",
     "the spelling of unknown words"},
    {"neume train emotion -r assets/recipes/emotion.json -c data/felt -o emotion.safetensors",
     "what music feels like"},
    {0}};

static const NmChoice choices[] = {
    {"recipe", ".json"}, {"output", ".safetensors"}, {"log", ".tsv"}, {"backend", "cpu cuda"}, {0}};

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
                                    .details = details,
                                    .examples = examples,
                                    .choices = choices,
                                    .options = options,
                                    .tasks = tasks};
