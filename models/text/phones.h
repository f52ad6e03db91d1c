// SPDX-License-Identifier: GPL-3.0-or-later
// The phone inventory: a pause and ARPAbet with stress digits on the vowels, as in the CMU dictionary.
#ifndef NM_TEXT_PHONES_H
#define NM_TEXT_PHONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Phone ids are dense: 0 is the pause, 1-24 the consonants, 25-69 the vowels, three stresses (0, 1, 2) side
// by side. They are stored in weights files: never renumber.
enum {
  NM_PHONE_PAUSE = 0,
  NM_N_CONSONANTS = 24,
  NM_N_VOWELS = 15,
  NM_PHONE_VOWEL_FIRST = 25,
  NM_N_PHONES = 70
};

// "AH0", "K", "pau". NULL outside [0, NM_N_PHONES).
const char *nm_phone_name(int32_t phone);

// The id of an ARPAbet name of `len` bytes in either case; a vowel without a digit gets stress
// `stress_default` (0-2). -1 when there is no such phone.
int32_t nm_phone_find(const char *name, size_t len, int stress_default);

static inline bool nm_phone_is_vowel(int32_t phone)
{
  return phone >= NM_PHONE_VOWEL_FIRST && phone < NM_N_PHONES;
}

// 0 none, 1 primary, 2 secondary; -1 for what is not a vowel.
static inline int nm_phone_get_stress(int32_t phone)
{
  return nm_phone_is_vowel(phone) ? (int)((phone - NM_PHONE_VOWEL_FIRST) % 3) : -1;
}

// The same vowel with another stress; consonants and the pause come back unchanged.
static inline int32_t nm_phone_with_stress(int32_t phone, int stress)
{
  return nm_phone_is_vowel(phone) ? phone - nm_phone_get_stress(phone) + stress : phone;
}

// True for stops and affricates, which begin with a closure.
bool nm_phone_is_stop(int32_t phone);

// True for vowels, nasals, liquids, glides, voiced stops and voiced fricatives.
bool nm_phone_is_voiced(int32_t phone);

#endif
