// SPDX-License-Identifier: GPL-3.0-or-later
// The table of `neume bench song`: a row is one way to make melodies, over all songs of a split.
#ifndef NM_COMMANDS_BENCH_SONG_TABLE_H
#define NM_COMMANDS_BENCH_SONG_TABLE_H

#include "models/song/metrics.h"

// Sums over n songs; n_distances of them have a melody distance. Zero-initialised.
typedef struct {
  const char *name;
  NmMetricsSimilarity songmass, telemelody;
  NmMetricsCharacter character;
  int32_t n, n_distances;
} NmBenchRow;

// A melody for the words of `reference`, both normalised. Work memory is the arena's. NM_ERR_NO_MEMORY.
NmStatus nm_bench_row_add(NmBenchRow *row, const NmMetricsNote *reference, int32_t n_reference,
                          const NmMetricsNote *hypothesis, int32_t n_hypothesis, NmArena *arena) NM_NODISCARD;

// The heading, then a line each on standard output; nothing for a row without songs.
void nm_bench_row_print_heading(void);
void nm_bench_row_print(const NmBenchRow *row);

#endif
