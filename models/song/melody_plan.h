// SPDX-License-Identifier: GPL-3.0-or-later
// What a melody for given words must keep to: key, range, meter, bars, breaths, how often something may come
// back; and which steps can still be finished within all of it.
//
// Times are ticks of 1/24 beats (NM_SONG_TICKS), pitches those of the network (C major or A minor). Time
// begins at a bar line; with a pick-up the melody begins that much before the next one.
#ifndef NM_SONG_MELODY_PLAN_H
#define NM_SONG_MELODY_PLAN_H

#include "models/song/tokens.h"

typedef struct {
  int32_t meter;     // class; 0: no bars
  int32_t pickup;    // ticks
  bool minor;        // A minor in place of C major
  int16_t low, high; // pitches, at least NM_MELODY_RANGE_LEAST apart
  bool accidentals;  // notes outside the key are allowed
  bool syncopation;  // notes may cross a bar line
  int32_t n_melisma; // notes of a syllable, at most
  int32_t n_same;    // notes of one pitch in a row, at most
  int32_t n_bars;    // times in a row that one bar, or two bars by turns, may come, at most
  int32_t leap;      // semitones, at most
  float stress;      // how much stressed syllables are drawn to strong places, in nats
} NmMelodyOptions;

enum { NM_MELODY_RANGE_LEAST = 9, NM_MELODY_MELISMA_MAX = 16 };

// 4/4, C major, 60 to 74, 4 notes of a syllable, 5 of a pitch, 3 bars, an octave, .4 nats.
NmMelodyOptions nm_melody_defaults(void);

typedef struct {
  int32_t line;
  bool begins_line, begins_word; // a line begins with a word
  bool ends_line, closes;        // closes: the last of the song, or of a line that returns as its last
  int8_t stress;
} NmMelodySyllable;

// Read directly; all in the arena it was made with.
typedef struct {
  NmMelodyOptions options;
  NmMelodySyllable *syllables; // [n_syllables]
  int32_t *line_first;         // [n_lines + 1] syllables
  int32_t *same_as;            // [n_lines] an earlier line whose tune it takes; itself if none
  int32_t n_syllables, n_lines;
  int32_t bar, pulse, n_places; // ticks; bar and pulse 0 and n_places 1 without a meter
  uint8_t *can_begin; // [n_syllables + 1, 2, n_places] syllable s may begin after a note that ended there;
                      // [1]: a short one
  uint8_t *can_end;   // [n_syllables, n_places] its last note may begin there
} NmMelodyPlan;

// Of words as tokens; same_as [lines] (may be NULL). NM_ERR_BAD_ARG for options out of range,
// NM_ERR_BAD_DATA when no melody keeps to them, NM_ERR_NO_MEMORY; with a sentence.
NmStatus nm_melody_plan_init(NmMelodyPlan *plan, const NmMelodyOptions *options, const NmLyricToken *tokens,
                             int32_t n, const int32_t *same_as, NmArena *arena, NmError *err) NM_NODISCARD;

// The place in the bar of a time, 0 without a meter.
int32_t nm_melody_place(const NmMelodyPlan *plan, int64_t time);
// How strong a place is, 0-1; 0 without a meter.
float nm_melody_strength(const NmMelodyPlan *plan, int32_t place);
// Whether a line may end on a note of this length without a rest behind it.
bool nm_melody_is_long(const NmMelodyPlan *plan, int32_t len);

// The parts of a step. `after_short`: the note before is too short to end a line without a rest. `place`: in
// the bar.
bool nm_melody_allows_gap(const NmMelodyPlan *plan, int32_t syllable, bool after_short, int32_t place,
                          int32_t gap);
// A note of a syllable, `last` of it or not.
bool nm_melody_allows_note(const NmMelodyPlan *plan, int32_t syllable, bool last, int32_t place, int32_t len);
bool nm_melody_allows_pitch(const NmMelodyPlan *plan, int32_t pitch);
// 0: not one to close on; 1: of the tonic chord; 2: the tonic.
int nm_melody_rate_closing(const NmMelodyPlan *plan, int32_t pitch);

// Whether a note of these can be followed by the rest of the song.
bool nm_melody_leads_on(const NmMelodyPlan *plan, int32_t syllable, bool last, int32_t place, int32_t len);

#endif
