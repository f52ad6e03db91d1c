// SPDX-License-Identifier: GPL-3.0-or-later
// The attention's rows of the op table: nodes to plain arrays.
#include <math.h>

#include "models/attention/cpu/kernel.h"

static const void *value_of(NmTensor *const *src, NmAttentionSource which)
{
  return src[which] ? src[which]->value : NULL;
}

static NmSight read_sight(const NmOpArgs *args, NmTensor *const *src)
{
  const NmShape q = src[NM_ATTENTION_Q]->shape, k = src[NM_ATTENTION_K]->shape;
  return (NmSight){.B = q.dim[0],
                   .H = args->i[1],
                   .Tq = q.dim[1],
                   .Tk = k.dim[1],
                   .pattern = (NmPattern)args->i[0],
                   .left = args->i[2],
                   .right = args->i[3],
                   .n_sinks = args->i[4],
                   .len_k = value_of(src, NM_ATTENTION_LEN_K),
                   .len_q = value_of(src, NM_ATTENTION_LEN_Q),
                   .segment_q = value_of(src, NM_ATTENTION_SEGMENT_Q),
                   .segment_k = value_of(src, NM_ATTENTION_SEGMENT_K)};
}

static NmAttentionArrays read_arrays(const NmOpArgs *args, NmTensor *const *src)
{
  const NmTensor *q = src[NM_ATTENTION_Q], *k = src[NM_ATTENTION_K], *v = src[NM_ATTENTION_V];
  const NmTensor *bias = src[NM_ATTENTION_BIAS], *relative = src[NM_ATTENTION_RELATIVE];
  NmAttentionArrays a = {.sight = read_sight(args, src),
                         .D = q->shape.dim[2] / args->i[1],
                         .q = q->value,
                         .k = k->value,
                         .item_k = k->shape.dim[1] * k->shape.dim[2],
                         .bias = value_of(src, NM_ATTENTION_BIAS),
                         .n_bias = bias ? bias->shape.dim[0] : 0,
                         .relative = value_of(src, NM_ATTENTION_RELATIVE),
                         .n_relative = relative ? relative->shape.dim[1] : 0};
  a.scale = args->r[0] != 0 ? (real)args->r[0] : 1 / (real)sqrt((double)a.D);
  if (!v) return a;
  a.v = v->value;
  a.Dv = v->shape.dim[2] / args->i[1];
  a.item_v = v->shape.dim[1] * v->shape.dim[2];
  return a;
}

static NmAttentionGrads read_grads(NmTensor *const *src)
{
  const NmTensor *v = src[NM_ATTENTION_V], *bias = src[NM_ATTENTION_BIAS],
                 *relative = src[NM_ATTENTION_RELATIVE];
  return (NmAttentionGrads){.q = src[NM_ATTENTION_Q]->grad,
                            .k = src[NM_ATTENTION_K]->grad,
                            .v = v ? v->grad : NULL,
                            .bias = bias ? bias->grad : NULL,
                            .relative = relative ? relative->grad : NULL};
}

static size_t larger(size_t a, size_t b)
{
  return a > b ? a : b;
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  const NmAttentionArrays a = read_arrays(args, src);
  NM_FN(nm_attention_run)(run->pool, &a, run->scratch, dst->value, run->saved);
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  const NmAttentionArrays a = read_arrays(args, src);
  const NmAttentionGrads grads = read_grads(src);
  const NmAttentionBack back = {.out = dst->value, .d_out = dst->grad, .rows = run->saved};
  NM_FN(nm_attention_run_back)(run->pool, &a, &back, run->scratch, &grads);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  const NmAttentionArrays a = read_arrays(args, src);
  return larger(NM_FN(nm_attention_size_run)(&a, n_threads), NM_FN(nm_attention_size_back)(&a, n_threads));
}

static size_t size_saved(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                         int n_threads)
{
  return (size_t)(dst->shape.dim[0] * args->i[1] * dst->shape.dim[1]) * sizeof(NmAttentionRow);
}

const NmKernelRow NM_FN(nm_cpu_attention) = {
    .forward = forward, .backward = backward, .size_scratch = size_scratch, .size_saved = size_saved};

static void forward_weights(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                            NmTensor *dst)
{
  const NmAttentionArrays a = read_arrays(args, src);
  NM_FN(nm_attention_run_weights)(run->pool, &a, run->scratch, dst->value);
}

static void backward_weights(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                             NmTensor *dst)
{
  const NmAttentionArrays a = read_arrays(args, src);
  const NmAttentionGrads grads = read_grads(src);
  const NmAttentionBack back = {.weights = dst->value, .d_weights = dst->grad};
  NM_FN(nm_attention_run_back)(run->pool, &a, &back, run->scratch, &grads);
}

static size_t size_scratch_weights(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                                   int n_threads)
{
  const NmAttentionArrays a = read_arrays(args, src);
  return larger(NM_FN(nm_attention_size_weights)(&a, n_threads),
                NM_FN(nm_attention_size_back)(&a, n_threads));
}

const NmKernelRow NM_FN(nm_cpu_attention_weights) = {
    .forward = forward_weights, .backward = backward_weights, .size_scratch = size_scratch_weights};
