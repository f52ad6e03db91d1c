// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/kernel.h"

#include <math.h>
#include <stdlib.h>

#include "models/emotion/solve.h"

// How much a difference in each group of columns counts; chosen by cross-validation on the training clips.
static const struct {
  int first, n;
  float weight;
} groups[] = {{NM_STEP_MEAN, 80, 3},
              {NM_STEP_SPREAD, 80, 1},
              {NM_STEP_FLUX, 40, 3},
              {NM_STEP_SHAPE, 20, 3},
              {NM_STEP_MODULATION, 90, 1},
              {NM_STEP_RHYTHM, 17, 9},
              {NM_STEP_ONSETS, 6, 9},
              {NM_STEP_HARMONY, 21, 3},
              {NM_STEP_PLAIN + NM_STEP_MEAN, 80, .33f},
              {NM_STEP_PLAIN + NM_STEP_SPREAD, 120, 1},
              {NM_STEP_PLAIN + NM_STEP_SHAPE, 20, .33f},
              {NM_STEP_PLAIN + NM_STEP_MODULATION, 90, .11f},
              {NM_STEP_PLAIN + NM_STEP_RHYTHM, 17, .33f},
              {NM_STEP_PLAIN + NM_STEP_ONSETS, 6, 3},
              {NM_STEP_PLAIN + NM_STEP_HARMONY, 21, 1},
              {2 * NM_STEP_PLAIN, NM_GLOBAL_TONAL, 1}};

// The exponent's weight of each column, NM_KERNEL_WIDTH in all.
static void fill_weights(float weights[NM_GLOBAL])
{
  float sum = 0;
  for (size_t g = 0; g < sizeof groups / sizeof *groups; ++g)
    for (int i = groups[g].first; i < groups[g].first + groups[g].n; ++i)
      sum += weights[i] = groups[g].weight;
  for (int i = 0; i < NM_GLOBAL; ++i) weights[i] *= (float)NM_KERNEL_WIDTH / sum;
}

static double likeness(const float *weights, const float *a, const float *b)
{
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int i = 0; i < NM_GLOBAL; ++i) sum += weights[i] * (a[i] - b[i]) * (a[i] - b[i]);
  return exp(-sqrt(sum));
}

NmStatus nm_kernel_fit(const float *centres, const float *labels, int64_t n, float *weights, NmError *err)
{
  float w[NM_GLOBAL];
  double *a = calloc((size_t)(n * n), sizeof *a), *b = calloc((size_t)(NM_KERNEL_OUT * n), sizeof *b);
  fill_weights(w);
  NmStatus status = a && b ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int64_t i = 0; i < n && status == NM_OK; ++i) {
    for (int64_t k = 0; k <= i; ++k)
      a[i * n + k] =
          likeness(w, centres + i * NM_GLOBAL, centres + k * NM_GLOBAL) + (i == k) * NM_KERNEL_PENALTY;
    for (int64_t d = i * NM_KERNEL_OUT; d < (i + 1) * NM_KERNEL_OUT; ++d) b[d] = labels[d];
  }
  if (status == NM_OK && !nm_cholesky_factor(a, n))
    status = nm_error_set(err, NM_ERR_BAD_DATA, "the training clips' measures are not numbers");
  if (status == NM_OK) nm_cholesky_solve(a, n, b, NM_KERNEL_OUT);
  for (int64_t i = 0; i < NM_KERNEL_OUT * n && status == NM_OK; ++i) weights[i] = (float)b[i];
  free(a);
  free(b);
  return status;
}

void nm_kernel_predict(const NmKernelMachine *machine, const float *global, float out[NM_KERNEL_OUT])
{
  double sum[NM_KERNEL_OUT];
  float w[NM_GLOBAL];
  fill_weights(w);
  for (int d = 0; d < NM_KERNEL_OUT; ++d) sum[d] = machine->mean[d];
  for (int64_t i = 0; i < machine->n; ++i) {
    const double k = likeness(w, machine->centres + i * NM_GLOBAL, global);
    for (int d = 0; d < NM_KERNEL_OUT; ++d) sum[d] += k * machine->weights[NM_KERNEL_OUT * i + d];
  }
  for (int d = 0; d < NM_KERNEL_OUT; ++d) out[d] = (float)sum[d];
}
