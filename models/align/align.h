// SPDX-License-Identifier: GPL-3.0-or-later
// Monotonic alignment: the best path of T frames through K states in order (Viterbi), exact.
#ifndef NM_ALIGN_ALIGN_H
#define NM_ALIGN_ALIGN_H

#include "dsp/base/status.h"

// A path gives each frame one state. It stays, goes up by one, or goes up by two over a state that may be
// skipped; it starts in state 0 (or 1 if state 0 may be skipped) and ends in state K - 1 (or K - 2 likewise):
// the paths that nm_forward_sum adds up. A state that may not be skipped has at least `min_frames` frames, a
// visited one that may be skipped at least one.
typedef struct {
  int64_t T, K;        // frames and states, > 0
  int64_t stride;      // from one row of scores to the next; 0: K
  const int32_t *skip; // [K], not 0: may be passed over. NULL: none may
  int64_t min_frames;  // >= 1; 0 counts as 1
} NmAlignConfig;

// Bytes of work memory for nm_align_viterbi, 0 for a config with sizes below 1. About T K bytes and 8
// (min_frames + 4) K.
size_t nm_align_size_work(const NmAlignConfig *config);

// The path whose summed scores are highest. `scores` [T, K], rows `stride` apart: log-probabilities or any
// other numbers below infinity; -infinity and NaN forbid. `work`: aligned for doubles, nm_align_size_work
// bytes, contents ignored. Sums are in double, and of equal paths the one is taken that stays longest in its
// late states, so the result is the same everywhere. durations [K] of frames: their sum is T, 0 only at
// skipped states. `score` (may be NULL): the path's sum. NM_ERR_BAD_ARG for sizes below 1; NM_ERR_BAD_DATA
// when there is no path (too few frames, or all forbidden), and the outputs are then undefined. Any thread;
// never allocates.
NmStatus nm_align_viterbi(const NmAlignConfig *config, const float *scores, void *work, int32_t *durations,
                          double *score) NM_NODISCARD;

#endif
