// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/commands.h"
#include "app/commands/prepare_tasks.h"

static const NmOption options[] = {
    {"output", 'o', "DIR", "the corpus folder to write"},
    {"heldout", 0, "FILE", "prompt ids to keep for tests, one a line"},
    {"quality", 0, "FILE", "table of clips; those flagged src_clipped are left out"},
    {"voice-only", 0, "DIR", "recordings in another language, for the vocoder (repeatable)"},
    {"durations", 0, "FILE", "sentences timed elsewhere, to learn durations from"},
    {"durations-speaker", 0, "NAME", "who speaks in --durations"},
    {"raise", 0, "LIST",
     "add copies raised by these factors, 1.25,1.5,1.8; of music, played faster or slower"},
    {"raise-every", 0, "N", "raise one recording in this many (default 2)"},
    {"limit", 0, "N", "at most this many recordings of a folder"},
    {"floor", 0, "HZ", "lowest pitch looked for (default 75)"},
    {"ceiling", 0, "HZ", "highest pitch looked for (default 500)"},
    {"teacher", 0, "FILE", "whose speech a corpus is distilled from (neume train teacher)"},
    {"voice", 0, "FILE", "instead of a teacher: a voice that says the sentences timed elsewhere"},
    {"speaker", 0, "NAME", "of that voice (default: the first)"},
    {"take", 0, "WHAT", "of the teacher: durations, forced or free (default)"},
    {"backend", 'b', "NAME", "where a teacher that is given the frames computes: cpu (default) or cuda"},
    {"noise", 0, NULL, "keep the prenet's dropout while the teacher speaks freely"},
    {"seed", 0, "N", "of that dropout (default 1)"},
    {"melodies", 0, "FILE",
     "song: melodies without words, or songs whose words are passed over (repeatable)"},
    {"verse", 0, "FILE", "song: words without melodies (repeatable)"},
    {"share-verse", 0, "X", "song: take this much of the verse (default 1)"},
    {"syllables", 0, "N", "song: size of the vocabulary (default 6000)"},
    {"carve", 0, "N", "song: validation songs become tests, one group in N is held out instead"},
    {"any-licence", 0, NULL, "song: also what is not free for every use"},
    {"threads", 'j', "N", "threads to use (default: all processors)"},
    {0}};

static const char details[] =
    "speech: each DIR holds the recordings of one speaker, named by the folder, and metadata.tsv with the "
    "columns id, seconds, text and text_norm; a recording is ID.opus, .ogg, .flac, .mp3 or .wav. The "
    "first speaker is the default voice.\n\n"
    "song: files of songs, one a line of JSON; models/song/prepare.h of the sources says what it holds.\n\n"
    "distill: DIR is a corpus of speech that has been aligned (neume train aligner). A teacher says its "
    "recordings; a voice says its sentences without sound, and a smaller one learns from both.\n\n"
    "emotion: DIR holds sound files and either labels.tsv (a mean for each) or curves.tsv (what single "
    "listeners drew).\n\n"
    "The folder that is written is what neume train --corpus reads. The model cards, in share/doc/neume, "
    "go through it step by step.";

static const NmExample examples[] = {
    {"neume prepare speech recordings/kathleen recordings/philipp -o data/speech",
     "folders named after the speakers"},
    {"neume prepare speech recordings/kathleen --raise 1.25,1.5 --heldout heldout.txt -o data/raised",
     "copies at other pitches; prompts kept for tests"},
    {"neume prepare song songs.jsonl --verse verse.txt -o data/songs", "songs, and words without melodies"},
    {"neume prepare emotion recordings/felt -o data/felt", "music with labels.tsv"},
    {"neume prepare distill data/speech --teacher teacher.safetensors --take free -o data/taught",
     "what a teacher says"},
    {"neume prepare distill data/speech --voice voice.safetensors -o data/taught", "what a voice says"},
    {0}};

static const NmChoice choices[] = {{"take", "durations forced free"},
                                   {"backend", "cpu cuda"},
                                   {"heldout", ".txt"},
                                   {"quality", ".tsv"},
                                   {"teacher", ".safetensors"},
                                   {"voice", ".safetensors"},
                                   {"melodies", ".jsonl"},
                                   {"verse", ".txt"},
                                   {0}};

static const NmTask tasks[] = {
    {"speech", "folders of recordings with metadata.tsv, one folder a speaker", nm_prepare_speech_task},
    {"song", "songs, one a line of JSON, for the song model", nm_prepare_song_task},
    {"distill", "a corpus of what a teacher, or a voice, says, from the corpus DIR", nm_prepare_distill_task},
    {"emotion", "a folder of music and how it felt (labels.tsv or curves.tsv)", nm_prepare_emotion_task},
    {0}};

const NmCommand nm_command_prepare = {.name = "prepare",
                                      .operands = "WHAT DIR...",
                                      .summary = "make training data from recordings",
                                      .group = "Models",
                                      .details = details,
                                      .examples = examples,
                                      .choices = choices,
                                      .options = options,
                                      .tasks = tasks};
