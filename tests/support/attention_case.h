// SPDX-License-Identifier: GPL-3.0-or-later
// Drawn arrays for tests of the attention, in float for the kernels and in double for the naive version.
#ifndef NM_TESTS_ATTENTION_CASE_H
#define NM_TESTS_ATTENTION_CASE_H

#include "dsp/base/rng.h"
#include "models/attention/cpu/kernel.h"
#include "tests/support/naive_attention.h"

enum { NM_CASE_ARRAYS = 5 }; // q, k, v, bias, relative

typedef struct {
  NmAttentionArrays arrays;
  NmNaiveAttention naive; // the same
  int64_t count[NM_CASE_ARRAYS], count_out, count_weights;
  float *narrow[NM_CASE_ARRAYS];
  double *wide[NM_CASE_ARRAYS];
  int32_t *lengths; // len_k, len_q, segments
} NmAttentionCase;

// Sizes and options are taken from `wish` (sight without arrays, D, Dv, n_bias, n_relative, scale); values
// are uniform in +-1. Lengths are drawn when `padded`; segments are runs of up to 40 rows, some of them of
// one side only. False when memory is out.
bool nm_attention_case_init(NmAttentionCase *c, const NmAttentionArrays *wish, bool padded, NmRng *rng);
void nm_attention_case_fini(NmAttentionCase *c);

// A wish of odd sizes up to T rows for one pattern.
NmAttentionArrays nm_attention_wish_draw(NmPattern pattern, int64_t T, NmRng *rng);

#endif
