// SPDX-License-Identifier: GPL-3.0-or-later
// Keys, meters, ranges and styles as people write them.
#ifndef NM_FORMATS_SONG_VALUES_H
#define NM_FORMATS_SONG_VALUES_H

#include <stdbool.h>

#include "models/song/search.h"

// "G", "Bb", "F#", "A minor", "Am", "c major", "C# min", "minor" (no tonic: *fifths stays). mode: NM_MODE_*.
// False for anything else, and for keys of more than seven accidentals.
bool nm_song_parse_key(const char *text, int *fifths, int *mode);

// "3/4" to a class of the network's meters.
bool nm_song_parse_meter(const char *text, int *meter);

// "C4-E5", "60-76", "A3..D5": MIDI keys, low before high.
bool nm_song_parse_range(const char *text, int *low, int *high);

// "hymn"... to NmSongStyle. The names, NULL at the end.
bool nm_song_parse_style(const char *text, int *style);
extern const char *const nm_song_style_names[];

// "sample", "beam"...
bool nm_song_parse_method(const char *text, NmSearchMethod *method);

// "G major", "A minor".
const char *nm_song_key_name(int fifths, bool minor, char name[16]);

#endif
