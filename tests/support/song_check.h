// SPDX-License-Identifier: GPL-3.0-or-later
// What tests ask of songs.
#ifndef NM_TESTS_SUPPORT_SONG_CHECK_H
#define NM_TESTS_SUPPORT_SONG_CHECK_H

#include "models/song/song.h"

// Fails the test unless nm_song_print (song_text.h) prints the song so.
void nm_song_expect(const NmSong *song, const char *expected);

// The song of a file; fails the test when there is none. The caller frees it.
NmSong *nm_song_read_file(const char *path);

#endif
