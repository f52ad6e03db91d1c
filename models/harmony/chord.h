// SPDX-License-Identifier: GPL-3.0-or-later
// Chords: their tones, and their names as lead sheets print them.
#ifndef NM_HARMONY_CHORD_H
#define NM_HARMONY_CHORD_H

#include <stdbool.h>

#include "models/song/song.h"

typedef enum {
  NM_CHORD_MAJOR,
  NM_CHORD_MINOR,
  NM_CHORD_DIMINISHED,
  NM_CHORD_DOMINANT, // major with a minor seventh
  NM_CHORD_MAJOR_SEVENTH,
  NM_CHORD_MINOR_SEVENTH,
  NM_CHORD_HALF_DIMINISHED,
  NM_CHORD_DIMINISHED_SEVENTH,
  NM_CHORD_N_QUALITIES
} NmChordQuality;

enum { NM_CHORD_TONES_MAX = 4, NM_CHORD_NAME_LEN = 16 };

// A chord in a song, and the key in which it is heard, which spells it.
typedef struct {
  int64_t tick, len; // of the song; len > 0
  int8_t root, bass; // pitch classes, 0 is C; the bass is one of the tones
  int8_t quality;    // NmChordQuality
  int8_t fifths;     // of the key, -7 ... 7
  bool minor;
} NmChord;

// Semitones above the root, ascending from 0; returns how many.
int nm_chord_get_intervals(int quality, int8_t intervals[NM_CHORD_TONES_MAX]);

// The pitch classes of a chord as bits: 1 << pitch class.
unsigned nm_chord_get_tones(const NmChord *chord);

// Same root, quality and bass.
bool nm_chord_equal(const NmChord *a, const NmChord *b);

// How root and bass are written: a letter 'A'-'G' and semitones to add, -2 ... 2. The root is spelled as it
// stands in the key (the raised notes of minor as sharps), the bass as the tone of the chord that it is.
void nm_chord_spell_root(const NmChord *chord, char *letter, int *alter);
void nm_chord_spell_bass(const NmChord *chord, char *letter, int *alter);

// "C", "F#m7", "G7/B", "Bbmaj7", "Bdim", "Bm7b5", "Bdim7". Returns name.
const char *nm_chord_get_name(const NmChord *chord, char name[NM_CHORD_NAME_LEN]);

// Root, bass and quality of such a name, also with "-" or "min" for m, "M7" for maj7, "o" for dim, "ø" for
// m7b5. False, and nothing changed, for others, and where the bass is no tone of the chord.
bool nm_chord_parse(const char *name, NmChord *chord);

#endif
