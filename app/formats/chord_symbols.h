// SPDX-License-Identifier: GPL-3.0-or-later
// Chords over the notes of notation.
#ifndef NM_FORMATS_CHORD_SYMBOLS_H
#define NM_FORMATS_CHORD_SYMBOLS_H

#include <stdio.h>

#include "models/harmony/harmony.h"

// Where a writer stands among the chords; zero-initialise but for the harmony, which may be NULL: no chords.
typedef struct {
  const NmHarmony *harmony;
  int32_t next; // the first that is not written
} NmChordSymbols;

// MusicXML's <harmony> elements of the chords that begin in [tick, end), each `ticks` ticks of the song a
// division.
void nm_chord_symbols_put_xml(NmChordSymbols *symbols, int64_t tick, int64_t end, int64_t ticks, FILE *file);

// ABC's "G7" of the chord that sounds at a tick, if it is not written yet.
void nm_chord_symbols_put_abc(NmChordSymbols *symbols, int64_t tick, FILE *file);

#endif
