// SPDX-License-Identifier: GPL-3.0-or-later
// Given words on given notes: the cheapest way of singing the lines of one song to the notes of another, by
// the lattice of models/align/lattice.h.
//
// What a way costs is a sum of named parts, each a measure of the syllables and notes times a weight of the
// table in fit.c: stress against the beat, line ends against rests and long notes, melismas, elisions, notes
// left unsung. Measures are in beats or fractions, so that tempo and resolution do not matter.
#ifndef NM_SONG_FIT_H
#define NM_SONG_FIT_H

#include "models/song/song.h"

typedef enum {
  NM_FIT_STRESS_OFF_BEAT, // a stressed syllable begins on a weak place of the bar
  NM_FIT_WEAK_ON_BEAT,    // an unstressed one on a strong place
  NM_FIT_WEAK_LONG,       // an unstressed one inside a line is long
  NM_FIT_LINE_END,        // a line ends on a short note without a rest behind it
  NM_FIT_BREAK_IN_LINE,   // a rest behind a syllable inside a line
  NM_FIT_BREAK_IN_WORD,   // a rest inside a word, added to the one above
  NM_FIT_LONG_IN_LINE,    // a long note inside a line
  NM_FIT_MELISMA,         // every further note of a syllable
  NM_FIT_MELISMA_WEAK,    // the same, of an unstressed syllable
  NM_FIT_MELISMA_REPEAT,  // a further note of the same pitch
  NM_FIT_MELISMA_REST,    // a rest inside a melisma
  NM_FIT_MELISMA_LEAP,    // semitones beyond a whole tone inside a melisma, in octaves
  NM_FIT_MELISMA_SLOW,    // beats of the shorter one of two notes of a melisma
  NM_FIT_MELISMA_UNLIKE,  // octaves between the lengths of two notes of a melisma
  NM_FIT_MELISMA_ON_BEAT, // a further note on a strong place
  NM_FIT_MELISMA_AHEAD,   // a further note on a place no weaker than that of the note before it
  NM_FIT_MELISMA_UP,      // a further note above the one before it
  NM_FIT_MELISMA_END,     // every further note of a line's last syllable
  NM_FIT_UNEVEN,          // octaves that a syllable inside a line is longer or shorter than usual
  NM_FIT_ELISION,         // every further syllable of a note
  NM_FIT_ELISION_WORDS,   // the same, where two words meet
  NM_FIT_UNSUNG,          // a note of a phrase left unsung, which is possible between lines
  NM_N_FIT_PARTS
} NmFitPart;

// "stress_off_beat"..., as in --json.
const char *nm_fit_part_name(NmFitPart part);

typedef struct {
  double weights[NM_N_FIT_PARTS];
  int32_t max_notes, max_syllables; // of one syllable, on one note
  bool all_sung;                    // no note may be left unsung
  int32_t n_best;                   // how many ways, at least 1
} NmFitConfig;

// The weights learned from hymns and art songs; 16 notes, 4 syllables, one way.
NmFitConfig nm_fit_defaults(void);

// What is to be brought together: syllables [syllable_first, + n_syllables) of `lyrics` (whole lines as a
// rule) and notes [note_first, + n_notes) of `melody`; both finished songs, which may be the same one.
typedef struct {
  const NmSong *lyrics, *melody;
  int32_t syllable_first, n_syllables, note_first, n_notes;
} NmFitPair;

// All of both songs.
NmFitPair nm_fit_pair_all(const NmSong *lyrics, const NmSong *melody);

// Ways of singing, the cheapest first. note_first is an index into the melody's notes.
typedef struct {
  int32_t n, n_syllables;
  int32_t *note_first, *n_notes; // [n, n_syllables]; elided syllables share their note
  double *costs;                 // [n]
} NmFitWays;

// NM_ERR_BAD_DATA with a sentence when the words cannot be sung to the notes (far too many for the other, or
// too long to be weighed at once), NM_ERR_NO_MEMORY. The caller ends the ways with nm_fit_ways_fini.
NmStatus nm_fit_run(const NmFitPair *pair, const NmFitConfig *config, NmFitWays *ways,
                    NmError *err) NM_NODISCARD;
void nm_fit_ways_fini(NmFitWays *ways);

// The parts [NM_N_FIT_PARTS] of a way, each times its weight; their sum is its cost. note_first, n_notes
// [pair->n_syllables] as in NmFitWays. `per_line` (may be NULL) [lyrics->n_lines] gets each line's share,
// notes left unsung before a line counting as its own. NM_ERR_NO_MEMORY.
NmStatus nm_fit_measure(const NmFitPair *pair, const NmFitConfig *config, const int32_t *note_first,
                        const int32_t *n_notes, double *parts, double *per_line, NmError *err) NM_NODISCARD;

#endif
