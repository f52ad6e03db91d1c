// SPDX-License-Identifier: GPL-3.0-or-later
// Builders of elementwise ops, reductions, normalisation and losses.
#include "models/engine/ops.h"

#include <math.h>

static bool broadcast(NmShape a, NmShape b, NmShape *y)
{
  y->n_dims = a.n_dims > b.n_dims ? a.n_dims : b.n_dims;
  for (int i = 0; i < 4; ++i) y->dim[i] = 1;
  for (int i = 1; i <= y->n_dims; ++i) {
    const int64_t da = i <= a.n_dims ? a.dim[a.n_dims - i] : 1, db = i <= b.n_dims ? b.dim[b.n_dims - i] : 1;
    if (da != db && da != 1 && db != 1) return false;
    y->dim[y->n_dims - i] = da > db ? da : db;
  }
  return true;
}

NmVar nm_binary(NmGraph *g, NmBinary kind, NmVar a, NmVar b)
{
  static const char *const names[] = {"add", "sub", "mul", "div"};
  char left[96], right[96];
  NmShape y;
  if (nm_graph_invalid(g, a) || nm_graph_invalid(g, b)) return NM_VAR_NONE;
  const NmShape sa = nm_graph_shape(g, a), sb = nm_graph_shape(g, b);
  if (!broadcast(sa, sb, &y))
    return nm_graph_fail(g, "%s: %s and %s do not broadcast", names[kind],
                         nm_shape_print(sa, left, sizeof left), nm_shape_print(sb, right, sizeof right));
  const NmVar src[] = {a, b};
  const NmOpArgs args = {.i = {kind}};
  return nm_graph_add(g, NM_OP_BINARY, src, 2, &args, y);
}

NmVar nm_add(NmGraph *g, NmVar a, NmVar b)
{
  return nm_binary(g, NM_ADD, a, b);
}
NmVar nm_sub(NmGraph *g, NmVar a, NmVar b)
{
  return nm_binary(g, NM_SUB, a, b);
}
NmVar nm_mul(NmGraph *g, NmVar a, NmVar b)
{
  return nm_binary(g, NM_MUL, a, b);
}
NmVar nm_div(NmGraph *g, NmVar a, NmVar b)
{
  return nm_binary(g, NM_DIV, a, b);
}

NmVar nm_unary(NmGraph *g, NmUnary kind, NmVar x, double r0, double r1)
{
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmOpArgs args = {.i = {kind}, .r = {r0, r1}};
  return nm_graph_add(g, NM_OP_UNARY, &x, 1, &args, nm_graph_shape(g, x));
}

NmVar nm_relu(NmGraph *g, NmVar x)
{
  return nm_unary(g, NM_RELU, x, 0, 0);
}
NmVar nm_gelu(NmGraph *g, NmVar x)
{
  return nm_unary(g, NM_GELU, x, 0, 0);
}
NmVar nm_tanh(NmGraph *g, NmVar x)
{
  return nm_unary(g, NM_TANH, x, 0, 0);
}
NmVar nm_sigmoid(NmGraph *g, NmVar x)
{
  return nm_unary(g, NM_SIGMOID, x, 0, 0);
}
NmVar nm_exp(NmGraph *g, NmVar x)
{
  return nm_unary(g, NM_EXP, x, 0, 0);
}
NmVar nm_abs(NmGraph *g, NmVar x)
{
  return nm_unary(g, NM_ABS, x, 0, 0);
}
NmVar nm_square(NmGraph *g, NmVar x)
{
  return nm_unary(g, NM_SQUARE, x, 0, 0);
}
NmVar nm_leaky_relu(NmGraph *g, NmVar x, double slope)
{
  return nm_unary(g, NM_LEAKY_RELU, x, slope, 0);
}
NmVar nm_ln(NmGraph *g, NmVar x, double floor)
{
  return nm_unary(g, NM_LOG, x, floor, 0);
}
NmVar nm_affine(NmGraph *g, NmVar x, double scale, double shift)
{
  return nm_unary(g, NM_AFFINE, x, scale, shift);
}
NmVar nm_clamp(NmGraph *g, NmVar x, double low, double high)
{
  return nm_unary(g, NM_CLAMP, x, low, high);
}

NmVar nm_sum(NmGraph *g, NmVar x, int axis)
{
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  NmShape y = nm_graph_shape(g, x);
  if (axis < -1 || axis >= y.n_dims) return nm_graph_fail(g, "sum: axis %d does not exist", axis);
  if (axis < 0)
    y = NM_SHAPE1(1);
  else
    y.dim[axis] = 1;
  const NmOpArgs args = {.i = {axis}};
  return nm_graph_add(g, NM_OP_SUM, &x, 1, &args, y);
}

NmVar nm_mean(NmGraph *g, NmVar x, int axis)
{
  const NmVar sum = nm_sum(g, x, axis);
  if (sum == NM_VAR_NONE) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x);
  return nm_affine(g, sum, 1.0 / (double)(axis < 0 ? nm_shape_count(s) : s.dim[axis]), 0);
}

NmVar nm_layer_norm(NmGraph *g, NmVar x, NmVar gain, NmVar bias, double eps)
{
  if (nm_graph_invalid(g, x) || nm_graph_invalid(g, gain) || nm_graph_invalid(g, bias)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x), c = NM_SHAPE1(nm_shape_channels(s));
  if (!nm_shape_equal(nm_graph_shape(g, gain), c) || !nm_shape_equal(nm_graph_shape(g, bias), c))
    return nm_graph_fail(g, "layer_norm: gain and bias must be [%lld]", (long long)c.dim[0]);
  const NmVar src[] = {x, gain, bias};
  const NmOpArgs args = {.r = {eps}};
  return nm_graph_add(g, NM_OP_LAYER_NORM, src, 3, &args, s);
}

NmVar nm_dropout(NmGraph *g, NmVar x, double p)
{
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  if (!(p >= 0 && p < 1)) return nm_graph_fail(g, "dropout: p is %g, not in [0, 1)", p);
  const NmOpArgs args = {.r = {p}};
  return nm_graph_add(g, NM_OP_DROPOUT, &x, 1, &args, nm_graph_shape(g, x));
}

static NmVar softmax(NmGraph *g, NmVar x, int64_t logarithm)
{
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmOpArgs args = {.i = {logarithm}};
  return nm_graph_add(g, NM_OP_SOFTMAX, &x, 1, &args, nm_graph_shape(g, x));
}

NmVar nm_softmax(NmGraph *g, NmVar x)
{
  return softmax(g, x, 0);
}
NmVar nm_log_softmax(NmGraph *g, NmVar x)
{
  return softmax(g, x, 1);
}

NmVar nm_cross_entropy(NmGraph *g, NmVar logits, NmVar targets, double smoothing)
{
  if (nm_graph_invalid(g, logits) || nm_graph_invalid(g, targets)) return NM_VAR_NONE;
  NmShape rows = nm_graph_shape(g, logits);
  rows.dim[--rows.n_dims] = 1;
  if (rows.n_dims < 1 || !nm_shape_equal(rows, nm_graph_shape(g, targets)) ||
      nm_graph_type(g, targets) != NM_TYPE_INT)
    return nm_graph_fail(g, "cross_entropy: needs logits [..., V] and one integer target for each row");
  const NmVar src[] = {logits, targets};
  const NmOpArgs args = {.r = {smoothing}};
  return nm_graph_add(g, NM_OP_CROSS_ENTROPY, src, 2, &args, rows);
}

// sum(w d) / max(sum(w), 1e-8), w broadcast to d.
static NmVar weighted_mean(NmGraph *g, NmVar d, NmVar w)
{
  if (w == NM_VAR_NONE) return nm_mean(g, d, -1);
  if (nm_graph_invalid(g, d) || nm_graph_invalid(g, w)) return NM_VAR_NONE;
  const double copies =
      (double)nm_shape_count(nm_graph_shape(g, d)) / (double)nm_shape_count(nm_graph_shape(g, w));
  const NmVar total = nm_clamp(g, nm_affine(g, nm_sum(g, w, -1), copies, 0), 1e-8, INFINITY);
  return nm_div(g, nm_sum(g, nm_mul(g, d, w), -1), total);
}

NmVar nm_loss_l1(NmGraph *g, NmVar a, NmVar b, NmVar w)
{
  return weighted_mean(g, nm_abs(g, nm_sub(g, a, b)), w);
}

NmVar nm_loss_mse(NmGraph *g, NmVar a, NmVar b, NmVar w)
{
  return weighted_mean(g, nm_square(g, nm_sub(g, a, b)), w);
}

// softplus(x) - t x.
NmVar nm_loss_bce(NmGraph *g, NmVar logits, NmVar targets, NmVar w)
{
  const NmVar plus = nm_unary(g, NM_SOFTPLUS, logits, 0, 0);
  return weighted_mean(g, nm_sub(g, plus, nm_mul(g, targets, logits)), w);
}
