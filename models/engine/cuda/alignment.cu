// SPDX-License-Identifier: GPL-3.0-or-later
// What aligners need: squared distances of all pairs, by differences in tiles, exact where the expanded
// square would cancel; and the forward algorithm over monotonic paths (Graves et al. 2006; Badlani et al.
// 2022) in the log domain, a block per item, threads over states.
#include "models/engine/cuda/cuda.cuh"

enum { TILE = 16 }; // TILE * TILE threads a block

// Tile `job` of [B, M, N] cut into tiles: where it starts.
struct Tile {
  int64_t b, m, n;
};

static __host__ __device__ int64_t n_tiles(int64_t n)
{
  return (n + TILE - 1) / TILE;
}

static __device__ Tile tile_of(int64_t job, int64_t M, int64_t N)
{
  const int64_t row = job / n_tiles(N), b = row / n_tiles(M);
  return {b, (row - b * n_tiles(M)) * TILE, (job - row * n_tiles(N)) * TILE};
}

// y[b, t, k] = the sum over c of (q[b, t, c] - k[b, k, c])^2.
static __global__ void distances(const float *q, const float *k, float *y, int64_t B, int64_t T, int64_t K,
                                 int64_t C)
{
  __shared__ float qs[TILE][TILE + 1], ks[TILE][TILE + 1];
  const int row = threadIdx.x / TILE, column = threadIdx.x % TILE;
  for (int64_t job = blockIdx.x; job < B * n_tiles(T) * n_tiles(K); job += gridDim.x) {
    const Tile at = tile_of(job, T, K);
    const float *q_row = q + (at.b * T + at.m + row) * C, *k_row = k + (at.b * K + at.n + row) * C;
    float sum = 0;
    for (int64_t c = column; c < C + column; c += TILE) {
      qs[row][column] = at.m + row < T && c < C ? q_row[c] : 0.0f;
      ks[row][column] = at.n + row < K && c < C ? k_row[c] : 0.0f;
      __syncthreads();
      for (int i = 0; i < TILE; ++i) {
        const float d = qs[row][i] - ks[column][i];
        sum += d * d;
      }
      __syncthreads();
    }
    if (at.m + row < T && at.n + column < K) y[(at.b * T + at.m + row) * K + at.n + column] = sum;
  }
}

// One side of the pairs: `own` [B, M, C] with gradient d, `other` [B, N, C]; dy[b, m, n] is at m step_m + n
// step_n of the item.
struct Side {
  const float *own, *other, *dy;
  NmCudaGrad d;
  int64_t B, M, N, C, step_m, step_n;
};

// d[b, m, c] += 2 sum over n of dy[b, m, n] (own[b, m, c] - other[b, n, c]).
static __global__ void distances_back(Side s)
{
  __shared__ float slopes[TILE][TILE + 1], others[TILE][TILE + 1];
  const int row = threadIdx.x / TILE, column = threadIdx.x % TILE;
  for (int64_t job = blockIdx.x; job < s.B * n_tiles(s.M) * n_tiles(s.C); job += gridDim.x) {
    const Tile at = tile_of(job, s.M, s.C);
    const int64_t m = at.m + row, c = at.n + column, mine = (at.b * s.M + m) * s.C + c;
    const bool inside = m < s.M && c < s.C;
    const float own = inside ? s.own[mine] : 0.0f;
    float sum = 0;
    for (int64_t n = 0; n < s.N; n += TILE) {
      slopes[row][column] = m < s.M && n + column < s.N
                                ? s.dy[at.b * s.M * s.N + m * s.step_m + (n + column) * s.step_n]
                                : 0.0f;
      others[row][column] = n + row < s.N && c < s.C ? s.other[(at.b * s.N + n + row) * s.C + c] : 0.0f;
      __syncthreads();
      for (int i = 0; i < TILE; ++i) sum += slopes[row][i] * (own - others[i][column]);
      __syncthreads();
    }
    if (inside) nm_cuda_give(s.d, mine, 2 * sum);
  }
}

static unsigned tile_blocks(int64_t n)
{
  return nm_cuda_blocks(n * NM_CUDA_BLOCK);
}

static void sq_dist(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  const int64_t B = dst->shape.dim[0], T = dst->shape.dim[1], K = dst->shape.dim[2];
  NM_CUDA_LAUNCH(run, distances, tile_blocks(B * n_tiles(T) * n_tiles(K)), TILE * TILE, 0,
                 (const float *)src[0]->value, (const float *)src[1]->value, (float *)dst->value, B, T, K,
                 nm_shape_channels(src[0]->shape));
}

static void run_side(const NmKernelRun *run, const Side &s)
{
  if (s.d.at)
    NM_CUDA_LAUNCH(run, distances_back, tile_blocks(s.B * n_tiles(s.M) * n_tiles(s.C)), TILE * TILE, 0, s);
}

static void sq_dist_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                         NmTensor *dst)
{
  const int64_t B = dst->shape.dim[0], T = dst->shape.dim[1], K = dst->shape.dim[2];
  const int64_t C = nm_shape_channels(src[0]->shape);
  const float *q = (const float *)src[0]->value, *k = (const float *)src[1]->value;
  const float *dy = (const float *)dst->grad;
  run_side(run, {q, k, dy, nm_cuda_grad(src[0]), B, T, K, C, K, 1});
  run_side(run, {k, q, dy, nm_cuda_grad(src[1]), B, K, T, C, 1, K});
}

const NmKernelRow nm_cuda_sq_dist = {.forward = sq_dist, .backward = sq_dist_back, .sets_fresh = true};

#define NEVER (-1e30f)

struct Paths {
  const float *p; // [B, T, K]
  const int32_t *skip, *len_t, *len_k;
  int64_t T, K; // of the tensor
  float *alpha; // [B, T, K] forward sums
};

// An item of the batch, its lengths within the tensor.
struct Item {
  int64_t T, K, offset; // where the item starts in p and alpha
  const int32_t *skip;
};

static __device__ int64_t within(int64_t n, int64_t most)
{
  return n < 0 ? 0 : n > most ? most : n;
}

static __device__ Item item_of(const Paths &paths, int64_t b)
{
  return {within(paths.len_t[b], paths.T), within(paths.len_k[b], paths.K), b * paths.T * paths.K,
          paths.skip + b * paths.K};
}

static __device__ float add_logs(float a, float b, float c)
{
  const float high = fmaxf(a, fmaxf(b, c));
  return high <= NEVER / 2 ? NEVER : high + logf(expf(a - high) + expf(b - high) + expf(c - high));
}

static __device__ float add_step(float sum, float p)
{
  return sum <= NEVER / 2 ? NEVER : sum + p;
}

// ln of the probability of all paths; `last` is the last row of alpha.
static __device__ float end_sum(const float *last, const Item &item)
{
  const int64_t K = item.K;
  return add_logs(last[K - 1], K > 1 && item.skip[K - 1] ? last[K - 2] : NEVER, NEVER);
}

static __device__ float first_row(const Item &item, const float *p, int64_t k)
{
  return k == 0 || (k == 1 && item.skip[0]) ? p[k] : NEVER;
}

static __device__ float next_row(const Item &item, const float *before, float p, int64_t k)
{
  return add_step(
      add_logs(before[k], k > 0 ? before[k - 1] : NEVER, k > 1 && item.skip[k - 1] ? before[k - 2] : NEVER),
      p);
}

static __global__ void sum_paths(Paths paths, float *y)
{
  const int64_t b = blockIdx.x;
  const Item item = item_of(paths, b);
  const bool empty = item.T < 1 || item.K < 1;
  for (int64_t t = 0; !empty && t < item.T; ++t) {
    const float *p = paths.p + item.offset + t * paths.K;
    float *now = paths.alpha + item.offset + t * paths.K;
    for (int64_t k = threadIdx.x; k < item.K; k += blockDim.x)
      now[k] = t == 0 ? first_row(item, p, k) : next_row(item, now - paths.K, p[k], k);
    __syncthreads();
  }
  if (threadIdx.x != 0) return;
  const float total = empty ? NEVER : end_sum(paths.alpha + item.offset + (item.T - 1) * paths.K, item);
  y[b] = total <= NEVER / 2 ? 0.0f : -total;
}

// ln of the probability of all ways on from state k; `after` has the steps of the frame after in it.
static __device__ float ways_on(const Item &item, const float *after, int64_t k, bool at_end)
{
  const int64_t K = item.K;
  if (at_end) return k == K - 1 || (k == K - 2 && item.skip[K - 1]) ? 0.0f : NEVER;
  return add_logs(after[k], k + 1 < K ? after[k + 1] : NEVER,
                  k + 2 < K && item.skip[k + 1] ? after[k + 2] : NEVER);
}

// d(-ln Z) / d p[t, k] = -exp(alpha + beta - ln Z), beta without p[t, k]. beta [B, 2, K]: two rows by turns.
static __global__ void sum_paths_back(Paths paths, const float *dy, float *dp, float *beta)
{
  const int64_t b = blockIdx.x;
  const Item item = item_of(paths, b);
  if (item.T < 1 || item.K < 1) return;
  const float total = end_sum(paths.alpha + item.offset + (item.T - 1) * paths.K, item);
  if (total <= NEVER / 2) return;
  for (int64_t t = item.T - 1; t >= 0; --t) {
    float *now = beta + (2 * b + t % 2) * paths.K;
    const float *after = beta + (2 * b + (t + 1) % 2) * paths.K;
    for (int64_t k = threadIdx.x; k < item.K; k += blockDim.x) {
      const int64_t at = item.offset + t * paths.K + k;
      const float on = ways_on(item, after, k, t == item.T - 1), log_share = paths.alpha[at] + on - total;
      if (log_share > -80) dp[at] -= dy[b] * expf(log_share);
      now[k] = add_step(on, paths.p[at]);
    }
    __syncthreads();
  }
}

static Paths make(const NmKernelRun *run, NmTensor *const *src)
{
  return {(const float *)src[0]->value,
          (const int32_t *)src[1]->value,
          (const int32_t *)src[2]->value,
          (const int32_t *)src[3]->value,
          src[0]->shape.dim[1],
          src[0]->shape.dim[2],
          (float *)(run->saved ? run->saved : run->scratch)};
}

static unsigned state_threads(int64_t K)
{
  return K >= 1024 ? 1024 : (unsigned)(K + 31) / 32 * 32;
}

static void forward_sum(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                        NmTensor *dst)
{
  const Paths paths = make(run, src);
  NM_CUDA_LAUNCH(run, sum_paths, (unsigned)dst->shape.dim[0], state_threads(paths.K), 0, paths,
                 (float *)dst->value);
}

static void forward_sum_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                             NmTensor *dst)
{
  const Paths paths = make(run, src);
  if (src[0]->grad)
    NM_CUDA_LAUNCH(run, sum_paths_back, (unsigned)dst->shape.dim[0], state_threads(paths.K), 0, paths,
                   (const float *)dst->grad, (float *)src[0]->grad, (float *)run->scratch);
}

static size_t size_saved(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                         int n_threads)
{
  return (size_t)nm_shape_count(src[0]->shape) * sizeof(float);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const size_t size_beta = 2 * (size_t)(src[0]->shape.dim[0] * src[0]->shape.dim[2]) * sizeof(float);
  const size_t size_alpha = size_saved(args, src, n_src, dst, n_threads);
  return size_alpha > size_beta ? size_alpha : size_beta;
}

const NmKernelRow nm_cuda_forward_sum = {forward_sum, forward_sum_back, size_scratch, size_saved};
