// SPDX-License-Identifier: GPL-3.0-or-later
// Products of tiles in float where the processor has AVX-512: an OpenBLAS call on so small matrices spends
// more time on copying them than on multiplying.
#ifndef NM_ATTENTION_CPU_PRODUCTS_H
#define NM_ATTENTION_CPU_PRODUCTS_H

#include <stdbool.h>
#include <stdint.h>

// Whether this processor can, and the sizes fit: N at most 128 keys, K a multiple of 16.
bool nm_attention_can_inner(int64_t N, int64_t K);
// C [M, N] = alpha A [M, K] B [N, K]'; rows of C are written up to the next multiple of 16 columns.
void nm_attention_tile_inner(int64_t M, int64_t N, int64_t K, float alpha, const float *A, int64_t lda,
                             const float *B, int64_t ldb, float *C, int64_t ldc);

// The same for N a multiple of 16: C [M, N] += A [M, K] B [K, N].
bool nm_attention_can_product(int64_t N);
void nm_attention_tile_product(int64_t M, int64_t N, int64_t K, const float *A, int64_t lda, const float *B,
                               int64_t ldb, float *C, int64_t ldc);

#endif
