// SPDX-License-Identifier: GPL-3.0-or-later
// Weights of the song model that have learned nothing.
#ifndef NM_TESTS_SONG_WEIGHTS_H
#define NM_TESTS_SONG_WEIGHTS_H

#include "models/song/model.h"

// A small configuration, and a vocabulary of common words of one syllable and the parts of some longer ones.
NmSongConfig tiny_song_config(void);
extern const char tiny_song_vocabulary[];

// Writes a weights file; fails the test when that cannot be done.
void write_song_weights(const char *path, const NmSongConfig *config, const char *vocabulary, uint64_t seed);

#endif
