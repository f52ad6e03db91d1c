// SPDX-License-Identifier: GPL-3.0-or-later
// Elementary functions over arrays, in a form that compilers vectorise: the C library's are scalar.
#ifndef NM_DSP_VECTOR_H
#define NM_DSP_VECTOR_H

#include <stdint.h>

// y[i] = ln x[i], x[i] > 0, normal and finite; relative error below 2e-7. In place is fine.
void nm_vector_log(const float *x, float *y, int64_t n);

// y[i] = exp x[i], |x[i]| <= 87; relative error below 3e-7. In place is fine.
void nm_vector_exp(const float *x, float *y, int64_t n);

// The dot product, summed in eight interleaved parts.
float nm_vector_dot(const float *a, const float *b, int64_t n);

#endif
