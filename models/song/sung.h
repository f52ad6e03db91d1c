// SPDX-License-Identifier: GPL-3.0-or-later
// From how a word is spoken to how it is sung: poets' short forms, old endings, diphthongs before r.
#ifndef NM_SONG_SUNG_H
#define NM_SONG_SUNG_H

#include "models/text/pronounce.h"

// The sung reading of `word` (lower-case ASCII letters and apostrophes, as printed), whose spoken one comes
// in `reading`: "fire", "our", "o'er" are one syllable, "wand'ring" two, "beloved" three, and where `grave`
// tells of an accent on a last -ed (as on "blessed" with a grave) that is a syllable of its own.
void nm_sung_read(const char *word, size_t len, bool grave, NmReading *reading);

// Whether the table of sung words has `word`; its reading then.
bool nm_sung_find(const char *word, size_t len, NmReading *reading);

// Syllables of a reading: how many phones say that they begin one.
int32_t nm_sung_count(const NmReading *reading);

// Makes syllables k and k + 1 (from 0) one: the weaker vowel turns into a consonant or falls out, so that one
// vowel is left, unless both are strong.
void nm_sung_merge(NmReading *reading, int32_t k);

// Whether a lower-case word of one syllable is one that verse leaves unstressed: articles, pronouns,
// prepositions, auxiliaries.
bool nm_sung_is_weak(const char *word, size_t len);

#endif
