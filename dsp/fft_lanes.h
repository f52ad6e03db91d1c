// SPDX-License-Identifier: GPL-3.0-or-later
// Sixteen real Fourier transforms of 1024 samples side by side, one in each lane of the processor's vectors:
// row i of an array holds sample (or bin) i of all of them. Three rounds of radix 8 over 512 complex numbers.
#ifndef NM_DSP_FFT_LANES_H
#define NM_DSP_FFT_LANES_H

#include <stdint.h>

enum { NM_LANES = 16, NM_LANES_N = 1024, NM_LANES_N_BINS = NM_LANES_N / 2 + 1 };

// Tables; immutable once made, for any number of threads.
typedef struct {
  float cosine[NM_LANES_N], sine[NM_LANES_N]; // of -2 pi i / 1024
} NmLanesFft;

void nm_lanes_fft_init(NmLanesFft *fft);

// re[k] + j im[k] = sum_i x[i] exp(-2 pi j i k / 1024). x [1024, 16] is lost, work [1024, 16]; re and im
// [513, 16]. Arrays must not overlap and are aligned to 64 bytes.
void nm_lanes_fft_forward(const NmLanesFft *fft, float *x, float *work, float *re, float *im);

// The inverse times 1024: x [1024, 16] of re and im [513, 16]. The imaginary parts of the first and the last
// bin are taken as 0. work [1024, 16].
void nm_lanes_fft_inverse(const NmLanesFft *fft, const float *re, const float *im, float *work, float *x);

// Columns from rows: to[i, l] = from[l][i] for i < n, a multiple of 16; and back: to[l][i] = from[i, l].
void nm_lanes_load(const float *const from[NM_LANES], int n, float *to);
void nm_lanes_store(const float *from, int n, float *const to[NM_LANES]);

#endif
