// SPDX-License-Identifier: GPL-3.0-or-later
// Real Fourier transforms of one size (FFTW, single precision, estimated plans: a measured plan would make
// the bytes of a result depend on timing). Spectra are interleaved: n / 2 + 1 bins of (real, imaginary).
#ifndef NM_DSP_FFT_H
#define NM_DSP_FFT_H

#include "dsp/base/status.h"

// Owns its scratch, shares its plans with all transforms of the same size. One thread at a time per object;
// objects on different threads are independent.
typedef struct NmFft NmFft;

// A transform of `n` samples, n >= 2 and even. NULL when memory is out or n is not allowed. Any thread.
NmFft *nm_fft_new(int n);
void nm_fft_free(NmFft *fft);

// Samples and bins (n / 2 + 1).
int nm_fft_get_n(const NmFft *fft);
int nm_fft_get_n_bins(const NmFft *fft);

// spectrum[k] = sum_i x[i] exp(-2 pi j i k / n). x [n], spectrum [n_bins, 2]; they may overlap.
void nm_fft_forward(NmFft *fft, const float *x, float *spectrum);

// The inverse, scaled by 1 / n, so that it undoes nm_fft_forward. The imaginary parts of the first and last
// bins are taken as 0. They may overlap.
void nm_fft_inverse(NmFft *fft, const float *spectrum, float *x);

// power[k] = |spectrum[k]|^2 of x. power [n_bins].
void nm_fft_power(NmFft *fft, const float *x, float *power);

// Transforms a real, even sequence given by its first half to its real, even spectrum: both [n_bins]. Not
// scaled; twice in a row multiplies by n.
void nm_fft_even(NmFft *fft, const float *half, float *out);

#endif
