// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/attention/cpu/products.h"

#ifndef NM_REAL_IS_DOUBLE

enum { LANES = 16, ROWS = 4, VECTORS = 4, KEYS_MAX = 128 };

#if defined(__x86_64__)

#include <immintrin.h>

#define NM_AVX512 __attribute__((target("avx512f")))
#define NM_TILE NM_AVX512 static inline __attribute__((always_inline))

static bool can(void)
{
  return __builtin_cpu_supports("avx512f");
}

bool nm_attention_can_inner(int64_t N, int64_t K)
{
  return N <= KEYS_MAX && K % LANES == 0 && can();
}

bool nm_attention_can_product(int64_t N)
{
  return N % LANES == 0 && can();
}

NM_TILE __m512 pairs_low(__m512 a, __m512 b)
{
  return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}

NM_TILE __m512 pairs_high(__m512 a, __m512 b)
{
  return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}

// Sixteen rows to sixteen columns: within lanes of four, then the lanes.
NM_TILE void transpose(__m512 r[LANES])
{
  __m512 t[LANES];
#pragma GCC unroll 8
  for (int i = 0; i < LANES; i += 2) {
    t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < LANES; i += 4) {
    r[i] = pairs_low(t[i], t[i + 2]);
    r[i + 1] = pairs_high(t[i], t[i + 2]);
    r[i + 2] = pairs_low(t[i + 1], t[i + 3]);
    r[i + 3] = pairs_high(t[i + 1], t[i + 3]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    t[i] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0xdd);
  }
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    r[i] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0x88);
    r[i + 8] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0xdd);
  }
}

// Rows of C, ROWS of them from row m on, get 16 channels of 16 keys more.
NM_TILE void add_channels(const __m512 keys[LANES], const float *A, int64_t lda, float *C, int64_t ldc,
                          bool first, __m512 scale, const int n_rows)
{
  __m512 sum[ROWS];
#pragma GCC unroll 4
  for (int r = 0; r < n_rows; ++r) sum[r] = first ? _mm512_setzero_ps() : _mm512_loadu_ps(C + r * ldc);
#pragma GCC unroll 16
  for (int c = 0; c < LANES; ++c)
#pragma GCC unroll 4
    for (int r = 0; r < n_rows; ++r)
      sum[r] = _mm512_fmadd_ps(_mm512_set1_ps(A[r * lda + c]), keys[c], sum[r]);
#pragma GCC unroll 4
  for (int r = 0; r < n_rows; ++r) _mm512_storeu_ps(C + r * ldc, _mm512_mul_ps(sum[r], scale));
}

NM_AVX512 void nm_attention_tile_inner(int64_t M, int64_t N, int64_t K, float alpha, const float *A,
                                       int64_t lda, const float *B, int64_t ldb, float *C, int64_t ldc)
{
  for (int64_t n = 0; n < N; n += LANES)
    for (int64_t k = 0; k < K; k += LANES) {
      __m512 keys[LANES];
#pragma GCC unroll 16
      for (int64_t i = 0; i < LANES; ++i)
        keys[i] = n + i < N ? _mm512_loadu_ps(B + (n + i) * ldb + k) : _mm512_setzero_ps();
      transpose(keys);
      const __m512 scale = _mm512_set1_ps(k + LANES == K ? alpha : 1);
      int64_t m = 0;
      for (; m + ROWS <= M; m += ROWS)
        add_channels(keys, A + m * lda + k, lda, C + m * ldc + n, ldc, k == 0, scale, ROWS);
      for (; m < M; ++m) add_channels(keys, A + m * lda + k, lda, C + m * ldc + n, ldc, k == 0, scale, 1);
    }
}

NM_TILE void add_product(int64_t K, const float *A, int64_t lda, const float *B, int64_t ldb, float *C,
                         int64_t ldc, const int n_rows, const int n_vectors)
{
  __m512 sum[ROWS][VECTORS];
#pragma GCC unroll 4
  for (int r = 0; r < n_rows; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < n_vectors; ++v) sum[r][v] = _mm512_loadu_ps(C + r * ldc + v * LANES);
  for (int64_t k = 0; k < K; ++k, B += ldb) {
    __m512 b[VECTORS];
#pragma GCC unroll 4
    for (int v = 0; v < n_vectors; ++v) b[v] = _mm512_loadu_ps(B + v * LANES);
#pragma GCC unroll 4
    for (int r = 0; r < n_rows; ++r) {
      const __m512 a = _mm512_set1_ps(A[r * lda + k]);
#pragma GCC unroll 4
      for (int v = 0; v < n_vectors; ++v) sum[r][v] = _mm512_fmadd_ps(a, b[v], sum[r][v]);
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < n_rows; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < n_vectors; ++v) _mm512_storeu_ps(C + r * ldc + v * LANES, sum[r][v]);
}

// All rows of n_vectors x 16 columns.
NM_TILE void add_strip(int64_t M, int64_t K, const float *A, int64_t lda, const float *B, int64_t ldb,
                       float *C, int64_t ldc, const int n_vectors)
{
  int64_t m = 0;
  for (; m + ROWS <= M; m += ROWS)
    add_product(K, A + m * lda, lda, B, ldb, C + m * ldc, ldc, ROWS, n_vectors);
  for (; m < M; ++m) add_product(K, A + m * lda, lda, B, ldb, C + m * ldc, ldc, 1, n_vectors);
}

NM_AVX512 void nm_attention_tile_product(int64_t M, int64_t N, int64_t K, const float *A, int64_t lda,
                                         const float *B, int64_t ldb, float *C, int64_t ldc)
{
  int64_t n = 0;
  for (; n + VECTORS * LANES <= N; n += VECTORS * LANES)
    add_strip(M, K, A, lda, B + n, ldb, C + n, ldc, VECTORS);
  for (; n + 2 * LANES <= N; n += 2 * LANES) add_strip(M, K, A, lda, B + n, ldb, C + n, ldc, 2);
  for (; n < N; n += LANES) add_strip(M, K, A, lda, B + n, ldb, C + n, ldc, 1);
}

#else

bool nm_attention_can_inner(int64_t N, int64_t K)
{
  return false;
}

bool nm_attention_can_product(int64_t N)
{
  return false;
}

void nm_attention_tile_inner(int64_t M, int64_t N, int64_t K, float alpha, const float *A, int64_t lda,
                             const float *B, int64_t ldb, float *C, int64_t ldc)
{
}

void nm_attention_tile_product(int64_t M, int64_t N, int64_t K, const float *A, int64_t lda, const float *B,
                               int64_t ldb, float *C, int64_t ldc)
{
}

#endif
#endif
