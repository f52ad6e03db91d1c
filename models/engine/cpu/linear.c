// SPDX-License-Identifier: GPL-3.0-or-later
// Linear layers and batched matrix products.
#include <string.h>

#include "models/engine/cpu/half.h"

enum { N_PARTS = 16 };

typedef struct {
  const real *x;
  real *parts; // [N_PARTS, C]
  int64_t n, C;
} Sum;

NM_CLONES static void add_run(real *y, const real *x, int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] += x[i];
}

static void sum_part(void *ctx, int64_t part, int worker)
{
  const Sum *s = ctx;
  real *y = s->parts + part * s->C;
  memset(y, 0, (size_t)s->C * sizeof *y);
  for (int64_t r = s->n * part / N_PARTS; r < s->n * (part + 1) / N_PARTS; ++r)
    add_run(y, s->x + r * s->C, s->C);
}

size_t NM_FN(nm_cpu_sum_rows_scratch)(int64_t C)
{
  return (size_t)(N_PARTS * C) * sizeof(real);
}

void NM_FN(nm_cpu_sum_rows)(NmPool *pool, int64_t n, int64_t C, const real *x, real *y, void *scratch)
{
  Sum s = {x, scratch, n, C};
  nm_pool_run(pool, N_PARTS, sum_part, &s);
  for (int part = 0; part < N_PARTS; ++part) add_run(y, s.parts + part * C, C);
}

typedef struct {
  real *y;
  const real *b;
  int64_t C;
} Bias;

static void bias_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Bias *j = ctx;
  for (int64_t r = first; r < last; ++r) memcpy(j->y + r * j->C, j->b, (size_t)j->C * sizeof *j->y);
}

static NmHalfProduct make_half(NmTensor *const *src, const NmTensor *dst)
{
  const int64_t M = nm_shape_rows(dst->shape), K = src[1]->shape.dim[0];
  return (NmHalfProduct){.x = src[0]->value,
                         .n_items = 1,
                         .n_values = M * K,
                         .M = M,
                         .K = K,
                         .N = src[1]->shape.dim[1],
                         .step = K,
                         .packed = src[1]->packed,
                         .b = src[2] ? src[2]->value : NULL,
                         .y = dst->value,
                         .rounded_x = src[0]->rounded,
                         .rounded_y = dst->rounded};
}

static size_t size_packed(const NmOpArgs *args, NmTensor *const *src)
{
  return nm_cpu_half_can() ? nm_cpu_half_size_packed(src[1]->shape.dim[0], src[1]->shape.dim[1]) : 0;
}

static void pack(NmPool *pool, NmTensor *const *src, const void *half, void *packed)
{
  nm_cpu_half_pack(pool, half, src[1]->shape.dim[0], src[1]->shape.dim[1], packed);
}

static void linear(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                   NmTensor *dst)
{
  const int64_t n = nm_shape_rows(dst->shape), I = src[1]->shape.dim[0], O = src[1]->shape.dim[1];
  if (src[1]->packed) {
    NmHalfProduct product = make_half(src, dst);
    product.then = run->then;
    nm_cpu_half_product(run->pool, &product, run->scratch);
    return;
  }
  Bias bias = {dst->value, src[2] ? src[2]->value : NULL, O};
  if (bias.b) NM_FN(nm_cpu_for)(run->pool, n, nm_cpu_chunk_rows(O), bias_rows, &bias);
  NM_FN(nm_cpu_gemm)
  (run->pool, false, false, n, O, I, 1, src[0]->value, I, src[1]->value, O, bias.b ? 1 : 0, dst->value, O);
}

static void linear_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                        NmTensor *dst)
{
  const int64_t n = nm_shape_rows(dst->shape), I = src[1]->shape.dim[0], O = src[1]->shape.dim[1];
  if (src[0]->grad) NM_FN(nm_cpu_gemm)
  (run->pool, false, true, n, I, O, 1, dst->grad, O, src[1]->value, O, 1, src[0]->grad, I);
  if (src[1]->grad) NM_FN(nm_cpu_gemm_tall)
  (run->pool, I, O, n, src[0]->value, I, dst->grad, O, src[1]->grad, O, run->scratch);
  if (src[2] && src[2]->grad) NM_FN(nm_cpu_sum_rows)(run->pool, n, O, dst->grad, src[2]->grad, run->scratch);
}

static size_t linear_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                             int n_threads)
{
  const int64_t I = src[1]->shape.dim[0], O = src[1]->shape.dim[1];
  if (src[1]->packed) {
    const NmHalfProduct product = make_half(src, dst);
    return nm_cpu_half_scratch(&product);
  }
  const size_t a = NM_FN(nm_cpu_gemm_tall_scratch)(I, O, nm_shape_rows(dst->shape)),
               b = NM_FN(nm_cpu_sum_rows_scratch)(O);
  return a > b ? a : b;
}

const NmKernelRow NM_FN(nm_cpu_linear) = {.forward = linear,
                                          .backward = linear_back,
                                          .size_scratch = linear_scratch,
                                          .size_packed = size_packed,
                                          .pack = pack,
                                          .reads_rounded = true,
                                          .writes_rounded = true};

// One product of a batch: sizes, and the steps from item to item.
typedef struct {
  int64_t B, M, N, K, step_b;
  bool tb;
} Matmul;

static Matmul make_matmul(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst)
{
  Matmul m = {.B = dst->shape.dim[0],
              .M = dst->shape.dim[1],
              .N = dst->shape.dim[2],
              .K = src[0]->shape.dim[2],
              .tb = args->i[0]};
  m.step_b = src[1]->shape.dim[0] == 1 ? 0 : m.N * m.K;
  return m;
}

static void matmul(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                   NmTensor *dst)
{
  const Matmul m = make_matmul(args, src, dst);
  const real *a = src[0]->value, *b = src[1]->value;
  real *y = dst->value;
  for (int64_t i = 0; i < m.B; ++i) NM_FN(nm_cpu_gemm)
  (run->pool, false, m.tb, m.M, m.N, m.K, 1, a + i * m.M * m.K, m.K, b + i * m.step_b, m.tb ? m.K : m.N, 0,
   y + i * m.M * m.N, m.N);
}

static void matmul_back(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                        NmTensor *dst)
{
  const Matmul m = make_matmul(args, src, dst);
  const real *a = src[0]->value, *b = src[1]->value, *dy = dst->grad;
  real *da = src[0]->grad, *db = src[1]->grad;
  for (int64_t i = 0; i < m.B; ++i) {
    const real *ai = a + i * m.M * m.K, *bi = b + i * m.step_b, *dyi = dy + i * m.M * m.N;
    if (da) NM_FN(nm_cpu_gemm)
    (run->pool, false, !m.tb, m.M, m.K, m.N, 1, dyi, m.N, bi, m.tb ? m.K : m.N, 1, da + i * m.M * m.K, m.K);
    if (db && m.tb) NM_FN(nm_cpu_gemm)
    (run->pool, true, false, m.N, m.K, m.M, 1, dyi, m.N, ai, m.K, 1, db + i * m.step_b, m.K);
    if (db && !m.tb) NM_FN(nm_cpu_gemm)
    (run->pool, true, false, m.K, m.N, m.M, 1, ai, m.K, dyi, m.N, 1, db + i * m.step_b, m.N);
  }
}

const NmKernelRow NM_FN(nm_cpu_matmul) = {.forward = matmul, .backward = matmul_back};
