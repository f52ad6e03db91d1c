// SPDX-License-Identifier: GPL-3.0-or-later
// One LSTM layer, forward in time or backward. Gates i f g o; forward keeps gates and cells for the way back.
#include <string.h>

#include "models/engine/cpu/vmath.h"

// Memory kept: gates [T, B, 4 H] after their functions, cells [T, B, H].
typedef struct {
  int64_t B, T, I, H;
  bool reverse;
  real *gates, *cells;
} Lstm;

static Lstm make(const NmOpArgs *args, NmTensor *const *src, const NmTensor *dst, void *memory)
{
  Lstm m = {.B = dst->shape.dim[0],
            .T = dst->shape.dim[1],
            .I = src[0]->shape.dim[2],
            .H = dst->shape.dim[2],
            .reverse = args->i[0]};
  m.gates = memory;
  m.cells = m.gates + m.T * m.B * 4 * m.H;
  return m;
}

static int64_t time_of(const Lstm *m, int64_t step)
{
  return m->reverse ? m->T - 1 - step : step;
}

// x wx + b for all steps, laid out by step.
static void project(const NmKernelRun *run, const Lstm *m, NmTensor *const *src)
{
  const real *x = src[0]->value, *b = src[3]->value;
  for (int64_t step = 0; step < m->T; ++step) {
    real *z = m->gates + step * m->B * 4 * m->H;
    for (int64_t i = 0; i < m->B; ++i) memcpy(z + i * 4 * m->H, b, (size_t)(4 * m->H) * sizeof *z);
    NM_FN(nm_cpu_gemm)
    (run->pool, false, false, m->B, 4 * m->H, m->I, 1, x + time_of(m, step) * m->I, m->T * m->I,
     src[1]->value, 4 * m->H, 1, z, 4 * m->H);
  }
}

NM_CLONES static void cell_row(real *z, const real *before, real *cell, real *h, int64_t H)
{
#pragma omp simd
  for (int64_t k = 0; k < H; ++k) {
    const real i = nm_vsigmoid(z[k]), f = nm_vsigmoid(z[H + k]), g = nm_vtanh(z[2 * H + k]),
               o = nm_vsigmoid(z[3 * H + k]);
    const real c = f * before[k] + i * g;
    z[k] = i;
    z[H + k] = f;
    z[2 * H + k] = g;
    z[3 * H + k] = o;
    cell[k] = c;
    h[k] = o * nm_vtanh(c);
  }
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  const Lstm m = make(args, src, dst, run->saved ? run->saved : run->scratch);
  real *y = dst->value, *zero = (real *)run->scratch + m.T * m.B * 5 * m.H;
  memset(zero, 0, (size_t)m.H * sizeof *zero);
  project(run, &m, src);
  for (int64_t step = 0; step < m.T; ++step) {
    const int64_t t = time_of(&m, step);
    real *z = m.gates + step * m.B * 4 * m.H, *cell = m.cells + step * m.B * m.H;
    if (step > 0) NM_FN(nm_cpu_gemm)
    (run->pool, false, false, m.B, 4 * m.H, m.H, 1, y + time_of(&m, step - 1) * m.H, m.T * m.H, src[2]->value,
     4 * m.H, 1, z, 4 * m.H);
    for (int64_t b = 0; b < m.B; ++b)
      cell_row(z + b * 4 * m.H, step > 0 ? cell - m.B * m.H + b * m.H : zero, cell + b * m.H,
               y + (b * m.T + t) * m.H, m.H);
  }
}

// Turns gates into their gradients before the functions; dc becomes the gradient of the cell before.
static void cell_row_back(real *z, const real *cell, const real *before, const real *dh, real *dc, int64_t H)
{
  for (int64_t k = 0; k < H; ++k) {
    const real i = z[k], f = z[H + k], g = z[2 * H + k], o = z[3 * H + k], tc = nm_vtanh(cell[k]);
    const real d = dc[k] + dh[k] * o * (1 - tc * tc);
    z[k] = d * g * i * (1 - i);
    z[H + k] = d * (before ? before[k] : 0) * f * (1 - f);
    z[2 * H + k] = d * i * (1 - g * g);
    z[3 * H + k] = dh[k] * tc * o * (1 - o);
    dc[k] = d * f;
  }
}

static void accumulate(const NmKernelRun *run, const Lstm *m, NmTensor *const *src, const NmTensor *dst,
                       int64_t step)
{
  const real *z = m->gates + step * m->B * 4 * m->H, *x = src[0]->value, *y = dst->value;
  const int64_t t = time_of(m, step), H4 = 4 * m->H;
  if (src[0]->grad) NM_FN(nm_cpu_gemm)
  (run->pool, false, true, m->B, m->I, H4, 1, z, H4, src[1]->value, H4, 1, (real *)src[0]->grad + t * m->I,
   m->T * m->I);
  if (src[1]->grad) NM_FN(nm_cpu_gemm)
  (run->pool, true, false, m->I, H4, m->B, 1, x + t * m->I, m->T * m->I, z, H4, 1, src[1]->grad, H4);
  if (src[2]->grad && step > 0) NM_FN(nm_cpu_gemm)
  (run->pool, true, false, m->H, H4, m->B, 1, y + time_of(m, step - 1) * m->H, m->T * m->H, z, H4, 1,
   src[2]->grad, H4);
  real *db = src[3]->grad;
  for (int64_t b = 0; db && b < m->B; ++b)
    for (int64_t k = 0; k < H4; ++k) db[k] += z[b * H4 + k];
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  const Lstm m = make(args, src, dst, run->saved);
  real *dh = run->scratch, *dc = dh + m.B * m.H; // [B, H] each
  memset(dh, 0, (size_t)(2 * m.B * m.H) * sizeof *dh);
  for (int64_t step = m.T - 1; step >= 0; --step) {
    const real *dy = (const real *)dst->grad + time_of(&m, step) * m.H;
    real *z = m.gates + step * m.B * 4 * m.H, *cell = m.cells + step * m.B * m.H;
    for (int64_t b = 0; b < m.B; ++b) {
      for (int64_t k = 0; k < m.H; ++k) dh[b * m.H + k] += dy[b * m.T * m.H + k];
      cell_row_back(z + b * 4 * m.H, cell + b * m.H, step > 0 ? cell - m.B * m.H + b * m.H : NULL,
                    dh + b * m.H, dc + b * m.H, m.H);
    }
    NM_FN(nm_cpu_gemm)
    (run->pool, false, true, m.B, m.H, 4 * m.H, 1, z, 4 * m.H, src[2]->value, 4 * m.H, 0, dh, m.H);
    accumulate(run, &m, src, dst, step);
  }
}

static size_t size_kept(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                        int n_threads)
{
  return (size_t)nm_shape_count(dst->shape) * 5 * sizeof(real);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  return size_kept(args, src, n_src, dst, n_threads) + (size_t)nm_shape_channels(dst->shape) * sizeof(real);
}

const NmKernelRow NM_FN(nm_cpu_lstm) = {
    .forward = forward, .backward = backward, .size_scratch = size_scratch, .size_saved = size_kept};
