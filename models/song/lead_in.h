// SPDX-License-Identifier: GPL-3.0-or-later
// Bars before a song: everything in it moves, so that whatever is made of the song afterwards (sound, MIDI,
// lyrics with times) moves alike.
#ifndef NM_SONG_LEAD_IN_H
#define NM_SONG_LEAD_IN_H

#include "models/song/song.h"

// Puts n_bars bars of the first meter before a finished song, in place; a pick-up becomes the end of the last
// of them. One bar more when the pick-up would leave less than half a bar before it. Tempo, key and meter
// from the beginning hold there too. Returns the ticks by which the notes moved, 0 for n_bars < 1.
int64_t nm_song_add_lead_in(NmSong *song, int n_bars);

#endif
