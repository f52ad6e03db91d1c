// SPDX-License-Identifier: GPL-3.0-or-later
// The CPU backend: its row table, memory, and the optimiser's arithmetic.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/engine/cpu/cpu.h"

#define DECLARE(OP, name) extern const NmKernelRow NM_FN(nm_cpu_##name);
#define ENTRY(OP, name) [NM_OP_##OP] = &NM_FN(nm_cpu_##name),

NM_OP_KERNELS(DECLARE)

static const NmKernelRow *const rows[NM_N_OPS] = {NM_OP_KERNELS(ENTRY)};

enum { CHUNK = 65536 }; // scalars of one piece of work

typedef struct {
  NmCpuRowsFn fn;
  void *ctx;
  int64_t n, size_chunk;
} Loop;

static void loop_chunk(void *ctx, int64_t chunk, int worker)
{
  const Loop *loop = ctx;
  const int64_t first = chunk * loop->size_chunk, end = first + loop->size_chunk;
  loop->fn(loop->ctx, first, end < loop->n ? end : loop->n, worker);
}

void NM_FN(nm_cpu_for)(NmPool *pool, int64_t n, int64_t size_chunk, NmCpuRowsFn fn, void *ctx)
{
  Loop loop = {fn, ctx, n, size_chunk};
  nm_pool_run(pool, (n + size_chunk - 1) / size_chunk, loop_chunk, &loop);
}

static void *memory_alloc(void *context, size_t size)
{
  return aligned_alloc(64, (size + 63) / 64 * 64);
}

static void memory_free(void *context, void *memory)
{
  free(memory);
}

static void memory_zero(void *context, void *memory, size_t size)
{
  memset(memory, 0, size);
}

static void upload_real(void *context, void *to, const float *from, int64_t n)
{
  real *y = to;
  for (int64_t i = 0; i < n; ++i) y[i] = from[i];
}

static void download_real(void *context, float *to, const void *from, int64_t n)
{
  const real *x = from;
  for (int64_t i = 0; i < n; ++i) to[i] = (float)x[i];
}

static void upload_int(void *context, void *to, const int32_t *from, int64_t n)
{
  memcpy(to, from, (size_t)n * sizeof *from);
}

// Partial sums by chunk, combined in order by the caller.
static double sum_squares(void *context, NmPool *pool, const void *values, int64_t n)
{
  const real *x = values;
  double total = 0;
  for (int64_t first = 0; first < n; first += CHUNK) {
    const int64_t end = first + CHUNK < n ? first + CHUNK : n;
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = first; i < end; ++i) sum += (double)x[i] * (double)x[i];
    total += sum;
  }
  return total;
}

typedef struct {
  real lr, beta1, beta2, eps, decay, scale, unbias1, unbias2;
  real *value, *m, *v;
  const real *grad;
  bool round;
} Adam;

static inline real round_moment(real x, bool round)
{
  union {
    float f;
    uint32_t u;
  } bits = {(float)x};
  bits.u = (bits.u + 0x7fffu + (bits.u >> 16 & 1)) & 0xffff0000u;
  return round ? (real)bits.f : x;
}

NM_CLONES static void adam_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Adam a = *(const Adam *)ctx;
#pragma omp simd
  for (int64_t i = first; i < last; ++i) {
    const real g = a.grad[i] * a.scale;
    const real m = a.m[i] = round_moment(a.beta1 * a.m[i] + (1 - a.beta1) * g, a.round);
    const real v = a.v[i] = round_moment(a.beta2 * a.v[i] + (1 - a.beta2) * g * g, a.round);
    const real update = m * a.unbias1 / ((real)sqrt(v * a.unbias2) + a.eps);
    a.value[i] -= a.lr * (update + a.decay * a.value[i]);
  }
}

static void adam(void *context, NmPool *pool, const NmAdamStep *s, void *value, const void *grad, void *m,
                 void *v, int64_t n)
{
  Adam a = {.lr = (real)s->lr,
            .beta1 = (real)s->beta1,
            .beta2 = (real)s->beta2,
            .eps = (real)s->eps,
            .decay = (real)s->weight_decay,
            .scale = (real)s->scale_gradient,
            .unbias1 = (real)(1 / (1 - pow(s->beta1, (double)s->step))),
            .unbias2 = (real)(1 / (1 - pow(s->beta2, (double)s->step))),
            .value = value,
            .m = m,
            .v = v,
            .grad = grad,
            .round = s->moments_16};
  NM_FN(nm_cpu_for)(pool, n, CHUNK, adam_rows, &a);
}

static void average(void *context, NmPool *pool, void *to, const void *from, double decay, int64_t n)
{
  real *y = to;
  const real *x = from, keep = (real)decay, take = (real)(1 - decay);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] = keep * y[i] + take * x[i];
}

static const NmBackend backend = {.name = sizeof(real) == 4 ? "cpu" : "cpu-double",
                                  .size_real = sizeof(real),
                                  .rows = rows,
                                  .memory_alloc = memory_alloc,
                                  .memory_free = memory_free,
                                  .memory_zero = memory_zero,
                                  .upload_real = upload_real,
                                  .download_real = download_real,
                                  .upload_int = upload_int,
                                  .sum_squares = sum_squares,
                                  .adam = adam,
                                  .average = average};

#ifdef NM_REAL_IS_DOUBLE
const NmBackend *nm_backend_cpu_double(void)
{
  return &backend;
}
#else
const NmBackend *nm_backend_cpu(void)
{
  return &backend;
}
#endif
