// SPDX-License-Identifier: GPL-3.0-or-later
// The inside of the harmoniser: places where a chord may change, and what the melody says there.
#ifndef NM_HARMONY_SLOTS_H
#define NM_HARMONY_SLOTS_H

#include "models/harmony/grid.h"

typedef enum {
  NM_CLOSE_NONE,
  NM_CLOSE_LINE, // a line's last note begins here
  NM_CLOSE_SONG, // the song's last note begins here, or sounds on
  NM_CLOSE_LEAD, // the last place of a lead-in
  NM_CLOSE_OPEN  // the first place of all
} NmHarmonyClose;

typedef struct {
  int64_t tick, len, len_beat;
  NmSongKey key;
  NmBeatWeight beat;
  NmHarmonyClose close;
  float weights[12]; // of the pitch classes that sound here: beats, by where they stand and how they move
} NmHarmonySlot;

typedef struct {
  NmHarmonySlot *slots; // [n_slots]
  int32_t n_slots;
} NmHarmonySlots;

// Of a finished song. Errors as nm_grid_init. Freed by nm_harmony_slots_fini in any case.
NmStatus nm_harmony_slots_init(NmHarmonySlots *slots, const NmSong *song, NmError *err) NM_NODISCARD;
void nm_harmony_slots_fini(NmHarmonySlots *slots);

#endif
