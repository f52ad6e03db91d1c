// SPDX-License-Identifier: GPL-3.0-or-later
// Chords for a melody: of all chord sequences that a table of functional harmony allows, the one of least
// cost, by dynamic programming.
//
// The cost of a sequence is a sum over places where a chord may change (a bar has one to three, by its
// meter). At each: how the notes above fit (a note that is no tone of the chord costs by its length and the
// weight of its beat, more when it rubs a semitone against one, less when it passes by step), and how usual
// the chord is in the key. Between neighbours: how usual the succession is (dominants lead to tonics,
// secondary dominants to their target), what a change inside of a bar costs, that a chord goes on for bars,
// and the cadence where a line of the lyrics ends (tonic or dominant; at the end of the song the tonic).
// Empty bars before the first note are a lead-in: tonic to dominant. A pick-up has no chord.
#ifndef NM_HARMONY_HARMONY_H
#define NM_HARMONY_HARMONY_H

#include "models/harmony/chord.h"

enum { NM_HARMONY_BARS_MAX = 1 << 14 };

typedef struct {
  double sevenths; // 0: triads and dominant sevenths alone; 1: sevenths as gladly as triads
  double movement; // how gladly chords change inside of bars: 0 seldom, 1 as in hymns
  bool secondary;  // dominants of other degrees than the tonic
  bool inversions; // other tones than the root in the bass
} NmHarmonyStyle;

// 0.15, 0.5, secondary dominants, inversions.
NmHarmonyStyle nm_harmony_style_defaults(void);

// Neighbours differ. From the first full bar to the end of the last note's bar without a gap.
typedef struct {
  NmChord *chords;  // [n_chords]
  int32_t n_chords; // 0: the song has no notes
  double cost;      // of the sequence
} NmHarmony;

// Chords for a finished song; `style` NULL: the defaults. NULL and `err`: NM_ERR_UNSUPPORTED for more than
// NM_HARMONY_BARS_MAX bars, NM_ERR_NO_MEMORY. Same song and style: same chords. Any thread.
NmHarmony *nm_harmony_new(const NmSong *song, const NmHarmonyStyle *style, NmError *err);
void nm_harmony_free(NmHarmony *harmony);

// From a tick on, until the next wish: that chord, or (NULL) what was found for the melody.
typedef struct {
  int64_t tick;
  const char *name; // as nm_chord_parse reads it
} NmChordWish;

// Puts wished chords in place of those that were found, where the song has chords at all. `wishes` are by
// tick; those whose names are no chords count as NULL. NM_ERR_NO_MEMORY, and nothing changed.
NmStatus nm_harmony_wish(NmHarmony *harmony, const NmSong *song, const NmChordWish *wishes,
                         int32_t n) NM_NODISCARD;

// The chord that sounds at a tick; NULL before the first and behind the last.
const NmChord *nm_harmony_get_chord(const NmHarmony *harmony, int64_t tick);

#endif
