// SPDX-License-Identifier: GPL-3.0-or-later
// The mood of an accompaniment: a point in the plane of valence and arousal, by name, by numbers, or as a
// song's tempo and mode suggest.
#ifndef NM_HARMONY_MOOD_H
#define NM_HARMONY_MOOD_H

#include "models/song/song.h"

typedef struct {
  double valence, arousal; // -1 ... 1
} NmBandMood;

// Names that nm_mood_parse knows, NULL at the end: calm bright dark driving sad solemn.
extern const char *const nm_mood_names[];

// A name, or two numbers from -1 to 1: "0.4,-0.2". False for anything else.
bool nm_mood_parse(const char *text, NmBandMood *mood);

// From the tempo, the density of notes and the mode at the beginning of the song.
NmBandMood nm_mood_of_song(const NmSong *song);

#endif
