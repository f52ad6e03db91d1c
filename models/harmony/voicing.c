// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/harmony/voicing.h"

#include <math.h>
#include <stdlib.h>

static const double cost_height = .5; // a semitone that the middle of a chord is off, in semitones of a voice

int nm_voicing_nearest(int pitch_class, int center)
{
  const int key = center - 6 + ((pitch_class - center + 6) % 12 + 12) % 12;
  return key < 0 ? key + 12 : key > 127 ? key - 12 : key;
}

// The inversion whose lowest tone is `first`, lying at the key nearest to `low`.
static NmVoicing stack(const NmChord *chord, int first, int low)
{
  int8_t intervals[NM_CHORD_TONES_MAX];
  NmVoicing voicing = {.n = nm_chord_get_intervals(chord->quality, intervals)};
  int key = nm_voicing_nearest((chord->root + intervals[first]) % 12, low);
  for (int i = 0; i < voicing.n; ++i) {
    const int pitch_class = (chord->root + intervals[(first + i) % voicing.n]) % 12;
    while (key % 12 != pitch_class) ++key;
    voicing.keys[i] = (uint8_t)key;
  }
  return voicing;
}

static double get_height(const NmVoicing *voicing)
{
  double sum = 0;
  for (int i = 0; i < voicing->n; ++i) sum += voicing->keys[i];
  return sum / voicing->n;
}

// How far the voices move: each to the nearest one of the other chord, both ways.
static double get_motion(const NmVoicing *a, const NmVoicing *b)
{
  double sum = 0;
  for (int i = 0; i < a->n; ++i) {
    int nearest = 127;
    for (int k = 0; k < b->n; ++k) {
      const int way = abs(a->keys[i] - b->keys[k]);
      if (way < nearest) nearest = way;
    }
    sum += nearest;
  }
  return sum;
}

NmVoicing nm_voicing_find(const NmChord *chord, const NmVoicing *before, int center)
{
  NmVoicing best = {0};
  double least = INFINITY;
  int8_t intervals[NM_CHORD_TONES_MAX];
  const int n = nm_chord_get_intervals(chord->quality, intervals);
  for (int first = 0; first < n; ++first)
    for (int low = center - 12; low <= center; low += 12) {
      const NmVoicing voicing = stack(chord, first, low);
      double cost = cost_height * n * fabs(get_height(&voicing) - center);
      if (before->n) cost += get_motion(&voicing, before) + get_motion(before, &voicing);
      if (!(cost < least)) continue;
      least = cost;
      best = voicing;
    }
  return best;
}
