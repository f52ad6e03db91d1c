// SPDX-License-Identifier: GPL-3.0-or-later
// Products with weights that lie in their file in half precision. Weights and inputs are rounded to bfloat16
// (8 bits of mantissa, an error about 55 dB below the product), sums are in float. Only processors with
// AVX512-BF16 do it, at more than three times the speed of float products.
#ifndef NM_ENGINE_CPU_HALF_H
#define NM_ENGINE_CPU_HALF_H

#include "models/engine/cpu/cpu.h"

// y[i] = then(x[i] w + b) for n_items items. Row m of the product reads the K values from x[i] + m step on:
// rows that overlap make a convolution.
typedef struct {
  const void *x; // [n_items, n_values] float
  int64_t n_items, n_values;
  int64_t n_before; // zeros in front of each item, and enough behind for the last row
  int64_t M, K, N, step;
  const void *packed; // w [K, N] as nm_cpu_half_pack made it
  const float *b;     // [N] or NULL
  void *y;            // [n_items, M, N] float
  bool rounded_x;     // x is bfloat16; n_items is 1, n_before 0 and K even
  bool rounded_y;     // y is bfloat16
  NmThen then;
} NmHalfProduct;

// Whether this processor can.
bool nm_cpu_half_can(void);

// Bytes of packed weights, and packing them: w [K, N] half precision, of any alignment.
size_t nm_cpu_half_size_packed(int64_t K, int64_t N);
void nm_cpu_half_pack(NmPool *pool, const void *w, int64_t K, int64_t N, void *packed);

// Bytes of scratch for such a product.
size_t nm_cpu_half_scratch(const NmHalfProduct *product);

// Same bytes for any number of threads. Call only where nm_cpu_half_can.
void nm_cpu_half_product(NmPool *pool, const NmHalfProduct *product, void *scratch);

#endif
