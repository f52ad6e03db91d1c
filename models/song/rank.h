// SPDX-License-Identifier: GPL-3.0-or-later
// Why one melody comes before another: named reasons, each a number, and their weighted sum.
#ifndef NM_SONG_RANK_H
#define NM_SONG_RANK_H

#include "models/song/melody_rules.h"

typedef enum {
  NM_RANK_LIKELIHOOD, // mean log-probability of a choice, nats
  NM_RANK_STRESS,  // mean strength of the places of stressed syllables less that of unstressed ones, -1 to 1
  NM_RANK_CADENCE, // share of lines that end on a note of the tonic chord, the closing one on the tonic
  NM_RANK_BREATH,  // share of lines whose last note is longer than their mean
  NM_RANK_CONTOUR, // 1 when melodies move by steps with some leaps, less when they stand still or jump
  NM_RANK_RANGE,   // 1 when they use about an octave, less beyond
  NM_RANK_REPETITION, // 1 when some of it comes back, less when nothing or all does
  NM_RANK_SYLLABIC,   // share of syllables of one or two notes
  NM_RANK_AGREEMENT,  // less its mean distance to the other candidates (minimum Bayes risk)
  NM_N_RANKS
} NmRank;

// "likelihood"...
const char *nm_rank_name(NmRank rank);
double nm_rank_weight(NmRank rank);

// The reasons [NM_N_RANKS] of a melody; that of agreement is 0. `log_prob` is a mean.
void nm_rank_measure(const NmMelodyPlan *plan, const NmMelodyNote *notes, int32_t n, double log_prob,
                     double *reasons);
// Their sum, weighted.
double nm_rank_score(const double *reasons);

#endif
