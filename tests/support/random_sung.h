// SPDX-License-Identifier: GPL-3.0-or-later
// Random songs of the kind that notation can hold: every syllable sung, in the order of the text.
#ifndef NM_TESTS_SUPPORT_RANDOM_SUNG_H
#define NM_TESTS_SUPPORT_RANDOM_SUNG_H

#include "models/song/song.h"

// A finished song; the same for the same seed. Any resolution, pick-ups, changes of key, meter and tempo at
// any place, rests, melismas, elisions, up to three verses. The caller frees it.
NmSong *nm_random_sung(uint64_t seed);

#endif
