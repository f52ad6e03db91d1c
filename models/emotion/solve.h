// SPDX-License-Identifier: GPL-3.0-or-later
// Least squares by Cholesky's factors, in double.
#ifndef NM_EMOTION_SOLVE_H
#define NM_EMOTION_SOLVE_H

#include <stdbool.h>
#include <stdint.h>

// Symmetric positive definite a [n, n] (the lower triangle is read) to its lower factor in place, L L^T = a.
// False when it is not positive definite.
bool nm_cholesky_factor(double *a, int64_t n);
// Solves L L^T x = b in place, b [n, n_columns].
void nm_cholesky_solve(const double *factor, int64_t n, double *b, int64_t n_columns);
// The inverse of a lower factor, lower too, in place.
void nm_cholesky_invert(double *factor, int64_t n);

// Ridge regression: weights [n_in, n_out] that make the sum over rows of w (x weights - y)^2 + penalty
// |weights|^2 least. x [n, n_in], y [n, n_out], w [n] or NULL for ones. False when memory is out or the
// columns depend on each other.
bool nm_ridge_fit(const float *x, const float *y, const float *w, int64_t n, int64_t n_in, int64_t n_out,
                  double penalty, double *weights);

#endif
