// SPDX-License-Identifier: GPL-3.0-or-later
// THE attention: scaled dot-product attention (Vaswani et al. 2017, eq. 1) under a pattern, tiled with online
// softmax (Milakov, Gimelshein 2018; Dao et al. 2022), so that no T x T matrix is stored. Every model of the
// tree uses this one.
#ifndef NM_ATTENTION_ATTENTION_H
#define NM_ATTENTION_ATTENTION_H

#include "models/engine/graph.h"

// Which keys j a query i may see. Positions are indices into k; with Tq != Tk, query i stands at position i +
// (Tk - Tq) for CAUSAL, WINDOW and SINKS (the last query sees the last key), so that cached decoding is the
// same pattern.
typedef enum {
  NM_PATTERN_FULL,
  NM_PATTERN_CAUSAL,   // j <= i
  NM_PATTERN_WINDOW,   // i - left <= j <= i + right
  NM_PATTERN_SEGMENTS, // segment_q[b, i] == segment_k[b, j]
  NM_PATTERN_SINKS     // causal window of `left`, and those of the first n_sinks keys that lie before it
                       // (streaming, Xiao et al. 2023)
} NmPattern;

typedef struct {
  NmPattern pattern;
  int32_t n_heads;              // H; channels are split into H slices of D
  int64_t left, right, n_sinks; // see NmPattern; -1 in left or right: unbounded
  float scale;                  // 0: 1 / sqrt(D)
  NmVar len_k; // (int) [B]: keys at or beyond it are padding; NM_VAR_NONE: none. (0 is a valid variable: use
               // nm_attention_defaults)
  NmVar len_q; // (int) [B]: output rows at or beyond it are zero; NM_VAR_NONE: none
  NmVar segment_q; // (int) [B, Tq], SEGMENTS only
  NmVar segment_k; // (int) [B, Tk], SEGMENTS only
  NmVar bias;      // additive, [H or 1, Tq, Tk] (shared by the batch), or NM_VAR_NONE
  NmVar relative;  // [H, 2 R + 1]: added at clamp(j - i, -R, R) + R (positions as above), or NM_VAR_NONE
} NmAttention;

NmAttention nm_attention_defaults(int32_t n_heads);

// q [B, Tq, H D], k [B, Tk, H D], v [B, Tk, H Dv] -> [B, Tq, H Dv]. A query that may see no key gives zeros.
NmVar nm_attention(NmGraph *g, NmVar q, NmVar k, NmVar v, const NmAttention *config);

// The weights themselves, [B, H, Tq, Tk], zeros outside the pattern: for alignment constraints and pictures.
// Differentiable.
NmVar nm_attention_weights(NmGraph *g, NmVar q, NmVar k, const NmAttention *config);

// For whoever writes kernels: the sources of both ops (V is absent in the weights) and their args, i[0]
// pattern, i[1] n_heads, i[2] left, i[3] right, i[4] n_sinks, r[0] scale (0: 1 / sqrt(D)). The cpu/ folder is
// the reference.
typedef enum {
  NM_ATTENTION_Q,
  NM_ATTENTION_K,
  NM_ATTENTION_V,
  NM_ATTENTION_LEN_K,
  NM_ATTENTION_LEN_Q,
  NM_ATTENTION_SEGMENT_Q,
  NM_ATTENTION_SEGMENT_K,
  NM_ATTENTION_BIAS,
  NM_ATTENTION_RELATIVE,
  NM_ATTENTION_N_SOURCES
} NmAttentionSource;

#endif
