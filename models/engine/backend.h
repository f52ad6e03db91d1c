// SPDX-License-Identifier: GPL-3.0-or-later
// What a backend is: memory, a row of kernels per op, and the optimiser's arithmetic. CPU float, CPU double
// (for gradient checks) and CUDA are three of these; nothing else in the tree knows which one runs.
#ifndef NM_ENGINE_BACKEND_H
#define NM_ENGINE_BACKEND_H

#include "dsp/base/pool.h"
#include "models/engine/tensor.h"

// The ops. One row in every backend's table, one shape rule in ops_*.c, at least one case in
// tests/models/op_cases_*.c.
typedef enum {
  NM_OP_INPUT,   // filled by the caller
  NM_OP_PARAM,   // a view of a parameter
  NM_OP_RESHAPE, // a view of its source
  NM_OP_PERMUTE,
  NM_OP_CONCAT,
  NM_OP_SLICE,
  NM_OP_PAD,
  NM_OP_BINARY,
  NM_OP_UNARY,
  NM_OP_SUM,
  NM_OP_LINEAR,
  NM_OP_MATMUL,
  NM_OP_CONV1D,
  NM_OP_CONV1D_DEPTHWISE,
  NM_OP_CONV1D_TRANSPOSE,
  NM_OP_LAYER_NORM,
  NM_OP_DROPOUT,
  NM_OP_EMBEDDING,
  NM_OP_GATHER_ROWS,
  NM_OP_GATHER_LAST,
  NM_OP_MASK_ROWS,
  NM_OP_SOFTMAX,
  NM_OP_STFT,
  NM_OP_ISTFT,
  NM_OP_MIN_PHASE,
  NM_OP_COMPLEX_ABS,
  NM_OP_COMPLEX_MUL,
  NM_OP_POLAR,
  NM_OP_SQ_DIST,
  NM_OP_FORWARD_SUM,
  NM_OP_CROSS_ENTROPY,
  NM_OP_LSTM,
  NM_OP_ATTENTION,
  NM_OP_ATTENTION_WEIGHTS,
  NM_N_OPS
} NmOp;

// Every op that has a kernel, and the name of its rows (nm_cpu_<name>_f32, nm_cuda_<name>): X(OP, name).
#define NM_OP_KERNELS(X)                                                                                     \
  X(PERMUTE, permute)                                                                                        \
  X(CONCAT, concat)                                                                                          \
  X(SLICE, slice)                                                                                            \
  X(PAD, pad)                                                                                                \
  X(BINARY, binary)                                                                                          \
  X(UNARY, unary)                                                                                            \
  X(SUM, sum)                                                                                                \
  X(LINEAR, linear)                                                                                          \
  X(MATMUL, matmul)                                                                                          \
  X(CONV1D, conv1d)                                                                                          \
  X(CONV1D_DEPTHWISE, conv1d_depthwise)                                                                      \
  X(CONV1D_TRANSPOSE, conv1d_transpose)                                                                      \
  X(LAYER_NORM, layer_norm)                                                                                  \
  X(DROPOUT, dropout)                                                                                        \
  X(EMBEDDING, embedding)                                                                                    \
  X(GATHER_ROWS, gather_rows)                                                                                \
  X(GATHER_LAST, gather_last)                                                                                \
  X(MASK_ROWS, mask_rows)                                                                                    \
  X(SOFTMAX, softmax)                                                                                        \
  X(STFT, stft)                                                                                              \
  X(ISTFT, istft)                                                                                            \
  X(MIN_PHASE, min_phase)                                                                                    \
  X(COMPLEX_ABS, complex_abs)                                                                                \
  X(COMPLEX_MUL, complex_mul)                                                                                \
  X(POLAR, polar)                                                                                            \
  X(SQ_DIST, sq_dist)                                                                                        \
  X(FORWARD_SUM, forward_sum)                                                                                \
  X(CROSS_ENTROPY, cross_entropy)                                                                            \
  X(LSTM, lstm)                                                                                              \
  X(ATTENTION, attention)                                                                                    \
  X(ATTENTION_WEIGHTS, attention_weights)

enum { NM_OP_MAX_SOURCES = 9, NM_OP_N_INTS = 12, NM_OP_N_REALS = 6 };

// The small parameters of a node: what they mean is said at the op's builder in ops.h and attention.h.
typedef struct {
  int64_t i[NM_OP_N_INTS];
  double r[NM_OP_N_REALS];
} NmOpArgs;

// What is done to a kernel's result while it is at hand.
typedef enum { NM_THEN_NOTHING, NM_THEN_RELU, NM_THEN_GELU } NmThen;

// The surroundings of a kernel call.
typedef struct {
  void *context; // of the backend (CUDA: streams and handles); NULL on CPU
  NmPool *pool;  // CPU threads; may be NULL
  void *scratch; // at least what the row's size_scratch asked for; 64-byte aligned; contents undefined
  void *saved;   // what forward keeps for backward (row's size_saved); forward fills, backward reads
  uint64_t seed; // changes with every step; for dropout, mixed with `node`
  int32_t node;  // index of the node in its graph
  bool training; // false: dropout is the identity
  NmThen then;   // only for kernels whose parameter is packed
} NmKernelRun;

// src[i] is NULL for an absent optional source. Forward writes dst->value entirely. Backward reads dst->grad
// (and values) and ADDS to src[i]->grad where it is not NULL (and sets it where it is fresh and the row
// sets_fresh). Work is cut into chunks that do not depend on
// the number of threads.
typedef void (*NmKernelFn)(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                           NmTensor *dst);
// Bytes of scratch or saved memory for these shapes (n_threads: size per-worker scratch by it; saved must not
// depend on it).
typedef size_t (*NmKernelSizeFn)(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                                 int n_threads);

// In inference a kernel may have source 1, a parameter that lies in its file in half precision, in a layout
// of its own, made once and kept with the parameter. Bytes of that, a multiple of 64; 0 for no.
typedef size_t (*NmKernelSizePackedFn)(const NmOpArgs *args, NmTensor *const *src);
// Makes it from `half`, [count] half-precision floats of any alignment. Forward then reads src[1]->packed,
// and does what run->then says.
typedef void (*NmKernelPackFn)(NmPool *pool, NmTensor *const *src, const void *half, void *packed);

typedef struct {
  NmKernelFn forward, backward; // backward NULL: not differentiable
  NmKernelSizeFn size_scratch;  // NULL: none. The maximum over forward and backward
  NmKernelSizeFn
      size_saved; // NULL: none. Only reserved when gradients are planned; run->saved is NULL otherwise
  NmKernelSizePackedFn size_packed; // NULL: never packs
  NmKernelPackFn pack;
  // With a packed parameter: forward reads source 0, and writes its result, in bfloat16 where the tensor says
  // that it is rounded.
  bool reads_rounded, writes_rounded;
  bool sets_fresh; // backward sets gradients that are fresh, whole, rather than adding to zeros
} NmKernelRow;

typedef struct {
  double lr, beta1, beta2, eps, weight_decay;
  double scale_gradient; // from clipping: gradients are multiplied by it first
  int64_t step;          // from 1, for bias correction
  bool moments_16;       // m and v are rounded to bfloat16, to the nearest even, before they are used
} NmAdamStep;

typedef struct NmBackend {
  const char *name;
  size_t size_real;               // 4 or 8
  const NmKernelRow *const *rows; // [NM_N_OPS], NULL for ops without arithmetic (input, param, reshape)
  void *(*context_new)(void);     // NULL on CPU
  void (*context_free)(void *context);
  void *(*memory_alloc)(void *context, size_t size); // 64-byte aligned or NULL
  void (*memory_free)(void *context, void *memory);
  void (*memory_zero)(void *context, void *memory, size_t size);
  // Host arrays are float or int32; reals are converted to the backend's type.
  void (*upload_real)(void *context, void *to, const float *from, int64_t n);
  void (*download_real)(void *context, float *to, const void *from, int64_t n);
  void (*upload_int)(void *context, void *to, const int32_t *from, int64_t n);
  // Sum of squares of x, in double, the same for any number of threads.
  double (*sum_squares)(void *context, NmPool *pool, const void *x, int64_t n);
  // AdamW (Loshchilov, Hutter 2019), decoupled decay; m and v are the moments.
  void (*adam)(void *context, NmPool *pool, const NmAdamStep *step, void *value, const void *grad, void *m,
               void *v, int64_t n);
  // y = decay * y + (1 - decay) * x: the moving average of weights.
  void (*average)(void *context, NmPool *pool, void *y, const void *x, double decay, int64_t n);
  // The first failure of the device since the start, if any; NULL on CPU.
  NmStatus (*check)(void *context, NmError *err);
} NmBackend;

const NmBackend *nm_backend_cpu(void);        // float
const NmBackend *nm_backend_cpu_double(void); // for gradient checks

#endif
