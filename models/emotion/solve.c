// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/emotion/solve.h"

#include <math.h>
#include <stdlib.h>

static double dot(const double *a, const double *b, int64_t n)
{
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

bool nm_cholesky_factor(double *a, int64_t n)
{
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t k = 0; k < i; ++k)
      a[i * n + k] = (a[i * n + k] - dot(a + i * n, a + k * n, k)) / a[k * n + k];
    const double rest = a[i * n + i] - dot(a + i * n, a + i * n, i);
    if (!(rest > 0)) return false;
    a[i * n + i] = sqrt(rest);
  }
  return true;
}

void nm_cholesky_solve(const double *L, int64_t n, double *b, int64_t n_columns)
{
  for (int64_t c = 0; c < n_columns; ++c) {
    for (int64_t i = 0; i < n; ++i) {
      double sum = b[i * n_columns + c];
      for (int64_t k = 0; k < i; ++k) sum -= L[i * n + k] * b[k * n_columns + c];
      b[i * n_columns + c] = sum / L[i * n + i];
    }
    for (int64_t i = n - 1; i >= 0; --i) {
      double sum = b[i * n_columns + c];
      for (int64_t k = i + 1; k < n; ++k) sum -= L[k * n + i] * b[k * n_columns + c];
      b[i * n_columns + c] = sum / L[i * n + i];
    }
  }
}

void nm_cholesky_invert(double *L, int64_t n)
{
  for (int64_t c = 0; c < n; ++c) {
    L[c * n + c] = 1 / L[c * n + c];
    for (int64_t i = c + 1; i < n; ++i) {
      double sum = 0;
      for (int64_t k = c; k < i; ++k) sum -= L[i * n + k] * L[k * n + c];
      L[i * n + c] = sum / L[i * n + i];
    }
  }
}

bool nm_ridge_fit(const float *x, const float *y, const float *w, int64_t n, int64_t n_in, int64_t n_out,
                  double penalty, double *weights)
{
  double *a = calloc((size_t)(n_in * n_in), sizeof *a);
  if (!a) return false;
  for (int64_t k = 0; k < n_in * n_out; ++k) weights[k] = 0;
  for (int64_t r = 0; r < n; ++r) {
    const float *row = x + r * n_in;
    const double weight = w ? w[r] : 1;
    for (int64_t i = 0; i < n_in; ++i) {
      const double xi = weight * row[i];
      for (int64_t k = 0; k <= i; ++k) a[i * n_in + k] += xi * row[k];
      for (int64_t k = 0; k < n_out; ++k) weights[i * n_out + k] += xi * y[r * n_out + k];
    }
  }
  for (int64_t i = 0; i < n_in; ++i) a[i * n_in + i] += penalty;
  const bool ok = nm_cholesky_factor(a, n_in);
  if (ok) nm_cholesky_solve(a, n_in, weights, n_out);
  free(a);
  return ok;
}
