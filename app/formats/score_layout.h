// SPDX-License-Identifier: GPL-3.0-or-later
// A melody as it is engraved: bars, and in them notes and rests cut into pieces that one note value each can
// show. Writers of notation take this: ties over bar lines, dots, tuplets, rests that fill the bars.
#ifndef NM_FORMATS_SCORE_LAYOUT_H
#define NM_FORMATS_SCORE_LAYOUT_H

#include "models/song/song.h"

enum {
  NM_LAYOUT_BARS_MAX = 1 << 14,
  NM_LAYOUT_NO_VALUE = 127, // no note value is that long or short: the duration alone says it
  NM_LAYOUT_TUPLET_MAX = 63
};

// A note, a rest or a part of one.
typedef struct {
  int64_t onset, len; // ticks of the song
  int32_t note;       // -1: a rest
  int8_t value;       // 2^value whole notes as written: -2 is a quarter note; or NM_LAYOUT_NO_VALUE
  int8_t n_dots;
  int16_t n_actual, n_normal; // n_actual written values last as long as n_normal; 1, 1: no tuplet
  int8_t value_tuplet;        // of those values; or NM_LAYOUT_NO_VALUE
  bool ties_back, ties_on;    // to the piece before and after
  bool starts_tuplet, stops_tuplet;
  bool fills_bar; // a rest as long as its bar
} NmLayoutPiece;

typedef struct {
  int64_t tick, len;
  int32_t piece_first, n_pieces;
  bool is_pickup;
} NmLayoutBar;

typedef struct {
  NmLayoutBar *bars;     // [n_bars]
  NmLayoutPiece *pieces; // [n_pieces]
  int32_t n_bars, n_pieces, room_bars, room_pieces;
} NmLayout;

// Lays out a finished song. Bars follow its meters, from the pick-up on, and reach past the last note and the
// last entry of every map; pieces are cut at changes of key and meter and, if `cuts_tempos`, of tempo.
// NM_ERR_UNSUPPORTED for more than NM_LAYOUT_BARS_MAX bars, NM_ERR_NO_MEMORY. Freed by nm_layout_fini in any
// case.
NmStatus nm_layout_init(NmLayout *layout, const NmSong *song, bool cuts_tempos, NmError *err) NM_NODISCARD;
void nm_layout_fini(NmLayout *layout);

// The largest number of ticks that divides every time of the song and a beat, and leaves bars whole.
int64_t nm_layout_get_common_ticks(const NmSong *song);

// How a pitch is spelled in a key: letter 'A'-'G', alter in semitones, and the octave, 4 from middle C on.
void nm_layout_spell(int pitch, const NmSongKey *key, char *letter, int *alter, int *octave);

#endif
