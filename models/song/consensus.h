// SPDX-License-Identifier: GPL-3.0-or-later
// Minimum Bayes risk (Kumar, Byrne 2004): of several melodies that a model made for the same words, the one
// that is nearest to all the others, so that the least distance to an unknown right one is expected under the
// model.
#ifndef NM_SONG_CONSENSUS_H
#define NM_SONG_CONSENSUS_H

#include "models/song/metrics.h"

// What a missing share of pitches, of durations, and a semitone of melody distance weigh, each >= 0.
typedef struct {
  double pd, dd, md;
} NmConsensus;

// 1, 1, 1/2: chosen on held-out songs of a training split.
NmConsensus nm_consensus_defaults(void);

double nm_consensus_get_distance(const NmConsensus *weights, const NmMetricsSimilarity *similarity);

// risks [n]: the mean distance of each candidate to the others as references (0 when there are none); `best`:
// the first of least risk. About n^2 / 2 warpings: 32 songs of 800 steps take a second or less. Work memory
// is the arena's. NM_ERR_BAD_ARG for n < 1, NM_ERR_NO_MEMORY.
NmStatus nm_consensus_choose(const NmConsensus *weights, const NmMetricsProfile *candidates, int32_t n,
                             NmArena *arena, double *risks, int32_t *best) NM_NODISCARD;

#endif
