// SPDX-License-Identifier: GPL-3.0-or-later
// Durations from a teacher's attention (Ren et al. 2019, section 3.3): which head aligns, and how many steps
// attend to each token.
#ifndef NM_SPEECH_FOCUS_H
#define NM_SPEECH_FOCUS_H

#include "dsp/base/arena.h"
#include "dsp/base/status.h"

// Attention of one head: weights [S, K] of S steps over K tokens, rows `stride` apart, each summing to 1.
typedef struct {
  const float *weights;
  int64_t S, K, stride;
} NmFocus;

// The focus rate F = 1/S sum_s max_k a[s, k] (Ren et al. 2019, section 3.3).
double nm_focus_rate(const NmFocus *focus);

// The monotonic path of the highest summed log weight (Viterbi, align.h), in which every token has a step, in
// place of the paper's argmax, which may go back and leave tokens without one. durations [K] in steps, their
// sum is S. *rate: 1/S sum_s a[s, path(s)], at most the focus rate: near it in a head that aligns, and near 0
// in one that is focused on a single token. Work memory is taken from `arena`. NM_ERR_BAD_DATA when there are
// fewer steps than tokens or the weights are not finite.
NmStatus nm_focus_durations(const NmFocus *focus, NmArena *arena, int32_t *durations,
                            double *rate) NM_NODISCARD;

#endif
