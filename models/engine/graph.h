// SPDX-License-Identifier: GPL-3.0-or-later
// Define-then-run graphs. A model is a C function that adds nodes to a graph; the same function serves
// training and inference on every backend.
//
//   NmGraph *g = nm_graph_new(nm_backend_cpu(), pool);
//   NmVar x = nm_graph_input(g, NM_TYPE_REAL, NM_SHAPE2(32, 80));
//   NmVar w = nm_graph_param(g, params, "w", NM_SHAPE2(80, 192), nm_init_fan_in(80));
//   NmVar y = nm_linear(g, x, w, NM_VAR_NONE);
//   nm_graph_output(g, y);
//   status = nm_graph_plan(g, false, &err);
//   nm_graph_set(g, x, values);
//   nm_graph_forward(g);
//   nm_graph_get(g, y, out);
//
// The first error sticks: builders given an invalid variable return NM_VAR_NONE, and nm_graph_plan reports
// the first cause. A graph and all it touches belong to one thread at a time (the pool works inside the
// calls).
#ifndef NM_ENGINE_GRAPH_H
#define NM_ENGINE_GRAPH_H

#include "models/engine/params.h"

typedef struct NmGraph NmGraph;
typedef int32_t NmVar;   // a node of a graph
#define NM_VAR_NONE (-1) // absent optional source, or the result of a failed builder

// NULL when memory is out. `pool` is borrowed, may be NULL.
NmGraph *nm_graph_new(const NmBackend *backend, NmPool *pool);
void nm_graph_free(NmGraph *graph);

// Forgets all nodes and the error; keeps the memory for the next definition.
void nm_graph_reset(NmGraph *graph);

// A value the caller sets before each forward. wants_grad: its gradient can be read after backward.
NmVar nm_graph_input(NmGraph *graph, NmType type, NmShape shape);
NmVar nm_graph_input_with_grad(NmGraph *graph, NmShape shape);

// A constant, copied into the graph now. Integer constants likewise.
NmVar nm_graph_const(NmGraph *graph, NmShape shape, const float *values);
NmVar nm_graph_const_int(NmGraph *graph, NmShape shape, const int32_t *values);

// The parameter `name`; declared with `init` if the set is open.
NmVar nm_graph_param(NmGraph *graph, NmParams *params, const char *name, NmShape shape, NmInit init);

// Gradients stop here.
NmVar nm_graph_detach(NmGraph *graph, NmVar x);

// Keeps this node's value readable after forward (inference reuses the memory of others).
void nm_graph_output(NmGraph *graph, NmVar x);

NmShape nm_graph_shape(const NmGraph *graph, NmVar x); // n_dims 0 for an invalid variable
NmType nm_graph_type(const NmGraph *graph, NmVar x);

// Notes an error of a model's own (first wins). For builders outside the engine.
NmVar nm_graph_fail(NmGraph *graph, const char *fmt, ...) NM_PRINTF(2, 3);

// Checks the definition and lays out memory. Without gradients activations share memory by lifetime and only
// outputs can be read; with gradients every value is kept. Only nodes that outputs (or, with gradients, any
// node) need are run.
NmStatus nm_graph_plan(NmGraph *graph, bool gradients, NmError *err) NM_NODISCARD;

// Values in and out, whole tensors, host memory. Inputs may be set any number of times after planning.
void nm_graph_set(NmGraph *graph, NmVar x, const float *values);
void nm_graph_set_int(NmGraph *graph, NmVar x, const int32_t *values);
void nm_graph_get(NmGraph *graph, NmVar x, float *values);
float nm_graph_get_scalar(NmGraph *graph, NmVar x);
void nm_graph_get_grad(NmGraph *graph, NmVar x, float *grads);
// In double, on backends of doubles only (gradient checks).
void nm_graph_set_double(NmGraph *graph, NmVar x, const double *values);
void nm_graph_get_double(NmGraph *graph, NmVar x, double *values);
void nm_graph_get_grad_double(NmGraph *graph, NmVar x, double *grads);
// On the CPU float backend: the node's own memory, valid after plan until reset. Inputs may be written
// through it, outputs read. NULL on other backends.
float *nm_graph_data(NmGraph *graph, NmVar x);

// Dropout draws from `seed` (change it every step) and is active only when `training`.
void nm_graph_set_training(NmGraph *graph, bool training, uint64_t seed);

// Does what the first forward of a plan does once, with parameters that other graphs may share: packs those
// that lie in a file for the kernels that read them. Then forwards of several graphs may run at once.
void nm_graph_prepare(NmGraph *graph);

// Runs the plan. Never allocates.
void nm_graph_forward(NmGraph *graph);

// Runs the tape backward from `loss` (shape [1]), adding to the gradients of parameters (nm_params_zero_grad
// first) and writing those of inputs. Needs a plan with gradients.
void nm_graph_backward(NmGraph *graph, NmVar loss);

// Floating-point operations, in products alone, of one forward of the present plan and, planned with
// gradients, of one backward. Of attention all pairs are counted, whatever its pattern hides.
double nm_graph_count_operations(const NmGraph *graph);

// Bytes of activations (and gradients) of the present plan, and what they would be without sharing.
size_t nm_graph_get_size_planned(const NmGraph *graph);
size_t nm_graph_get_size_unshared(const NmGraph *graph);

// --- For builders of ops (ops_*.c, models/attention) ---
// Adds a node. `src` has n_src variables, NM_VAR_NONE for an absent optional one. Shape rules are the
// builder's: it must have checked them. The node wants a gradient if any source does.
NmVar nm_graph_add(NmGraph *graph, NmOp op, const NmVar *src, int n_src, const NmOpArgs *args, NmShape shape);
// True, and the graph failed, when `x` is not a variable of the graph.
bool nm_graph_invalid(NmGraph *graph, NmVar x);

#endif
