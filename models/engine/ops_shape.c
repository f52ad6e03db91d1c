// SPDX-License-Identifier: GPL-3.0-or-later
// Builders of ops that move or combine elements.
#include "models/engine/ops.h"

NmVar nm_reshape(NmGraph *g, NmVar x, NmShape shape)
{
  char have[96], want[96];
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x);
  if (nm_shape_count(s) != nm_shape_count(shape))
    return nm_graph_fail(g, "reshape: %s cannot become %s", nm_shape_print(s, have, sizeof have),
                         nm_shape_print(shape, want, sizeof want));
  return nm_graph_add(g, NM_OP_RESHAPE, &x, 1, NULL, shape);
}

NmVar nm_permute(NmGraph *g, NmVar x, const int *perm)
{
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x);
  NmShape y = s;
  NmOpArgs args = {.i = {0}};
  unsigned seen = 0;
  for (int i = 0; i < s.n_dims; ++i) {
    if (perm[i] < 0 || perm[i] >= s.n_dims)
      return nm_graph_fail(g, "permute: dimension %d does not exist", perm[i]);
    y.dim[i] = s.dim[perm[i]];
    args.i[i] = perm[i];
    seen |= 1u << perm[i];
  }
  if (seen != (1u << s.n_dims) - 1) return nm_graph_fail(g, "permute: a dimension is named twice");
  return nm_graph_add(g, NM_OP_PERMUTE, &x, 1, &args, y);
}

NmVar nm_concat(NmGraph *g, const NmVar *x, int n, int axis)
{
  if (n < 1 || n > NM_OP_MAX_SOURCES)
    return nm_graph_fail(g, "concat: %d sources, not 1 to %d", n, NM_OP_MAX_SOURCES);
  NmShape y = {0};
  for (int i = 0; i < n; ++i) {
    if (nm_graph_invalid(g, x[i])) return NM_VAR_NONE;
    NmShape s = nm_graph_shape(g, x[i]);
    if (axis < 0 || axis >= s.n_dims) return nm_graph_fail(g, "concat: axis %d does not exist", axis);
    const int64_t len = s.dim[axis];
    s.dim[axis] = y.dim[axis];
    if (i > 0 && !nm_shape_equal(s, y)) return nm_graph_fail(g, "concat: source %d has another shape", i);
    y = s;
    y.dim[axis] = (i > 0 ? y.dim[axis] : 0) + len;
  }
  const NmOpArgs args = {.i = {axis}};
  return nm_graph_add(g, NM_OP_CONCAT, x, n, &args, y);
}

NmVar nm_slice(NmGraph *g, NmVar x, int axis, int64_t start, int64_t len)
{
  char text[96];
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  NmShape s = nm_graph_shape(g, x);
  if (axis < 0 || axis >= s.n_dims || start < 0 || len < 1 || start > s.dim[axis] - len)
    return nm_graph_fail(g, "slice: %lld from %lld on axis %d does not fit %s", (long long)len,
                         (long long)start, axis, nm_shape_print(s, text, sizeof text));
  s.dim[axis] = len;
  const NmOpArgs args = {.i = {axis, start}};
  return nm_graph_add(g, NM_OP_SLICE, &x, 1, &args, s);
}

NmVar nm_pad(NmGraph *g, NmVar x, int axis, int64_t before, int64_t after)
{
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  NmShape s = nm_graph_shape(g, x);
  if (axis < 0 || axis >= s.n_dims || before < 0 || after < 0)
    return nm_graph_fail(g, "pad: %lld before and %lld after on axis %d", (long long)before, (long long)after,
                         axis);
  s.dim[axis] += before + after;
  const NmOpArgs args = {.i = {axis, before}};
  return nm_graph_add(g, NM_OP_PAD, &x, 1, &args, s);
}

NmVar nm_embedding(NmGraph *g, NmVar table, NmVar ids)
{
  if (nm_graph_invalid(g, table) || nm_graph_invalid(g, ids)) return NM_VAR_NONE;
  const NmShape t = nm_graph_shape(g, table);
  NmShape y = nm_graph_shape(g, ids);
  if (t.n_dims != 2 || y.n_dims > 3 || nm_graph_type(g, ids) != NM_TYPE_INT)
    return nm_graph_fail(g, "embedding: needs a table [V, C] and integer ids of at most 3 dimensions");
  y.dim[y.n_dims++] = t.dim[1];
  const NmVar src[] = {table, ids};
  return nm_graph_add(g, NM_OP_EMBEDDING, src, 2, NULL, y);
}

static bool is_index(const NmGraph *g, NmVar x, NmVar index)
{
  const NmShape s = nm_graph_shape(g, x), i = nm_graph_shape(g, index);
  return s.n_dims == 3 && i.n_dims == 2 && i.dim[0] == s.dim[0] && nm_graph_type(g, index) == NM_TYPE_INT;
}

NmVar nm_gather_rows(NmGraph *g, NmVar x, NmVar index)
{
  if (nm_graph_invalid(g, x) || nm_graph_invalid(g, index)) return NM_VAR_NONE;
  if (!is_index(g, x, index))
    return nm_graph_fail(g, "gather_rows: needs x [B, K, C] and integer index [B, T]");
  const NmShape s = nm_graph_shape(g, x);
  const NmVar src[] = {x, index};
  return nm_graph_add(g, NM_OP_GATHER_ROWS, src, 2, NULL,
                      NM_SHAPE3(s.dim[0], nm_graph_shape(g, index).dim[1], s.dim[2]));
}

NmVar nm_gather_last(NmGraph *g, NmVar x, NmVar index, double fill)
{
  if (nm_graph_invalid(g, x) || nm_graph_invalid(g, index)) return NM_VAR_NONE;
  if (!is_index(g, x, index))
    return nm_graph_fail(g, "gather_last: needs x [B, T, V] and integer index [B, K]");
  const NmShape s = nm_graph_shape(g, x);
  const NmVar src[] = {x, index};
  const NmOpArgs args = {.r = {fill}};
  return nm_graph_add(g, NM_OP_GATHER_LAST, src, 2, &args,
                      NM_SHAPE3(s.dim[0], s.dim[1], nm_graph_shape(g, index).dim[1]));
}

NmVar nm_mask_rows(NmGraph *g, NmVar x, NmVar lengths)
{
  if (nm_graph_invalid(g, x) || nm_graph_invalid(g, lengths)) return NM_VAR_NONE;
  const NmShape s = nm_graph_shape(g, x), l = nm_graph_shape(g, lengths);
  if (s.n_dims < 2 || l.n_dims != 1 || l.dim[0] != s.dim[0] || nm_graph_type(g, lengths) != NM_TYPE_INT)
    return nm_graph_fail(g, "mask_rows: needs x [B, T, ...] and integer lengths [B]");
  const NmVar src[] = {x, lengths};
  return nm_graph_add(g, NM_OP_MASK_ROWS, src, 2, NULL, s);
}
