// SPDX-License-Identifier: GPL-3.0-or-later
// A song as text that people and diff can read.
#ifndef NM_TESTS_SUPPORT_SONG_TEXT_H
#define NM_TESTS_SUPPORT_SONG_TEXT_H

#include <stdio.h>

#include "models/song/song.h"

// Keys, meters and tempos, "key 2 major at 0"; the lines of the lyrics, "line VERSE.STANZA: words"; and a
// line a note: bar, onset and length in quarter notes, pitch, and behind "|" its syllables, "verse:text",
// with "-" where the word goes on and "_" where a syllable is held.
void nm_song_print(FILE *file, const NmSong *song);

#endif
