// SPDX-License-Identifier: GPL-3.0-or-later
// What the commands that make songs have in common: how to search, and where the songs go.
#ifndef NM_COMMANDS_SONG_OPTIONS_H
#define NM_COMMANDS_SONG_OPTIONS_H

#include "app/command.h"
#include "app/jobs/songs.h"
#include "models/song/search.h"

enum { NM_SONG_OUTS_MAX = 16 };

// Rows of an option table.
#define NM_SONG_SEARCH_OPTIONS                                                                               \
  {"method", 0, "METHOD", "sample (default), beam, diverse or greedy"},                                      \
      {"temperature", 0, "T", "of sampling: 0.1 cautious to 3 wild (1, lyrics 0.9)"},                        \
      {"nucleus", 0, "P", "sample among the likeliest choices that hold this much (0.95, lyrics 0.9)"},      \
      {"seed", 's', "N", "the same input and seed give the same bytes (default 0)"},                         \
      {"weights", 0, "FILE", "another song model"},                                                          \
  {                                                                                                          \
    "force", 'f', NULL, "overwrite files that exist"                                                         \
  }

typedef struct {
  NmSearchMethod method;
  float temperature, nucleus;
  uint64_t seed;
  int32_t n_candidates;
} NmSongSearchChoice;

// Into *choice, which keeps its defaults; false after a message.
bool nm_song_search_read(const NmArgs *args, int32_t n_candidates_max, NmSongSearchChoice *choice);

// Do not move it once it is read: it points into itself.
typedef struct {
  NmSongFiles files;
  const char *outs[NM_SONG_OUTS_MAX];
  const char *weights, *audio;
  bool json;
} NmSongOutputs;

// -o, --format, --audio, --json, --weights, --force. Without -o, --audio or --json the song goes to standard
// output, in `format` unless --format says another. False after a message.
bool nm_song_outputs_read(const NmArgs *args, const char *format, int64_t n_candidates,
                          NmSongOutputs *outputs);

// Finds before the work what could not be written after it; an exit code, after a message.
int nm_song_outputs_check(const NmSongOutputs *outputs);

// Writes candidate i to its files, and its sound; an exit code, after a message.
int nm_song_outputs_write(const NmSongOutputs *outputs, int32_t i, const NmSong *song);

// Whether a song or its sound goes to standard output.
bool nm_song_outputs_take_stdout(const NmSongOutputs *outputs);

#endif
