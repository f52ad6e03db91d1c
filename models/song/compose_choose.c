// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/song/compose_choose.h"

#include <stdlib.h>

#include "dsp/base/rng.h"

enum { OCTAVE = 12, CENTRE = 67, COMFORT_LOW = 60, COMFORT_HIGH = 74 };

// Semitones from C to keys of few accidentals, a little below and above.
static const int8_t shifts[] = {-3, -2, 0, 2, 3};

double nm_compose_find_threes(const NmLyricToken *tokens, int32_t n)
{
  int32_t last = -1, n_two = 0, n_three = 0;
  for (int32_t i = 0; i < n; ++i) {
    if (tokens[i].stress == NM_STRESS_PRIMARY) {
      n_two += last >= 0 && i - last == 2;
      n_three += last >= 0 && i - last == 3;
      last = i;
    }
    if (tokens[i].end >= NM_END_LINE) last = -1;
  }
  return n_two + n_three ? (double)n_three / (n_two + n_three) : 0;
}

static void choose_meter(const NmComposeRequest *q, const NmLyricToken *tokens, int32_t n, NmRng *rng,
                         NmComposeChoice *choice)
{
  const double chance = nm_rng_uniform(rng), threes = nm_compose_find_threes(tokens, n);
  choice->meter = q->meter;
  if (q->meter != NM_COMPOSE_AUTO) return;
  if (threes > .5)
    choice->meter = chance < .6 ? nm_song_meter_class(3, 4) : nm_song_meter_class(6, 8);
  else
    choice->meter = chance < .75 ? nm_song_meter_class(4, 4) : nm_song_meter_class(3, 4);
}

// Weak syllables before the first strong one stand before the bar, one to a beat and at most two.
static void choose_pickup(const NmComposeRequest *q, const NmLyricToken *tokens, int32_t n,
                          NmComposeChoice *choice)
{
  const NmSongMeter meter = nm_song_class_meter(choice->meter);
  int32_t n_weak = 0;
  choice->pickup = meter.beat_unit ? q->pickup : 0;
  if (choice->pickup != NM_COMPOSE_AUTO) return;
  while (n_weak < n && n_weak < 3 && tokens[n_weak].stress == NM_STRESS_NONE) ++n_weak;
  const bool compound = meter.n_beats > 3 && meter.n_beats % 3 == 0;
  const int n_beats = n_weak == 0 || n_weak > 2 ? 0 : compound ? n_weak : 1;
  choice->pickup = n_beats * 4 * NM_SONG_TICKS / meter.beat_unit;
}

static int wrap(int semitones)
{
  const int up = ((semitones % OCTAVE) + OCTAVE) % OCTAVE;
  return up > OCTAVE / 2 ? up - OCTAVE : up;
}

// One of a few keys by chance, or of those that bring the asked range nearest to where the network's
// melodies lie, the one of fewest accidentals.
static void choose_key(const NmComposeRequest *q, NmRng *rng, NmComposeChoice *choice)
{
  const int chance = shifts[nm_rng_below(rng, sizeof shifts)];
  choice->minor = q->mode == NM_MODE_UNKNOWN ? nm_rng_uniform(rng) < .2 : q->mode == NM_MODE_MINOR;
  const bool ranged = q->low != NM_COMPOSE_AUTO;
  int shift = ranged ? (q->low + q->high) / 2 - CENTRE : chance;
  if (q->fifths != NM_COMPOSE_AUTO) {
    const int tonic = wrap(7 * q->fifths);
    shift = ranged ? shift + wrap(tonic - shift) : tonic;
  } else if (ranged) {
    int best = shift;
    for (int s = shift - 1; s <= shift + 1; ++s)
      if (abs(wrap(7 * s)) < abs(wrap(7 * best))) best = s;
    shift = best;
  }
  choice->transpose = shift;
  choice->fifths = q->fifths != NM_COMPOSE_AUTO ? q->fifths : wrap(7 * shift);
  choice->low = ranged ? q->low : COMFORT_LOW + shift + 2 * choice->minor;
  choice->high = ranged ? q->high : COMFORT_HIGH + shift + 2 * choice->minor;
}

static void choose_tempo(const NmComposeRequest *q, NmRng *rng, NmComposeChoice *choice)
{
  const NmSongMeter meter = nm_song_class_meter(choice->meter);
  const double slowest = meter.beat_unit == 2 ? 120 : meter.beat_unit == 8 ? 84 : 88;
  const double chance = nm_rng_uniform(rng);
  choice->bpm = q->bpm > 0 ? q->bpm : slowest + 4 * (int)(chance * 9);
}

// Other words begin other chances, so that not all songs of a seed are in one key.
static uint64_t mix_words(uint64_t seed, const NmLyricToken *tokens, int32_t n)
{
  for (int32_t i = 0; i < n; ++i) seed = nm_rng_mix(seed + (uint64_t)tokens[i].syllable + 1);
  return seed;
}

NmStatus nm_compose_choose(const NmComposeRequest *q, const NmLyricToken *tokens, int32_t n,
                           NmComposeChoice *choice, NmError *err)
{
  NmRng rng;
  nm_rng_init(&rng, mix_words(q->seed, tokens, n));
  if ((q->low == NM_COMPOSE_AUTO) != (q->high == NM_COMPOSE_AUTO) ||
      (q->low != NM_COMPOSE_AUTO &&
       (q->low < 0 || q->high > 127 || q->high - q->low < NM_MELODY_RANGE_LEAST)))
    return nm_error_set(err, NM_ERR_BAD_ARG, "a range needs %d semitones or more", NM_MELODY_RANGE_LEAST);
  if (q->n_candidates < 1 || q->n_candidates > NM_COMPOSE_CANDIDATES_MAX ||
      (q->method == NM_SEARCH_GREEDY && q->n_candidates > 1))
    return nm_error_set(err, NM_ERR_BAD_ARG,
                        "there can be 1 to %d candidates, and only one of a greedy search",
                        NM_COMPOSE_CANDIDATES_MAX);
  choose_meter(q, tokens, n, &rng, choice);
  choose_pickup(q, tokens, n, choice);
  choose_key(q, &rng, choice);
  choose_tempo(q, &rng, choice);
  return NM_OK;
}
