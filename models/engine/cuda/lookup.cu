// SPDX-License-Identifier: GPL-3.0-or-later
// Rows and elements chosen by integers: embedding, gather_rows, gather_last, mask_rows. Going back, every row
// of a table looks for who chose it, in order: the same sums every time, without atomics.
#include "models/engine/cuda/walk.cuh"

// Rows of a table [B, K, C] by index [B, T] to [B, T, C]; an embedding has B = 1.
struct Gather {
  const int32_t *index;
  int64_t B, K, T, C;
};

static Gather make_embedding(NmTensor *const *src, const NmTensor *dst)
{
  return {(const int32_t *)src[1]->value, 1, src[0]->shape.dim[0], nm_shape_rows(dst->shape),
          src[0]->shape.dim[1]};
}

static Gather make_gather(NmTensor *const *src, const NmTensor *dst)
{
  return {(const int32_t *)src[1]->value, dst->shape.dim[0], src[0]->shape.dim[1], dst->shape.dim[1],
          dst->shape.dim[2]};
}

static __global__ void choose(Gather g, const float *table, float *chosen)
{
  NM_CUDA_FOR(i, g.B * g.T * g.C)
  {
    int64_t row = i;
    const int64_t c = nm_cuda_split(&row, g.C), k = g.index[row];
    nm_cuda_split(&row, g.T);
    chosen[i] = k >= 0 && k < g.K ? table[(row * g.K + k) * g.C + c] : 0.0f;
  }
}

static void run_choose(const NmKernelRun *run, Gather g, const void *table, void *chosen)
{
  NM_CUDA_LAUNCH(run, choose, nm_cuda_blocks(g.B * g.T * g.C), NM_CUDA_BLOCK, 0, g, (const float *)table,
                 (float *)chosen);
}

enum { N_WARPS = NM_CUDA_BLOCK / 32, PER_LANE = 4, LEN_TILE = 32 * PER_LANE };

// Adds rows [first, last) that chose k to the lane's columns, c and every 32nd after it.
static __device__ void gather_back_rows(const Gather &g, const float *chosen, int32_t k, int64_t first,
                                        int64_t last, int64_t c, float *sum)
{
  for (int64_t r = first; r < last; r += 32) {
    const int64_t mine = r + threadIdx.x % 32;
    unsigned found = __ballot_sync(0xffffffffu, mine < last && g.index[mine] == k);
    for (; found; found &= found - 1) {
      const float *row = chosen + (r + __ffs((int)found) - 1) * g.C;
      for (int i = 0; i < PER_LANE; ++i)
        if (c + 32 * i < g.C) sum[i] += row[c + 32 * i];
    }
  }
}

// A block for LEN_TILE columns of one row of the table; each warp looks through its share of the index.
static __global__ void gather_back(Gather g, const float *chosen, NmCudaGrad table, int64_t n_tiles)
{
  __shared__ float sums[N_WARPS][LEN_TILE];
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  for (int64_t job = blockIdx.x; job < g.B * g.K * n_tiles; job += gridDim.x) {
    const int64_t row = job / n_tiles, from = (job - row * n_tiles) * LEN_TILE;
    const int64_t b = row / g.K, k = row - b * g.K;
    float sum[PER_LANE] = {0};
    gather_back_rows(g, chosen, (int32_t)k, b * g.T + g.T * warp / N_WARPS,
                     b * g.T + g.T * (warp + 1) / N_WARPS, from + lane, sum);
    for (int i = 0; i < PER_LANE; ++i) sums[warp][lane + 32 * i] = sum[i];
    __syncthreads();
    if (threadIdx.x < LEN_TILE && from + threadIdx.x < g.C) {
      float total = 0;
      for (int w = 0; w < N_WARPS; ++w) total += sums[w][threadIdx.x];
      nm_cuda_give(table, row * g.C + from + threadIdx.x, total);
    }
    __syncthreads();
  }
}

static void run_gather_back(const NmKernelRun *run, Gather g, const void *chosen, const NmTensor *table)
{
  const int64_t n_tiles = (g.C + LEN_TILE - 1) / LEN_TILE;
  if (table->grad)
    NM_CUDA_LAUNCH(run, gather_back, nm_cuda_blocks(g.B * g.K * n_tiles * NM_CUDA_BLOCK), NM_CUDA_BLOCK, 0, g,
                   (const float *)chosen, nm_cuda_grad(table), n_tiles);
}

static void embedding(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                      NmTensor *dst)
{
  run_choose(run, make_embedding(src, dst), src[0]->value, dst->value);
}

static void embedding_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                           NmTensor *dst)
{
  run_gather_back(run, make_embedding(src, dst), dst->grad, src[0]);
}

static void gather_rows(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                        NmTensor *dst)
{
  run_choose(run, make_gather(src, dst), src[0]->value, dst->value);
}

static void gather_rows_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                             NmTensor *dst)
{
  run_gather_back(run, make_gather(src, dst), dst->grad, src[0]);
}

const NmKernelRow nm_cuda_embedding = {.forward = embedding, .backward = embedding_back, .sets_fresh = true};
const NmKernelRow nm_cuda_gather_rows = {
    .forward = gather_rows, .backward = gather_rows_back, .sets_fresh = true};

// x [B, T, V] by index [B, K] to [B, T, K].
struct Last {
  const int32_t *index;
  int64_t B, T, V, K;
};

static Last make_last(NmTensor *const *src, const NmTensor *dst)
{
  return {(const int32_t *)src[1]->value, dst->shape.dim[0], dst->shape.dim[1], src[0]->shape.dim[2],
          dst->shape.dim[2]};
}

static __global__ void choose_last(Last g, const float *x, float *y, float fill)
{
  NM_CUDA_FOR(i, g.B * g.T * g.K)
  {
    int64_t row = i;
    const int64_t k = nm_cuda_split(&row, g.K);
    int64_t b = row;
    nm_cuda_split(&b, g.T);
    const int64_t v = g.index[b * g.K + k];
    y[i] = v >= 0 && v < g.V ? x[row * g.V + v] : fill;
  }
}

static __global__ void choose_last_back(Last g, const float *dy, NmCudaGrad dx)
{
  NM_CUDA_FOR(i, g.B * g.T * g.V)
  {
    int64_t row = i;
    const int64_t v = nm_cuda_split(&row, g.V);
    int64_t b = row;
    nm_cuda_split(&b, g.T);
    float sum = 0;
    for (int64_t k = 0; k < g.K; ++k)
      if (g.index[b * g.K + k] == v) sum += dy[row * g.K + k];
    nm_cuda_give(dx, i, sum);
  }
}

static void gather_last(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                        NmTensor *dst)
{
  const Last g = make_last(src, dst);
  NM_CUDA_LAUNCH(run, choose_last, nm_cuda_blocks(g.B * g.T * g.K), NM_CUDA_BLOCK, 0, g,
                 (const float *)src[0]->value, (float *)dst->value, (float)args->r[0]);
}

static void gather_last_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                             NmTensor *dst)
{
  const Last g = make_last(src, dst);
  if (src[0]->grad)
    NM_CUDA_LAUNCH(run, choose_last_back, nm_cuda_blocks(g.B * g.T * g.V), NM_CUDA_BLOCK, 0, g,
                   (const float *)dst->grad, nm_cuda_grad(src[0]));
}

const NmKernelRow nm_cuda_gather_last = {
    .forward = gather_last, .backward = gather_last_back, .sets_fresh = true};

// Rows of C elements, T of them in each item: those before the item's length, zeros after.
static __global__ void mask(const int32_t *len, const float *x, float *y, int64_t n, int64_t T, int64_t C,
                            bool add)
{
  NM_CUDA_FOR(i, n)
  {
    int64_t b = i;
    nm_cuda_split(&b, C);
    const bool kept = nm_cuda_split(&b, T) < len[b];
    if (add && kept) y[i] += x[i];
    if (!add) y[i] = kept ? x[i] : 0.0f;
  }
}

static void run_mask(const NmKernelRun *run, NmTensor *const *src, const NmTensor *dst, const void *x,
                     void *y, bool add)
{
  const int64_t n = nm_shape_count(dst->shape), T = dst->shape.dim[1], C = n / (dst->shape.dim[0] * T);
  NM_CUDA_LAUNCH(run, mask, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, (const int32_t *)src[1]->value,
                 (const float *)x, (float *)y, n, T, C, add);
}

static void mask_rows(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                      NmTensor *dst)
{
  run_mask(run, src, dst, src[0]->value, dst->value, false);
}

static void mask_rows_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                           NmTensor *dst)
{
  if (src[0]->grad) run_mask(run, src, dst, dst->grad, src[0]->grad, !src[0]->fresh);
}

const NmKernelRow nm_cuda_mask_rows = {.forward = mask_rows, .backward = mask_rows_back, .sets_fresh = true};
