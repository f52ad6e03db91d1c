// SPDX-License-Identifier: GPL-3.0-or-later
// Inverted dropout: element i of a node is kept by a counter-based draw, so that backward repeats it without
// storing it.
#include <string.h>

#include "dsp/base/rng.h"
#include "models/engine/cpu/cpu.h"

typedef struct {
  const real *x;
  real *y;
  uint64_t seed;
  float p;
  bool add;
} Job;

NM_CLONES static void drop(const Job *j, int64_t first, int64_t last)
{
  const real keep = 1 / (1 - (real)j->p);
  for (int64_t i = first; i < last; ++i) {
    const real v = nm_rng_uniform_at(j->seed, (uint64_t)i) >= j->p ? j->x[i] * keep : 0;
    j->y[i] = j->add ? j->y[i] + v : v;
  }
}

static void rows(void *ctx, int64_t first, int64_t last, int worker)
{
  drop(ctx, first, last);
}

static void run_job(const NmKernelRun *run, const NmOpArgs *args, const real *x, real *y, int64_t n, bool add)
{
  Job j = {.x = x,
           .y = y,
           .seed = nm_rng_mix(run->seed ^ ((uint64_t)run->node << 40)),
           .p = (float)args->r[0],
           .add = add};
  if (!run->training) j.p = 0;
  NM_FN(nm_cpu_for)(run->pool, n, 16384, rows, &j);
}

static void forward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                    NmTensor *dst)
{
  const size_t size = (size_t)nm_shape_count(dst->shape) * sizeof(real);
  if (run->training)
    run_job(run, args, src[0]->value, dst->value, nm_shape_count(dst->shape), false);
  else if (dst->value != src[0]->value)
    memcpy(dst->value, src[0]->value, size);
}

static void backward(const NmKernelRun *run, const NmOpArgs *args, NmTensor *const *src, int n_src,
                     NmTensor *dst)
{
  if (src[0]->grad) run_job(run, args, dst->grad, src[0]->grad, nm_shape_count(dst->shape), true);
}

const NmKernelRow NM_FN(nm_cpu_dropout) = {.forward = forward, .backward = backward};
