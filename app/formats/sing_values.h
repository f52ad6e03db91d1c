// SPDX-License-Identifier: GPL-3.0-or-later
// Ways of singing as people write them.
#ifndef NM_FORMATS_SING_VALUES_H
#define NM_FORMATS_SING_VALUES_H

#include "models/sing/sing.h"

// "speech", "recitative", "song", or a number from 0 to 1.
bool nm_sing_parse_as(const char *text, double *as);

// What notes without words are sung on: "la", "ah", "oo", "hum", "none".
bool nm_sing_parse_vowel(const char *text, NmSingFiller *filler);

// "auto", or semitones from -48 to 48.
bool nm_sing_parse_transpose(const char *text, int32_t *transpose);

#endif
