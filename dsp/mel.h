// SPDX-License-Identifier: GPL-3.0-or-later
// Mel bands, and the fixed numbers of the front end that every model shares.
#ifndef NM_DSP_MEL_H
#define NM_DSP_MEL_H

#include "dsp/base/status.h"

enum {
  NM_RATE_HZ = 24000,   // sample rate of all features
  NM_LEN_FRAME = 1024,  // samples under the window, and size of the transform
  NM_LEN_HOP = 256,     // samples from frame to frame: 93.75 frames/s
  NM_N_BINS = 513,      // NM_LEN_FRAME / 2 + 1
  NM_N_MELS = 80,       // bands
  NM_MEL_MAX_HZ = 12000 // upper edge of the last band; the first starts at 0
};

// The smallest band amplitude: log-mel values are at least ln of it.
#define NM_MEL_FLOOR 1e-4f

// The mel scale of HTK: 2595 log10(1 + f / 700), and its inverse.
double nm_mel_from_hz(double f_hz);
double nm_mel_to_hz(double mel);

// A bank of triangular bands, evenly spaced in mel, each at least one bin wide on either side, weights
// summing to one. Constant after new: any number of threads may use one.
typedef struct NmMel NmMel;

// `n_bands` bands between min_hz and max_hz (0 <= min_hz < max_hz <= rate_hz / 2) over the n_fft / 2 + 1 bins
// of a transform. NULL when memory is out or an argument is not allowed.
NmMel *nm_mel_new(double rate_hz, int n_fft, int n_bands, double min_hz, double max_hz);
void nm_mel_free(NmMel *mel);

int nm_mel_get_n_bands(const NmMel *mel);
double nm_mel_get_centre_hz(const NmMel *mel, int band);

// bands[b] = sum_k weight[b, k] magnitude[k]. magnitude [n_bins], bands [n_bands]. They must not overlap.
void nm_mel_apply(const NmMel *mel, const float *magnitude, float *bands);

// As nm_mel_apply, then the natural logarithm of max(band, NM_MEL_FLOOR).
void nm_mel_apply_log(const NmMel *mel, const float *magnitude, float *log_bands);

// The way back, from the front end's bands to bins: linear between the centres of neighbouring bands in Hz,
// constant outside. Bin k has (1 - weight) of band `band` and weight of `band + 1`, 0 <= band < NM_N_MELS
// - 1.
typedef struct {
  int32_t band;
  float weight;
} NmMelTap;

void nm_mel_interpolation(NmMelTap taps[NM_N_BINS]);

#endif
