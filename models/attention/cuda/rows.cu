// SPDX-License-Identifier: GPL-3.0-or-later
// The attention's rows of the op table: nodes to plain arrays.
#include <math.h>

#include "models/attention/cuda/kernel.cuh"

static const void *value_of(NmTensor *const *src, NmAttentionSource which)
{
  return src[which] ? src[which]->value : NULL;
}

static NmSight read_sight(const NmOpArgs *args, NmTensor *const *src)
{
  const NmShape q = src[NM_ATTENTION_Q]->shape, k = src[NM_ATTENTION_K]->shape;
  return NmSight{.B = q.dim[0],
                 .H = args->i[1],
                 .Tq = q.dim[1],
                 .Tk = k.dim[1],
                 .pattern = (NmPattern)args->i[0],
                 .left = args->i[2],
                 .right = args->i[3],
                 .n_sinks = args->i[4],
                 .len_k = (const int32_t *)value_of(src, NM_ATTENTION_LEN_K),
                 .len_q = (const int32_t *)value_of(src, NM_ATTENTION_LEN_Q),
                 .segment_q = (const int32_t *)value_of(src, NM_ATTENTION_SEGMENT_Q),
                 .segment_k = (const int32_t *)value_of(src, NM_ATTENTION_SEGMENT_K)};
}

static NmAttentionArrays read_arrays(const NmOpArgs *args, NmTensor *const *src)
{
  const NmTensor *q = src[NM_ATTENTION_Q], *v = src[NM_ATTENTION_V];
  const NmTensor *bias = src[NM_ATTENTION_BIAS], *relative = src[NM_ATTENTION_RELATIVE];
  NmAttentionArrays a = {};
  a.sight = read_sight(args, src);
  a.D = (int)(q->shape.dim[2] / args->i[1]);
  a.Dv = v ? (int)(v->shape.dim[2] / args->i[1]) : 0;
  a.q = (const float *)q->value;
  a.k = (const float *)value_of(src, NM_ATTENTION_K);
  a.v = (const float *)value_of(src, NM_ATTENTION_V);
  a.bias = (const float *)value_of(src, NM_ATTENTION_BIAS);
  a.relative = (const float *)value_of(src, NM_ATTENTION_RELATIVE);
  a.n_bias = bias ? (int)bias->shape.dim[0] : 0;
  a.n_relative = relative ? (int)relative->shape.dim[1] : 0;
  a.scale = args->r[0] != 0 ? (float)args->r[0] : 1 / sqrtf((float)a.D);
  return a;
}

static NmCudaGrad grad_of(NmTensor *const *src, NmAttentionSource which)
{
  return src[which] ? nm_cuda_grad(src[which]) : NmCudaGrad{};
}

static NmAttentionGrads read_grads(NmTensor *const *src)
{
  return NmAttentionGrads{.q = grad_of(src, NM_ATTENTION_Q),
                          .k = grad_of(src, NM_ATTENTION_K),
                          .v = grad_of(src, NM_ATTENTION_V),
                          .bias = grad_of(src, NM_ATTENTION_BIAS),
                          .relative = grad_of(src, NM_ATTENTION_RELATIVE)};
}

static bool fits(const NmKernelRun *run, const NmAttentionArrays &a)
{
  if (nm_attention_width(&a) <= NM_ATTENTION_WIDEST) return true;
  nm_cuda_note(nm_cuda_of(run), "attention", "a head has more than 128 channels");
  return false;
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  const NmAttentionArrays a = read_arrays(args, src);
  if (fits(run, a)) nm_cuda_attention_run(run, &a, (float *)dst->value, (NmAttentionRow *)run->saved);
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  const NmAttentionArrays a = read_arrays(args, src);
  const NmAttentionGrads grads = read_grads(src);
  const NmAttentionBack back = {.out = (const float *)dst->value,
                                .d_out = (const float *)dst->grad,
                                .rows = (const NmAttentionRow *)run->saved};
  if (fits(run, a)) nm_cuda_attention_run_back(run, &a, &back, &grads);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const NmAttentionArrays a = read_arrays(args, src);
  return nm_cuda_attention_size_back(&a);
}

static size_t size_saved(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                         int n_threads)
{
  return (size_t)(dst->shape.dim[0] * args->i[1] * dst->shape.dim[1]) * sizeof(NmAttentionRow);
}

static void forward_weights(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                            NmTensor *dst)
{
  const NmAttentionArrays a = read_arrays(args, src);
  if (fits(run, a)) nm_cuda_attention_run_weights(run, &a, (float *)dst->value);
}

static void backward_weights(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                             NmTensor *dst)
{
  const NmAttentionArrays a = read_arrays(args, src);
  const NmAttentionGrads grads = read_grads(src);
  const NmAttentionBack back = {.weights = (const float *)dst->value, .d_weights = (const float *)dst->grad};
  if (fits(run, a)) nm_cuda_attention_run_back(run, &a, &back, &grads);
}

extern "C" const NmKernelRow nm_cuda_attention = {.forward = forward,
                                                  .backward = backward,
                                                  .size_scratch = size_scratch,
                                                  .size_saved = size_saved,
                                                  .sets_fresh = true};
extern "C" const NmKernelRow nm_cuda_attention_weights = {.forward = forward_weights,
                                                          .backward = backward_weights,
                                                          .size_scratch = size_scratch,
                                                          .sets_fresh = true};
