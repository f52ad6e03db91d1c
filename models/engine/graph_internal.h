// SPDX-License-Identifier: GPL-3.0-or-later
// What graph.c, plan.c and run.c share of a graph; nothing else may look inside.
#ifndef NM_ENGINE_GRAPH_INTERNAL_H
#define NM_ENGINE_GRAPH_INTERNAL_H

#include "dsp/base/arena.h"
#include "models/engine/graph.h"

typedef struct {
  NmOp op;
  int32_t n_src;
  NmVar src[NM_OP_MAX_SOURCES];
  NmOpArgs args;
  NmTensor tensor;
  NmVar root;      // the node whose memory this one is: itself, what a view looks at, or what it is joined to
  bool wants_grad; // a gradient flows through it
  bool is_output;  // readable after forward
  bool needed;     // run by forward
  bool widened;    // of a PARAM: some kernel reads the value
  bool joined;     // its source's kernel does its work
  NmThen then;     // what this node's kernel does of another's work
  int32_t n_uses;  // needed nodes that read it
  bool reached;    // on a path to the loss of this backward
  NmParams *params; // of a PARAM
  int32_t i_param;
  const void *constant; // host values of a constant, on the arena
  int32_t last_use;     // last node that reads the value, of a root
  int32_t next_born;    // another root whose gradient is born at the same node, -1 at the end
  int32_t first_use;    // first node that reads it: where its gradient is complete going backward
  void *saved;
} NmNode;

// Memory of the backend that only grows.
typedef struct {
  void *memory;
  size_t size;
} NmSlab;

struct NmGraph {
  const NmBackend *backend;
  void *context;
  NmPool *pool;
  NmArena arena; // constants
  NmNode *nodes; // [n_nodes]
  int32_t n_nodes, capacity;
  NmError error;
  NmSlab values, grads, scratch;
  size_t size_planned, size_unshared;
  int32_t *first_born; // [n_nodes + 1] a root whose value node i is the last to read, -1: none; on the arena
  bool planned, with_gradients, training;
  uint64_t seed;
};

// Parameters as graphs see them (params.c).
// The index of `name`, declared with `init` when the set is open; -1 and `err` otherwise.
int32_t nm_params_bind(NmParams *params, const char *name, NmShape shape, NmInit init, NmError *err);
bool nm_params_is_sealed(const NmParams *params);
bool nm_params_is_frozen(const NmParams *params);
const NmBackend *nm_params_get_backend(const NmParams *params);
// Of a loaded set, reads the values from the file when they are first asked for.
void *nm_params_value(NmParams *params, int32_t i);
// The values as they lie in the file when that is in half precision, else NULL.
const void *nm_params_half(const NmParams *params, int32_t i);
// `size` bytes kept with a parameter for its packed values, the same at every call; NULL when memory is out.
void *nm_params_packed(NmParams *params, int32_t i, size_t size);
// Whether they are to be filled: true once.
bool nm_params_pack_now(NmParams *params, int32_t i);
// Allocates the gradient slab at the first call; NULL when memory is out.
void *nm_params_grad(NmParams *params, int32_t i);

#endif
