// SPDX-License-Identifier: GPL-3.0-or-later
// What every song format promises: what it reads it writes, and reads again as the same song.
#ifndef NM_TESTS_SUPPORT_SONG_ROUND_TRIP_H
#define NM_TESTS_SUPPORT_SONG_ROUND_TRIP_H

#include "app/formats/song_file.h"

// Any bytes through `read`, repeats as written and played out; aborts with a message when an error has no
// words, and, when there is a song, when `write` fails other than by NM_ERR_UNSUPPORTED or what it wrote is
// read as another song.
void nm_check_song_bytes(NmSongRead read, NmSongWrite write, const uint8_t *bytes, size_t n);

// The same for every file of a folder of tests/, such as the seeds and found crashers of a fuzzer; answers
// how many there were.
int nm_check_song_folder(NmSongRead read, NmSongWrite write, const char *folder);

// The same for a song: false when `write` says that the format has no room for it.
bool nm_check_song_round_trip(NmSongRead read, NmSongWrite write, const NmSong *song);

#endif
