// SPDX-License-Identifier: GPL-3.0-or-later
// A caller's song from within.
#ifndef NM_HOSTS_LIBRARY_SONG_H
#define NM_HOSTS_LIBRARY_SONG_H

#include "app/hosts/neume.h"
#include "models/song/song.h"

struct NeumeSong {
  NmSong *song; // finished
};

// Takes `song`. NULL, and `err` filled, when `error` says that something went wrong.
NeumeSong *nm_hand_out_song(NmSong *song, NmError *error, NeumeError *err);

#endif
