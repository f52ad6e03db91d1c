// SPDX-License-Identifier: GPL-3.0-or-later
// Attention forward: a block of queries walks its tiles of keys with online softmax (Milakov, Gimelshein
// 2018; Dao et al. 2022).
#include "models/attention/cuda/kernel.cuh"

enum { STEP = 64, C = STEP / 16 }; // keys of a tile, columns of a thread

// What a thread knows of its rows so far: the greatest score, the sum of exponentials relative to it, the
// values weighted by them.
template <int W> struct Rows {
  float top[4], sum[4];
  float2 values[4][W / 32];
};

// Over the 16 threads of a row.
static __device__ float row_max(float x)
{
  for (int step = 8; step; step >>= 1) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, step));
  return x;
}

static __device__ float row_sum(float x)
{
  for (int step = 8; step; step >>= 1) x += __shfl_xor_sync(0xffffffffu, x, step);
  return x;
}

// Products to exponentials, and what the rows hold to the new greatest score. A row that has seen nothing yet
// is taken relative to 0, so that a NaN is not lost.
template <int W> static __device__ void soften(float (&S)[4][C], Rows<W> &rows)
{
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    float top = rows.top[r], sum = 0;
#pragma unroll
    for (int c = 0; c < C; ++c) top = fmaxf(top, S[r][c]);
    top = row_max(top);
    const float base = top == -INFINITY ? 0.0f : top, keep = expf(rows.top[r] - base);
#pragma unroll
    for (int c = 0; c < C; ++c) {
      S[r][c] = expf(S[r][c] - base);
      sum += S[r][c];
    }
    rows.top[r] = top;
    rows.sum[r] = rows.sum[r] * keep + row_sum(sum);
#pragma unroll
    for (int c = 0; c < W / 32; ++c) rows.values[r][c].x *= keep, rows.values[r][c].y *= keep;
  }
}

// Products to scores, minus infinity where not visible. i, j: the first query and key of the tile.
static __device__ void score(const NmAttentionArrays &a, int64_t h, int64_t i, int j,
                             const NmAttentionQuery *queries, const int *segments, float (&S)[4][C])
{
#pragma unroll
  for (int r = 0; r < 4; ++r)
#pragma unroll
    for (int c = 0; c < C; ++c) {
      const int row = nm_attention_y() + 16 * r, column = nm_attention_x() + 16 * c;
      const bool seen = nm_attention_sees(queries[row], j + column, segments[column]);
      S[r][c] = seen ? nm_attention_score(a, h, i + row, j + column, queries[row], S[r][c]) : -INFINITY;
    }
}

template <int W>
static __device__ void finish(const NmAttentionArrays &a, int64_t b, int64_t h, int64_t i,
                              const Rows<W> &rows, float *out, NmAttentionRow *saved)
{
  const NmSight &s = a.sight;
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    const int64_t at = i + nm_attention_y() + 16 * r;
    if (at >= s.Tq) continue;
    const bool blind = rows.sum[r] == 0;
    const float share = blind ? 0.0f : 1.0f / rows.sum[r];
    float *row = out + ((b * s.Tq + at) * s.H + h) * a.Dv;
#pragma unroll
    for (int c = 0; c < W / 32; ++c) {
      const int d = 2 * nm_attention_x() + 32 * c;
      if (d < a.Dv) row[d] = blind ? 0.0f : rows.values[r][c].x * share;
      if (d + 1 < a.Dv) row[d + 1] = blind ? 0.0f : rows.values[r][c].y * share;
    }
    if (saved && nm_attention_x() == 0)
      saved[(b * s.H + h) * s.Tq + at] = NmAttentionRow{blind ? 0.0f : rows.top[r], share};
  }
}

// Later blocks first: under causal patterns they are the longer ones.
template <int W>
static __global__ void __launch_bounds__(NM_CUDA_BLOCK)
    run_block(NmAttentionArrays a, int n_blocks, float *out, NmAttentionRow *saved)
{
  extern __shared__ float4 memory[];
  __shared__ NmAttentionQuery queries[NM_ATTENTION_HELD];
  __shared__ int segments[STEP];
  const NmSight &s = a.sight;
  float *const Q = (float *)memory, *const KV = Q + nm_attention_size_rows(NM_ATTENTION_HELD, W),
               *const P = KV + nm_attention_size_rows(STEP, W);
  const int64_t n_heads = s.B * s.H, b = blockIdx.x % n_heads / s.H, h = blockIdx.x % s.H;
  const int64_t i = (n_blocks - 1 - blockIdx.x / n_heads) * NM_ATTENTION_HELD;
  const int64_t n_keys = nm_attention_n_keys(s, b);
  Rows<W> rows = {};
  for (int r = 0; r < 4; ++r) rows.top[r] = -INFINITY;
  nm_attention_fill_queries(s, b, i, NM_ATTENTION_HELD, queries);
  nm_attention_load<W>(Q, a.q, s.Tq, s.H, a.D, b, h, i, NM_ATTENTION_HELD, nm_attention_n_queries(s, b));
  for (int j = 0; j < n_keys; j += STEP) {
    if (!nm_attention_is_seen(s, b, i, NM_ATTENTION_HELD, j, STEP)) continue;
    __syncthreads();
    nm_attention_fill_segments(s, b, j, STEP, segments);
    nm_attention_load<W>(KV, a.k, s.Tk, s.H, a.D, b, h, j, STEP, n_keys);
    __syncthreads();
    if (s.pattern == NM_PATTERN_SEGMENTS && !nm_attention_any_sees<C, false>(queries, segments, j)) continue;
    float S[4][C];
    nm_attention_inner<W, C>(Q, KV, S);
    score(a, h, i, j, queries, segments, S);
    soften<W>(S, rows);
    nm_attention_store<C>(S, P);
    __syncthreads();
    nm_attention_load<W>(KV, a.v, s.Tk, s.H, a.Dv, b, h, j, STEP, n_keys);
    __syncthreads();
    nm_attention_product<W, STEP>(P, KV, rows.values);
  }
  finish<W>(a, b, h, i, rows, out, saved);
}

template <int W>
static void launch(const NmKernelRun *run, const NmAttentionArrays *a, float *out, NmAttentionRow *rows)
{
  const size_t size_shared =
      (2 * nm_attention_size_rows(NM_ATTENTION_HELD, W) + nm_attention_size_rows(NM_ATTENTION_HELD, STEP)) *
      sizeof(float);
  const int64_t n_blocks = nm_attention_blocks(a->sight.Tq);
  const auto attention = run_block<W>;
  nm_attention_allow(run, attention, size_shared);
  NM_CUDA_LAUNCH(run, attention, (unsigned)(a->sight.B * a->sight.H * n_blocks), NM_CUDA_BLOCK, size_shared,
                 *a, (int)n_blocks, out, rows);
}

void nm_cuda_attention_run(const NmKernelRun *run, const NmAttentionArrays *a, float *out,
                           NmAttentionRow *rows)
{
  switch (nm_attention_width(a)) {
  case 32: launch<32>(run, a, out, rows); break;
  case 64: launch<64>(run, a, out, rows); break;
  case 96: launch<96>(run, a, out, rows); break;
  case 128: launch<128>(run, a, out, rows); break;
  }
}
