// SPDX-License-Identifier: GPL-3.0-or-later
// Ops that move elements: permute, concat, slice, pad. A thread per element of what is written, so that
// writes are in order and gradients have one owner each.
#include "models/engine/cuda/walk.cuh"

// to[i] (+)= from[place of i].
static __global__ void move(NmCudaWalk walk, const float *from, float *to, int64_t n, bool add)
{
  NM_CUDA_FOR(i, n)
  {
    const float x = from[nm_cuda_walk_place(walk, i).at[0]];
    to[i] = add ? to[i] + x : x;
  }
}

// What dimension k of `to` is in `from`: forward perm[k], backward the k' with perm[k'] = k.
static int partner(const NmOpArgs *args, int n_dims, int k, bool backward)
{
  if (!backward) return (int)args->i[k];
  int at = 0;
  for (int i = 0; i < n_dims; ++i)
    if (args->i[i] == k) at = i;
  return at;
}

static void run_permute(const NmKernelRun *run, const NmOpArgs *args, const NmShape *from_shape,
                        const NmShape *to_shape, const void *from, void *to, bool backward, bool add)
{
  NmCudaWalk walk = {};
  int64_t stride[NM_MAX_DIMS], step = 1;
  for (int i = from_shape->n_dims - 1; i >= 0; --i) {
    stride[i] = step;
    step *= from_shape->dim[i];
  }
  for (int i = 0; i < to_shape->n_dims; ++i)
    nm_cuda_walk_add(&walk, to_shape->dim[i], stride[partner(args, to_shape->n_dims, i, backward)], 0, 0);
  NM_CUDA_LAUNCH(run, move, nm_cuda_blocks(step), NM_CUDA_BLOCK, 0, walk, (const float *)from, (float *)to,
                 step, add);
}

static void permute(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  run_permute(run, args, &src[0]->shape, &dst->shape, src[0]->value, dst->value, false, false);
}

static void permute_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                         NmTensor *dst)
{
  if (src[0]->grad)
    run_permute(run, args, &dst->shape, &src[0]->shape, dst->grad, src[0]->grad, true, !src[0]->fresh);
}

const NmKernelRow nm_cuda_permute = {.forward = permute, .backward = permute_back, .sets_fresh = true};

// A block of one tensor inside another along one axis: `outer` runs of len_small, at `offset` of runs of
// len_large.
struct Block {
  int64_t outer, len_large, len_small, offset;
};

static Block make_block(const NmShape *large, const NmShape *small, int axis, int64_t start)
{
  Block b = {1, 1, 1, 1};
  int64_t inner = 1;
  for (int i = 0; i < axis; ++i) b.outer *= large->dim[i];
  for (int i = axis + 1; i < large->n_dims; ++i) inner *= large->dim[i];
  b.len_large = large->dim[axis] * inner;
  b.len_small = small->dim[axis] * inner;
  b.offset = start * inner;
  return b;
}

static __device__ int64_t place_in_large(const Block &b, int64_t i)
{
  const int64_t c = nm_cuda_split(&i, b.len_small);
  return i * b.len_large + b.offset + c;
}

// large = small, or large += small.
static __global__ void put_in(Block b, float *large, const float *small, bool add)
{
  NM_CUDA_FOR(i, b.outer * b.len_small)
  {
    float *y = large + place_in_large(b, i);
    *y = add ? *y + small[i] : small[i];
  }
}

// small = large, or small += large.
static __global__ void take_out(Block b, const float *large, float *small, bool add)
{
  NM_CUDA_FOR(i, b.outer * b.len_small)
  {
    const float x = large[place_in_large(b, i)];
    small[i] = add ? small[i] + x : x;
  }
}

// The small block in zeros.
static __global__ void pad_with_zeros(Block b, float *large, const float *small)
{
  NM_CUDA_FOR(i, b.outer * b.len_large)
  {
    int64_t r = i;
    const int64_t c = nm_cuda_split(&r, b.len_large) - b.offset;
    large[i] = c >= 0 && c < b.len_small ? small[r * b.len_small + c] : 0.0f;
  }
}

static void run_put_in(const NmKernelRun *run, Block b, void *large, const void *small, bool add)
{
  NM_CUDA_LAUNCH(run, put_in, nm_cuda_blocks(b.outer * b.len_small), NM_CUDA_BLOCK, 0, b, (float *)large,
                 (const float *)small, add);
}

static void run_take_out(const NmKernelRun *run, Block b, const void *large, void *small, bool add)
{
  NM_CUDA_LAUNCH(run, take_out, nm_cuda_blocks(b.outer * b.len_small), NM_CUDA_BLOCK, 0, b,
                 (const float *)large, (float *)small, add);
}

static void run_pad(const NmKernelRun *run, Block b, void *large, const void *small)
{
  NM_CUDA_LAUNCH(run, pad_with_zeros, nm_cuda_blocks(b.outer * b.len_large), NM_CUDA_BLOCK, 0, b,
                 (float *)large, (const float *)small);
}

static void concat(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                   NmTensor *dst)
{
  const int axis = (int)args->i[0];
  for (int64_t i = 0, at = 0; i < n_src; at += src[i++]->shape.dim[axis])
    run_put_in(run, make_block(&dst->shape, &src[i]->shape, axis, at), dst->value, src[i]->value, false);
}

static void concat_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                        NmTensor *dst)
{
  const int axis = (int)args->i[0];
  for (int64_t i = 0, at = 0; i < n_src; at += src[i++]->shape.dim[axis])
    if (src[i]->grad)
      run_take_out(run, make_block(&dst->shape, &src[i]->shape, axis, at), dst->grad, src[i]->grad,
                   !src[i]->fresh);
}

const NmKernelRow nm_cuda_concat = {.forward = concat, .backward = concat_back, .sets_fresh = true};

static void slice(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                  NmTensor *dst)
{
  run_take_out(run, make_block(&src[0]->shape, &dst->shape, (int)args->i[0], args->i[1]), src[0]->value,
               dst->value, false);
}

static void slice_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                       NmTensor *dst)
{
  const Block b = make_block(&src[0]->shape, &dst->shape, (int)args->i[0], args->i[1]);
  if (src[0]->grad && src[0]->fresh)
    run_pad(run, b, src[0]->grad, dst->grad);
  else if (src[0]->grad)
    run_put_in(run, b, src[0]->grad, dst->grad, true);
}

const NmKernelRow nm_cuda_slice = {.forward = slice, .backward = slice_back, .sets_fresh = true};

static void pad(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src, NmTensor *dst)
{
  run_pad(run, make_block(&dst->shape, &src[0]->shape, (int)args->i[0], args->i[1]), dst->value,
          src[0]->value);
}

static void pad_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  if (src[0]->grad)
    run_take_out(run, make_block(&dst->shape, &src[0]->shape, (int)args->i[0], args->i[1]), dst->grad,
                 src[0]->grad, !src[0]->fresh);
}

const NmKernelRow nm_cuda_pad = {.forward = pad, .backward = pad_back, .sets_fresh = true};
