// SPDX-License-Identifier: GPL-3.0-or-later
// What songs are made with: the network, and the files they go to.
#ifndef NM_JOBS_SONGS_H
#define NM_JOBS_SONGS_H

#include <limits.h>
#include <stdbool.h>

#include "app/formats/song_file.h"
#include "models/song/model.h"

// Opens the weights at `path`, or those of the assets for NULL.
NmStatus nm_songs_open_model(NmSongModel *model, const char *path, NmError *err) NM_NODISCARD;
void nm_songs_close_model(NmSongModel *model);

// Where N candidates go. A file named .txt gets the words alone.
typedef struct {
  const char *const *outs; // [n_outs] borrowed; "-" is standard output, and gets the first candidate only
  int n_outs;
  int64_t n_candidates;
  bool force;
  const char *format; // of standard output: an ending
} NmSongFiles;

// The path of candidate i (from 0) of n: "song.mid" itself for one, "song-1.mid"... for several; "-" stays.
// False when it is too long.
bool nm_song_files_name(const char *out, int64_t n, int64_t i, char path[PATH_MAX]);

// Whether a path or an ending stands for the words alone.
bool nm_song_files_are_words(const char *path);

// Finds before the work what could not be written after it; an exit code, after a message.
int nm_song_files_check(const NmSongFiles *files);

// Writes candidate i to all its files; an exit code, after a message. Warns of what a format has no room for.
int nm_song_files_write(const NmSongFiles *files, int64_t i, const NmSong *song);

#endif
