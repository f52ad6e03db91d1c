// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/base/clones.h"
#include "models/emotion/solve.h"

#define SCALE 1.36e-4
#define JITTER 1e-6 // of two clips that are the same

// How much a difference in each group of columns counts for valence and for arousal; chosen by
// cross-validation on the training clips.
typedef struct {
  int first, n;
  float weight[2];
} Group;

#define DEVIATION(column) (NM_GLOBAL_DEVIATION + (column))
#define MOVEMENT(column) (NM_GLOBAL_MOVEMENT + (column))

static const Group groups[] = {{NM_STEP_MEAN, 80, {3, 3}},
                               {NM_STEP_SPREAD, 80, {1, 1}},
                               {NM_STEP_FLUX, 40, {3, 3}},
                               {NM_STEP_SHAPE, 20, {3, 1.5f}},
                               {NM_STEP_MODULATION, 90, {1, 1}},
                               {NM_STEP_RHYTHM, 17, {9, 9}},
                               {NM_STEP_ONSETS, 2, {9, 9}},
                               {NM_STEP_ENERGY, 4, {9, 18}},
                               {NM_STEP_HARMONY, 21, {3, 3}},
                               {DEVIATION(NM_STEP_MEAN), 80, {.33f, .33f}},
                               {DEVIATION(NM_STEP_SPREAD), 120, {1, 1}},
                               {DEVIATION(NM_STEP_ONSETS), 6, {3, 3}},
                               {DEVIATION(NM_STEP_HARMONY), 21, {1, 1}},
                               {NM_GLOBAL_KEY, 12, {1, .5f}},
                               {NM_GLOBAL_KEY + 12, 3, {1, 1}},
                               {NM_GLOBAL_KEY + 15, 12, {1, .5f}},
                               {NM_GLOBAL_KEY + 27, 6, {1, 1}},
                               {NM_GLOBAL_TRIADS, NM_TRIADS_MEASURES, {4, 0}},
                               {MOVEMENT(NM_MOVEMENT_SKEWNESS), NM_MOVEMENT_BANDS, {0, 2}},
                               {MOVEMENT(NM_MOVEMENT_MEDIAN), NM_MOVEMENT_BANDS, {2, 2}},
                               {MOVEMENT(NM_MOVEMENT_ONSETS_LOW), 2 * NM_MOVEMENT_LAGS, {2, 0}}};
enum { N_GROUPS = sizeof groups / sizeof *groups };

void nm_kernel_pack(const float *global, float *packed)
{
  for (int g = 0; g < N_GROUPS; ++g) {
    memcpy(packed, global + groups[g].first, (size_t)groups[g].n * sizeof *packed);
    packed += groups[g].n;
  }
}

// The exponent's weight of each column.
typedef struct {
  float of[2][NM_KERNEL_COLUMNS];
} Weights;

static void fill_weights(Weights *w)
{
  int at = 0;
  for (int g = 0; g < N_GROUPS; ++g)
    for (int i = 0; i < groups[g].n; ++i, ++at)
      for (int d = 0; d < 2; ++d) w->of[d][at] = (float)SCALE * groups[g].weight[d];
}

NM_CLONES static void measure_distances(const Weights *w, const float *a, const float *b, float distances[2])
{
  float valence = 0, arousal = 0;
#pragma omp simd reduction(+ : valence, arousal)
  for (int i = 0; i < NM_KERNEL_COLUMNS; ++i) {
    const float square = (a[i] - b[i]) * (a[i] - b[i]);
    valence += w->of[0][i] * square;
    arousal += w->of[1][i] * square;
  }
  distances[0] = valence;
  distances[1] = arousal;
}

static void compare(const Weights *w, const float *a, const float *b, double likeness[2])
{
  float distances[2];
  measure_distances(w, a, b, distances);
  for (int d = 0; d < 2; ++d) likeness[d] = exp(-sqrt(distances[d]));
}

// All of a fit for one target, 0 valence and 1 arousal.
typedef struct {
  const NmKernelLessons *lessons;
  Weights weights;
  int target;
  double *likeness; // [n_centres, n]
  double *a;        // [n_centres, n_centres], the lower triangle
  double *b;        // [n_centres, 2], now and the whole
} Fit;

static void fill_likeness(void *ctx, int64_t i, int worker)
{
  Fit *f = ctx;
  double both[2];
  for (int64_t k = 0; k < f->lessons->n; ++k) {
    compare(&f->weights, f->lessons->clips + i * NM_KERNEL_COLUMNS, f->lessons->clips + k * NM_KERNEL_COLUMNS,
            both);
    f->likeness[i * f->lessons->n + k] = both[f->target];
  }
}

NM_CLONES static double multiply(const double *x, const double *y, int64_t n)
{
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += x[i] * y[i];
  return sum;
}

// Row i of K K^T + penalty K', and of K y, where K' are the centres' likenesses to each other.
static void fill_equation(void *ctx, int64_t i, int worker)
{
  Fit *f = ctx;
  const int64_t n = f->lessons->n, n_centres = f->lessons->n_centres;
  const double *row = f->likeness + i * n;
  for (int64_t k = 0; k <= i; ++k)
    f->a[i * n_centres + k] =
        multiply(row, f->likeness + k * n, n) + NM_KERNEL_PENALTY * (row[k] + (i == k) * JITTER);
  for (int d = 0; d < 2; ++d) {
    f->b[2 * i + d] = 0;
    for (int64_t k = 0; k < n; ++k)
      f->b[2 * i + d] += row[k] * f->lessons->labels[k * NM_KERNEL_OUT + 2 * d + f->target];
  }
}

static bool solve(NmPool *pool, Fit *f, int target, float *weights)
{
  const int64_t n = f->lessons->n_centres;
  f->target = target;
  nm_pool_run(pool, n, fill_likeness, f);
  nm_pool_run(pool, n, fill_equation, f);
  if (!nm_cholesky_factor(f->a, n)) return false;
  nm_cholesky_solve(f->a, n, f->b, 2);
  for (int64_t i = 0; i < 2 * n; ++i) weights[2 * i + target] = (float)f->b[i];
  return true;
}

NmStatus nm_kernel_fit(NmPool *pool, const NmKernelLessons *lessons, float *weights, NmError *err)
{
  const size_t n = (size_t)lessons->n_centres;
  Fit f = {.lessons = lessons,
           .likeness = malloc((n * (size_t)lessons->n + 1) * sizeof(double)),
           .a = malloc((n * n + 1) * sizeof(double)),
           .b = malloc((2 * n + 1) * sizeof(double))};
  NmStatus status = f.likeness && f.a && f.b ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  fill_weights(&f.weights);
  for (int d = 0; d < 2 && status == NM_OK; ++d)
    if (!solve(pool, &f, d, weights))
      status = nm_error_set(err, NM_ERR_BAD_DATA, "the training clips' measures are not numbers");
  free(f.likeness);
  free(f.a);
  free(f.b);
  return status;
}

void nm_kernel_predict(const NmKernelMachine *machine, const float *global, float out[NM_KERNEL_OUT])
{
  double sum[NM_KERNEL_OUT], likeness[2];
  float packed[NM_KERNEL_COLUMNS];
  Weights w;
  fill_weights(&w);
  nm_kernel_pack(global, packed);
  for (int d = 0; d < NM_KERNEL_OUT; ++d) sum[d] = machine->mean[d];
  for (int64_t i = 0; i < machine->n; ++i) {
    compare(&w, machine->centres + i * NM_KERNEL_COLUMNS, packed, likeness);
    for (int d = 0; d < NM_KERNEL_OUT; ++d)
      sum[d] += likeness[d % 2] * machine->weights[NM_KERNEL_OUT * i + d];
  }
  for (int d = 0; d < NM_KERNEL_OUT; ++d) out[d] = (float)sum[d];
}
