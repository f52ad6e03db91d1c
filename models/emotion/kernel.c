// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/kernel.h"

#include <math.h>
#include <stdlib.h>

#include "models/emotion/solve.h"

static double likeness(const float *a, const float *b)
{
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int i = 0; i < NM_GLOBAL; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return exp(-NM_KERNEL_WIDTH / NM_GLOBAL * sum);
}

NmStatus nm_kernel_fit(const float *centres, const float *labels, int64_t n, float *weights, NmError *err)
{
  double *a = calloc((size_t)(n * n), sizeof *a), *b = calloc((size_t)(NM_KERNEL_OUT * n), sizeof *b);
  NmStatus status = a && b ? NM_OK : nm_error_set(err, NM_ERR_NO_MEMORY, "out of memory");
  for (int64_t i = 0; i < n && status == NM_OK; ++i) {
    for (int64_t k = 0; k <= i; ++k)
      a[i * n + k] =
          likeness(centres + i * NM_GLOBAL, centres + k * NM_GLOBAL) + (i == k) * NM_KERNEL_PENALTY;
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
  for (int d = 0; d < NM_KERNEL_OUT; ++d) sum[d] = machine->mean[d];
  for (int64_t i = 0; i < machine->n; ++i) {
    const double k = likeness(machine->centres + i * NM_GLOBAL, global);
    for (int d = 0; d < NM_KERNEL_OUT; ++d) sum[d] += k * machine->weights[NM_KERNEL_OUT * i + d];
  }
  for (int d = 0; d < NM_KERNEL_OUT; ++d) out[d] = (float)sum[d];
}
