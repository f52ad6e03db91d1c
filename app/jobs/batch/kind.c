// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/batch/kind.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "app/jobs/resident.h"

#define SONG_ENDINGS                                                                                         \
  {".musicxml", "output", NM_BATCH_SONG}, {".mid", "output", NM_BATCH_SONG},                                 \
      {".mxl", "output", NM_BATCH_SONG},                                                                     \
  {                                                                                                          \
    ".abc", "output", NM_BATCH_SONG                                                                          \
  }
#define LRC_ENDING                                                                                           \
  {                                                                                                          \
    ".lrc", "output", NM_BATCH_NUMBERS                                                                       \
  }
#define SOUND_ENDINGS(option)                                                                                \
  {".wav", option, NM_BATCH_SOUND}, {".flac", option, NM_BATCH_SOUND}, {".ogg", option, NM_BATCH_SOUND},     \
  {                                                                                                          \
    ".opus", option, NM_BATCH_SOUND                                                                          \
  }

static const NmBatchEnding of_compose[] = {SONG_ENDINGS, LRC_ENDING, SOUND_ENDINGS("audio"), {0}};
static const NmBatchEnding of_lyrics[] = {
    {".txt", "output", NM_BATCH_TEXT}, SONG_ENDINGS, LRC_ENDING, SOUND_ENDINGS("audio"), {0}};
static const NmBatchEnding of_align[] = {SONG_ENDINGS, LRC_ENDING, {0}};
static const NmBatchEnding of_sound[] = {SOUND_ENDINGS("output"), {0}};
static const NmBatchEnding of_backing[] = {
    SONG_ENDINGS, {".txt", "output", NM_BATCH_NUMBERS}, SOUND_ENDINGS("output"), {0}};
static const NmBatchEnding of_render[] = {{"", "output", NM_BATCH_NUMBERS}, {0}}; // a folder
static const NmBatchEnding of_emotion[] = {{".csv", "output", NM_BATCH_NUMBERS},
                                           {".json", "output", NM_BATCH_NUMBERS},
                                           {".jams", "output", NM_BATCH_NUMBERS},
                                           {".txt", "output", NM_BATCH_NUMBERS},
                                           {".summary", "output", NM_BATCH_NUMBERS},
                                           {".png", "output", NM_BATCH_NUMBERS},
                                           {0}};

const NmBatchKind nm_batch_kinds[] = {
    {"compose", NM_BATCH_TEXT, of_compose, "", NM_RESIDENT_READER | NM_RESIDENT_SONG, "candidates "},
    {"lyrics", NM_BATCH_SONG, of_lyrics, "", NM_RESIDENT_READER | NM_RESIDENT_SONG, "candidates "},
    {"align", NM_BATCH_TEXT | NM_BATCH_SONG, of_align, "", NM_RESIDENT_READER, "candidates "},
    {"sing", NM_BATCH_SONG, of_sound, "timings stems ", NM_RESIDENT_SPEECH, "play raw "},
    {"speak", NM_BATCH_TEXT, of_sound, "timings picture ", NM_RESIDENT_SPEECH, "play jsonl raw "},
    {"backing", NM_BATCH_SONG, of_backing, "stems ", 0, ""},
    {"render", NM_BATCH_SONG, of_render, "", NM_RESIDENT_SPEECH, "recover "},
    {"emotion", NM_BATCH_SOUND, of_emotion, "", NM_RESIDENT_EAR, "live to "},
    {"ladspa", NM_BATCH_SOUND, of_sound, "", 0, ""},
    {0}};

const NmBatchKind *nm_batch_kind_find(const char *name)
{
  const bool is_plugin = !strncmp(name, "ladspa:", 7);
  for (const NmBatchKind *kind = nm_batch_kinds; kind->command; ++kind)
    if (!strcmp(kind->command, is_plugin ? "ladspa" : name)) return kind;
  return NULL;
}

const NmBatchEnding *nm_batch_kind_find_ending(const NmBatchKind *kind, const char *path)
{
  const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
  for (const NmBatchEnding *row = kind->endings; row->ending; ++row)
    if (!*row->ending || (dot && !strcasecmp(row->ending, dot))) return row;
  return NULL;
}

const NmBatchEnding *nm_batch_kind_choose_ending(const NmBatchKind *kind, unsigned takes)
{
  for (const NmBatchEnding *row = kind->endings; row->ending; ++row)
    if (row->gives & takes) return row;
  return NULL;
}

bool nm_batch_kind_lists(const char *list, const char *option)
{
  const size_t n = strlen(option);
  for (const char *at = list; (at = strstr(at, option)); at += n)
    if ((at == list || at[-1] == ' ') && at[n] == ' ') return true;
  return false;
}

const char *nm_batch_takes_text(unsigned takes)
{
  if (takes == (NM_BATCH_TEXT | NM_BATCH_SONG)) return "words or a melody";
  if (takes & NM_BATCH_TEXT) return "words";
  if (takes & NM_BATCH_SONG) return "a song";
  if (takes & NM_BATCH_SOUND) return "sound";
  return "tables and pictures";
}
