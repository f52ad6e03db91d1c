// SPDX-License-Identifier: GPL-3.0-or-later
// Printed syllables: where a word is divided so that it falls into as many pieces as it has phonetic
// syllables. The division is libhyphen's (Liang 1983, patterns for American English) wherever that lies
// between the letters of the two vowels; elsewhere the phones and the usual rules of printers decide.
#ifndef NM_TEXT_DIVIDE_H
#define NM_TEXT_DIVIDE_H

#include "dsp/base/status.h"
#include "models/text/text.h"

typedef struct NmDivider NmDivider;

// Reads the patterns; NULL and `err` when the file is missing or not of libhyphen's form. `path` NULL: no
// patterns, the rules alone. `text` (borrowed, may be NULL) knows the words that others are made of
// ("might-y", "with-in"). One object per thread.
NmDivider *nm_divider_new(const char *path, const NmText *text, NmError *err);
void nm_divider_free(NmDivider *divider);

// Divides `letters` [n_letters] (a-z) into `n` pieces, n_letters >= n >= 1, none empty. phones [n_phones],
// starts [n_phones] says which phones begin a syllable: n of them. cuts [n - 1] are the letters that begin
// the second piece and those after it, ascending. Never fails; never allocates for words of common length.
void nm_divider_run(NmDivider *divider, const char *letters, int32_t n_letters, const int32_t *phones,
                    const bool *starts, int32_t n_phones, int32_t n, int32_t *cuts);

#endif
