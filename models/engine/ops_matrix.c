// SPDX-License-Identifier: GPL-3.0-or-later
// Builders of ops made of matrix products, and of recurrences.
#include "models/engine/ops.h"

static bool is_bias(const NmGraph *g, NmVar b, int64_t n)
{
  return b == NM_VAR_NONE || nm_shape_equal(nm_graph_shape(g, b), NM_SHAPE1(n));
}

static bool any_invalid(NmGraph *g, NmVar x, NmVar w, NmVar b)
{
  return nm_graph_invalid(g, x) || nm_graph_invalid(g, w) || (b != NM_VAR_NONE && nm_graph_invalid(g, b));
}

NmVar nm_linear(NmGraph *g, NmVar x, NmVar w, NmVar b)
{
  char sx[96], sw[96];
  if (any_invalid(g, x, w, b)) return NM_VAR_NONE;
  NmShape y = nm_graph_shape(g, x);
  const NmShape m = nm_graph_shape(g, w);
  if (m.n_dims != 2 || m.dim[0] != nm_shape_channels(y) || !is_bias(g, b, m.dim[1]))
    return nm_graph_fail(g, "linear: x %s, w %s and the bias do not fit", nm_shape_print(y, sx, sizeof sx),
                         nm_shape_print(m, sw, sizeof sw));
  y.dim[y.n_dims - 1] = m.dim[1];
  const NmVar src[] = {x, w, b};
  return nm_graph_add(g, NM_OP_LINEAR, src, 3, NULL, y);
}

NmVar nm_matmul(NmGraph *g, NmVar a, NmVar b, bool b_transposed)
{
  char left[96], right[96];
  if (nm_graph_invalid(g, a) || nm_graph_invalid(g, b)) return NM_VAR_NONE;
  const NmShape sa = nm_graph_shape(g, a), sb = nm_graph_shape(g, b);
  const int64_t K = b_transposed ? sb.dim[2] : sb.dim[1], N = b_transposed ? sb.dim[1] : sb.dim[2];
  if (sa.n_dims != 3 || sb.n_dims != 3 || K != sa.dim[2] || (sb.dim[0] != sa.dim[0] && sb.dim[0] != 1))
    return nm_graph_fail(g, "matmul: %s and %s do not fit", nm_shape_print(sa, left, sizeof left),
                         nm_shape_print(sb, right, sizeof right));
  const NmVar src[] = {a, b};
  const NmOpArgs args = {.i = {b_transposed}};
  return nm_graph_add(g, NM_OP_MATMUL, src, 2, &args, NM_SHAPE3(sa.dim[0], sa.dim[1], N));
}

NmConv nm_conv_same(int64_t len_kernel, int32_t dilation)
{
  const int32_t pad = (int32_t)(len_kernel - 1) / 2 * dilation;
  return (NmConv){.stride = 1, .dilation = dilation, .pad_left = pad, .pad_right = pad, .groups = 1};
}

static NmConv with_defaults(NmConv c)
{
  if (c.stride < 1) c.stride = 1;
  if (c.dilation < 1) c.dilation = 1;
  if (c.groups < 1) c.groups = 1;
  return c;
}

static NmOpArgs conv_args(NmConv c)
{
  return (NmOpArgs){.i = {c.stride, c.dilation, c.pad_left, c.pad_right, c.groups}};
}

NmVar nm_conv1d(NmGraph *g, NmVar x, NmVar w, NmVar b, NmConv conv)
{
  char sx[96], sw[96];
  if (any_invalid(g, x, w, b)) return NM_VAR_NONE;
  const NmConv c = with_defaults(conv);
  const NmShape s = nm_graph_shape(g, x), k = nm_graph_shape(g, w);
  const int64_t reach = c.dilation * (k.dim[0] - 1) + 1, padded = s.dim[1] + c.pad_left + c.pad_right;
  if (s.n_dims != 3 || k.n_dims != 3 || c.pad_left < 0 || c.pad_right < 0 || s.dim[2] % c.groups ||
      k.dim[2] % c.groups || k.dim[1] != s.dim[2] / c.groups || !is_bias(g, b, k.dim[2]) || padded < reach)
    return nm_graph_fail(g, "conv1d: x %s, w %s, %d groups and the bias do not fit",
                         nm_shape_print(s, sx, sizeof sx), nm_shape_print(k, sw, sizeof sw), c.groups);
  const bool depthwise = c.groups > 1 && c.groups == s.dim[2] && k.dim[2] == s.dim[2];
  const NmOpArgs args = conv_args(c);
  const NmVar src[] = {x, w, b};
  return nm_graph_add(g, depthwise ? NM_OP_CONV1D_DEPTHWISE : NM_OP_CONV1D, src, 3, &args,
                      NM_SHAPE3(s.dim[0], (padded - reach) / c.stride + 1, k.dim[2]));
}

NmVar nm_conv1d_transpose(NmGraph *g, NmVar x, NmVar w, NmVar b, NmConv conv)
{
  char sx[96], sw[96];
  if (any_invalid(g, x, w, b)) return NM_VAR_NONE;
  const NmConv c = with_defaults(conv);
  const NmShape s = nm_graph_shape(g, x), k = nm_graph_shape(g, w);
  const int64_t T = (s.dim[1] - 1) * c.stride + c.dilation * (k.dim[0] - 1) + 1 - c.pad_left - c.pad_right;
  if (s.n_dims != 3 || k.n_dims != 3 || k.dim[1] != s.dim[2] || c.groups != 1 || !is_bias(g, b, k.dim[2]) ||
      T < 1)
    return nm_graph_fail(g, "conv1d_transpose: x %s, w %s and the bias do not fit",
                         nm_shape_print(s, sx, sizeof sx), nm_shape_print(k, sw, sizeof sw));
  const NmOpArgs args = conv_args(c);
  const NmVar src[] = {x, w, b};
  return nm_graph_add(g, NM_OP_CONV1D_TRANSPOSE, src, 3, &args, NM_SHAPE3(s.dim[0], T, k.dim[2]));
}

NmVar nm_sq_dist(NmGraph *g, NmVar q, NmVar k)
{
  if (nm_graph_invalid(g, q) || nm_graph_invalid(g, k)) return NM_VAR_NONE;
  const NmShape sq = nm_graph_shape(g, q), sk = nm_graph_shape(g, k);
  if (sq.n_dims != 3 || sk.n_dims != 3 || sq.dim[0] != sk.dim[0] || sq.dim[2] != sk.dim[2])
    return nm_graph_fail(g, "sq_dist: needs q [B, T, C] and k [B, K, C]");
  const NmVar src[] = {q, k};
  return nm_graph_add(g, NM_OP_SQ_DIST, src, 2, NULL, NM_SHAPE3(sq.dim[0], sq.dim[1], sk.dim[1]));
}

NmVar nm_forward_sum(NmGraph *g, NmVar log_prob, NmVar skip, NmVar len_t, NmVar len_k)
{
  if (any_invalid(g, log_prob, skip, len_t) || nm_graph_invalid(g, len_k)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, log_prob);
  const NmShape batch = NM_SHAPE1(s.dim[0]);
  if (s.n_dims != 3 || !nm_shape_equal(nm_graph_shape(g, skip), NM_SHAPE2(s.dim[0], s.dim[2])) ||
      !nm_shape_equal(nm_graph_shape(g, len_t), batch) || !nm_shape_equal(nm_graph_shape(g, len_k), batch))
    return nm_graph_fail(g, "forward_sum: needs log_prob [B, T, K], skip [B, K], len_t [B], len_k [B]");
  const NmVar src[] = {log_prob, skip, len_t, len_k};
  return nm_graph_add(g, NM_OP_FORWARD_SUM, src, 4, NULL, batch);
}

NmVar nm_lstm(NmGraph *g, NmVar x, NmVar wx, NmVar wh, NmVar b, bool reverse)
{
  if (any_invalid(g, x, wx, b) || nm_graph_invalid(g, wh)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x), h = nm_graph_shape(g, wh);
  const int64_t H = h.dim[0];
  if (s.n_dims != 3 || !nm_shape_equal(nm_graph_shape(g, wx), NM_SHAPE2(s.dim[2], 4 * H)) ||
      !nm_shape_equal(h, NM_SHAPE2(H, 4 * H)) || !is_bias(g, b, 4 * H) || b == NM_VAR_NONE)
    return nm_graph_fail(g, "lstm: needs x [B, T, I], wx [I, 4 H], wh [H, 4 H], b [4 H]");
  const NmVar src[] = {x, wx, wh, b};
  const NmOpArgs args = {.i = {reverse}};
  return nm_graph_add(g, NM_OP_LSTM, src, 4, &args, NM_SHAPE3(s.dim[0], s.dim[1], H));
}
