// SPDX-License-Identifier: GPL-3.0-or-later
// The inside of the harmoniser: the chords there are in a key, and what they cost.
#ifndef NM_HARMONY_RULES_H
#define NM_HARMONY_RULES_H

#include "models/harmony/harmony.h"
#include "models/harmony/slots.h"

enum {
  NM_RULES_ROWS_MAX = 32,
  NM_RULES_STAYS = 4, // bars that a chord goes on are counted up to this less one
  NM_RULES_FORBIDDEN = 1000000
};

// Chords of a key, the same number in major and minor (nm_rules_get_n).
int nm_rules_get_n(bool minor);

// Chord `row` of a slot's key, from the slot's beginning to its end.
NmChord nm_rules_get_chord(const NmHarmonySlot *slot, int row);

// What row costs in a slot by itself: how the melody fits, how usual it is, how the line ends.
double nm_rules_get_cost(const NmHarmonyStyle *style, const NmHarmonySlot *slot, int row);

// Whether row is the chord that row_before of the slot before (slot - 1) is.
bool nm_rules_is_same(const NmHarmonySlot *slot, int row_before, int row);

// What it costs that it goes on over this slot's beginning after n_stays bar lines over which it went on
// already, at most NM_RULES_STAYS - 1.
double nm_rules_get_cost_stay(const NmHarmonySlot *slot, int n_stays);

// What it costs that another chord, row, follows row_before of the slot before.
double nm_rules_get_cost_step(const NmHarmonyStyle *style, const NmHarmonySlot *slot, int row_before,
                              int row);

#endif
