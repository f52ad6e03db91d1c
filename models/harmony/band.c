// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/band.h"

#include <math.h>

#include "models/harmony/performance.h"

enum {
  PIANO = 0,
  ORGAN = 19,
  GUITAR_NYLON = 24,
  GUITAR_STEEL = 25,
  GUITAR_CLEAN = 27,
  BASS_ACOUSTIC = 32,
  BASS_FINGER = 33,
  BASS_PICK = 34,
  CELLO = 42,
  CONTRABASS = 43,
  STRINGS = 48,
  STRINGS_SLOW = 49,
  CHOIR = 52,
  PAD_WARM = 89,
  DRUMS = NM_PERFORMANCE_DRUMS
};

// In the order of nm_mood_names.
static const NmPlayer bands[][NM_BAND_PLAYERS_MAX] = {
    {{"guitar", GUITAR_NYLON, 1, NM_FIGURE_ARPEGGIO, NM_FIGURE_ARPEGGIO, 58, 70, 0, -.3f, -12},
     {"bass", BASS_ACOUSTIC, 2, NM_FIGURE_BASS_LONG, NM_FIGURE_BASS_LONG, 38, 70, 0, 0, -20},
     {"pad", STRINGS_SLOW, 3, NM_FIGURE_PAD, NM_FIGURE_PAD, 62, 55, -6, .25f, -8}},
    {{"guitar", GUITAR_STEEL, 1, NM_FIGURE_STRUM, NM_FIGURE_AFTERBEAT, 57, 74, 0, -.3f, -14},
     {"bass", BASS_FINGER, 2, NM_FIGURE_BASS_TURN, NM_FIGURE_BASS_TURN, 38, 78, 0, 0, -22},
     {"pad", STRINGS, 3, NM_FIGURE_PAD, NM_FIGURE_PAD, 62, 50, -8, .3f, -9},
     {"drums", 0, DRUMS, NM_FIGURE_DRUMS_LIGHT, NM_FIGURE_DRUMS_LIGHT, 0, 68, -2, 0, -15}},
    {{"piano", PIANO, 1, NM_FIGURE_ARPEGGIO, NM_FIGURE_ARPEGGIO, 55, 66, 0, -.2f, -11},
     {"bass", CONTRABASS, 2, NM_FIGURE_BASS_LONG, NM_FIGURE_BASS_LONG, 36, 66, -1, .1f, -14},
     {"pad", STRINGS, 3, NM_FIGURE_PAD, NM_FIGURE_PAD, 58, 60, -4, .25f, -8},
     {"drums", 0, DRUMS, NM_FIGURE_DRUMS_LIGHT, NM_FIGURE_DRUMS_LIGHT, 0, 50, -5, 0, -12}},
    {{"guitar", GUITAR_CLEAN, 1, NM_FIGURE_PULSE, NM_FIGURE_PULSE, 57, 76, 0, -.35f, -18},
     {"piano", PIANO, 3, NM_FIGURE_BLOCK, NM_FIGURE_BLOCK, 62, 74, -2, .35f, -14},
     {"bass", BASS_PICK, 2, NM_FIGURE_BASS_PULSE, NM_FIGURE_BASS_PULSE, 38, 84, 0, 0, -24},
     {"drums", 0, DRUMS, NM_FIGURE_DRUMS_FULL, NM_FIGURE_DRUMS_FULL, 0, 88, 0, 0, -16}},
    {{"piano", PIANO, 1, NM_FIGURE_ARPEGGIO, NM_FIGURE_ARPEGGIO, 58, 58, 0, -.2f, -10},
     {"bass", CELLO, 2, NM_FIGURE_BASS_LONG, NM_FIGURE_BASS_LONG, 43, 58, -2, .2f, -10},
     {"pad", STRINGS_SLOW, 3, NM_FIGURE_PAD, NM_FIGURE_PAD, 62, 52, -5, .1f, -7}},
    {{"organ", ORGAN, 1, NM_FIGURE_BLOCK, NM_FIGURE_BLOCK, 60, 70, -3, 0, -8},
     {"bass", CONTRABASS, 2, NM_FIGURE_BASS_LONG, NM_FIGURE_BASS_LONG, 38, 70, 0, 0, -12},
     {"pad", CHOIR, 3, NM_FIGURE_PAD, NM_FIGURE_PAD, 60, 55, -6, .2f, -7}},
};

const NmPlayer *nm_band_choose(const NmBandMood *mood)
{
  const NmPlayer *best = bands[0];
  double least = INFINITY;
  for (int i = 0; nm_mood_names[i]; ++i) {
    NmBandMood named;
    if (!nm_mood_parse(nm_mood_names[i], &named)) continue;
    const double distance = hypot(named.valence - mood->valence, named.arousal - mood->arousal);
    if (!(distance < least)) continue;
    least = distance;
    best = bands[i];
  }
  return best;
}
