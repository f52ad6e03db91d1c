// SPDX-License-Identifier: GPL-3.0-or-later
// The scores of one tile, and the matrix products of all tiles.
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "models/attention/cpu/kernel.h"
#include "models/attention/cpu/products.h"

// A single row, as in decoding, is a matrix times a vector: OpenBLAS's products are slow at that.
void NM_FN(nm_attention_inner)(int64_t M, int64_t N, int64_t K, real alpha, const real *A, int64_t lda,
                               const real *B, int64_t ldb, real *C, int64_t ldc)
{
  if (M == 1) {
    memset(C, 0, (size_t)N * sizeof *C);
    NM_BLAS(gemv)(CblasRowMajor, CblasNoTrans, (int)N, (int)K, alpha, B, (int)ldb, A, 1, 1, C, 1);
    return;
  }
#ifndef NM_REAL_IS_DOUBLE
  if (N <= ldc - ldc % 16 && nm_attention_can_inner(N, K)) {
    nm_attention_tile_inner(M, N, K, alpha, A, lda, B, ldb, C, ldc);
    return;
  }
#endif
  NM_BLAS(gemm)
  (CblasRowMajor, CblasNoTrans, CblasTrans, (int)M, (int)N, (int)K, alpha, A, (int)lda, B, (int)ldb, 0, C,
   (int)ldc);
}

void NM_FN(nm_attention_product)(bool transpose_a, int64_t M, int64_t N, int64_t K, real alpha, const real *A,
                                 int64_t lda, const real *B, int64_t ldb, real *C, int64_t ldc)
{
  if (M == 1 && !transpose_a) {
    NM_BLAS(gemv)(CblasRowMajor, CblasTrans, (int)K, (int)N, alpha, B, (int)ldb, A, 1, 1, C, 1);
    return;
  }
#ifndef NM_REAL_IS_DOUBLE
  if (!transpose_a && alpha == 1 && nm_attention_can_product(N)) {
    nm_attention_tile_product(M, N, K, A, lda, B, ldb, C, ldc);
    return;
  }
#endif
  NM_BLAS(gemm)
  (CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, CblasNoTrans, (int)M, (int)N, (int)K, alpha, A,
   (int)lda, B, (int)ldb, 1, C, (int)ldc);
}

// A key's place in the tile, held to it.
static int64_t inside(int64_t j, const NmTile *t)
{
  j -= t->j;
  return j < 0 ? 0 : j > t->n_k ? t->n_k : j;
}

static void add_row(real *y, const real *x, int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] += x[i];
}

static void add_bias(const NmAttentionArrays *a, const NmTile *t, int64_t h, real *S)
{
  const NmSight *s = &a->sight;
  const real *bias = a->bias + ((a->n_bias == 1 ? 0 : h) * s->Tq + t->i) * s->Tk + t->j;
  for (int64_t i = 0; i < t->n_q; ++i) add_row(S + i * NM_TILE_KEYS, bias + i * s->Tk, t->n_k);
}

static void add_number(real *y, real x, int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] += x;
}

static void add_relative_row(const NmAttentionArrays *a, const real *table, int64_t position, int64_t gone,
                             int64_t j, int64_t n, real *row)
{
  const NmAttentionRelative r = nm_attention_find_relative(a, position, gone, j, n);
  add_number(row, table[0], r.n_low);
  add_row(row + r.n_low, table + r.first, r.n_mid - r.n_low);
  add_number(row + r.n_mid, table[a->n_relative - 1], n - r.n_mid);
}

static void add_relative(const NmAttentionArrays *a, const NmTile *t, int64_t h, real *S)
{
  const NmSight *s = &a->sight;
  const real *table = a->relative + h * a->n_relative;
  const int64_t n_far = a->n_gone ? inside(s->n_sinks, t) : 0;
  for (int64_t i = 0; i < t->n_q; ++i, S += NM_TILE_KEYS) {
    const int64_t position = t->i + i + s->Tk - s->Tq;
    add_relative_row(a, table, position, a->n_gone, t->j, n_far, S);
    add_relative_row(a, table, position, 0, t->j + n_far, t->n_k - n_far, S + n_far);
  }
}

static void hide(real *row, int64_t first, int64_t end)
{
  for (int64_t j = first; j < end; ++j) row[j] = -(real)INFINITY;
}

static void hide_other_segments(const NmSight *s, const NmTile *t, int64_t i, real *row)
{
  const int32_t own = s->segment_q[t->b * s->Tq + i], *segment = s->segment_k + t->b * s->Tk + t->j;
#pragma omp simd
  for (int64_t j = 0; j < t->n_k; ++j) row[j] = segment[j] == own ? row[j] : -(real)INFINITY;
}

static void hide_unseen(const NmSight *s, const NmTile *t, real *S)
{
  for (int64_t i = 0; i < t->n_q; ++i, S += NM_TILE_KEYS) {
    const NmSpan span = nm_sight_get_span(s, t->b, t->i + i);
    hide(S, inside(span.end_sinks, t), inside(span.first, t));
    hide(S, inside(span.end, t), t->n_k);
    if (s->pattern == NM_PATTERN_SEGMENTS) hide_other_segments(s, t, t->i + i, S);
  }
}

void NM_FN(nm_attention_scores)(const NmAttentionArrays *a, const NmTile *t, int64_t h, real *S)
{
  const NmSight *s = &a->sight;
  const real *q = a->q + nm_attention_at(s->Tq, s->H, a->D, t->b, t->i, h);
  const real *k = a->k + t->b * a->item_k + (t->j * s->H + h) * a->D;
  NM_FN(nm_attention_inner)(t->n_q, t->n_k, a->D, a->scale, q, s->H * a->D, k, s->H * a->D, S, NM_TILE_KEYS);
  if (a->n_bias) add_bias(a, t, h, S);
  if (a->n_relative) add_relative(a, t, h, S);
  if (t->partial) hide_unseen(s, t, S);
}
