// SPDX-License-Identifier: GPL-3.0-or-later
// The ABC reader's inside: what holds while a tune is read.
#ifndef NM_FORMATS_ABC_READER_H
#define NM_FORMATS_ABC_READER_H

#include "app/formats/score.h"

// value / unit, unit > 0.
typedef struct {
  int64_t value, unit;
} NmAbcFraction;

typedef struct {
  int fifths;
  bool minor, is_given;   // false: K:none
  int8_t alters[7];       // [C D E F G A B] semitones of the signature
  int octaves, transpose; // that notes sound higher than written; semitones likewise
} NmAbcKey;

typedef struct {
  int n_beats, beat_unit; // n_beats 0: none
} NmAbcMeter;

enum { NM_ABC_NO_PLACE = INT32_MIN };

// A voice, which is the score's part of the same index.
typedef struct {
  bool has_begun;
  NmAbcKey key;
  NmAbcMeter meter;
  NmAbcFraction unit; // L: in whole notes
  int8_t alters[7];   // in force in the bar
  bool is_altered[7]; // by an accidental in the bar
  int tied_place;     // letter + 7 * octave of the note that a tie was behind; or NM_ABC_NO_PLACE
  int tied_pitch;
  NmAbcFraction tuplet; // what notes are multiplied by
  int n_tuplet;         // for so many notes more
  NmAbcFraction broken; // what the next note is multiplied by
  uint32_t endings;
  bool repeats_from;                         // the next bar begins a repeat
  int32_t line_first;                        // the first note of the line of music at hand
  bool line_goes_on;                         // it ended with a backslash
  int n_words;                               // w: lines under it so far
  bool word_is_open[NM_SONG_VERSES_MAX + 1]; // [verse] its last syllable ended with a hyphen
} NmAbcVoice;

typedef struct {
  NmScore *score;
  NmAbcVoice *voices; // [NM_SCORE_PARTS_MAX]
  int32_t voice;      // at hand, -1: none yet
  NmAbcKey key;       // of the header
  NmAbcMeter meter;
  NmAbcFraction unit;
  bool has_unit, in_body, is_ours;
  double bpm; // of the header, 0: none
  NmAbcFraction pickup;
  bool has_pickup;
  int32_t n_chords, n_graces, n_overlays, n_unknown, n_excess;
  bool has_parts, has_words_after;
  const char *name;
  NmSongNotes *notes;
  NmError *err;
  NmStatus status; // why reading was stopped
  int line;
} NmAbcReader;

// Stops with an error at the line at hand; the first one counts.
void nm_abc_stop(NmAbcReader *reader, NmStatus status, const char *fmt, ...) NM_PRINTF(3, 4);

// The voice at hand, begun: its part has the header's key, meter and tempo. NULL after an error.
NmAbcVoice *nm_abc_begin_voice(NmAbcReader *reader);

// Digits at *at, at most nine of them count; `otherwise` when there are none.
int64_t nm_abc_read_number(const char **at, int64_t otherwise);

// A field of the tune's header, which holds for all its voices; the first K: ends the header. A line that
// begins with "%": comments of ours mean something.
void nm_abc_read_header_field(NmAbcReader *reader, char field, const char *text);
void nm_abc_read_comment(NmAbcReader *reader, const char *text);

// A line of music, or a field [X:...] inside one.
void nm_abc_read_music(NmAbcReader *reader, const char *text);
void nm_abc_read_field(NmAbcReader *reader, char field, const char *text);

// The text of a w: line under the last line of music.
void nm_abc_read_words(NmAbcReader *reader, const char *text);

// Decodes the escapes of a text into `to`, which has room for `len` bytes; answers how many it took.
size_t nm_abc_decode(const char *text, size_t len, char *to);

#endif
