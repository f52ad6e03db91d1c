// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/engine/cpu/half.h"

#ifndef NM_REAL_IS_DOUBLE

#include <string.h>

enum { LANES = 16, PANEL = 64, TILE = 6, ROWS = 96, VALUES = 16384, PANELS_PER_TASK = 4, LINE = 64 };

static int64_t ceil_div(int64_t a, int64_t b)
{
  return (a + b - 1) / b;
}

// Values of an item with its zeros, an even number of them and one pair more.
static int64_t len_item(const NmHalfProduct *p)
{
  const int64_t needed = (p->M - 1) * p->step + p->K, own = p->n_before + p->n_values;
  return ((needed > own ? needed : own) + 3) / 2 * 2;
}

static int64_t len_panel(int64_t K)
{
  return (K + 1) / 2 * 2 * PANEL;
}

size_t nm_cpu_half_size_packed(int64_t K, int64_t N)
{
  return (size_t)((K + 1) / 2 * 2 * ceil_div(N, LANES) * LANES) * sizeof(uint16_t);
}

size_t nm_cpu_half_scratch(const NmHalfProduct *p)
{
  return p->rounded_x ? 0 : (size_t)(p->n_items * len_item(p)) * sizeof(uint16_t);
}

#if defined(__x86_64__)

#include <immintrin.h>

#define NM_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#define NM_TILE NM_AVX512 static inline __attribute__((always_inline))

// One product at work.
typedef struct {
  const NmHalfProduct *p;
  uint16_t *scratch;      // [n_items, len_item]
  const uint16_t *values; // [n_items, len_item] bfloat16
  int64_t n_panels, n_blocks;
} Job;

// Weights on their way into panels of 64 columns, [n_panels, K / 2, 64, 2] bfloat16: rows in pairs, as the
// processor multiplies them. The last panel is as narrow as whole vectors allow.
typedef struct {
  const uint8_t *w; // [K, N] half precision
  int64_t K, N;
  uint16_t *panels;
} Packing;

bool nm_cpu_half_can(void)
{
  return __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl");
}

NM_AVX512 static void round_values(const float *x, int64_t n, uint16_t *to)
{
  for (int64_t i = 0; i < n; i += LANES) {
    const __mmask16 mask = n - i < LANES ? (__mmask16)((1u << (n - i)) - 1) : 0xffff;
    _mm256_mask_storeu_epi16(to + i, mask, (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, x + i)));
  }
}

// A stretch of an item's values; the first and the last one bring the zeros.
static void round_stretch(void *ctx, int64_t chunk, int worker)
{
  const Job *j = ctx;
  const NmHalfProduct *p = j->p;
  const int64_t n_stretches = ceil_div(p->n_values, VALUES), len = len_item(p);
  const int64_t item = chunk / n_stretches, first = chunk % n_stretches * VALUES;
  const int64_t n = p->n_values - first < VALUES ? p->n_values - first : VALUES;
  uint16_t *to = j->scratch + item * len;
  if (first == 0) memset(to, 0, (size_t)p->n_before * sizeof *to);
  round_values((const float *)p->x + item * p->n_values + first, n, to + p->n_before + first);
  const int64_t end = p->n_before + first + n;
  if (first + n == p->n_values) memset(to + end, 0, (size_t)(len - end) * sizeof *to);
}

NM_TILE __m512 load_half(const uint8_t *w, __mmask16 mask)
{
  return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, w));
}

NM_AVX512 static void pack_panel(void *ctx, int64_t panel, int worker)
{
  const Packing *p = ctx;
  const int64_t N = p->N, K = p->K, first = panel * PANEL;
  const int64_t n_vectors = ceil_div(N - first < PANEL ? N - first : PANEL, LANES);
  uint16_t *to = p->panels + panel * len_panel(K);
  const __m512i pairs = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7,
                                         22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  for (int64_t k = 0; k < K; k += 2)
    for (int64_t v = 0; v < n_vectors; ++v, to += 2 * LANES) {
      const int64_t column = first + v * LANES;
      const __mmask16 mask = N - column < LANES ? (__mmask16)((1u << (N - column)) - 1) : 0xffff;
      const uint8_t *w = p->w + 2 * (k * N + column);
      const __m512 upper = load_half(w, mask), lower = load_half(w + 2 * N, k + 1 < K ? mask : 0);
      _mm512_store_si512(to, _mm512_permutexvar_epi16(pairs, (__m512i)_mm512_cvtne2ps_pbh(lower, upper)));
    }
}

void nm_cpu_half_pack(NmPool *pool, const void *w, int64_t K, int64_t N, void *packed)
{
  Packing p = {w, K, N, packed};
  nm_pool_run(pool, ceil_div(N, PANEL), pack_panel, &p);
}

NM_TILE __m512 bias_of(const NmHalfProduct *p, int64_t column, __mmask16 mask)
{
  return p->b ? _mm512_maskz_loadu_ps(mask, p->b + column) : _mm512_setzero_ps();
}

// exp2: n + f, |f| <= 1/2, 2^f by a polynomial of relative error 1e-7.
NM_TILE __m512 exp2_of(__m512 x)
{
  const __m512 n = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT), f = _mm512_sub_ps(x, n);
  __m512 p = _mm512_set1_ps(1.33908634e-3f);
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(9.67603192e-3f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(5.55035711e-2f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(.240221075f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(.693147188f));
  p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1));
  return _mm512_scalef_ps(p, n);
}

// x / (1 + exp(-2 a (x + b x^3))): the definition of NM_GELU in unary.c. The reciprocal is a table's, refined
// once.
NM_TILE __m512 gelu_of(__m512 x)
{
  const __m512 c1 = _mm512_set1_ps(-2.302208198f), c3 = _mm512_set1_ps(-.1029432397f); // times log2 e
  __m512 t = _mm512_mul_ps(x, _mm512_fmadd_ps(_mm512_mul_ps(x, x), c3, c1));
  t = _mm512_min_ps(t, _mm512_set1_ps(120)); // a NaN stays: min takes its second operand
  const __m512 d = _mm512_add_ps(exp2_of(t), _mm512_set1_ps(1));
  const __m512 r = _mm512_rcp14_ps(d);
  return _mm512_mul_ps(x, _mm512_mul_ps(r, _mm512_fnmadd_ps(d, r, _mm512_set1_ps(2))));
}

NM_TILE __m512 apply(NmThen then, __m512 x)
{
  if (then == NM_THEN_GELU) return gelu_of(x);
  return then == NM_THEN_RELU ? _mm512_max_ps(x, _mm512_setzero_ps()) : x;
}

NM_TILE void store(const NmHalfProduct *p, int64_t at, __mmask16 mask, __m512 x)
{
  if (p->rounded_y)
    _mm256_mask_storeu_epi16((uint16_t *)p->y + at, mask, (__m256i)_mm512_cvtneps_pbh(x));
  else
    _mm512_mask_storeu_ps((float *)p->y + at, mask, x);
}

// n_rows rows by n_vectors x 16 columns. What lies at `next` is fetched on the way, a line for each pair of
// rows of the weights.
NM_TILE void multiply_tile(const Job *j, const uint16_t *x, const uint16_t *panel, int64_t column,
                           int64_t at_y, const char *next, const int n_rows, const int n_vectors)
{
  const NmHalfProduct *p = j->p;
  __m512 sum[TILE][PANEL / LANES];
#pragma GCC unroll 6
  for (int r = 0; r < n_rows; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < n_vectors; ++v) sum[r][v] = _mm512_setzero_ps();
  for (int64_t k = 0; k < p->K; k += 2, panel += n_vectors * 2 * LANES, next += LINE) {
    _mm_prefetch(next, _MM_HINT_T0);
    __m512i w[PANEL / LANES];
#pragma GCC unroll 4
    for (int v = 0; v < n_vectors; ++v) w[v] = _mm512_load_si512(panel + v * 2 * LANES);
#pragma GCC unroll 6
    for (int r = 0; r < n_rows; ++r) {
      int32_t pair;
      memcpy(&pair, x + r * p->step + k, sizeof pair);
      const __m512i both = _mm512_set1_epi32(pair);
#pragma GCC unroll 4
      for (int v = 0; v < n_vectors; ++v)
        sum[r][v] = _mm512_dpbf16_ps(sum[r][v], (__m512bh)both, (__m512bh)w[v]);
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < n_vectors; ++v) {
    const int64_t at = column + v * LANES;
    const __mmask16 mask = p->N - at < LANES ? (__mmask16)((1u << (p->N - at)) - 1) : 0xffff;
    const __m512 bias = bias_of(p, at, mask);
#pragma GCC unroll 6
    for (int r = 0; r < n_rows; ++r)
      store(p, at_y + r * p->N + v * LANES, mask, apply(p->then, _mm512_add_ps(sum[r][v], bias)));
  }
}

#define LAST_TILE(n_rows, n_vectors)                                                                         \
  case n_rows: multiply_tile(j, x, panel, column, at_y, next, n_rows, n_vectors); break;

// The weights come from the outer caches once for every row block: while the rows go over one panel, the next
// one is brought near.
#define STRIP(n_vectors)                                                                                     \
  NM_AVX512 static void strip##n_vectors(const Job *j, const uint16_t *x, const uint16_t *panel, int64_t M,  \
                                         int64_t column, int64_t at_y)                                       \
  {                                                                                                          \
    const char *next = (const char *)(panel + len_panel(j->p->K));                                           \
    for (; M >= TILE; M -= TILE, x += TILE * j->p->step, at_y += TILE * j->p->N) {                           \
      multiply_tile(j, x, panel, column, at_y, next, TILE, n_vectors);                                       \
      next += LINE * (j->p->K / 2);                                                                          \
    }                                                                                                        \
    switch (M) {                                                                                             \
      LAST_TILE(1, n_vectors)                                                                                \
      LAST_TILE(2, n_vectors)                                                                                \
      LAST_TILE(3, n_vectors)                                                                                \
      LAST_TILE(4, n_vectors)                                                                                \
      LAST_TILE(5, n_vectors)                                                                                \
    }                                                                                                        \
  }

STRIP(1)
STRIP(2)
STRIP(3)
STRIP(4)

// ROWS rows of an item by some panels.
static void multiply_block(void *ctx, int64_t chunk, int worker)
{
  static void (*const strips[])(const Job *, const uint16_t *, const uint16_t *, int64_t, int64_t,
                                int64_t) = {strip1, strip2, strip3, strip4};
  const Job *j = ctx;
  const NmHalfProduct *p = j->p;
  const int64_t n_groups = ceil_div(j->n_panels, PANELS_PER_TASK);
  const int64_t block = chunk / n_groups, first = chunk % n_groups * PANELS_PER_TASK;
  const int64_t item = block / j->n_blocks, m = block % j->n_blocks * ROWS;
  const int64_t M = p->M - m < ROWS ? p->M - m : ROWS;
  for (int64_t i = first; i < first + PANELS_PER_TASK && i < j->n_panels; ++i) {
    const int64_t column = i * PANEL, n = p->N - column < PANEL ? p->N - column : PANEL;
    strips[(n - 1) / LANES](j, j->values + item * len_item(p) + m * p->step,
                            (const uint16_t *)p->packed + i * len_panel(p->K), M, column,
                            (item * p->M + m) * p->N + column);
  }
}

void nm_cpu_half_product(NmPool *pool, const NmHalfProduct *p, void *scratch)
{
  Job j = {.p = p,
           .scratch = scratch,
           .values = p->rounded_x ? p->x : scratch,
           .n_panels = ceil_div(p->N, PANEL),
           .n_blocks = ceil_div(p->M, ROWS)};
  if (!p->rounded_x) nm_pool_run(pool, p->n_items * ceil_div(p->n_values, VALUES), round_stretch, &j);
  nm_pool_run(pool, p->n_items * j.n_blocks * ceil_div(j.n_panels, PANELS_PER_TASK), multiply_block, &j);
}

#else

bool nm_cpu_half_can(void)
{
  return false;
}

void nm_cpu_half_pack(NmPool *pool, const void *w, int64_t K, int64_t N, void *packed) {}

void nm_cpu_half_product(NmPool *pool, const NmHalfProduct *product, void *scratch) {}

#endif
#endif
