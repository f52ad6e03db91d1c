// SPDX-License-Identifier: GPL-3.0-or-later
// One LSTM layer, forward in time or backward: the input's product for all steps at once, then a product and
// a kernel of gates a step. Gates i f g o. Forward keeps gates after their functions [B, T, 4 H] and cells
// [B, T, H]; backward turns the gates into their gradients in place.
#include "models/engine/cuda/cuda.cuh"

struct Lstm {
  int64_t B, T, I, H;
  bool reverse;
  float *gates, *cells;
};

static Lstm make(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst, void *memory)
{
  Lstm m = {dst->shape.dim[0], dst->shape.dim[1], src[0]->shape.dim[2], dst->shape.dim[2], args->i[0] != 0};
  m.gates = (float *)memory;
  m.cells = m.gates + m.B * m.T * 4 * m.H;
  return m;
}

// The frame of a step, and of the step before it.
static int64_t time_of(const Lstm *m, int64_t step)
{
  return m->reverse ? m->T - 1 - step : step;
}

static __device__ int64_t time_before(const Lstm &m, int64_t t)
{
  return m.reverse ? t + 1 : t - 1;
}

static __device__ bool is_first(const Lstm &m, int64_t t)
{
  return t == (m.reverse ? m.T - 1 : 0);
}

static __device__ float sigmoid(float x)
{
  return 1.0f / (1.0f + expf(-x));
}

// Products become gates; cells and hidden states y [B, T, H] of frame t.
static __global__ void advance(Lstm m, const float *bias, float *y, int64_t t)
{
  const int64_t H = m.H;
  NM_CUDA_FOR(j, m.B * H)
  {
    const int64_t b = j / H, k = j - b * H, row = b * m.T + t;
    float *z = m.gates + row * 4 * H + k;
    const float before = is_first(m, t) ? 0.0f : m.cells[(b * m.T + time_before(m, t)) * H + k];
    const float i = sigmoid(z[0] + bias[k]), f = sigmoid(z[H] + bias[H + k]),
                g = tanhf(z[2 * H] + bias[2 * H + k]), o = sigmoid(z[3 * H] + bias[3 * H + k]);
    const float cell = f * before + i * g;
    z[0] = i;
    z[H] = f;
    z[2 * H] = g;
    z[3 * H] = o;
    m.cells[row * H + k] = cell;
    y[row * H + k] = o * tanhf(cell);
  }
}

static void lstm(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src, NmTensor *dst)
{
  const Lstm m = make(args, src, dst, run->saved ? run->saved : run->scratch);
  NmCuda *cuda = nm_cuda_of(run);
  const int64_t H4 = 4 * m.H;
  float *y = (float *)dst->value;
  nm_cuda_gemm(cuda, false, false, m.B * m.T, H4, m.I, 1, (const float *)src[0]->value, m.I,
               (const float *)src[1]->value, H4, 0, m.gates, H4);
  for (int64_t step = 0; step < m.T; ++step) {
    const int64_t t = time_of(&m, step);
    if (step > 0)
      nm_cuda_gemm(cuda, false, false, m.B, H4, m.H, 1, y + time_of(&m, step - 1) * m.H, m.T * m.H,
                   (const float *)src[2]->value, H4, 1, m.gates + t * H4, m.T * H4);
    NM_CUDA_LAUNCH(run, advance, nm_cuda_blocks(m.B * m.H), NM_CUDA_BLOCK, 0, m, (const float *)src[3]->value,
                   y, t);
  }
}

// Gates of frame t become the gradients before their functions; dc [B, H] that of the cell before. dh [B, H]
// comes from the frame after.
static __global__ void retreat(Lstm m, const float *dy, const float *dh, float *dc, int64_t t)
{
  const int64_t H = m.H;
  NM_CUDA_FOR(j, m.B * H)
  {
    const int64_t b = j / H, k = j - b * H, row = b * m.T + t;
    float *z = m.gates + row * 4 * H + k;
    const float before = is_first(m, t) ? 0.0f : m.cells[(b * m.T + time_before(m, t)) * H + k];
    const float i = z[0], f = z[H], g = z[2 * H], o = z[3 * H], tc = tanhf(m.cells[row * H + k]);
    const float up = dh[j] + dy[row * H + k], d = dc[j] + up * o * (1 - tc * tc);
    z[0] = d * g * i * (1 - i);
    z[H] = d * before * f * (1 - f);
    z[2 * H] = d * i * (1 - g * g);
    z[3 * H] = up * tc * o * (1 - o);
    dc[j] = d * f;
  }
}

// Hidden states of the steps before, zeros at the first.
static __global__ void shift(Lstm m, const float *y, float *shifted)
{
  NM_CUDA_FOR(j, m.B * m.T * m.H)
  {
    const int64_t row = j / m.H, k = j - row * m.H, b = row / m.T, t = row - b * m.T;
    shifted[j] = is_first(m, t) ? 0.0f : y[(b * m.T + time_before(m, t)) * m.H + k];
  }
}

// So many reals that what follows them is aligned to 64 bytes.
static int64_t round_up(int64_t n)
{
  return (n + 15) / 16 * 16;
}

// Gradients of x and of the weights from those of the gates. scratch: [B, T, H], then that of sum_rows.
static void accumulate(const NmKernelRun *run, const Lstm *m, NmTensor *const *src, const NmTensor *dst,
                       float *scratch)
{
  NmCuda *cuda = nm_cuda_of(run);
  const int64_t n = m->B * m->T, H4 = 4 * m->H;
  if (src[0]->grad)
    nm_cuda_gemm(cuda, false, true, n, m->I, H4, 1, m->gates, H4, (const float *)src[1]->value, H4,
                 nm_cuda_beta(src[0]), (float *)src[0]->grad, m->I);
  if (src[1]->grad)
    nm_cuda_gemm(cuda, true, false, m->I, H4, n, 1, (const float *)src[0]->value, m->I, m->gates, H4,
                 nm_cuda_beta(src[1]), (float *)src[1]->grad, H4);
  if (src[2]->grad) {
    NM_CUDA_LAUNCH(run, shift, nm_cuda_blocks(n * m->H), NM_CUDA_BLOCK, 0, *m, (const float *)dst->value,
                   scratch);
    nm_cuda_gemm(cuda, true, false, m->H, H4, n, 1, scratch, m->H, m->gates, H4, nm_cuda_beta(src[2]),
                 (float *)src[2]->grad, H4);
  }
  if (src[3]->grad)
    nm_cuda_sum_rows(run, n, H4, m->gates, nm_cuda_grad(src[3]), scratch + round_up(n * m->H));
}

static void lstm_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                      NmTensor *dst)
{
  const Lstm m = make(args, src, dst, run->saved);
  NmCuda *cuda = nm_cuda_of(run);
  float *dh = (float *)run->scratch, *dc = dh + m.B * m.H; // [B, H] each
  nm_cuda_check(cuda, cudaMemsetAsync(dh, 0, (size_t)(2 * m.B * m.H) * sizeof *dh, cuda->stream), "lstm");
  for (int64_t step = m.T - 1; step >= 0; --step) {
    const int64_t t = time_of(&m, step);
    NM_CUDA_LAUNCH(run, retreat, nm_cuda_blocks(m.B * m.H), NM_CUDA_BLOCK, 0, m, (const float *)dst->grad, dh,
                   dc, t);
    if (step > 0)
      nm_cuda_gemm(cuda, false, true, m.B, m.H, 4 * m.H, 1, m.gates + t * 4 * m.H, m.T * 4 * m.H,
                   (const float *)src[2]->value, 4 * m.H, 0, dh, m.H);
  }
  accumulate(run, &m, src, dst, (float *)run->scratch);
}

static size_t size_kept(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                        int n_threads)
{
  return (size_t)nm_shape_count(dst->shape) * 5 * sizeof(float);
}

// Forward without gradients: what is kept; backward: dh and dc, then the shifted states and the sums.
static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const size_t size_sums = nm_cuda_sum_rows_scratch(nm_shape_rows(dst->shape), src[1]->shape.dim[1]);
  return 5 * (size_t)round_up(nm_shape_count(dst->shape)) * sizeof(float) + size_sums;
}

const NmKernelRow nm_cuda_lstm = {.forward = lstm,
                                  .backward = lstm_back,
                                  .size_scratch = size_scratch,
                                  .size_saved = size_kept,
                                  .sets_fresh = true};
