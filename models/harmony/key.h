// SPDX-License-Identifier: GPL-3.0-or-later
// The key of a melody.
#ifndef NM_HARMONY_KEY_H
#define NM_HARMONY_KEY_H

#include "models/song/song.h"

// The key whose profile correlates best with the durations of the song's pitch classes (Krumhansl and Kessler
// 1982; Krumhansl 1990, "Cognitive Foundations of Musical Pitch", chapter 4), the last note counting as a
// likely tonic. C major for a song without notes. Any thread; never allocates.
NmSongKey nm_key_estimate(const NmSong *song);

// Whether one key holds throughout, into *key: the estimate where the song has none, and where it has one
// alone that leaves many of the notes outside its scale and the estimate does not (files often say C major of
// everything), or that is the relative major of a melody in minor; else the song's own when it is one. False
// when the key changes: then the song's map says when.
bool nm_key_find(const NmSong *song, NmSongKey *key);

// The pitch class of the tonic.
int nm_key_get_tonic(const NmSongKey *key);

#endif
