// SPDX-License-Identifier: GPL-3.0-or-later
// Elementwise functions of one tensor. Forward works in place.
#include "models/engine/cpu/vmath.h"
#include "models/engine/ops.h"

// One loop each: FORWARD(x) in r0, r1; BACKWARD is the derivative in x and y = f(x).
typedef void (*Loop)(real *y, const real *x, int64_t n, real r0, real r1);
typedef void (*BackLoop)(real *dx, const real *dy, const real *x, const real *y, int64_t n, real r0, real r1);

#define UNARY(name, FORWARD, BACKWARD)                                                                       \
  NM_CLONES static void name(real *out, const real *in, int64_t n, real r0, real r1)                         \
  {                                                                                                          \
    _Pragma("omp simd") for (int64_t i = 0; i < n; ++i)                                                      \
    {                                                                                                        \
      const real x = in[i];                                                                                  \
      out[i] = FORWARD;                                                                                      \
    }                                                                                                        \
  }                                                                                                          \
  NM_CLONES static void name##_back(real *restrict dx, const real *restrict dy, const real *restrict in,     \
                                    const real *restrict outs, int64_t n, real r0, real r1)                  \
  {                                                                                                          \
    _Pragma("omp simd") for (int64_t i = 0; i < n; ++i)                                                      \
    {                                                                                                        \
      const real x = in[i], y = outs[i];                                                                     \
      (void)x, (void)y;                                                                                      \
      dx[i] += dy[i] * (BACKWARD);                                                                           \
    }                                                                                                        \
  }

#define GELU_A ((real)0.7978845608028654)
#define GELU_B ((real)0.044715)

NM_INLINE real gelu(real x)
{
  return x * nm_vsigmoid(2 * GELU_A * (x + GELU_B * x * x * x));
}

NM_INLINE real gelu_slope(real x)
{
  const real s = nm_vsigmoid(2 * GELU_A * (x + GELU_B * x * x * x));
  return s + x * s * (1 - s) * 2 * GELU_A * (1 + 3 * GELU_B * x * x);
}

NM_INLINE real softplus(real x)
{
  const real a = x < 0 ? -x : x;
  return (x > 0 ? x : 0) + nm_vlog(1 + nm_vexp(-a));
}

NM_INLINE real sine(real x)
{
  real s, c;
  nm_vsincos(x, &s, &c);
  return s;
}

NM_INLINE real cosine(real x)
{
  real s, c;
  nm_vsincos(x, &s, &c);
  return c;
}

NM_INLINE real root(real x)
{
  return sizeof(real) == 4 ? (real)sqrtf((float)x) : (real)sqrt((double)x);
}

UNARY(relu, x > 0 ? x : 0, x > 0 ? 1 : 0)
UNARY(leaky, x > 0 ? x : r0 * x, x > 0 ? 1 : r0)
UNARY(gelus, gelu(x), gelu_slope(x))
UNARY(silu, x *nm_vsigmoid(x), nm_vsigmoid(x) * (1 + x * (1 - nm_vsigmoid(x))))
UNARY(hyperbolic, nm_vtanh(x), 1 - y * y)
UNARY(sigmoids, nm_vsigmoid(x), y *(1 - y))
UNARY(softpluses, softplus(x), nm_vsigmoid(x))
UNARY(exponential, nm_vexp(x), y)
UNARY(logarithm, nm_vlog(x > r0 ? x : r0), x > r0 ? 1 / x : 0)
UNARY(roots, root(x + r0), (real)0.5 / y)
UNARY(square, x *x, 2 * x)
UNARY(absolute, x<0 ? -x : x, x> 0 ? 1 : x < 0 ? -1 : 0)
UNARY(sines, sine(x), cosine(x))
UNARY(cosines, cosine(x), -sine(x))
UNARY(affine, r0 *x + r1, r0)
UNARY(clamps, x<r0 ? r0 : x> r1 ? r1 : x, x >= r0 && x <= r1 ? 1 : 0)

static const Loop loops[] = {
    [NM_RELU] = relu,       [NM_LEAKY_RELU] = leaky, [NM_GELU] = gelus,          [NM_SILU] = silu,
    [NM_TANH] = hyperbolic, [NM_SIGMOID] = sigmoids, [NM_SOFTPLUS] = softpluses, [NM_EXP] = exponential,
    [NM_LOG] = logarithm,   [NM_SQRT] = roots,       [NM_SQUARE] = square,       [NM_ABS] = absolute,
    [NM_SIN] = sines,       [NM_COS] = cosines,      [NM_AFFINE] = affine,       [NM_CLAMP] = clamps};
static const BackLoop back_loops[] = {
    [NM_RELU] = relu_back,           [NM_LEAKY_RELU] = leaky_back, [NM_GELU] = gelus_back,
    [NM_SILU] = silu_back,           [NM_TANH] = hyperbolic_back,  [NM_SIGMOID] = sigmoids_back,
    [NM_SOFTPLUS] = softpluses_back, [NM_EXP] = exponential_back,  [NM_LOG] = logarithm_back,
    [NM_SQRT] = roots_back,          [NM_SQUARE] = square_back,    [NM_ABS] = absolute_back,
    [NM_SIN] = sines_back,           [NM_COS] = cosines_back,      [NM_AFFINE] = affine_back,
    [NM_CLAMP] = clamps_back};

enum { CHUNK = 16384 };

typedef struct {
  const NmOpArgs *args;
  NmTensor *x, *y;
} Job;

static void forward_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  const real *x = j->x->value;
  real *y = j->y->value;
  loops[j->args->i[0]](y + first, x + first, last - first, (real)j->args->r[0], (real)j->args->r[1]);
}

static void backward_rows(void *ctx, int64_t first, int64_t last, int worker)
{
  const Job *j = ctx;
  const real *x = j->x->value, *y = j->y->value, *dy = j->y->grad;
  real *dx = j->x->grad;
  back_loops[j->args->i[0]](dx + first, dy + first, x + first, y + first, last - first, (real)j->args->r[0],
                            (real)j->args->r[1]);
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  Job job = {args, src[0], dst};
  NM_FN(nm_cpu_for)(run->pool, nm_shape_count(dst->shape), CHUNK, forward_rows, &job);
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  Job job = {args, src[0], dst};
  if (src[0]->grad) NM_FN(nm_cpu_for)(run->pool, nm_shape_count(dst->shape), CHUNK, backward_rows, &job);
}

const NmKernelRow NM_FN(nm_cpu_unary) = {.forward = forward, .backward = backward};

#ifndef NM_REAL_IS_DOUBLE
void nm_cpu_exp_f32(float *y, const float *x, int64_t n)
{
  exponential(y, x, n, 0, 0);
}

NM_CLONES void nm_cpu_sincos_f32(float *s, float *c, const float *x, int64_t n)
{
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) nm_vsincos_f32(x[i], &s[i], &c[i]);
}
#endif
