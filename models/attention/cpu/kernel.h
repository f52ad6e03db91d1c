// SPDX-License-Identifier: GPL-3.0-or-later
// The attention on plain arrays of the CPU: what the rows of the op table and the cache for decoding share.
// Compiled twice like all kernels; see models/engine/cpu/cpu.h.
#ifndef NM_ATTENTION_CPU_KERNEL_H
#define NM_ATTENTION_CPU_KERNEL_H

#include "models/attention/sight.h"
#include "models/engine/cpu/cpu.h"

typedef struct {
  NmSight sight; // B, H, Tq, Tk, the pattern; `hulls` is set by the kernels
  int64_t D, Dv;
  const real *q; // [B, Tq, H D]
  const real *k; // [B, Tk, H D], items `item_k` reals apart
  const real *v; // [B, Tk, H Dv], items `item_v` reals apart
  int64_t item_k, item_v;
  const real *bias;     // [n_bias, Tq, Tk]
  const real *relative; // [H, n_relative]
  int64_t n_bias;       // H, 1: shared by the heads, 0: none
  int64_t n_relative;   // 2 R + 1, 0: none
  int64_t
      n_gone; // keys between the sinks and the rest that a cache has dropped: sinks are so much further off
  real scale;
} NmAttentionArrays;

// Gradients are added to; NULL where none is wanted. Shapes and strides are those of the values, which have
// no gaps between items.
typedef struct {
  real *q, *k, *v, *bias, *relative;
} NmAttentionGrads;

// What backward needs to know of a row: its greatest score, and one over its sum of exponentials relative to
// that. Kept apart because their logarithm would lose the small part under great scores. A row that sees no
// key has 0 and 0.
typedef struct {
  real top, share;
} NmAttentionRow;

// Bytes of scratch for `run`.
size_t NM_FN(nm_attention_size_run)(const NmAttentionArrays *a, int n_threads);

// out [B, Tq, H Dv]; rows [B, H, Tq] may be NULL. `scratch` is aligned to 64 bytes. Work is cut by shapes
// alone: the same bytes for any number of threads.
void NM_FN(nm_attention_run)(NmPool *pool, const NmAttentionArrays *a, void *scratch, real *out,
                             NmAttentionRow *rows);

// weights [B, H, Tq, Tk]. `v` is not read.
size_t NM_FN(nm_attention_size_weights)(const NmAttentionArrays *a, int n_threads);
void NM_FN(nm_attention_run_weights)(NmPool *pool, const NmAttentionArrays *a, void *scratch, real *weights);

// What goes backward: through the output (out, d_out, rows as from `run`) or through the weights (weights,
// d_weights).
typedef struct {
  const real *out, *d_out;
  const NmAttentionRow *rows;
  const real *weights, *d_weights;
} NmAttentionBack;

size_t NM_FN(nm_attention_size_back)(const NmAttentionArrays *a, int n_threads);
void NM_FN(nm_attention_run_back)(NmPool *pool, const NmAttentionArrays *a, const NmAttentionBack *back,
                                  void *scratch, const NmAttentionGrads *grads);

// --- one tile ---
enum { NM_TILE_SIZE = NM_TILE_QUERIES * NM_TILE_KEYS };

// S [n_q, NM_TILE_KEYS wide rows] = scale q k' + bias + relative, -infinity where not visible.
void NM_FN(nm_attention_scores)(const NmAttentionArrays *a, const NmTile *tile, int64_t h, real *S);

// Where keys of one row stand in a head's relative table: `n_low` at its first entry, then up to `n_mid`
// along it from `first`, then the rest at its last entry.
typedef struct {
  int64_t n_low, n_mid, first;
} NmAttentionRelative;

// For `n` keys from j on, seen from `position`; `gone`: so many keys further off than their index says.
static inline NmAttentionRelative nm_attention_find_relative(const NmAttentionArrays *a, int64_t position,
                                                             int64_t gone, int64_t j, int64_t n)
{
  const int64_t d = j - position - gone + a->n_relative / 2, left = a->n_relative - d;
  const int64_t n_low = d >= 0 ? 0 : -d < n ? -d : n;
  return (NmAttentionRelative){n_low, left < n_low ? n_low : left < n ? left : n, d + n_low};
}

// Where item b, row t, head h begins in an array [B, T, H D] without gaps.
static inline int64_t nm_attention_at(int64_t T, int64_t H, int64_t D, int64_t b, int64_t t, int64_t h)
{
  return ((b * T + t) * H + h) * D;
}

// C [M, N] += op(A) B on the calling thread.
void NM_FN(nm_attention_product)(bool transpose_a, int64_t M, int64_t N, int64_t K, real alpha, const real *A,
                                 int64_t lda, const real *B, int64_t ldb, real *C, int64_t ldc);
// C [M, N] = alpha A B' on the calling thread.
void NM_FN(nm_attention_inner)(int64_t M, int64_t N, int64_t K, real alpha, const real *A, int64_t lda,
                               const real *B, int64_t ldb, real *C, int64_t ldc);

// Blocks of `n_q` queries to a piece of work, so that it is some hundred thousand products at least.
static inline int64_t nm_attention_tasks(const NmAttentionArrays *a, int64_t n_q)
{
  const int64_t cost = n_q * (nm_sight_get_width(&a->sight) + n_q) * (a->D + a->Dv);
  return cost > 500000 ? 1 : 1 + 500000 / (cost + 1);
}

static inline size_t nm_attention_align(size_t size)
{
  return (size + 63) / 64 * 64;
}

static inline size_t nm_attention_size_hulls(const NmSight *s)
{
  return nm_attention_align((size_t)nm_sight_get_n_hulls(s) * sizeof(int32_t));
}

#endif
