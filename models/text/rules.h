// SPDX-License-Identifier: GPL-3.0-or-later
// Letter-to-sound rules: a pronunciation for any string of letters, when nothing better knows the word.
#ifndef NM_TEXT_RULES_H
#define NM_TEXT_RULES_H

#include "models/text/phones.h"

// Phones of `len` bytes of a lower-case word into `phones` [n_max], stress included; answers how many, which
// is at least 1 when the word has a letter. Rules with a left and a right context, tried in order, after the
// idea of Elovitz et al. 1976, "Letter-to-sound rules for automatic translation of English text to
// phonetics".
int32_t nm_rules_read(const char *word, size_t len, int32_t *phones, int32_t n_max);

#endif
