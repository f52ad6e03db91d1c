// SPDX-License-Identifier: GPL-3.0-or-later
// The attention on CUDA: what its kernels share. A block of 256 threads, 16 x 16, holds 64 queries (or keys)
// of a head in shared memory and walks the keys (or queries) in tiles. Thread (x, y) has rows y, y + 16, ...
// of the held ones, and columns x, x + 16, ... of the walked ones. W, the width of the rows in shared memory,
// is the channels of a head filled up with zeros. float throughout; every sum has one order.
#ifndef NM_ATTENTION_CUDA_KERNEL_CUH
#define NM_ATTENTION_CUDA_KERNEL_CUH

#include "models/engine/cuda/cuda.cuh"

extern "C" {
#include "models/attention/sight.h"
}

enum {
  NM_ATTENTION_HELD = 64,
  NM_ATTENTION_WIDEST = 128, // channels of a head, at most
  NM_ATTENTION_GAP = 4       // between rows in shared memory, so that columns of them lie in different banks
};

typedef struct {
  NmSight sight; // without hulls
  int D, Dv;
  const float *q;        // [B, Tq, H D]
  const float *k;        // [B, Tk, H D]
  const float *v;        // [B, Tk, H Dv]; NULL for the weights
  const float *bias;     // [n_bias, Tq, Tk]
  const float *relative; // [H, n_relative]
  int n_bias;            // H, 1: shared by the heads, 0: none
  int n_relative;        // 2 R + 1, 0: none
  float scale;
} NmAttentionArrays;

// Gradients are added to; NULL where none is wanted.
typedef struct {
  NmCudaGrad q, k, v, bias, relative;
} NmAttentionGrads;

// Of a row: its greatest score, and one over its sum of exponentials relative to that; 0 and 0 for a row that
// sees no key.
typedef struct {
  float top, share;
} NmAttentionRow;

// What goes backward: through the output or through the weights, the other's being NULL.
typedef struct {
  const float *out, *d_out;
  const NmAttentionRow *rows; // [B, H, Tq]
  const float *weights, *d_weights;
} NmAttentionBack;

// out [B, Tq, H Dv]; rows [B, H, Tq] may be NULL (run.cu).
void nm_cuda_attention_run(const NmKernelRun *run, const NmAttentionArrays *a, float *out,
                           NmAttentionRow *rows);
// weights [B, H, Tq, Tk] (weights.cu).
void nm_cuda_attention_run_weights(const NmKernelRun *run, const NmAttentionArrays *a, float *weights);
// Bytes of scratch, and the way back with it in run->scratch (back.cu).
size_t nm_cuda_attention_size_back(const NmAttentionArrays *a);
void nm_cuda_attention_run_back(const NmKernelRun *run, const NmAttentionArrays *a,
                                const NmAttentionBack *back, const NmAttentionGrads *grads);

// W: 32, 64, 96 or 128.
static inline int nm_attention_width(const NmAttentionArrays *a)
{
  const int channels = a->D > a->Dv ? a->D : a->Dv;
  return (channels + 31) / 32 * 32;
}

static inline int64_t nm_attention_blocks(int64_t T)
{
  return (T + NM_ATTENTION_HELD - 1) / NM_ATTENTION_HELD;
}

// Reals of `n` rows of width w in shared memory.
static __host__ __device__ constexpr int nm_attention_size_rows(int n, int w)
{
  return n * (w + NM_ATTENTION_GAP);
}

// --- what queries see: sight.c on the device ---

static __device__ inline int64_t nm_attention_n_queries(const NmSight &s, int64_t b)
{
  const int64_t n = s.len_q ? s.len_q[b] : s.Tq;
  return n < 0 ? 0 : n < s.Tq ? n : s.Tq;
}

static __device__ inline int64_t nm_attention_n_keys(const NmSight &s, int64_t b)
{
  const int64_t n = s.len_k ? s.len_k[b] : s.Tk;
  return n < 0 ? 0 : n < s.Tk ? n : s.Tk;
}

static __device__ inline NmSpan nm_attention_span(const NmSight &s, int64_t b, int64_t i)
{
  const int64_t n = nm_attention_n_keys(s, b), position = i + s.Tk - s.Tq;
  const bool sinks = s.pattern == NM_PATTERN_SINKS, window = s.pattern == NM_PATTERN_WINDOW;
  int64_t first = 0, end = n;
  if (sinks || s.pattern == NM_PATTERN_CAUSAL) end = position + 1;
  if (window && s.right >= 0) end = position + s.right + 1;
  if ((sinks || window) && s.left >= 0) first = position - s.left;
  first = first < 0 ? 0 : first < n ? first : n;
  end = end < first ? first : end < n ? end : n;
  return NmSpan{!sinks ? 0 : s.n_sinks < first ? s.n_sinks : first, first, end};
}

// Whether any of queries [i, i + n_q) may see any of keys [j, j + n_k), segments aside. Both ends of the
// window move on with i.
static __device__ inline bool nm_attention_is_seen(const NmSight &s, int64_t b, int64_t i, int64_t n_q,
                                                   int64_t j, int64_t n_k)
{
  const int64_t n = nm_attention_n_queries(s, b), end = i + n_q < n ? i + n_q : n;
  if (i >= end) return false;
  const NmSpan top = nm_attention_span(s, b, i), bottom = nm_attention_span(s, b, end - 1);
  return j < bottom.end && (j < bottom.end_sinks || j + n_k > top.first);
}

// A query in shared memory: keys [0, end_sinks) and [first, end) of its segment; and its row, going backward.
typedef struct {
  int end_sinks, first, end, position, segment;
  float top, share, delta;
} NmAttentionQuery;

// Queries [i, i + n) of item b; those of padding see nothing.
static __device__ inline void nm_attention_fill_queries(const NmSight &s, int64_t b, int64_t i, int n,
                                                        NmAttentionQuery *queries)
{
  for (int r = threadIdx.x; r < n; r += blockDim.x) {
    NmAttentionQuery query = {};
    if (i + r < nm_attention_n_queries(s, b)) {
      const NmSpan span = nm_attention_span(s, b, i + r);
      query.end_sinks = (int)span.end_sinks;
      query.first = (int)span.first;
      query.end = (int)span.end;
      query.position = (int)(i + r + s.Tk - s.Tq);
      if (s.pattern == NM_PATTERN_SEGMENTS) query.segment = s.segment_q[b * s.Tq + i + r];
    }
    queries[r] = query;
  }
}

static __device__ inline void nm_attention_fill_segments(const NmSight &s, int64_t b, int64_t j, int n,
                                                         int *segments)
{
  for (int r = threadIdx.x; r < n; r += blockDim.x)
    segments[r] = s.pattern == NM_PATTERN_SEGMENTS && j + r < s.Tk ? s.segment_k[b * s.Tk + j + r] : 0;
}

static __device__ inline bool nm_attention_sees(const NmAttentionQuery &query, int j, int segment)
{
  return (j < query.end_sinks || (j >= query.first && j < query.end)) && query.segment == segment;
}

// --- one tile ---

static __device__ inline int nm_attention_x(void)
{
  return threadIdx.x % 16;
}

static __device__ inline int nm_attention_y(void)
{
  return threadIdx.x / 16;
}

// Whether any query of the tile sees any key of it, by segments too: all threads call it, after a barrier. C
// columns; rows are queries, or keys where KEYS. j: the first key.
template <int C, bool KEYS>
static __device__ inline bool nm_attention_any_sees(const NmAttentionQuery *queries, const int *segments,
                                                    int j)
{
  bool any = false;
  for (int r = nm_attention_y(); r < NM_ATTENTION_HELD; r += 16)
    for (int c = nm_attention_x(); c < 16 * C; c += 16)
      any |= nm_attention_sees(queries[KEYS ? c : r], j + (KEYS ? r : c), segments[KEYS ? r : c]);
  return __syncthreads_or(any);
}

// The score of query i and key j, from their product.
static __device__ inline float nm_attention_score(const NmAttentionArrays &a, int64_t h, int64_t i, int j,
                                                  const NmAttentionQuery &query, float product)
{
  float score = a.scale * product;
  if (a.n_bias) score += a.bias[((a.n_bias == 1 ? 0 : h) * a.sight.Tq + i) * a.sight.Tk + j];
  if (!a.n_relative) return score;
  const int at = j - query.position + a.n_relative / 2;
  return score + a.relative[h * a.n_relative + (at < 0 ? 0 : at < a.n_relative ? at : a.n_relative - 1)];
}

// Rows [first, first + n) of head h of item b of an array [B, T, H D] to shared memory; zeros from row `end`
// on.
template <int W>
static __device__ inline void nm_attention_load(float *rows, const float *array, int64_t T, int64_t H, int D,
                                                int64_t b, int64_t h, int64_t first, int n, int64_t end)
{
  for (int at = threadIdx.x; at < n * (W / 4); at += blockDim.x) {
    const int r = at / (W / 4), d = at % (W / 4) * 4;
    const float *from = array + ((b * T + first + r) * H + h) * D + d;
    const bool is_row = first + r < end;
    float4 x = make_float4(0, 0, 0, 0);
    if (is_row && D % 4 == 0 && d < D) x = *(const float4 *)from;
    if (is_row && D % 4 != 0) {
      if (d < D) x.x = from[0];
      if (d + 1 < D) x.y = from[1];
      if (d + 2 < D) x.z = from[2];
      if (d + 3 < D) x.w = from[3];
    }
    *(float4 *)(rows + r * (W + NM_ATTENTION_GAP) + d) = x;
  }
}

// S [4, C] of each thread = A B'.
template <int W, int C>
static __device__ inline void nm_attention_inner(const float *A, const float *B, float (&S)[4][C])
{
  const float *a = A + nm_attention_y() * (W + NM_ATTENTION_GAP),
              *b = B + nm_attention_x() * (W + NM_ATTENTION_GAP);
#pragma unroll
  for (int r = 0; r < 4; ++r)
#pragma unroll
    for (int c = 0; c < C; ++c) S[r][c] = 0;
#pragma unroll 4
  for (int d = 0; d < W; d += 4) {
    float4 x[4], y[C];
#pragma unroll
    for (int r = 0; r < 4; ++r) x[r] = *(const float4 *)(a + 16 * r * (W + NM_ATTENTION_GAP) + d);
#pragma unroll
    for (int c = 0; c < C; ++c) y[c] = *(const float4 *)(b + 16 * c * (W + NM_ATTENTION_GAP) + d);
#pragma unroll
    for (int r = 0; r < 4; ++r)
#pragma unroll
      for (int c = 0; c < C; ++c)
        S[r][c] += x[r].x * y[c].x + x[r].y * y[c].y + x[r].z * y[c].z + x[r].w * y[c].w;
  }
}

// S of each thread to P [held, 16 C] in shared memory.
template <int C> static __device__ inline void nm_attention_store(const float (&S)[4][C], float *P)
{
#pragma unroll
  for (int r = 0; r < 4; ++r)
#pragma unroll
    for (int c = 0; c < C; ++c)
      P[(nm_attention_y() + 16 * r) * (16 * C + NM_ATTENTION_GAP) + nm_attention_x() + 16 * c] = S[r][c];
}

// sum [4, W / 32] of each thread += P B, P [held, N], B [N, W]. A thread has channels 2 x + 32 c and the
// next.
template <int W, int N>
static __device__ inline void nm_attention_product(const float *P, const float *B, float2 (&sum)[4][W / 32])
{
  const float *p = P + nm_attention_y() * (N + NM_ATTENTION_GAP), *b = B + 2 * nm_attention_x();
#pragma unroll 2
  for (int j = 0; j < N; j += 4) {
    float x[4][4];
#pragma unroll
    for (int r = 0; r < 4; ++r) {
      const float4 four = *(const float4 *)(p + 16 * r * (N + NM_ATTENTION_GAP) + j);
      x[r][0] = four.x, x[r][1] = four.y, x[r][2] = four.z, x[r][3] = four.w;
    }
#pragma unroll
    for (int k = 0; k < 4; ++k)
#pragma unroll
      for (int c = 0; c < W / 32; ++c) {
        const float2 y = *(const float2 *)(b + (j + k) * (W + NM_ATTENTION_GAP) + 32 * c);
#pragma unroll
        for (int r = 0; r < 4; ++r) {
          sum[r][c].x += x[r][k] * y.x;
          sum[r][c].y += x[r][k] * y.y;
        }
      }
  }
}

// The kernel may take so much shared memory.
template <class Kernel>
static inline void nm_attention_allow(const NmKernelRun *run, Kernel kernel, size_t size_shared)
{
  nm_cuda_check(nm_cuda_of(run),
                cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, (int)size_shared),
                "attention");
}

#endif
