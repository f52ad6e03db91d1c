// SPDX-License-Identifier: GPL-3.0-or-later
// Pronunciations as SSML's <phoneme> writes them, turned into the front end's ARPAbet.
#ifndef NM_FORMATS_PHONEME_VALUES_H
#define NM_FORMATS_PHONEME_VALUES_H

#include <stdbool.h>
#include <stddef.h>

// "HH AH0 L OW1" out of ARPAbet in any case, with or without stress digits (the first vowel is then
// stressed). False when a phone is unknown, when there is none, or when it does not fit `size` bytes.
bool nm_phonemes_from_arpabet(const char *text, char *phones, size_t size);

// The same out of the International Phonetic Alphabet, as used for English; stress marks count for the next
// vowel, length marks and ties are ignored.
bool nm_phonemes_from_ipa(const char *text, char *phones, size_t size);

#endif
