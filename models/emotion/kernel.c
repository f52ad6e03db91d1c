// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/emotion/solve.h"

#define SCALE 1.36e-4
#define PENALTY 0.1

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

static void compare(const Weights *w, const float *a, const float *b, double likeness[2])
{
  float valence = 0, arousal = 0;
#pragma omp simd reduction(+ : valence, arousal)
  for (int i = 0; i < NM_KERNEL_COLUMNS; ++i) {
    const float square = (a[i] - b[i]) * (a[i] - b[i]);
    valence += w->of[0][i] * square;
    arousal += w->of[1][i] * square;
  }
  likeness[0] = exp(-sqrt(valence));
  likeness[1] = exp(-sqrt(arousal));
}

// The kernels of all pairs, and the penalty: a [2, n, n], the lower triangles.
static void fill_kernels(const float *centres, int64_t n, double *a)
{
  Weights w;
  double likeness[2];
  fill_weights(&w);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t k = 0; k <= i; ++k) {
      compare(&w, centres + i * NM_KERNEL_COLUMNS, centres + k * NM_KERNEL_COLUMNS, likeness);
      for (int d = 0; d < 2; ++d) a[(d * n + i) * n + k] = likeness[d] + (i == k) * PENALTY;
    }
}

// The labels of target d now and of the whole; b [n, 2].
static bool solve(double *a, const float *labels, int64_t n, int d, double *b, float *weights)
{
  if (!nm_cholesky_factor(a, n)) return false;
  for (int64_t i = 0; i < 2 * n; ++i) b[i] = labels[2 * i + d];
  nm_cholesky_solve(a, n, b, 2);
  for (int64_t i = 0; i < 2 * n; ++i) weights[2 * i + d] = (float)b[i];
  return true;
}

NmStatus nm_kernel_fit(const float *centres, const float *labels, int64_t n, float *weights, NmError *err)
{
  double *a = calloc((size_t)(2 * n * n), sizeof *a), *b = calloc((size_t)(2 * n), sizeof *b);
  NmStatus status = a && b ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  if (status == NM_OK) fill_kernels(centres, n, a);
  for (int d = 0; d < 2 && status == NM_OK; ++d)
    if (!solve(a + d * n * n, labels, n, d, b, weights))
      status = nm_error_set(err, NM_ERR_BAD_DATA, "the training clips' measures are not numbers");
  free(a);
  free(b);
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
