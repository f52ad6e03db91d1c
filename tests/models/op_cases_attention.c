// SPDX-License-Identifier: GPL-3.0-or-later
// Cases of the attention: every pattern, through the output and through the weights.
#include "tests/models/op_cases.h"
#include "tests/support/naive_attention.h"

// The inputs of a case in the order q, k, v, len_k, len_q, segment_q, segment_k, bias, relative, absent ones
// left out.
enum { V = 1, LENGTHS = 2, SEGMENTS = 4, BIAS = 8, RELATIVE = 16 };

typedef struct {
  int inputs;         // of those above
  NmAttention config; // its sources are not read
} Setup;

static NmVar next_if(bool present, const NmVar **in)
{
  return present ? *(*in)++ : NM_VAR_NONE;
}

static NmVar build(NmGraph *g, const NmVar *in, const Setup *s)
{
  NmAttention config = s->config;
  const NmVar q = *in++, k = *in++, v = next_if(s->inputs & V, &in);
  config.len_k = next_if(s->inputs & LENGTHS, &in);
  config.len_q = next_if(s->inputs & LENGTHS, &in);
  config.segment_q = next_if(s->inputs & SEGMENTS, &in);
  config.segment_k = next_if(s->inputs & SEGMENTS, &in);
  config.bias = next_if(s->inputs & BIAS, &in);
  config.relative = next_if(s->inputs & RELATIVE, &in);
  return s->inputs & V ? nm_attention(g, q, k, v, &config) : nm_attention_weights(g, q, k, &config);
}

static NmSight naive_sight(const NmOpCase *c, const Setup *s, const int32_t *const *ints)
{
  const int lengths = s->inputs & V ? 3 : 2, segments = lengths + (s->inputs & LENGTHS ? 2 : 0);
  const bool padded = s->inputs & LENGTHS, cut = s->inputs & SEGMENTS;
  return (NmSight){.B = c->in[0].shape.dim[0],
                   .H = s->config.n_heads,
                   .Tq = c->in[0].shape.dim[1],
                   .Tk = c->in[1].shape.dim[1],
                   .pattern = s->config.pattern,
                   .left = s->config.left,
                   .right = s->config.right,
                   .n_sinks = s->config.n_sinks,
                   .len_k = padded ? ints[lengths] : NULL,
                   .len_q = padded ? ints[lengths + 1] : NULL,
                   .segment_q = cut ? ints[segments] : NULL,
                   .segment_k = cut ? ints[segments + 1] : NULL};
}

static void naive(const NmOpCase *c, const Setup *s, const double *const *reals, const int32_t *const *ints,
                  double *out)
{
  int at = 2 + (s->inputs & V ? 1 : 0) + (s->inputs & LENGTHS ? 2 : 0) + (s->inputs & SEGMENTS ? 2 : 0);
  NmNaiveAttention n = {.sight = naive_sight(c, s, ints),
                        .D = c->in[0].shape.dim[2] / s->config.n_heads,
                        .q = reals[0],
                        .k = reals[1],
                        .scale = (double)s->config.scale};
  if (s->inputs & V) {
    n.v = reals[2];
    n.Dv = c->in[2].shape.dim[2] / s->config.n_heads;
  }
  if (s->inputs & BIAS) {
    n.n_bias = c->in[at].shape.dim[0];
    n.bias = reals[at++];
  }
  if (s->inputs & RELATIVE) {
    n.n_relative = c->in[at].shape.dim[1];
    n.relative = reals[at];
  }
  nm_naive_attention(&n, s->inputs & V ? NULL : out, s->inputs & V ? out : NULL);
}

#define SETUP(name, set, ...)                                                                                \
  static const Setup setup_##name = {set, {__VA_ARGS__}};                                                    \
  static NmVar build_##name(NmGraph *g, const NmVar *in)                                                     \
  {                                                                                                          \
    return build(g, in, &setup_##name);                                                                      \
  }                                                                                                          \
  static void naive_##name(const NmOpCase *c, const double *const *reals, const int32_t *const *ints,        \
                           NmShape y, double *out)                                                           \
  {                                                                                                          \
    naive(c, &setup_##name, reals, ints, out);                                                               \
  }

SETUP(full, V, .pattern = NM_PATTERN_FULL, .n_heads = 2)
SETUP(full_all, V | LENGTHS | BIAS | RELATIVE, .pattern = NM_PATTERN_FULL, .n_heads = 2, .scale = .3f)
SETUP(causal, V | LENGTHS, .pattern = NM_PATTERN_CAUSAL, .n_heads = 3)
SETUP(causal_bias, V | BIAS, .pattern = NM_PATTERN_CAUSAL, .n_heads = 2)
SETUP(window, V | RELATIVE, .pattern = NM_PATTERN_WINDOW, .n_heads = 1, .left = 2, .right = 1)
SETUP(window_open, V | LENGTHS, .pattern = NM_PATTERN_WINDOW, .n_heads = 1, .left = -1, .right = 1)
SETUP(segments, V | LENGTHS | SEGMENTS | BIAS, .pattern = NM_PATTERN_SEGMENTS, .n_heads = 2)
SETUP(sinks, V | LENGTHS | RELATIVE, .pattern = NM_PATTERN_SINKS, .n_heads = 2, .left = 3, .n_sinks = 2)
SETUP(w_full, LENGTHS | BIAS | RELATIVE, .pattern = NM_PATTERN_FULL, .n_heads = 2)
SETUP(w_causal, 0, .pattern = NM_PATTERN_CAUSAL, .n_heads = 2)
SETUP(w_window, RELATIVE, .pattern = NM_PATTERN_WINDOW, .n_heads = 1, .left = 2, .right = -1)
SETUP(w_segments, LENGTHS | SEGMENTS, .pattern = NM_PATTERN_SEGMENTS, .n_heads = 2, .scale = 1.5f)
SETUP(w_sinks, BIAS, .pattern = NM_PATTERN_SINKS, .n_heads = 1, .left = 1, .n_sinks = 3)

// [B, T, C]; whole numbers from `low` up to `high`; [A, B, C].
#define X(B, T, C)                                                                                           \
  {                                                                                                          \
    NM_TYPE_REAL, NM_SHAPE3(B, T, C), -1.5, 1.5                                                              \
  }
#define LEN(B, low, high)                                                                                    \
  {                                                                                                          \
    NM_TYPE_INT, NM_SHAPE1(B), low, (high) + 1                                                               \
  }
#define SEG(B, T)                                                                                            \
  {                                                                                                          \
    NM_TYPE_INT, NM_SHAPE2(B, T), 0, 3                                                                       \
  }
#define TABLE(H, N)                                                                                          \
  {                                                                                                          \
    NM_TYPE_REAL, NM_SHAPE2(H, N), -1, 1                                                                     \
  }
#define CASE(text, name, ...)                                                                                \
  {                                                                                                          \
    text, NM_OP_ATTENTION, {__VA_ARGS__}, build_##name, naive_##name, 0                                      \
  }
#define CASE_WEIGHTS(text, name, ...)                                                                        \
  {                                                                                                          \
    text, NM_OP_ATTENTION_WEIGHTS, {__VA_ARGS__}, build_##name, naive_##name, 0                              \
  }

static const NmOpCase cases[] = {
    CASE("attention", full, X(2, 5, 6), X(2, 7, 6), X(2, 7, 4)),
    CASE("attention, one row", full, X(2, 1, 6), X(2, 9, 6), X(2, 9, 6)),
    CASE("attention, several tiles", full, X(1, 70, 2), X(1, 150, 2), X(1, 150, 2)),
    CASE("attention, padded, both biases", full_all, X(3, 5, 4), X(3, 6, 4), X(3, 6, 2), LEN(3, 0, 6),
         LEN(3, 0, 5), X(1, 5, 6), TABLE(2, 7)),
    CASE("attention causal", causal, X(2, 7, 6), X(2, 7, 6), X(2, 7, 3), LEN(2, 3, 7), LEN(2, 4, 7)),
    CASE("attention causal, more queries", causal_bias, X(2, 7, 4), X(2, 4, 4), X(2, 4, 4), X(2, 7, 4)),
    CASE("attention causal, more keys", causal_bias, X(1, 2, 4), X(1, 140, 4), X(1, 140, 4), X(2, 2, 140)),
    CASE("attention window", window, X(2, 9, 3), X(2, 9, 3), X(2, 9, 2), TABLE(1, 3)),
    CASE("attention window, several blocks", window, X(1, 40, 2), X(1, 41, 2), X(1, 41, 1), TABLE(1, 9)),
    CASE("attention window, open to the left", window_open, X(2, 5, 2), X(2, 8, 2), X(2, 8, 2), LEN(2, 2, 8),
         LEN(2, 1, 5)),
    CASE("attention segments", segments, X(2, 8, 4), X(2, 6, 4), X(2, 6, 2), LEN(2, 3, 6), LEN(2, 5, 8),
         SEG(2, 8), SEG(2, 6), X(2, 8, 6)),
    CASE("attention sinks", sinks, X(2, 12, 4), X(2, 12, 4), X(2, 12, 2), LEN(2, 5, 12), LEN(2, 8, 12),
         TABLE(2, 5)),
    CASE_WEIGHTS("weights", w_full, X(3, 5, 4), X(3, 6, 4), LEN(3, 0, 6), LEN(3, 0, 5), X(2, 5, 6),
                 TABLE(2, 3)),
    CASE_WEIGHTS("weights causal", w_causal, X(1, 5, 4), X(1, 8, 4)),
    CASE_WEIGHTS("weights window", w_window, X(2, 6, 3), X(2, 6, 3), TABLE(1, 5)),
    CASE_WEIGHTS("weights segments", w_segments, X(2, 7, 4), X(2, 5, 4), LEN(2, 3, 5), LEN(2, 4, 7),
                 SEG(2, 7), SEG(2, 5)),
    CASE_WEIGHTS("weights sinks", w_sinks, X(2, 9, 2), X(2, 9, 2), X(1, 9, 9))};

NmOpCases nm_op_cases_attention(void)
{
  return (NmOpCases){cases, sizeof cases / sizeof *cases};
}
