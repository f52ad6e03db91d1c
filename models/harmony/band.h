// SPDX-License-Identifier: GPL-3.0-or-later
// The inside of accompaniments: who plays, and what.
#ifndef NM_HARMONY_BAND_H
#define NM_HARMONY_BAND_H

#include "models/harmony/mood.h"

typedef enum {
  NM_FIGURE_BLOCK,      // a chord where it begins and at bar lines
  NM_FIGURE_PAD,        // a chord as long as it lasts
  NM_FIGURE_ARPEGGIO,   // one tone after the other
  NM_FIGURE_STRUM,      // down on the beat, up behind it
  NM_FIGURE_PULSE,      // short chords on all parts of the beat
  NM_FIGURE_AFTERBEAT,  // chords on the beats on which the bass rests
  NM_FIGURE_BASS_LONG,  // the root as long as it lasts
  NM_FIGURE_BASS_TURN,  // root and fifth
  NM_FIGURE_BASS_PULSE, // the root on all parts of the beat
  NM_FIGURE_DRUMS_LIGHT,
  NM_FIGURE_DRUMS_FULL
} NmFigure;

typedef struct {
  const char *name; // of the part; NULL ends a band
  int8_t program;   // General MIDI, from 0
  int8_t channel;
  NmFigure figure, figure_three; // the latter where a bar has three beats
  int8_t center;                 // the key around which it plays
  int8_t velocity;
  float level_db, pan, room_db;
} NmPlayer;

enum { NM_BAND_PLAYERS_MAX = 5 };

// The band of the named mood that lies nearest.
const NmPlayer *nm_band_choose(const NmBandMood *mood);

#endif
