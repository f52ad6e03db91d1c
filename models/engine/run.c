// SPDX-License-Identifier: GPL-3.0-or-later
// Running a planned graph forward, and its tape backward.
#include "models/engine/graph_internal.h"

static void gather(NmGraph *g, const NmNode *node, NmTensor **src)
{
  for (int s = 0; s < node->n_src; ++s) src[s] = node->src[s] >= 0 ? &g->nodes[node->src[s]].tensor : NULL;
}

// Packs the node's parameter when no graph has done so.
static void pack(NmGraph *g, const NmNode *node)
{
  const NmNode *param = node->n_src > 1 && node->src[1] >= 0 ? &g->nodes[node->src[1]] : NULL;
  NmTensor *src[NM_OP_MAX_SOURCES];
  if (!param || !param->tensor.packed || !nm_params_pack_now(param->params, param->i_param)) return;
  gather(g, node, src);
  g->backend->rows[node->op]->pack(g->pool, src, nm_params_half(param->params, param->i_param),
                                   param->tensor.packed);
}

void nm_graph_prepare(NmGraph *g)
{
  for (int32_t i = 0; i < g->n_nodes && g->planned; ++i)
    if (g->nodes[i].needed) pack(g, &g->nodes[i]);
}

static void run_node(NmGraph *g, int32_t i, bool backward)
{
  NmNode *node = &g->nodes[i];
  const NmKernelRow *row = g->backend->rows[node->op];
  if (!row || node->joined) return;
  NmTensor *src[NM_OP_MAX_SOURCES];
  gather(g, node, src);
  const NmKernelRun run = {.context = g->context,
                           .pool = g->pool,
                           .scratch = g->scratch.memory,
                           .saved = node->saved,
                           .seed = g->seed,
                           .node = i,
                           .training = g->training,
                           .then = node->then};
  const NmKernelFn kernel = backward ? row->backward : row->forward;
  if (kernel) kernel(&run, &node->args, src, node->n_src, &node->tensor);
}

void nm_graph_forward(NmGraph *g)
{
  if (!g->planned) return;
  nm_graph_prepare(g);
  for (int32_t i = 0; i < g->n_nodes; ++i)
    if (g->nodes[i].needed) run_node(g, i, false);
}

static void mark_reached(NmGraph *g, NmVar loss)
{
  for (int32_t i = 0; i < g->n_nodes; ++i) g->nodes[i].reached = i == loss;
  for (int32_t i = loss; i >= 0; --i)
    for (int s = 0; g->nodes[i].reached && g->nodes[i].wants_grad && s < g->nodes[i].n_src; ++s)
      if (g->nodes[i].src[s] >= 0) g->nodes[g->nodes[i].src[s]].reached = true;
}

static bool owns_gradient(const NmNode *node, int32_t i)
{
  return node->root == i && node->tensor.grad && node->op != NM_OP_PARAM;
}

static void zero_gradient(NmGraph *g, const NmNode *node)
{
  const size_t n = (size_t)nm_shape_count(node->tensor.shape);
  g->backend->memory_zero(g->context, node->tensor.grad, n * g->backend->size_real);
}

// Whether node i runs backward, and can begin the gradient of root k, which is born there: it reads that root
// through one source alone.
static bool begins(NmGraph *g, int32_t i, int32_t k, NmTensor **source)
{
  if (i >= g->n_nodes || !g->nodes[i].reached || !g->nodes[i].wants_grad) return false;
  const NmNode *node = &g->nodes[i];
  const NmKernelRow *row = g->backend->rows[node->op];
  int n = 0;
  for (int s = 0; s < node->n_src; ++s)
    if (node->src[s] >= 0 && g->nodes[node->src[s]].root == k) {
      *source = &g->nodes[node->src[s]].tensor;
      ++n;
    }
  return row && row->backward && row->sets_fresh && n == 1 && (*source)->grad;
}

// Gradients born at node i: its backward sets them, or adds to zeros.
static void bear_gradients(NmGraph *g, int32_t i)
{
  NmTensor *source = NULL;
  for (int32_t k = g->first_born[i]; k >= 0; k = g->nodes[k].next_born) {
    if (g->nodes[k].op == NM_OP_INPUT || !owns_gradient(&g->nodes[k], k)) continue;
    if (begins(g, i, k, &source))
      source->fresh = true;
    else
      zero_gradient(g, &g->nodes[k]);
  }
}

static void run_backward(NmGraph *g, int32_t i)
{
  const NmNode *node = &g->nodes[i];
  run_node(g, i, true);
  for (int s = 0; s < node->n_src; ++s)
    if (node->src[s] >= 0) g->nodes[node->src[s]].tensor.fresh = false;
}

void nm_graph_backward(NmGraph *g, NmVar loss)
{
  if (!g->planned || !g->with_gradients || loss < 0 || loss >= g->n_nodes || !g->nodes[loss].tensor.grad)
    return;
  const float one = 1;
  mark_reached(g, loss);
  for (int32_t i = 0; i < g->n_nodes; ++i)
    if (g->nodes[i].op == NM_OP_INPUT && owns_gradient(&g->nodes[i], i)) zero_gradient(g, &g->nodes[i]);
  for (int32_t i = g->n_nodes; i >= 0; --i) {
    bear_gradients(g, i);
    if (i == loss) g->backend->upload_real(g->context, g->nodes[loss].tensor.grad, &one, 1);
    if (i < g->n_nodes && g->nodes[i].reached && g->nodes[i].wants_grad) run_backward(g, i);
  }
}
