// SPDX-License-Identifier: GPL-3.0-or-later
// Arithmetic of elements: binary with numpy broadcasting of both sides, unary functions, dropout. What an
// operand of binary broadcasts over is summed in its gradient.
#include <float.h>

#include "models/engine/cuda/reduce.cuh"
#include "models/engine/cuda/walk.cuh"

extern "C" {
#include "dsp/base/rng.h"
#include "models/engine/ops.h"
}

// Steps of an operand along the dimensions of the output, 0 where it broadcasts.
static void operand(const NmShape *s, int n_dims, int64_t *stride)
{
  int64_t step = 1;
  for (int i = 1; i <= n_dims; ++i) {
    const int64_t d = i <= s->n_dims ? s->dim[s->n_dims - i] : 1;
    stride[n_dims - i] = d > 1 ? step : 0;
    step *= d;
  }
}

static __global__ void binary_elements(int kind, NmCudaWalk walk, const float *a, const float *b, float *y,
                                       int64_t n)
{
  NM_CUDA_FOR(i, n)
  {
    const NmCudaPlace place = nm_cuda_walk_place(walk, i);
    const float u = a[place.at[0]], v = b[place.at[1]];
    y[i] = kind == NM_ADD ? u + v : kind == NM_SUB ? u - v : kind == NM_MUL ? u * v : u / v;
  }
}

static void binary(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                   NmTensor *dst)
{
  NmCudaWalk walk = {};
  int64_t stride_a[NM_MAX_DIMS], stride_b[NM_MAX_DIMS];
  const NmShape *y = &dst->shape;
  operand(&src[0]->shape, y->n_dims, stride_a);
  operand(&src[1]->shape, y->n_dims, stride_b);
  for (int i = 0; i < y->n_dims; ++i) nm_cuda_walk_add(&walk, y->dim[i], stride_a[i], stride_b[i], 0);
  const int64_t n = nm_shape_count(*y);
  NM_CUDA_LAUNCH(run, binary_elements, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, (int)args->i[0], walk,
                 (const float *)src[0]->value, (const float *)src[1]->value, (float *)dst->value, n);
}

// The gradient of one operand: its own dimensions are kept, the others summed over. Places are in a, b and y.
struct Slope {
  int kind;
  bool of_a;
  const float *a, *b, *dy;
  NmCudaGrad d;
  NmCudaWalk kept, summed;

  __device__ NmCudaPlace start(int64_t m) const { return nm_cuda_walk_place(kept, m); }
  __device__ float term(const NmCudaPlace &start, int64_t r) const
  {
    const NmCudaPlace more = nm_cuda_walk_place(summed, r);
    const float *u = a + start.at[0] + more.at[0], *v = b + start.at[1] + more.at[1];
    const float g = dy[start.at[2] + more.at[2]];
    if (kind == NM_ADD) return g;
    if (kind == NM_SUB) return of_a ? g : -g;
    if (kind == NM_MUL) return g * (of_a ? *v : *u);
    return of_a ? g / *v : -g * *u / (*v * *v);
  }
  __device__ void put(int64_t m, float sum) const { nm_cuda_give(d, m, sum); }
};

enum { LEN_WARP_ROW = 16 }; // shorter runs of summed elements are not worth a warp

static void binary_back_one(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, NmTensor *dst,
                            bool of_a)
{
  const NmShape *y = &dst->shape;
  int64_t stride_a[NM_MAX_DIMS], stride_b[NM_MAX_DIMS], stride_y[NM_MAX_DIMS];
  operand(&src[0]->shape, y->n_dims, stride_a);
  operand(&src[1]->shape, y->n_dims, stride_b);
  operand(y, y->n_dims, stride_y);
  Slope s = {(int)args->i[0], of_a, (const float *)src[0]->value, (const float *)src[1]->value,
             (const float *)dst->grad};
  s.d = nm_cuda_grad(src[of_a ? 0 : 1]);
  for (int i = 0; i < y->n_dims; ++i)
    nm_cuda_walk_add((of_a ? stride_a : stride_b)[i] ? &s.kept : &s.summed, y->dim[i], stride_a[i],
                     stride_b[i], stride_y[i]);
  const int inner = s.summed.n_dims - 1;
  const bool by_rows = inner >= 0 && s.summed.stride[inner][2] == 1 && s.summed.dim[inner] >= LEN_WARP_ROW;
  nm_cuda_reduce(run, s, nm_cuda_walk_count(&s.kept), nm_cuda_walk_count(&s.summed), by_rows, run->scratch);
}

static void binary_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                        NmTensor *dst)
{
  if (src[0]->grad) binary_back_one(run, args, src, dst, true);
  if (src[1]->grad) binary_back_one(run, args, src, dst, false);
}

static size_t size_binary(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                          int n_threads)
{
  return nm_cuda_reduce_scratch();
}

const NmKernelRow nm_cuda_binary = {
    .forward = binary, .backward = binary_back, .size_scratch = size_binary, .sets_fresh = true};

static __device__ float sigmoid(float x)
{
  return 1.0f / (1.0f + expf(-x));
}

// The CPU's range: beyond it, no infinities.
static __device__ float bounded_exp(float x)
{
  return expf(fminf(fmaxf(x, -87.0f), 88.0f));
}

// gelu(x) = x sigmoid(gelu_inner(x)): the tanh form.
static __device__ float gelu_inner(float x)
{
  return 2 * 0.7978845608028654f * (x + 0.044715f * x * x * x);
}

static __device__ float gelu_slope(float x)
{
  const float s = sigmoid(gelu_inner(x));
  return s + x * s * (1 - s) * 2 * 0.7978845608028654f * (1 + 3 * 0.044715f * x * x);
}

static __device__ float function(int kind, float x, float r0, float r1)
{
  switch (kind) {
  case NM_RELU: return x > 0 ? x : 0;
  case NM_LEAKY_RELU: return x > 0 ? x : r0 * x;
  case NM_GELU: return x * sigmoid(gelu_inner(x));
  case NM_SILU: return x * sigmoid(x);
  case NM_TANH: return tanhf(x);
  case NM_SIGMOID: return sigmoid(x);
  case NM_SOFTPLUS: return fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x)));
  case NM_EXP: return bounded_exp(x);
  case NM_LOG: return logf(fmaxf(x > r0 ? x : r0, FLT_MIN));
  case NM_SQRT: return sqrtf(x + r0);
  case NM_SQUARE: return x * x;
  case NM_ABS: return fabsf(x);
  case NM_SIN: return sinf(x);
  case NM_COS: return cosf(x);
  case NM_AFFINE: return r0 * x + r1;
  default: return x < r0 ? r0 : x > r1 ? r1 : x; // NM_CLAMP
  }
}

// The derivative in x and y = f(x).
static __device__ float slope(int kind, float x, float y, float r0, float r1)
{
  switch (kind) {
  case NM_RELU: return x > 0 ? 1 : 0;
  case NM_LEAKY_RELU: return x > 0 ? 1 : r0;
  case NM_GELU: return gelu_slope(x);
  case NM_SILU: return sigmoid(x) * (1 + x * (1 - sigmoid(x)));
  case NM_TANH: return 1 - y * y;
  case NM_SIGMOID: return y * (1 - y);
  case NM_SOFTPLUS: return sigmoid(x);
  case NM_EXP: return y;
  case NM_LOG: return x > r0 ? 1 / x : 0;
  case NM_SQRT: return 0.5f / y;
  case NM_SQUARE: return 2 * x;
  case NM_ABS: return x > 0 ? 1 : x < 0 ? -1 : 0;
  case NM_SIN: return cosf(x);
  case NM_COS: return -sinf(x);
  case NM_AFFINE: return r0;
  default: return x >= r0 && x <= r1 ? 1 : 0; // NM_CLAMP
  }
}

static __global__ void unary_elements(int kind, const float *x, float *y, int64_t n, float r0, float r1)
{
  NM_CUDA_FOR(i, n) y[i] = function(kind, x[i], r0, r1);
}

static __global__ void unary_slopes(int kind, const float *x, const float *y, const float *dy, NmCudaGrad dx,
                                    int64_t n, float r0, float r1)
{
  NM_CUDA_FOR(i, n) nm_cuda_give(dx, i, dy[i] * slope(kind, x[i], y[i], r0, r1));
}

static void unary(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                  NmTensor *dst)
{
  const int64_t n = nm_shape_count(dst->shape);
  NM_CUDA_LAUNCH(run, unary_elements, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, (int)args->i[0],
                 (const float *)src[0]->value, (float *)dst->value, n, (float)args->r[0], (float)args->r[1]);
}

static void unary_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                       NmTensor *dst)
{
  const int64_t n = nm_shape_count(dst->shape);
  if (src[0]->grad)
    NM_CUDA_LAUNCH(run, unary_slopes, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, (int)args->i[0],
                   (const float *)src[0]->value, (const float *)dst->value, (const float *)dst->grad,
                   nm_cuda_grad(src[0]), n, (float)args->r[0], (float)args->r[1]);
}

const NmKernelRow nm_cuda_unary = {.forward = unary, .backward = unary_back, .sets_fresh = true};

// nm_rng_uniform_at of dsp/base/rng.h.
static __device__ float uniform_at(uint64_t seed, uint64_t index)
{
  uint64_t z = seed + index * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (float)((z ^ (z >> 31)) >> 40) * 0x1p-24f;
}

static __global__ void drop(uint64_t seed, float p, const float *x, float *y, int64_t n, bool add)
{
  const float keep = 1 / (1 - p);
  NM_CUDA_FOR(i, n)
  {
    const float v = uniform_at(seed, (uint64_t)i) >= p ? x[i] * keep : 0.0f;
    y[i] = add ? y[i] + v : v;
  }
}

// Out of training p is 0: everything is kept.
static void run_drop(const NmKernelRun *run, const NmOpArgs *args, const void *x, void *y, int64_t n,
                     bool add)
{
  const uint64_t seed = nm_rng_mix(run->seed ^ ((uint64_t)run->node << 40));
  const float p = run->training ? (float)args->r[0] : 0.0f;
  NM_CUDA_LAUNCH(run, drop, nm_cuda_blocks(n), NM_CUDA_BLOCK, 0, seed, p, (const float *)x, (float *)y, n,
                 add);
}

static void dropout(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  run_drop(run, args, src[0]->value, dst->value, nm_shape_count(dst->shape), false);
}

static void dropout_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                         NmTensor *dst)
{
  if (src[0]->grad) run_drop(run, args, dst->grad, src[0]->grad, nm_shape_count(dst->shape), !src[0]->fresh);
}

const NmKernelRow nm_cuda_dropout = {.forward = dropout, .backward = dropout_back, .sets_fresh = true};
