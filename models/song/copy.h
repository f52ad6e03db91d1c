// SPDX-License-Identifier: GPL-3.0-or-later
// A song twice.
#ifndef NM_SONG_COPY_H
#define NM_SONG_COPY_H

#include "models/song/song.h"

// All of a finished song, the caller's; NULL when memory is out.
NmSong *nm_song_copy(const NmSong *song);

#endif
