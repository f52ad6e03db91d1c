// SPDX-License-Identifier: GPL-3.0-or-later
// Laying out a graph's memory: which nodes run, how long values and gradients live, and where they stand.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/engine/graph_internal.h"
#include "models/engine/ops.h"

#define ALIGN 64u

static size_t round_up(size_t n)
{
  return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static size_t size_of(const NmGraph *g, const NmNode *node)
{
  const size_t size = node->tensor.type == NM_TYPE_INT ? sizeof(int32_t) : g->backend->size_real;
  return round_up((size_t)nm_shape_count(node->tensor.shape) * size);
}

// Free stretches of an address space, best fit, neighbours merged. `top` is how far it was ever used.
typedef struct {
  size_t offset, size;
} Hole;

typedef struct {
  Hole *holes; // [n], by offset
  int32_t n, capacity;
  size_t top;
} Space;

static size_t space_take(Space *s, size_t size)
{
  int32_t best = -1;
  for (int32_t i = 0; i < s->n; ++i)
    if (s->holes[i].size >= size && (best < 0 || s->holes[i].size < s->holes[best].size)) best = i;
  if (best < 0) {
    size_t offset = s->top;
    if (s->n && s->holes[s->n - 1].offset + s->holes[s->n - 1].size == s->top)
      offset = s->holes[--s->n].offset;
    s->top = offset + size;
    return offset;
  }
  Hole *hole = &s->holes[best];
  const size_t offset = hole->offset;
  hole->offset += size;
  hole->size -= size;
  if (hole->size == 0) memmove(hole, hole + 1, (size_t)(--s->n - best) * sizeof *hole);
  return offset;
}

static void space_give(Space *s, size_t offset, size_t size)
{
  int32_t i = 0;
  while (i < s->n && s->holes[i].offset < offset) ++i;
  if (i > 0 && s->holes[i - 1].offset + s->holes[i - 1].size == offset) {
    s->holes[i - 1].size += size;
    if (i < s->n && offset + size == s->holes[i].offset) {
      s->holes[i - 1].size += s->holes[i].size;
      memmove(&s->holes[i], &s->holes[i + 1], (size_t)(--s->n - i) * sizeof *s->holes);
    }
  } else if (i < s->n && offset + size == s->holes[i].offset) {
    s->holes[i].offset = offset;
    s->holes[i].size += size;
  } else if (s->n < s->capacity) {
    memmove(&s->holes[i + 1], &s->holes[i], (size_t)(s->n++ - i) * sizeof *s->holes);
    s->holes[i] = (Hole){offset, size};
  }
}

static void mark_needed(NmGraph *g, bool gradients)
{
  for (int32_t i = 0; i < g->n_nodes; ++i) g->nodes[i].needed = gradients || g->nodes[i].is_output;
  for (int32_t i = g->n_nodes - 1; i >= 0; --i)
    for (int s = 0; g->nodes[i].needed && s < g->nodes[i].n_src; ++s)
      if (g->nodes[i].src[s] >= 0) g->nodes[g->nodes[i].src[s]].needed = true;
}

static void note_use(NmNode *root, int32_t at)
{
  if (at < root->first_use) root->first_use = at;
  if (at > root->last_use) root->last_use = at;
}

// Lifetimes, kept at the roots: views extend the life of what they look at.
static void measure_lives(NmGraph *g)
{
  for (int32_t i = 0; i < g->n_nodes; ++i) g->nodes[i].first_use = g->nodes[i].last_use = i;
  for (int32_t i = 0; i < g->n_nodes; ++i) {
    NmNode *node = &g->nodes[i];
    if (!node->needed) continue;
    for (int s = 0; s < node->n_src; ++s)
      if (node->src[s] >= 0) note_use(&g->nodes[g->nodes[node->src[s]].root], i);
    if (node->is_output) note_use(&g->nodes[node->root], g->n_nodes);
  }
}

// Activations of products whose parameter is packed are done by the product, while its result is at hand.
static NmThen find_then(const NmNode *node)
{
  if (node->op != NM_OP_UNARY || node->is_output) return NM_THEN_NOTHING;
  if (node->args.i[0] == NM_GELU) return NM_THEN_GELU;
  return node->args.i[0] == NM_RELU ? NM_THEN_RELU : NM_THEN_NOTHING;
}

static bool has_packed(const NmGraph *g, const NmNode *node)
{
  return node->n_src > 1 && node->src[1] >= 0 && g->nodes[node->src[1]].tensor.packed;
}

static void count_uses(NmGraph *g)
{
  for (int32_t i = 0; i < g->n_nodes; ++i) {
    NmNode *node = &g->nodes[i];
    node->n_uses = 0;
    for (int s = 0; node->needed && s < node->n_src; ++s)
      if (node->src[s] >= 0) ++g->nodes[node->src[s]].n_uses;
  }
}

// The kernel whose result node i is, when that is a product with a packed parameter.
static NmNode *find_product(NmGraph *g, int32_t i)
{
  NmNode *node = g->nodes[i].joined ? &g->nodes[g->nodes[i].src[0]] : &g->nodes[i];
  return has_packed(g, node) ? node : NULL;
}

// What one product makes for another alone passes between them rounded, as the second would round it.
static void pass_rounded(NmGraph *g, const NmNode *node)
{
  if (!node->needed || !has_packed(g, node) || !g->backend->rows[node->op]->reads_rounded) return;
  NmNode *x = &g->nodes[node->src[0]], *product = find_product(g, node->src[0]);
  if (!product || !g->backend->rows[product->op]->writes_rounded) return;
  if (x->n_uses > 1 || x->is_output || nm_shape_channels(x->tensor.shape) % 2) return;
  x->tensor.rounded = product->tensor.rounded = true;
}

static void join(NmGraph *g)
{
  count_uses(g);
  for (int32_t i = 0; i < g->n_nodes; ++i) {
    NmNode *node = &g->nodes[i];
    node->joined = false;
    node->then = NM_THEN_NOTHING;
    NmNode *product = node->needed && node->n_src ? &g->nodes[node->src[0]] : NULL;
    const NmThen then = find_then(node);
    if (then && product && product->n_uses == 1 && !product->is_output && has_packed(g, product)) {
      node->joined = true;
      product->then = then;
    }
    node->tensor.rounded = false;
    pass_rounded(g, node);
    node->root = node->joined || node->op == NM_OP_RESHAPE ? g->nodes[node->src[0]].root : i;
  }
}

// Lists the roots by the node that reads them last, where their gradients are born going backward.
static bool link_births(NmGraph *g)
{
  g->first_born = nm_arena_calloc(&g->arena, (size_t)g->n_nodes + 1, sizeof *g->first_born);
  for (int32_t i = 0; g->first_born && i <= g->n_nodes; ++i) g->first_born[i] = -1;
  for (int32_t k = g->n_nodes - 1; g->first_born && k >= 0; --k) {
    NmNode *node = &g->nodes[k];
    if (node->root != k) continue;
    node->next_born = g->first_born[node->last_use];
    g->first_born[node->last_use] = k;
  }
  return g->first_born != NULL;
}

static bool owns_memory(const NmGraph *g, int32_t i)
{
  return g->nodes[i].root == i && g->nodes[i].op != NM_OP_PARAM && g->nodes[i].needed;
}

// Inputs keep their place: they may be set once and read by every forward.
static bool is_lasting(const NmGraph *g, int32_t i, bool gradients)
{
  return gradients || g->nodes[i].op == NM_OP_INPUT || g->nodes[i].last_use >= g->n_nodes;
}

static void place_values(NmGraph *g, bool gradients, Space *space, size_t *offset)
{
  for (int32_t i = 0; i < g->n_nodes; ++i)
    if (owns_memory(g, i) && is_lasting(g, i, gradients)) {
      offset[i] = space_take(space, size_of(g, &g->nodes[i]));
      g->size_unshared += size_of(g, &g->nodes[i]);
    }
  for (int32_t i = 0; i < g->n_nodes && !gradients; ++i) {
    if (owns_memory(g, i) && !is_lasting(g, i, gradients)) {
      offset[i] = space_take(space, size_of(g, &g->nodes[i]));
      g->size_unshared += size_of(g, &g->nodes[i]);
    }
    const NmNode *node = &g->nodes[i];
    for (int s = 0; node->needed && s < node->n_src; ++s) {
      if (node->src[s] < 0) continue;
      const int32_t root = g->nodes[node->src[s]].root;
      bool again = false; // the same root twice among the sources is given back once
      for (int r = 0; r < s; ++r) again |= node->src[r] >= 0 && g->nodes[node->src[r]].root == root;
      if (!again && owns_memory(g, root) && !is_lasting(g, root, gradients) && g->nodes[root].last_use == i)
        space_give(space, offset[root], size_of(g, &g->nodes[root]));
    }
    if (owns_memory(g, i) && !is_lasting(g, i, gradients) && node->last_use == i)
      space_give(space, offset[i], size_of(g, node));
  }
}

// Going backward, a gradient is born at the last node that uses the value and dies after its own node's
// backward. Those of inputs stay.
static void place_gradients(NmGraph *g, Space *space, size_t *offset)
{
  for (int32_t i = 0; i < g->n_nodes; ++i)
    if (owns_memory(g, i) && g->nodes[i].wants_grad && g->nodes[i].op == NM_OP_INPUT)
      offset[i] = space_take(space, size_of(g, &g->nodes[i]));
  for (int32_t i = g->n_nodes; i >= 0; --i) {
    for (int32_t k = g->first_born[i]; k >= 0; k = g->nodes[k].next_born) {
      const NmNode *node = &g->nodes[k];
      if (owns_memory(g, k) && node->wants_grad && node->op != NM_OP_INPUT)
        offset[k] = space_take(space, size_of(g, node));
    }
    if (i < g->n_nodes && owns_memory(g, i) && g->nodes[i].wants_grad && g->nodes[i].op != NM_OP_INPUT)
      space_give(space, offset[i], size_of(g, &g->nodes[i]));
  }
}

enum {
  SMALL = 16 << 20
}; // slabs below this grow twofold: seldom, for room that is not touched costs nothing

static NmStatus ensure(NmGraph *g, NmSlab *slab, size_t size)
{
  if (size <= slab->size) return NM_OK;
  g->backend->memory_free(g->context, slab->memory);
  size += size < SMALL ? size : size / 8;
  slab->memory = g->backend->memory_alloc(g->context, size);
  slab->size = slab->memory ? size : 0;
  return slab->memory ? NM_OK : NM_ERR_NO_MEMORY;
}

static int gather_sources(NmGraph *g, const NmNode *node, NmTensor **src)
{
  for (int s = 0; s < node->n_src; ++s) src[s] = node->src[s] >= 0 ? &g->nodes[node->src[s]].tensor : NULL;
  return node->n_src;
}

// Scratch is shared: the largest wish. What forward keeps for backward gets its own place behind the values.
static void place_scratch(NmGraph *g, bool gradients, Space *space, size_t *size_scratch, size_t *saved)
{
  const int n_threads = nm_pool_get_n_threads(g->pool);
  *size_scratch = 0;
  for (int32_t i = 0; i < g->n_nodes; ++i) {
    NmNode *node = &g->nodes[i];
    const NmKernelRow *row = g->backend->rows[node->op];
    NmTensor *src[NM_OP_MAX_SOURCES];
    saved[i] = 0;
    if (!node->needed || !row) continue;
    const int n_src = gather_sources(g, node, src);
    const size_t n =
        row->size_scratch ? row->size_scratch(&node->args, src, n_src, &node->tensor, n_threads) : 0;
    if (n > *size_scratch) *size_scratch = n;
    if (gradients && node->wants_grad && row->size_saved)
      saved[i] =
          space_take(space,
                     round_up(row->size_saved(&node->args, src, n_src, &node->tensor, n_threads)) + ALIGN) +
          1;
  }
}

static NmStatus check_rows(NmGraph *g, NmError *err)
{
  for (int32_t i = 0; i < g->n_nodes; ++i) {
    const NmNode *node = &g->nodes[i];
    const bool bare = node->op == NM_OP_INPUT || node->op == NM_OP_PARAM || node->op == NM_OP_RESHAPE;
    if (!bare && (!g->backend->rows[node->op] || !g->backend->rows[node->op]->forward))
      return nm_error_set(err, NM_ERR_UNSUPPORTED, "the %s backend has no kernel for op %d", g->backend->name,
                          node->op);
    if (node->op == NM_OP_PARAM && !nm_params_is_sealed(node->params))
      return nm_error_set(err, NM_ERR_BAD_ARG, "the parameters must be sealed before a graph is planned");
  }
  return NM_OK;
}

// Whether node i has its parameter packed; the size of that.
static size_t size_packed(NmGraph *g, const NmNode *node)
{
  const NmKernelRow *row = g->backend->rows[node->op];
  NmTensor *src[NM_OP_MAX_SOURCES];
  if (!row || !row->size_packed || g->nodes[node->src[1]].op != NM_OP_PARAM) return 0;
  const NmNode *param = &g->nodes[node->src[1]];
  gather_sources(g, node, src);
  return nm_params_half(param->params, param->i_param) ? row->size_packed(&node->args, src) : 0;
}

static bool reserve_packed(NmGraph *g, const NmNode *node, size_t size)
{
  NmNode *param = &g->nodes[node->src[1]];
  param->tensor.packed = nm_params_packed(param->params, param->i_param, size);
  return param->tensor.packed != NULL;
}

// Room for the parameters of kernels that want them packed; notes those whose values are read as they are.
static bool place_packed(NmGraph *g, bool gradients)
{
  for (int32_t i = 0; i < g->n_nodes; ++i) {
    NmNode *node = &g->nodes[i];
    node->tensor.packed = NULL;
    node->widened = node->is_output;
    if (!node->needed) continue;
    const size_t size = gradients ? 0 : size_packed(g, node);
    if (size && !reserve_packed(g, node, size)) return false;
    for (int s = 0; s < node->n_src; ++s)
      if (node->src[s] >= 0 && !(size && s == 1)) g->nodes[node->src[s]].widened = true;
  }
  return true;
}

static void set_value(NmGraph *g, NmNode *node, const size_t *offset, int32_t i)
{
  if (node->op == NM_OP_PARAM)
    node->tensor.value = node->widened ? nm_params_value(node->params, node->i_param) : NULL;
  else
    node->tensor.value = node->needed ? (char *)g->values.memory + offset[i] : NULL;
}

static bool set_grad(NmGraph *g, NmNode *node, const size_t *offset, int32_t i)
{
  node->tensor.grad = NULL;
  if (!node->wants_grad) return true;
  if (node->op != NM_OP_PARAM)
    node->tensor.grad = (char *)g->grads.memory + offset[i];
  else
    node->tensor.grad = nm_params_grad(node->params, node->i_param);
  return node->tensor.grad != NULL;
}

static bool set_pointers(NmGraph *g, bool gradients, const size_t *values, const size_t *grads,
                         const size_t *saved)
{
  for (int32_t i = 0; i < g->n_nodes; ++i) {
    NmNode *node = &g->nodes[i];
    const NmNode *root = &g->nodes[node->root];
    if (node->root == i) {
      set_value(g, node, values, i);
      if (gradients && !set_grad(g, node, grads, i)) return false;
      if (!gradients) node->tensor.grad = NULL;
    } else {
      node->tensor.value = root->tensor.value;
      node->tensor.grad = node->wants_grad ? root->tensor.grad : NULL;
    }
    node->saved = saved[i] ? (char *)g->values.memory + saved[i] - 1 : NULL;
  }
  return true;
}

static void upload_constants(NmGraph *g)
{
  for (int32_t i = 0; i < g->n_nodes; ++i) {
    const NmNode *node = &g->nodes[i];
    if (!node->constant || !node->needed) continue;
    const int64_t n = nm_shape_count(node->tensor.shape);
    if (node->tensor.type == NM_TYPE_INT)
      g->backend->upload_int(g->context, node->tensor.value, node->constant, n);
    else
      g->backend->upload_real(g->context, node->tensor.value, node->constant, n);
  }
}

// The planner's own tables, on the arena of the graph.
typedef struct {
  Space space;
  size_t *values, *grads, *saved;
} Plan;

static bool plan_init(Plan *plan, NmGraph *g)
{
  const size_t n = (size_t)g->n_nodes + 1;
  plan->values = nm_arena_calloc(&g->arena, n, sizeof(size_t));
  plan->grads = nm_arena_calloc(&g->arena, n, sizeof(size_t));
  plan->saved = nm_arena_calloc(&g->arena, n, sizeof(size_t));
  plan->space = (Space){.holes = nm_arena_calloc(&g->arena, n + 1, sizeof(Hole)), .capacity = (int32_t)n};
  return plan->values && plan->grads && plan->saved && plan->space.holes;
}

NmStatus nm_graph_plan(NmGraph *g, bool gradients, NmError *err)
{
  if (g->error.status != NM_OK) {
    if (err) *err = g->error;
    return g->error.status;
  }
  Plan plan;
  size_t size_scratch, size_grads = 0;
  NmStatus status = check_rows(g, err);
  if (status != NM_OK) return status;
  if (!plan_init(&plan, g)) goto no_memory;
  g->size_unshared = 0;
  mark_needed(g, gradients);
  if (!place_packed(g, gradients)) goto no_memory;
  join(g);
  measure_lives(g);
  if (!link_births(g)) goto no_memory;
  place_values(g, gradients, &plan.space, plan.values);
  place_scratch(g, gradients, &plan.space, &size_scratch, plan.saved);
  const size_t size_values = plan.space.top;
  if (gradients) {
    plan.space.n = 0;
    plan.space.top = 0;
    place_gradients(g, &plan.space, plan.grads);
    size_grads = plan.space.top;
  }
  if (ensure(g, &g->values, size_values) != NM_OK || ensure(g, &g->grads, size_grads) != NM_OK ||
      ensure(g, &g->scratch, size_scratch) != NM_OK ||
      !set_pointers(g, gradients, plan.values, plan.grads, plan.saved))
    goto no_memory;
  g->size_planned = size_values + size_grads;
  g->with_gradients = gradients;
  g->planned = true;
  upload_constants(g);
  return NM_OK;
no_memory:
  return nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory for a graph of %d nodes", g->n_nodes);
}
