// SPDX-License-Identifier: GPL-3.0-or-later
// What a request leaves open, from the words and the seed: meter and pick-up from how stresses follow each
// other, key and range so that the melody lies well, mode and tempo by chance (of seed and words).
#ifndef NM_SONG_COMPOSE_CHOOSE_H
#define NM_SONG_COMPOSE_CHOOSE_H

#include "models/song/compose.h"

typedef struct {
  int meter, pickup; // class, ticks
  int fifths;
  bool minor;
  int low, high; // MIDI keys
  int transpose; // semitones from the network's C major or A minor to the song
  double bpm;
} NmComposeChoice;

// NM_ERR_BAD_ARG and a sentence for a request that cannot be met.
NmStatus nm_compose_choose(const NmComposeRequest *request, const NmLyricToken *tokens, int32_t n,
                           NmComposeChoice *choice, NmError *err) NM_NODISCARD;

// The share of feet with two weak syllables among those with one or two: how much the words go in threes.
double nm_compose_find_threes(const NmLyricToken *tokens, int32_t n);

#endif
