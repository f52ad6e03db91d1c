// SPDX-License-Identifier: GPL-3.0-or-later
// Attention backward: tiles of weights are computed again from what is saved of each row (Dao et al. 2022,
// algorithm 4), or read where they are stored. Blocks of queries sum their own gradients, blocks of keys
// theirs; of the bias, a block has one tile and goes through all items that add to it; of the relative table,
// blocks of queries leave parts that are summed at the end.
#include "models/attention/cuda/kernel.cuh"

enum {
  STEP = 32, // queries or keys of a tile that are walked
  C = STEP / 16,
  N_DIAGONALS = NM_ATTENTION_HELD + STEP - 1
};

typedef struct {
  NmAttentionArrays a;
  NmAttentionBack back;
  NmAttentionGrads grads;
  float *delta; // [B, H, Tq]: each row's sum of weight times gradient
  float *parts; // [B, H, blocks of queries, n_relative]
} Job;

// Shared memory: held rows first, then walked ones. `one` and `two` are q and d_out, or k and v.
template <int W> struct Tile {
  float *held_one, *held_two; // [64, W]
  float *one, *two;           // [STEP, W]
  float *G, *P;               // [64, STEP] gradients of scores, weights
  NmAttentionQuery *queries;
  int *segments;
};

template <int W> static constexpr size_t size_tile(void)
{
  return (2 * nm_attention_size_rows(NM_ATTENTION_HELD, W) + 2 * nm_attention_size_rows(STEP, W) +
          2 * nm_attention_size_rows(NM_ATTENTION_HELD, STEP)) *
         sizeof(float);
}

template <int W> static __device__ Tile<W> make_tile(float *memory, NmAttentionQuery *queries, int *segments)
{
  const int size_held = nm_attention_size_rows(NM_ATTENTION_HELD, W), size = nm_attention_size_rows(STEP, W);
  float *const walked = memory + 2 * size_held, *const square = walked + 2 * size;
  return Tile<W>{memory,  memory + size_held,
                 walked,  walked + size,
                 square,  square + nm_attention_size_rows(NM_ATTENTION_HELD, STEP),
                 queries, segments};
}

// n queries from i on, with their rows.
template <int W>
static __device__ void load_queries(const Job &job, int64_t b, int64_t h, int64_t i, int n, float *q,
                                    float *d_out, NmAttentionQuery *queries)
{
  const NmSight &s = job.a.sight;
  const int64_t end = nm_attention_n_queries(s, b);
  nm_attention_fill_queries(s, b, i, n, queries);
  for (int r = threadIdx.x; r < n && i + r < end; r += blockDim.x) {
    const int64_t row = (b * s.H + h) * s.Tq + i + r;
    queries[r].delta = job.delta[row];
    if (!job.back.rows) continue;
    queries[r].top = job.back.rows[row].top;
    queries[r].share = job.back.rows[row].share;
  }
  nm_attention_load<W>(q, job.a.q, s.Tq, s.H, job.a.D, b, h, i, n, end);
  if (job.a.v) nm_attention_load<W>(d_out, job.back.d_out, s.Tq, s.H, job.a.Dv, b, h, i, n, end);
}

// n keys from j on.
template <int W>
static __device__ void load_keys(const Job &job, int64_t b, int64_t h, int64_t j, int n, float *k, float *v,
                                 int *segments)
{
  const NmSight &s = job.a.sight;
  const int64_t end = nm_attention_n_keys(s, b);
  nm_attention_fill_segments(s, b, j, n, segments);
  nm_attention_load<W>(k, job.a.k, s.Tk, s.H, job.a.D, b, h, j, n, end);
  if (job.a.v) nm_attention_load<W>(v, job.a.v, s.Tk, s.H, job.a.Dv, b, h, j, n, end);
}

// Weights P and gradients of scores G of the tile of queries from i and keys from j on; rows are queries, or
// keys where KEYS.
template <int W, bool KEYS>
static __device__ void open_tile(const Job &job, const Tile<W> &t, int64_t b, int64_t h, int64_t i, int64_t j,
                                 float (&P)[4][C], float (&G)[4][C])
{
  const NmSight &s = job.a.sight;
  const bool stored = job.back.weights != NULL;
  if (!stored) {
    nm_attention_inner<W, C>(t.held_one, t.one, P);
    nm_attention_inner<W, C>(t.held_two, t.two, G);
  }
#pragma unroll
  for (int r = 0; r < 4; ++r)
#pragma unroll
    for (int c = 0; c < C; ++c) {
      const int row = nm_attention_y() + 16 * r, column = nm_attention_x() + 16 * c;
      const int iq = KEYS ? column : row, jk = KEYS ? row : column, key = (int)j + jk;
      const NmAttentionQuery &query = t.queries[iq];
      const int64_t at = ((b * s.H + h) * s.Tq + i + iq) * s.Tk + key;
      float weight = 0, gradient = 0;
      if (nm_attention_sees(query, key, t.segments[jk])) {
        weight = stored ? job.back.weights[at]
                        : expf(nm_attention_score(job.a, h, i + iq, key, query, P[r][c]) - query.top) *
                              query.share;
        gradient = weight * ((stored ? job.back.d_weights[at] : G[r][c]) - query.delta);
      }
      P[r][c] = weight;
      G[r][c] = gradient;
    }
}

// The tile's G onto the block's part of the relative table: first by diagonals, then the diagonals that share
// an entry. All threads call it, after a barrier.
static __device__ void spread_table(const Job &job, const float *G, int64_t i, int64_t j, float *diagonals,
                                    float *part)
{
  const NmSight &s = job.a.sight;
  const int last = job.a.n_relative - 1;
  for (int d = threadIdx.x; d < N_DIAGONALS; d += blockDim.x) {
    const int off = d - (NM_ATTENTION_HELD - 1); // key less query, in the tile
    float sum = 0;
    for (int r = off < 0 ? -off : 0; r < NM_ATTENTION_HELD && r + off < STEP; ++r)
      sum += G[r * (STEP + NM_ATTENTION_GAP) + r + off];
    diagonals[d] = sum;
  }
  __syncthreads();
  const int64_t least = j - (i + s.Tk - s.Tq) + job.a.n_relative / 2 - (NM_ATTENTION_HELD - 1);
  const int low = least < 0 ? 0 : least < last ? (int)least : last;
  const int64_t most = least + N_DIAGONALS - 1;
  const int high = most < 0 ? 0 : most < last ? (int)most : last;
  for (int at = low + (int)threadIdx.x; at <= high; at += (int)blockDim.x) {
    const int64_t first = at == 0 ? 0 : at - least, end = at == last ? N_DIAGONALS - 1 : at - least;
    float sum = 0;
    for (int64_t d = first < 0 ? 0 : first; d <= end && d < N_DIAGONALS; ++d) sum += diagonals[d];
    part[at] += sum;
  }
}

// Gives sum [64, W] times scale to rows from `first` on of head h of item b of a gradient [B, T, H D].
template <int W>
static __device__ void give_rows(const float2 (&sum)[4][W / 32], float scale, const NmCudaGrad &grad,
                                 int64_t T, int64_t H, int D, int64_t b, int64_t h, int64_t first)
{
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    const int64_t at = first + nm_attention_y() + 16 * r;
    if (at >= T) continue;
    const int64_t row = ((b * T + at) * H + h) * D;
#pragma unroll
    for (int c = 0; c < W / 32; ++c) {
      const int d = 2 * nm_attention_x() + 32 * c;
      if (d < D) nm_cuda_give(grad, row + d, scale * sum[r][c].x);
      if (d + 1 < D) nm_cuda_give(grad, row + d + 1, scale * sum[r][c].y);
    }
  }
}

// Gradients of q and parts of the relative table's, of a block of queries.
template <int W> static __global__ void __launch_bounds__(NM_CUDA_BLOCK) back_queries(Job job, int n_blocks)
{
  extern __shared__ float4 memory[];
  __shared__ NmAttentionQuery queries[NM_ATTENTION_HELD];
  __shared__ int segments[STEP];
  __shared__ float diagonals[N_DIAGONALS];
  const NmSight &s = job.a.sight;
  const Tile<W> t = make_tile<W>((float *)memory, queries, segments);
  const int64_t n_heads = s.B * s.H, head = blockIdx.x % n_heads, b = head / s.H, h = head % s.H;
  const int64_t block = n_blocks - 1 - blockIdx.x / n_heads, i = block * NM_ATTENTION_HELD;
  float *const part = job.parts + (head * n_blocks + block) * job.a.n_relative;
  float2 sum[4][W / 32] = {};
  for (int at = threadIdx.x; job.grads.relative.at && at < job.a.n_relative; at += blockDim.x) part[at] = 0;
  load_queries<W>(job, b, h, i, NM_ATTENTION_HELD, t.held_one, t.held_two, queries);
  for (int64_t j = 0; j < s.Tk; j += STEP) {
    if (!nm_attention_is_seen(s, b, i, NM_ATTENTION_HELD, j, STEP)) continue;
    __syncthreads();
    load_keys<W>(job, b, h, j, STEP, t.one, t.two, segments);
    __syncthreads();
    if (s.pattern == NM_PATTERN_SEGMENTS && !nm_attention_any_sees<C, false>(queries, segments, (int)j))
      continue;
    float P[4][C], G[4][C];
    open_tile<W, false>(job, t, b, h, i, j, P, G);
    nm_attention_store<C>(G, t.G);
    __syncthreads();
    nm_attention_product<W, STEP>(t.G, t.one, sum);
    if (job.grads.relative.at) spread_table(job, t.G, i, j, diagonals, part);
  }
  if (job.grads.q.at) give_rows<W>(sum, job.a.scale, job.grads.q, s.Tq, s.H, job.a.D, b, h, i);
}

// Gradients of k and v, of a block of keys.
template <int W> static __global__ void __launch_bounds__(NM_CUDA_BLOCK) back_keys(Job job)
{
  extern __shared__ float4 memory[];
  __shared__ NmAttentionQuery queries[STEP];
  __shared__ int segments[NM_ATTENTION_HELD];
  const NmSight &s = job.a.sight;
  const Tile<W> t = make_tile<W>((float *)memory, queries, segments);
  const int64_t n_heads = s.B * s.H, b = blockIdx.x % n_heads / s.H, h = blockIdx.x % s.H;
  const int64_t j = blockIdx.x / n_heads * NM_ATTENTION_HELD;
  float2 sum_k[4][W / 32] = {}, sum_v[4][W / 32] = {};
  load_keys<W>(job, b, h, j, NM_ATTENTION_HELD, t.held_one, t.held_two, segments);
  for (int64_t i = 0; i < s.Tq; i += STEP) {
    if (!nm_attention_is_seen(s, b, i, STEP, j, NM_ATTENTION_HELD)) continue;
    __syncthreads();
    load_queries<W>(job, b, h, i, STEP, t.one, t.two, queries);
    __syncthreads();
    if (s.pattern == NM_PATTERN_SEGMENTS && !nm_attention_any_sees<C, true>(queries, segments, (int)j))
      continue;
    float P[4][C], G[4][C];
    open_tile<W, true>(job, t, b, h, i, j, P, G);
    nm_attention_store<C>(G, t.G);
    nm_attention_store<C>(P, t.P);
    __syncthreads();
    nm_attention_product<W, STEP>(t.G, t.one, sum_k);
    if (job.grads.v.at) nm_attention_product<W, STEP>(t.P, t.two, sum_v);
  }
  if (job.grads.k.at) give_rows<W>(sum_k, job.a.scale, job.grads.k, s.Tk, s.H, job.a.D, b, h, j);
  if (job.grads.v.at) give_rows<W>(sum_v, 1.0f, job.grads.v, s.Tk, s.H, job.a.Dv, b, h, j);
}

static __device__ void give_bias(const NmSight &s, const float (&sum)[4][C], int64_t head, int64_t i,
                                 int64_t j, const NmCudaGrad &grad)
{
#pragma unroll
  for (int r = 0; r < 4; ++r)
#pragma unroll
    for (int c = 0; c < C; ++c) {
      const int64_t row = i + nm_attention_y() + 16 * r, column = j + nm_attention_x() + 16 * c;
      if (row < s.Tq && column < s.Tk) nm_cuda_give(grad, (head * s.Tq + row) * s.Tk + column, sum[r][c]);
    }
}

// The bias's gradient of one tile of one of its heads: the sum over items, and over all heads where shared.
template <int W>
static __global__ void __launch_bounds__(NM_CUDA_BLOCK) back_bias(Job job, int n_rows, int n_columns)
{
  extern __shared__ float4 memory[];
  __shared__ NmAttentionQuery queries[NM_ATTENTION_HELD];
  __shared__ int segments[STEP];
  const NmSight &s = job.a.sight;
  const Tile<W> t = make_tile<W>((float *)memory, queries, segments);
  const int64_t head = blockIdx.x / n_columns / n_rows,
                i = blockIdx.x / n_columns % n_rows * NM_ATTENTION_HELD;
  const int64_t j = blockIdx.x % n_columns * STEP, n_shared = s.H / job.a.n_bias;
  float sum[4][C] = {};
  for (int64_t at = 0; at < s.B * n_shared; ++at) {
    const int64_t b = at / n_shared, h = head + at % n_shared;
    if (!nm_attention_is_seen(s, b, i, NM_ATTENTION_HELD, j, STEP)) continue;
    __syncthreads();
    load_queries<W>(job, b, h, i, NM_ATTENTION_HELD, t.held_one, t.held_two, queries);
    load_keys<W>(job, b, h, j, STEP, t.one, t.two, segments);
    __syncthreads();
    float P[4][C], G[4][C];
    open_tile<W, false>(job, t, b, h, i, j, P, G);
#pragma unroll
    for (int r = 0; r < 4; ++r)
#pragma unroll
      for (int c = 0; c < C; ++c) sum[r][c] += G[r][c];
  }
  give_bias(s, sum, head, i, j, job.grads.bias);
}

// Rows of [B, H, Tq], a warp each.
static __global__ void find_delta(Job job)
{
  const NmSight &s = job.a.sight;
  const int64_t n_rows = s.B * s.H * s.Tq, n = job.back.weights ? s.Tk : job.a.Dv;
  const int lane = threadIdx.x % 32, n_warps = blockDim.x / 32;
  for (int64_t row = (int64_t)blockIdx.x * n_warps + threadIdx.x / 32; row < n_rows;
       row += (int64_t)gridDim.x * n_warps) {
    const int64_t b = row / s.Tq / s.H, h = row / s.Tq % s.H;
    const int64_t at = ((b * s.Tq + row % s.Tq) * s.H + h) * job.a.Dv;
    const float *x = job.back.weights ? job.back.weights + row * s.Tk : job.back.out + at;
    const float *dx = job.back.weights ? job.back.d_weights + row * s.Tk : job.back.d_out + at;
    float sum = 0;
    for (int64_t k = lane; k < n; k += 32) sum += x[k] * dx[k];
    sum = nm_cuda_warp_sum(sum);
    if (lane == 0) job.delta[row] = sum;
  }
}

// An entry of the relative table's gradient [H, n_relative] to a warp: the sum over items and blocks.
static __global__ void fold_table(Job job, int n_blocks)
{
  const NmSight &s = job.a.sight;
  const int64_t n = job.a.n_relative, n_parts = s.B * n_blocks;
  const int lane = threadIdx.x % 32, n_warps = blockDim.x / 32;
  for (int64_t entry = (int64_t)blockIdx.x * n_warps + threadIdx.x / 32; entry < s.H * n;
       entry += (int64_t)gridDim.x * n_warps) {
    float sum = 0;
    for (int64_t part = lane; part < n_parts; part += 32) {
      const int64_t head = part / n_blocks * s.H + entry / n;
      sum += job.parts[(head * n_blocks + part % n_blocks) * n + entry % n];
    }
    sum = nm_cuda_warp_sum(sum);
    if (lane == 0) nm_cuda_give(job.grads.relative, entry, sum);
  }
}

template <int W> static void launch_queries(const NmKernelRun *run, const Job &job)
{
  const NmSight &s = job.a.sight;
  const int64_t n_blocks = nm_attention_blocks(s.Tq);
  const auto attention_back_queries = back_queries<W>;
  nm_attention_allow(run, attention_back_queries, size_tile<W>());
  NM_CUDA_LAUNCH(run, attention_back_queries, (unsigned)(s.B * s.H * n_blocks), NM_CUDA_BLOCK, size_tile<W>(),
                 job, (int)n_blocks);
}

template <int W> static void launch_keys(const NmKernelRun *run, const Job &job)
{
  const NmSight &s = job.a.sight;
  const auto attention_back_keys = back_keys<W>;
  nm_attention_allow(run, attention_back_keys, size_tile<W>());
  NM_CUDA_LAUNCH(run, attention_back_keys, (unsigned)(s.B * s.H * nm_attention_blocks(s.Tk)), NM_CUDA_BLOCK,
                 size_tile<W>(), job);
}

template <int W> static void launch_bias(const NmKernelRun *run, const Job &job)
{
  const NmSight &s = job.a.sight;
  const int64_t n_rows = nm_attention_blocks(s.Tq), n_columns = (s.Tk + STEP - 1) / STEP;
  const auto attention_back_bias = back_bias<W>;
  nm_attention_allow(run, attention_back_bias, size_tile<W>());
  NM_CUDA_LAUNCH(run, attention_back_bias, (unsigned)(job.a.n_bias * n_rows * n_columns), NM_CUDA_BLOCK,
                 size_tile<W>(), job, (int)n_rows, (int)n_columns);
}

template <int W> static void launch(const NmKernelRun *run, const Job &job)
{
  if (job.grads.q.at || job.grads.relative.at) launch_queries<W>(run, job);
  if (job.grads.k.at || job.grads.v.at) launch_keys<W>(run, job);
  if (job.grads.bias.at) launch_bias<W>(run, job);
}

static size_t size_delta(const NmSight &s)
{
  return ((size_t)(s.B * s.H * s.Tq) * sizeof(float) + 63) / 64 * 64;
}

size_t nm_cuda_attention_size_back(const NmAttentionArrays *a)
{
  const NmSight &s = a->sight;
  return size_delta(s) + (size_t)(s.B * s.H * nm_attention_blocks(s.Tq) * a->n_relative) * sizeof(float);
}

void nm_cuda_attention_run_back(const NmKernelRun *run, const NmAttentionArrays *a,
                                const NmAttentionBack *back, const NmAttentionGrads *grads)
{
  const NmSight &s = a->sight;
  const Job job = {*a, *back, *grads, (float *)run->scratch, (float *)((char *)run->scratch + size_delta(s))};
  NM_CUDA_LAUNCH(run, find_delta, nm_cuda_blocks(32 * s.B * s.H * s.Tq), NM_CUDA_BLOCK, 0, job);
  switch (nm_attention_width(a)) {
  case 32: launch<32>(run, job); break;
  case 64: launch<64>(run, job); break;
  case 96: launch<96>(run, job); break;
  case 128: launch<128>(run, job); break;
  }
  if (!grads->relative.at) return;
  NM_CUDA_LAUNCH(run, fold_table, nm_cuda_blocks(32 * s.H * a->n_relative), NM_CUDA_BLOCK, 0, job,
                 (int)nm_attention_blocks(s.Tq));
}
