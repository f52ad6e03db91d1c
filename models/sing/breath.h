// SPDX-License-Identifier: GPL-3.0-or-later
// The sound of breathing in before a phrase: noise through the shape of an open throat.
#ifndef NM_SING_BREATH_H
#define NM_SING_BREATH_H

#include <stdint.h>

// Adds a breath to samples [n], over just before their end. The same seed and n: the same breath.
void nm_sung_breath_add(uint64_t seed, float level_db, float *samples, int64_t n);

#endif
