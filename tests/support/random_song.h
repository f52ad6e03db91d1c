// SPDX-License-Identifier: GPL-3.0-or-later
// Songs of every shape for round trips.
#ifndef NM_TESTS_SUPPORT_RANDOM_SONG_H
#define NM_TESTS_SUPPORT_RANDOM_SONG_H

#include "dsp/base/rng.h"
#include "models/song/song.h"

// What the songs may have; zero: a melody of straight notes under one line a phrase, a note a syllable.
typedef struct {
  int n_notes_max; // 0: 40
  int n_verses;    // 0: 1
  bool melismas;   // syllables of several notes
  bool elisions;   // two words on one note
  bool unsung;     // notes without a syllable, syllables held over a rest, songs without lyrics
  bool tuplets;    // thirds and fifths of a beat
  bool pickups;
  bool maps;  // several keys, meters and tempos
  bool texts; // syllables with accents, quotes, hyphens and dashes of their own
} NmRandomSong;

// A finished song; NULL when memory is out.
NmSong *nm_random_song(NmRng *rng, const NmRandomSong *shape);

#endif
