// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/speech/hold.h"

#include <string.h>

#include "models/text/phones.h"

// Frames of speech at its slowest: beyond them the model would have to guess.
#define SOFT 5.0f // frames of a vowel's soft beginning

enum { VOWEL_MAX = 24, CONSONANT_MAX = 14, PAUSE_MAX = 24 };

int32_t nm_hold_get_n_made(int32_t phone, int32_t n_frames)
{
  const int32_t most = phone == NM_PHONE_PAUSE    ? PAUSE_MAX
                       : nm_phone_is_vowel(phone) ? VOWEL_MAX
                                                  : CONSONANT_MAX;
  return n_frames < most ? n_frames : most;
}

static bool is_diphthong(int32_t phone)
{
  const char *name = nm_phone_name(phone);
  static const char *const names[] = {"AY", "AW", "OY", "EY", "OW"};
  for (int i = 0; i < 5; ++i)
    if (!strncmp(name, names[i], 2)) return true;
  return false;
}

// The made frames between `first` and `last` share what the others leave.
static void find_held(int32_t phone, int32_t n_made, float *first, float *last)
{
  const float end = (float)(n_made - 1);
  const bool glides = is_diphthong(phone);
  *first = end * (glides ? .2f : .3f);
  *last = end * (glides ? .4f : .65f);
}

void nm_hold_find_places(int32_t phone, int32_t n_made, int32_t n_frames, float *places)
{
  float first, last;
  find_held(phone, n_made, &first, &last);
  const float n_after = (float)(n_made - 1) - last;           // frames that end it
  const float held = (float)(n_frames - 1) - first - n_after; // and that are held
  for (int32_t i = 0; i < n_frames; ++i) {
    const float at = (float)i;
    if (n_made == n_frames || at <= first)
      places[i] = at;
    else if (at >= first + held)
      places[i] = (float)(n_made - 1) - ((float)(n_frames - 1) - at);
    else
      places[i] = first + (at - first) * (last - first) / held;
  }
}

void nm_hold_begin_firmly(int32_t n_made, int32_t n_frames, float *places)
{
  const float most = .4f * (float)(n_made - 1), first = most < SOFT ? most : SOFT;
  for (int32_t i = 0; i < n_frames && places[i] < first; ++i) places[i] = first;
}

void nm_hold_read(const float *rows, int32_t n, int32_t width, float x, float *row)
{
  const int32_t i = x < 0 ? 0 : x < (float)(n - 1) ? (int32_t)x : n - 1, next = i + 1 < n ? i + 1 : i;
  const float share = x - (float)i;
  const float *a = rows + (int64_t)i * width, *b = rows + (int64_t)next * width;
  for (int32_t k = 0; k < width; ++k) row[k] = next == i ? a[k] : a[k] + share * (b[k] - a[k]);
}

// Sounds that carry the melody.
static bool is_carrier(int32_t phone)
{
  static const char *const names[] = {"M", "N", "NG", "L", "R", "W", "Y"};
  const char *name = nm_phone_name(phone);
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    if (!strcmp(name, names[i])) return true;
  return nm_phone_is_vowel(phone);
}

enum { EDGE = 3 }; // frames of a carrier that the voiceless sound beside it may take

void nm_hold_carry_voicing(float *voicing, int32_t phone, int32_t n, bool after_pause)
{
  int32_t first = 0, last = n;
  if (!is_carrier(phone)) return;
  while (!after_pause && first < EDGE && first < n / 3 && voicing[first] <= 0) ++first;
  while (n - last < EDGE && n - last < n / 3 && voicing[last - 1] <= 0) --last;
  for (int32_t i = first; i < last; ++i) voicing[i] = 1;
}
