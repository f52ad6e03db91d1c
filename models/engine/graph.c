// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/engine/graph_internal.h"

NmGraph *nm_graph_new(const NmBackend *backend, NmPool *pool)
{
  NmGraph *g = calloc(1, sizeof *g);
  if (!g) return NULL;
  g->backend = backend;
  g->pool = pool;
  nm_arena_init(&g->arena, 1 << 16);
  if (!backend->context_new || (g->context = backend->context_new())) return g;
  free(g);
  return NULL;
}

void nm_graph_free(NmGraph *g)
{
  if (!g) return;
  g->backend->memory_free(g->context, g->values.memory);
  g->backend->memory_free(g->context, g->grads.memory);
  g->backend->memory_free(g->context, g->scratch.memory);
  if (g->backend->context_free) g->backend->context_free(g->context);
  nm_arena_fini(&g->arena);
  free(g->nodes);
  free(g);
}

void nm_graph_reset(NmGraph *g)
{
  nm_arena_reset(&g->arena);
  g->n_nodes = 0;
  g->error = (NmError){0};
  g->planned = g->training = false;
}

NmVar nm_graph_fail(NmGraph *g, const char *fmt, ...)
{
  if (g->error.status != NM_OK) return NM_VAR_NONE;
  char message[400];
  va_list args;
  va_start(args, fmt);
  vsnprintf(message, sizeof message, fmt, args);
  va_end(args);
  nm_error_set(&g->error, NM_ERR_BAD_DATA, "%s", message);
  return NM_VAR_NONE;
}

bool nm_graph_invalid(NmGraph *g, NmVar x)
{
  if (x >= 0 && x < g->n_nodes) return false;
  nm_graph_fail(g, "a node was built on a variable that does not exist");
  return true;
}

static bool grow(NmGraph *g)
{
  if (g->n_nodes < g->capacity) return true;
  const int32_t capacity = g->capacity ? 2 * g->capacity : 256;
  NmNode *nodes = realloc(g->nodes, (size_t)capacity * sizeof *nodes);
  if (!nodes) {
    nm_error_set(&g->error, NM_ERR_NO_MEMORY, "out of memory");
    return false;
  }
  g->nodes = nodes;
  g->capacity = capacity;
  return true;
}

static NmNode *append(NmGraph *g, NmOp op, NmType type, NmShape shape)
{
  char text[96];
  if (g->error.status != NM_OK || !grow(g)) return NULL;
  if (nm_shape_count(shape) <= 0) {
    nm_graph_fail(g, "a tensor cannot have the shape %s", nm_shape_print(shape, text, sizeof text));
    return NULL;
  }
  NmNode *node = &g->nodes[g->n_nodes];
  *node = (NmNode){.op = op, .tensor = {.shape = shape, .type = type}, .root = g->n_nodes};
  ++g->n_nodes;
  g->planned = false;
  return node;
}

static NmVar last(const NmGraph *g, const NmNode *node)
{
  return node ? g->n_nodes - 1 : NM_VAR_NONE;
}

NmVar nm_graph_input(NmGraph *g, NmType type, NmShape shape)
{
  return last(g, append(g, NM_OP_INPUT, type, shape));
}

NmVar nm_graph_input_with_grad(NmGraph *g, NmShape shape)
{
  NmNode *node = append(g, NM_OP_INPUT, NM_TYPE_REAL, shape);
  if (node) node->wants_grad = true;
  return last(g, node);
}

static NmVar constant(NmGraph *g, NmType type, NmShape shape, const void *values)
{
  NmNode *node = append(g, NM_OP_INPUT, type, shape);
  if (!node) return NM_VAR_NONE;
  const size_t size = (size_t)nm_shape_count(shape) * 4;
  void *copy = nm_arena_alloc(&g->arena, size);
  if (!copy) {
    nm_error_set(&g->error, NM_ERR_NO_MEMORY, "out of memory");
    return NM_VAR_NONE;
  }
  node->constant = memcpy(copy, values, size);
  return last(g, node);
}

NmVar nm_graph_const(NmGraph *g, NmShape shape, const float *values)
{
  return constant(g, NM_TYPE_REAL, shape, values);
}

NmVar nm_graph_const_int(NmGraph *g, NmShape shape, const int32_t *values)
{
  return constant(g, NM_TYPE_INT, shape, values);
}

NmVar nm_graph_param(NmGraph *g, NmParams *params, const char *name, NmShape shape, NmInit init)
{
  if (g->error.status != NM_OK) return NM_VAR_NONE;
  const int32_t i = nm_params_bind(params, name, shape, init, &g->error);
  NmNode *node = i >= 0 ? append(g, NM_OP_PARAM, NM_TYPE_REAL, shape) : NULL;
  if (!node) return NM_VAR_NONE;
  node->params = params;
  node->i_param = i;
  node->wants_grad = !nm_params_is_frozen(params);
  return last(g, node);
}

NmVar nm_graph_add(NmGraph *g, NmOp op, const NmVar *src, int n_src, const NmOpArgs *args, NmShape shape)
{
  for (int i = 0; i < n_src; ++i)
    if (src[i] != NM_VAR_NONE && nm_graph_invalid(g, src[i])) return NM_VAR_NONE;
  NmNode *node = append(g, op, NM_TYPE_REAL, shape);
  if (!node) return NM_VAR_NONE;
  node->n_src = n_src;
  if (args) node->args = *args;
  for (int i = 0; i < n_src; ++i) {
    node->src[i] = src[i];
    if (src[i] != NM_VAR_NONE) node->wants_grad |= g->nodes[src[i]].wants_grad;
  }
  if (op == NM_OP_RESHAPE) {
    node->root = g->nodes[src[0]].root;
    node->tensor.type = g->nodes[src[0]].tensor.type;
  }
  return last(g, node);
}

NmVar nm_graph_detach(NmGraph *g, NmVar x)
{
  if (nm_graph_invalid(g, x)) return NM_VAR_NONE;
  const NmVar y = nm_graph_add(g, NM_OP_RESHAPE, &x, 1, NULL, g->nodes[x].tensor.shape);
  if (y != NM_VAR_NONE) g->nodes[y].wants_grad = false;
  return y;
}

void nm_graph_output(NmGraph *g, NmVar x)
{
  if (!nm_graph_invalid(g, x)) g->nodes[x].is_output = true;
}

NmShape nm_graph_shape(const NmGraph *g, NmVar x)
{
  return x >= 0 && x < g->n_nodes ? g->nodes[x].tensor.shape : (NmShape){0};
}

NmType nm_graph_type(const NmGraph *g, NmVar x)
{
  return x >= 0 && x < g->n_nodes ? g->nodes[x].tensor.type : NM_TYPE_REAL;
}

void nm_graph_set_training(NmGraph *g, bool training, uint64_t seed)
{
  g->training = training;
  g->seed = seed;
}

static NmNode *planned_node(NmGraph *g, NmVar x)
{
  return g->planned && x >= 0 && x < g->n_nodes && g->nodes[x].tensor.value ? &g->nodes[x] : NULL;
}

void nm_graph_set(NmGraph *g, NmVar x, const float *values)
{
  NmNode *node = planned_node(g, x);
  if (node)
    g->backend->upload_real(g->context, node->tensor.value, values, nm_shape_count(node->tensor.shape));
}

void nm_graph_set_int(NmGraph *g, NmVar x, const int32_t *values)
{
  NmNode *node = planned_node(g, x);
  if (node)
    g->backend->upload_int(g->context, node->tensor.value, values, nm_shape_count(node->tensor.shape));
}

void nm_graph_get(NmGraph *g, NmVar x, float *values)
{
  NmNode *node = planned_node(g, x);
  if (node)
    g->backend->download_real(g->context, values, node->tensor.value, nm_shape_count(node->tensor.shape));
}

float nm_graph_get_scalar(NmGraph *g, NmVar x)
{
  float value = 0;
  NmNode *node = planned_node(g, x);
  if (node) g->backend->download_real(g->context, &value, node->tensor.value, 1);
  return value;
}

void nm_graph_get_grad(NmGraph *g, NmVar x, float *grads)
{
  NmNode *node = planned_node(g, x);
  if (node && node->tensor.grad)
    g->backend->download_real(g->context, grads, node->tensor.grad, nm_shape_count(node->tensor.shape));
}

// Backends of doubles keep their memory on the host.
static double *doubles(NmGraph *g, NmVar x, bool grad)
{
  NmNode *node = g->backend->size_real == sizeof(double) ? planned_node(g, x) : NULL;
  return node ? (grad ? node->tensor.grad : node->tensor.value) : NULL;
}

static void copy_doubles(double *to, const double *from, const NmGraph *g, NmVar x)
{
  if (to && from) memcpy(to, from, (size_t)nm_shape_count(nm_graph_shape(g, x)) * sizeof *to);
}

void nm_graph_set_double(NmGraph *g, NmVar x, const double *values)
{
  copy_doubles(doubles(g, x, false), values, g, x);
}

void nm_graph_get_double(NmGraph *g, NmVar x, double *values)
{
  copy_doubles(values, doubles(g, x, false), g, x);
}

void nm_graph_get_grad_double(NmGraph *g, NmVar x, double *grads)
{
  copy_doubles(grads, doubles(g, x, true), g, x);
}

float *nm_graph_data(NmGraph *g, NmVar x)
{
  NmNode *node = g->backend == nm_backend_cpu() ? planned_node(g, x) : NULL;
  return node ? node->tensor.value : NULL;
}

size_t nm_graph_get_size_planned(const NmGraph *g)
{
  return g->size_planned;
}
size_t nm_graph_get_size_unshared(const NmGraph *g)
{
  return g->size_unshared;
}
