// SPDX-License-Identifier: GPL-3.0-or-later
// How much work a graph's products are.
#include "models/engine/graph_internal.h"

static double count_of(const NmGraph *g, NmVar x)
{
  return (double)nm_shape_count(g->nodes[x].tensor.shape);
}

static double dim_of(const NmGraph *g, NmVar x, int i)
{
  return (double)g->nodes[x].tensor.shape.dim[i];
}

// Multiplications of a node's forward.
static double count_products(const NmGraph *g, int32_t i)
{
  const NmVar *src = g->nodes[i].src;
  switch (g->nodes[i].op) {
  case NM_OP_LINEAR: return count_of(g, i) * dim_of(g, src[1], 0);
  case NM_OP_MATMUL: return count_of(g, i) * dim_of(g, src[0], 2);
  case NM_OP_CONV1D:
  case NM_OP_CONV1D_DEPTHWISE: return count_of(g, i) * dim_of(g, src[1], 0) * dim_of(g, src[1], 1);
  case NM_OP_CONV1D_TRANSPOSE: return count_of(g, src[0]) * dim_of(g, src[1], 0) * dim_of(g, i, 2);
  case NM_OP_SQ_DIST: return count_of(g, i) * dim_of(g, src[0], 2);
  case NM_OP_LSTM: return 4 * count_of(g, i) * (dim_of(g, src[1], 0) + dim_of(g, src[2], 0));
  case NM_OP_ATTENTION: return dim_of(g, src[1], 1) * (count_of(g, src[0]) + count_of(g, i));
  case NM_OP_ATTENTION_WEIGHTS: return dim_of(g, src[1], 1) * count_of(g, src[0]);
  default: return 0;
  }
}

// How often backward makes as many products: once for each factor that wants a gradient.
static double count_factors(const NmGraph *g, const NmNode *node)
{
  double n = 0;
  for (int s = 0; s < 2 && s < node->n_src; ++s) n += node->src[s] >= 0 && g->nodes[node->src[s]].wants_grad;
  return n;
}

double nm_graph_count_operations(const NmGraph *g)
{
  double sum = 0;
  for (int32_t i = 0; i < g->n_nodes && g->planned; ++i) {
    const NmNode *node = &g->nodes[i];
    if (node->needed)
      sum += 2 * count_products(g, i) * (1 + (g->with_gradients ? count_factors(g, node) : 0));
  }
  return sum;
}
