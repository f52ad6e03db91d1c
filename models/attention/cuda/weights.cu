// SPDX-License-Identifier: GPL-3.0-or-later
// The attention's weights, stored whole: for constraints on alignment and for pictures.
#include "models/attention/cuda/kernel.cuh"

enum { STEP = 64, C = STEP / 16 }; // keys of a tile, columns of a thread

// Scores of a tile, minus infinity where not visible, to `weights`. `any`: S holds products; none is visible
// otherwise.
static __device__ void write_scores(const NmAttentionArrays &a, int64_t b, int64_t h, int64_t i, int j,
                                    bool any, const NmAttentionQuery *queries, const int *segments,
                                    const float (&S)[4][C], float *weights)
{
  const NmSight &s = a.sight;
#pragma unroll
  for (int r = 0; r < 4; ++r)
#pragma unroll
    for (int c = 0; c < C; ++c) {
      const int row = nm_attention_y() + 16 * r, column = nm_attention_x() + 16 * c;
      if (i + row >= s.Tq || j + column >= s.Tk) continue;
      const bool seen = any && nm_attention_sees(queries[row], j + column, segments[column]);
      weights[((b * s.H + h) * s.Tq + i + row) * s.Tk + j + column] =
          seen ? nm_attention_score(a, h, i + row, j + column, queries[row], S[r][c]) : -INFINITY;
    }
}

template <int W>
static __global__ void __launch_bounds__(NM_CUDA_BLOCK)
    score_block(NmAttentionArrays a, int n_blocks, float *weights)
{
  extern __shared__ float4 memory[];
  __shared__ NmAttentionQuery queries[NM_ATTENTION_HELD];
  __shared__ int segments[STEP];
  const NmSight &s = a.sight;
  float *const Q = (float *)memory, *const K = Q + nm_attention_size_rows(NM_ATTENTION_HELD, W);
  const int64_t head = blockIdx.x / n_blocks, b = head / s.H, h = head % s.H;
  const int64_t i = blockIdx.x % n_blocks * NM_ATTENTION_HELD;
  nm_attention_fill_queries(s, b, i, NM_ATTENTION_HELD, queries);
  nm_attention_load<W>(Q, a.q, s.Tq, s.H, a.D, b, h, i, NM_ATTENTION_HELD, nm_attention_n_queries(s, b));
  for (int j = 0; j < s.Tk; j += STEP) {
    const bool any = nm_attention_is_seen(s, b, i, NM_ATTENTION_HELD, j, STEP);
    float S[4][C];
    if (any) {
      __syncthreads();
      nm_attention_fill_segments(s, b, j, STEP, segments);
      nm_attention_load<W>(K, a.k, s.Tk, s.H, a.D, b, h, j, STEP, nm_attention_n_keys(s, b));
      __syncthreads();
      nm_attention_inner<W, C>(Q, K, S);
    }
    write_scores(a, b, h, i, j, any, queries, segments, S, weights);
  }
}

static __device__ float warp_max(float x)
{
  for (int step = 16; step; step >>= 1) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, step));
  return x;
}

// Scores to weights, in rows of T, a warp each; a row of nothing but minus infinity to zeros.
static __global__ void soften_rows(int64_t n_rows, int64_t T, float *weights)
{
  const int lane = threadIdx.x % 32;
  for (int64_t row = blockIdx.x * (int64_t)(blockDim.x / 32) + threadIdx.x / 32; row < n_rows;
       row += (int64_t)gridDim.x * (blockDim.x / 32)) {
    float *x = weights + row * T, top = -INFINITY, sum = 0;
    for (int64_t j = lane; j < T; j += 32) top = fmaxf(top, x[j]);
    top = warp_max(top);
    const float base = top == -INFINITY ? 0.0f : top;
    for (int64_t j = lane; j < T; j += 32) sum += expf(x[j] - base);
    sum = nm_cuda_warp_sum(sum);
    const float share = sum == 0 ? 0.0f : 1.0f / sum;
    for (int64_t j = lane; j < T; j += 32) x[j] = expf(x[j] - base) * share;
  }
}

template <int W> static void launch(const NmKernelRun *run, const NmAttentionArrays *a, float *weights)
{
  const size_t size_shared = 2 * nm_attention_size_rows(NM_ATTENTION_HELD, W) * sizeof(float);
  const int64_t n_blocks = nm_attention_blocks(a->sight.Tq);
  const auto scores = score_block<W>;
  nm_attention_allow(run, scores, size_shared);
  NM_CUDA_LAUNCH(run, scores, (unsigned)(a->sight.B * a->sight.H * n_blocks), NM_CUDA_BLOCK, size_shared, *a,
                 (int)n_blocks, weights);
}

void nm_cuda_attention_run_weights(const NmKernelRun *run, const NmAttentionArrays *a, float *weights)
{
  const NmSight *s = &a->sight;
  const int64_t n_rows = s->B * s->H * s->Tq;
  switch (nm_attention_width(a)) {
  case 32: launch<32>(run, a, weights); break;
  case 64: launch<64>(run, a, weights); break;
  case 96: launch<96>(run, a, weights); break;
  case 128: launch<128>(run, a, weights); break;
  }
  NM_CUDA_LAUNCH(run, soften_rows, nm_cuda_blocks(32 * n_rows), NM_CUDA_BLOCK, 0, n_rows, s->Tk, weights);
}
