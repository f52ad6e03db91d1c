// SPDX-License-Identifier: GPL-3.0-or-later
// Attention by its definition, in double: one pair of query and key at a time.
#ifndef NM_TESTS_NAIVE_ATTENTION_H
#define NM_TESTS_NAIVE_ATTENTION_H

#include "models/attention/sight.h"

typedef struct {
  NmSight sight;
  int64_t D, Dv;
  const double *q, *k, *v;       // [B, Tq, H D] [B, Tk, H D] [B, Tk, H Dv]
  const double *bias, *relative; // [n_bias, Tq, Tk] [H, n_relative]
  int64_t n_bias, n_relative;    // 0: none
  double scale;
} NmNaiveAttention;

typedef struct {
  double *q, *k, *v, *bias, *relative; // zeroed by the caller
} NmNaiveGrads;

bool nm_naive_sees(const NmSight *sight, int64_t b, int64_t i, int64_t j);

// One row: weights [Tk] and, unless out is NULL, out [Dv].
void nm_naive_attention_row(const NmNaiveAttention *n, int64_t b, int64_t h, int64_t i, double *weights,
                            double *out);
// All: weights [B, H, Tq, Tk] (may be NULL), out [B, Tq, H Dv] (may be NULL).
void nm_naive_attention(const NmNaiveAttention *n, double *weights, double *out);

// From d_weights [B, H, Tq, Tk] to the gradients of q, k, bias and relative (NULL: not wanted).
void nm_naive_attention_back_weights(const NmNaiveAttention *n, const double *weights,
                                     const double *d_weights, const NmNaiveGrads *grads);
// From d_out [B, Tq, H Dv] to d_weights [B, H, Tq, Tk] and the gradient of v.
void nm_naive_attention_back_out(const NmNaiveAttention *n, const double *weights, const double *d_out,
                                 double *d_weights, double *d_v);

#endif
