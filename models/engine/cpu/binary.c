// SPDX-License-Identifier: GPL-3.0-or-later
// Elementwise arithmetic of two tensors with numpy broadcasting. Forward of equal shapes works in place.
#include <string.h>

#include "models/engine/cpu/cpu.h"
#include "models/engine/ops.h"

// The output as rows of its last dimension; each operand's place in a row moves by 0 or 1, from row to row by
// strides.
typedef struct {
  NmBinary kind;
  NmTensor *a, *b, *y;
  int64_t dim[NM_MAX_DIMS], stride_a[NM_MAX_DIMS], stride_b[NM_MAX_DIMS]; // aligned at the last
  int64_t n_rows, n;
  int64_t step_a, step_b; // within a row
  bool of_a;              // backward: which operand's gradient
} Job;

static void operand(const NmShape *s, int n_dims, int64_t *stride)
{
  int64_t step = 1;
  for (int i = 1; i <= n_dims; ++i) {
    const int64_t d = i <= s->n_dims ? s->dim[s->n_dims - i] : 1;
    stride[n_dims - i] = d > 1 ? step : 0;
    step *= d;
  }
}

static Job make(const NmOpArgs *args, NmTensor *const *src, NmTensor *dst)
{
  Job j = {.kind = (NmBinary)args->i[0], .a = src[0], .b = src[1], .y = dst};
  const int n = dst->shape.n_dims;
  memcpy(j.dim, dst->shape.dim, sizeof j.dim);
  operand(&src[0]->shape, n, j.stride_a);
  operand(&src[1]->shape, n, j.stride_b);
  j.n = j.dim[n - 1];
  j.n_rows = nm_shape_rows(dst->shape);
  j.step_a = j.stride_a[n - 1];
  j.step_b = j.stride_b[n - 1];
  if (nm_shape_equal(src[0]->shape, src[1]->shape)) { // one long row, cut into pieces by the caller
    j.n = 1;
    j.n_rows = nm_shape_count(dst->shape);
  }
  return j;
}

static void place(const Job *j, int64_t row, int64_t *at_a, int64_t *at_b)
{
  *at_a = *at_b = 0;
  for (int i = j->y->shape.n_dims - 2; i >= 0; --i) {
    const int64_t k = row % j->dim[i];
    row /= j->dim[i];
    *at_a += k * j->stride_a[i];
    *at_b += k * j->stride_b[i];
  }
}

#define LOOPS(name, OP)                                                                                      \
  NM_CLONES static void name(real *y, const real *a, const real *b, int64_t n, int64_t sa, int64_t sb)       \
  {                                                                                                          \
    if (sa == 1 && sb == 1) {                                                                                \
      _Pragma("omp simd") for (int64_t i = 0; i < n; ++i) y[i] = a[i] OP b[i];                               \
    } else if (sa == 1) {                                                                                    \
      const real c = *b;                                                                                     \
      _Pragma("omp simd") for (int64_t i = 0; i < n; ++i) y[i] = a[i] OP c;                                  \
    } else {                                                                                                 \
      for (int64_t i = 0; i < n; ++i) y[i] = a[i * sa] OP b[i * sb];                                         \
    }                                                                                                        \
  }

LOOPS(add_row, +)
LOOPS(sub_row, -)
LOOPS(mul_row, *)
LOOPS(div_row, /)

typedef void (*RowFn)(real *y, const real *a, const real *b, int64_t n, int64_t sa, int64_t sb);
static const RowFn row_fns[] = {add_row, sub_row, mul_row, div_row};

static bool is_flat(const Job *j)
{
  return j->n == 1 && nm_shape_equal(j->a->shape, j->b->shape);
}

static void forward_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  real *y = j->y->value;
  const real *a = j->a->value, *b = j->b->value;
  if (is_flat(j)) {
    row_fns[j->kind](y + first, a + first, b + first, last - first, 1, 1);
    return;
  }
  for (int64_t r = first; r < last; ++r) {
    int64_t at_a, at_b;
    place(j, r, &at_a, &at_b);
    row_fns[j->kind](y + r * j->n, a + at_a, b + at_b, j->n, j->step_a, j->step_b);
  }
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Job j = make(args, src, dst);
  NM_FN(nm_cpu_for)(run->pool, j.n_rows, nm_cpu_chunk_rows(j.n) / 4 + 1, forward_rows, &j);
}

// The gradient of one operand at every element of a row of the output: g[i] = dy[i] * d(a op b).
NM_CLONES static void slope_row(const Job *j, real *g, const real *dy, const real *a, const real *b,
                                int64_t n, int64_t sa, int64_t sb)
{
  if (j->kind == NM_ADD || (j->kind == NM_SUB && j->of_a)) {
    memcpy(g, dy, (size_t)n * sizeof *g);
  } else if (j->kind == NM_SUB) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) g[i] = -dy[i];
  } else if (j->kind == NM_MUL) {
    const real *o = j->of_a ? b : a;
    const int64_t so = j->of_a ? sb : sa;
    if (so == 1) {
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) g[i] = dy[i] * o[i];
    } else {
      const real c = *o;
#pragma omp simd
      for (int64_t i = 0; i < n; ++i) g[i] = dy[i] * c;
    }
  } else if (j->of_a) {
    for (int64_t i = 0; i < n; ++i) g[i] = dy[i] / b[i * sb];
  } else {
    for (int64_t i = 0; i < n; ++i) g[i] = -dy[i] * a[i * sa] / (b[i * sb] * b[i * sb]);
  }
}

NM_CLONES static void add_to(real *y, const real *x, int64_t n, int64_t step)
{
  if (step == 1) {
#pragma omp simd
    for (int64_t i = 0; i < n; ++i) y[i] += x[i];
    return;
  }
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += x[i];
  *y += sum;
}

enum { PIECE = 1024 };

static void backward_flat(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  const real *a = j->a->value, *b = j->b->value, *dy = j->y->grad;
  real *d = j->of_a ? j->a->grad : j->b->grad, g[PIECE];
  for (int64_t i = first; i < last; i += PIECE) {
    const int64_t n = last - i < PIECE ? last - i : PIECE;
    slope_row(j, g, dy + i, a + i, b + i, n, 1, 1);
    add_to(d + i, g, n, 1);
  }
}

// Output rows [first, last) in order into `d`, which starts at the operand's start.
static void backward_into(const Job *j, real *d, int64_t first, int64_t last)
{
  const real *a = j->a->value, *b = j->b->value, *dy = j->y->grad;
  const int64_t step = j->of_a ? j->step_a : j->step_b;
  real g[PIECE];
  for (int64_t r = first; r < last; ++r) {
    int64_t at_a, at_b;
    place(j, r, &at_a, &at_b);
    for (int64_t i = 0; i < j->n; i += PIECE) {
      const int64_t n = j->n - i < PIECE ? j->n - i : PIECE;
      slope_row(j, g, dy + r * j->n + i, a + at_a + i * j->step_a, b + at_b + i * j->step_b, n, j->step_a,
                j->step_b);
      add_to(d + (j->of_a ? at_a : at_b) + i * step, g, n, step);
    }
  }
}

static void backward_direct(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  backward_into(j, j->of_a ? j->a->grad : j->b->grad, first, last);
}

enum { N_PARTS = 32, SMALL = 8192 };

typedef struct {
  const Job *job;
  real *parts; // [N_PARTS, count of the operand]
  int64_t count;
} Parts;

static void backward_part(void *ctx, int64_t first, int64_t last, int worker)
{
  const Parts *p = ctx;
  for (int64_t k = first; k < last; ++k) {
    real *part = p->parts + k * p->count;
    memset(part, 0, (size_t)p->count * sizeof *part);
    backward_into(p->job, part, p->job->n_rows * k / N_PARTS, p->job->n_rows * (k + 1) / N_PARTS);
  }
}

static const NmTensor *target(const Job *j)
{
  return j->of_a ? j->a : j->b;
}

// Each output row has its own elements of the operand when all outer dimensions are the output's.
static bool rows_are_own(const Job *j)
{
  const int64_t *stride = j->of_a ? j->stride_a : j->stride_b;
  for (int i = 0; i + 1 < j->y->shape.n_dims; ++i)
    if (j->dim[i] > 1 && stride[i] == 0) return false;
  return true;
}

static void backward_one(const NmKernelRun *run, Job *j)
{
  const int64_t count = nm_shape_count(target(j)->shape);
  real *d = target(j)->grad;
  if (is_flat(j)) {
    NM_FN(nm_cpu_for)(run->pool, j->n_rows, 16384, backward_flat, j);
  } else if (rows_are_own(j)) {
    NM_FN(nm_cpu_for)(run->pool, j->n_rows, nm_cpu_chunk_rows(j->n) / 4 + 1, backward_direct, j);
  } else if (count <= SMALL && j->n_rows >= 4 * N_PARTS) { // a bias, a scale: partial sums, then in order
    Parts parts = {j, run->scratch, count};
    NM_FN(nm_cpu_for)(run->pool, N_PARTS, 1, backward_part, &parts);
    for (int k = 0; k < N_PARTS; ++k) add_to(d, parts.parts + k * count, count, 1);
  } else {
    backward_into(j, d, 0, j->n_rows);
  }
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  Job j = make(args, src, dst);
  j.of_a = true;
  if (src[0]->grad) backward_one(run, &j);
  j.of_a = false;
  if (src[1]->grad) backward_one(run, &j);
}

static size_t size_scratch(const NmOpArgs *args, NmTensor *const *src, int n_src, const NmTensor *dst,
                           int n_threads)
{
  return (size_t)N_PARTS * SMALL * sizeof(real);
}

const NmKernelRow NM_FN(nm_cpu_binary) = {
    .forward = forward, .backward = backward, .size_scratch = size_scratch};
