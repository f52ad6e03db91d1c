// SPDX-License-Identifier: GPL-3.0-or-later
// Builders: shapes are checked here, the arithmetic is each backend's.
#include "models/attention/attention.h"

NmAttention nm_attention_defaults(int32_t n_heads)
{
  return (NmAttention){.pattern = NM_PATTERN_FULL,
                       .n_heads = n_heads,
                       .left = -1,
                       .right = -1,
                       .len_k = NM_VAR_NONE,
                       .len_q = NM_VAR_NONE,
                       .segment_q = NM_VAR_NONE,
                       .segment_k = NM_VAR_NONE,
                       .bias = NM_VAR_NONE,
                       .relative = NM_VAR_NONE};
}

static bool fail(NmGraph *g, const char *what, NmShape shape, const char *want)
{
  char text[96];
  nm_graph_fail(g, "attention: %s is %s, not %s", what, nm_shape_print(shape, text, sizeof text), want);
  return false;
}

// An optional source of a given type and shape.
static bool check_optional(NmGraph *g, NmVar x, const char *what, NmType type, NmShape want)
{
  char text[96];
  if (x == NM_VAR_NONE) return true;
  if (nm_graph_invalid(g, x)) return false;
  const NmShape shape = nm_graph_shape(g, x);
  if (nm_graph_type(g, x) == type && nm_shape_equal(shape, want)) return true;
  return fail(g, what, shape, nm_shape_print(want, text, sizeof text));
}

static bool check_heads(NmGraph *g, NmVar x, const char *what, const NmAttention *c)
{
  if (nm_graph_invalid(g, x)) return false;
  const NmShape shape = nm_graph_shape(g, x);
  if (shape.n_dims != 3 || nm_graph_type(g, x) != NM_TYPE_REAL) return fail(g, what, shape, "[B, T, C]");
  if (c->n_heads < 1 || shape.dim[2] % c->n_heads) return fail(g, what, shape, "divisible by the heads");
  return true;
}

static bool check_numbers(NmGraph *g, const NmAttention *c)
{
  if (c->left >= -1 && c->right >= -1 && c->n_sinks >= 0 && c->pattern <= NM_PATTERN_SINKS) return true;
  nm_graph_fail(g, "attention: a pattern's number is negative or the pattern unknown");
  return false;
}

static bool check_bias(NmGraph *g, NmVar bias, NmShape q, NmShape k, int64_t H)
{
  if (bias == NM_VAR_NONE) return true;
  if (nm_graph_invalid(g, bias)) return false;
  const bool shared = nm_graph_shape(g, bias).dim[0] == 1;
  return check_optional(g, bias, "the bias", NM_TYPE_REAL, NM_SHAPE3(shared ? 1 : H, q.dim[1], k.dim[1]));
}

static bool check_relative(NmGraph *g, NmVar relative, int64_t H)
{
  if (relative == NM_VAR_NONE) return true;
  if (nm_graph_invalid(g, relative)) return false;
  return check_optional(g, relative, "the relative table", NM_TYPE_REAL,
                        NM_SHAPE2(H, nm_graph_shape(g, relative).dim[1] | 1));
}

static bool check_segments(NmGraph *g, const NmAttention *c, NmShape q, NmShape k)
{
  if (c->pattern != NM_PATTERN_SEGMENTS) return true;
  if (nm_graph_invalid(g, c->segment_q) || nm_graph_invalid(g, c->segment_k)) return false;
  return check_optional(g, c->segment_q, "segment_q", NM_TYPE_INT, NM_SHAPE2(q.dim[0], q.dim[1])) &&
         check_optional(g, c->segment_k, "segment_k", NM_TYPE_INT, NM_SHAPE2(k.dim[0], k.dim[1]));
}

static bool check(NmGraph *g, NmVar q, NmVar k, const NmAttention *c)
{
  if (!check_heads(g, q, "q", c) || !check_heads(g, k, "k", c) || !check_numbers(g, c)) return false;
  const NmShape sq = nm_graph_shape(g, q), sk = nm_graph_shape(g, k), items = NM_SHAPE1(sq.dim[0]);
  if (sk.dim[0] != sq.dim[0] || sk.dim[2] != sq.dim[2])
    return fail(g, "k", sk, "of the items and channels of q");
  return check_optional(g, c->len_k, "len_k", NM_TYPE_INT, items) &&
         check_optional(g, c->len_q, "len_q", NM_TYPE_INT, items) && check_segments(g, c, sq, sk) &&
         check_bias(g, c->bias, sq, sk, c->n_heads) && check_relative(g, c->relative, c->n_heads);
}

static NmVar add(NmGraph *g, NmOp op, NmVar q, NmVar k, NmVar v, const NmAttention *c, NmShape shape)
{
  const bool segments = c->pattern == NM_PATTERN_SEGMENTS;
  const NmVar src[NM_ATTENTION_N_SOURCES] = {[NM_ATTENTION_Q] = q,
                                             [NM_ATTENTION_K] = k,
                                             [NM_ATTENTION_V] = v,
                                             [NM_ATTENTION_LEN_K] = c->len_k,
                                             [NM_ATTENTION_LEN_Q] = c->len_q,
                                             [NM_ATTENTION_SEGMENT_Q] = segments ? c->segment_q : NM_VAR_NONE,
                                             [NM_ATTENTION_SEGMENT_K] = segments ? c->segment_k : NM_VAR_NONE,
                                             [NM_ATTENTION_BIAS] = c->bias,
                                             [NM_ATTENTION_RELATIVE] = c->relative};
  const NmOpArgs args = {.i = {c->pattern, c->n_heads, c->left, c->right, c->n_sinks},
                         .r = {(double)c->scale}};
  return nm_graph_add(g, op, src, NM_ATTENTION_N_SOURCES, &args, shape);
}

NmVar nm_attention(NmGraph *g, NmVar q, NmVar k, NmVar v, const NmAttention *c)
{
  if (!check(g, q, k, c) || !check_heads(g, v, "v", c)) return NM_VAR_NONE;
  const NmShape sq = nm_graph_shape(g, q), sk = nm_graph_shape(g, k), sv = nm_graph_shape(g, v);
  if (sv.dim[0] != sk.dim[0] || sv.dim[1] != sk.dim[1]) {
    fail(g, "v", sv, "of the items and rows of k");
    return NM_VAR_NONE;
  }
  return add(g, NM_OP_ATTENTION, q, k, v, c, NM_SHAPE3(sq.dim[0], sq.dim[1], sv.dim[2]));
}

NmVar nm_attention_weights(NmGraph *g, NmVar q, NmVar k, const NmAttention *c)
{
  if (!check(g, q, k, c)) return NM_VAR_NONE;
  const NmShape sq = nm_graph_shape(g, q), sk = nm_graph_shape(g, k);
  return add(g, NM_OP_ATTENTION_WEIGHTS, q, k, NM_VAR_NONE, c,
             NM_SHAPE4(sq.dim[0], c->n_heads, sq.dim[1], sk.dim[1]));
}
