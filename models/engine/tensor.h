// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes and the dense row-major tensors that kernels see.
#ifndef NM_ENGINE_TENSOR_H
#define NM_ENGINE_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NM_MAX_DIMS = 4 };

// A shape of 1 to 4 dimensions, slowest first. A scalar is [1]. n_dims 0 marks an invalid shape.
typedef struct {
  int32_t n_dims;
  int64_t dim[NM_MAX_DIMS];
} NmShape;

#define NM_SHAPE1(a) ((NmShape){1, {(a), 1, 1, 1}})
#define NM_SHAPE2(a, b) ((NmShape){2, {(a), (b), 1, 1}})
#define NM_SHAPE3(a, b, c) ((NmShape){3, {(a), (b), (c), 1}})
#define NM_SHAPE4(a, b, c, d) ((NmShape){4, {(a), (b), (c), (d)}})

// Product of the dimensions; -1 when a dimension is negative or the product overflows.
int64_t nm_shape_count(NmShape shape);
// Product of all dimensions but the last: the rows of a channels-last tensor.
int64_t nm_shape_rows(NmShape shape);
// The last dimension: the channels. 0 for an invalid shape.
static inline int64_t nm_shape_channels(NmShape shape)
{
  return shape.n_dims > 0 ? shape.dim[shape.n_dims - 1] : 0;
}
bool nm_shape_equal(NmShape a, NmShape b);
// "[2, 80, 192]" into `text` of `size` bytes; returns text.
const char *nm_shape_print(NmShape shape, char *text, size_t size);

typedef enum {
  NM_TYPE_REAL, // float, or double on the gradient-checking backend
  NM_TYPE_INT   // int32_t: tokens, indices, lengths
} NmType;

// What a kernel sees of a node: dense, row-major, 64-byte aligned memory of the backend.
typedef struct {
  NmShape shape;
  NmType type;
  void *value;  // [count]
  void *grad;   // [count] of reals, or NULL when no gradient is wanted; kernels ADD to it
  bool fresh;   // but to this one: it holds nothing yet and is SET (by rows that say they can)
  bool rounded; // the value is [count] of bfloat16, passed from one kernel to the next
  void *packed; // a parameter as its kernel packed it, or NULL; value may be NULL then
} NmTensor;

#endif
