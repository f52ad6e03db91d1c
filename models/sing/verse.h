// SPDX-License-Identifier: GPL-3.0-or-later
// Which lines of a song of several verses are sung in one of them.
#ifndef NM_SING_VERSE_H
#define NM_SING_VERSE_H

#include "models/song/song.h"

// The line of each syllable: line_of [n_syllables].
void nm_verse_find_lines(const NmSong *song, int32_t *line_of);

// A verse's own lines, and those of the first verse that share no note with them (a refrain printed once):
// active [n_lines]. on [n_notes]: 1 where the verse itself has words, 2 where only others do, 0 where none.
void nm_verse_choose(const NmSong *song, int32_t verse, const int32_t *line_of, bool *active, int8_t *on);

// The highest number of a verse, 1 at least; whether there is one of that number.
int32_t nm_verse_count(const NmSong *song);
bool nm_verse_exists(const NmSong *song, int32_t verse);

#endif
