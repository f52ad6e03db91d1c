// SPDX-License-Identifier: GPL-3.0-or-later
// Some lines of a song as a song of their own.
#ifndef NM_SONG_CUT_H
#define NM_SONG_CUT_H

#include "models/song/song.h"

// Lines [line_first, + n_lines) of a finished song and the notes they are sung on, finished, the caller's:
// all of verse 1; the first note begins at tick 0, with the pick-up, key, meter and tempo it has there. Texts
// and chords do not come along. NULL and `err` (may be NULL) when there are no such lines or memory is out.
NmSong *nm_song_cut(const NmSong *song, int32_t line_first, int32_t n_lines, NmError *err);

#endif
