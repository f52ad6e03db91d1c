// SPDX-License-Identifier: GPL-3.0-or-later
// How near sound comes to a recording of the same frames: the numbers of the model cards.
#ifndef NM_SPEECH_MEASURE_H
#define NM_SPEECH_MEASURE_H

#include <stdbool.h>

#include "dsp/base/status.h"

// Means over what was added.
typedef struct {
  int64_t n_frames;     // compared
  double distortion_db; // mel-cepstral distortion, 10 / ln 10 sqrt(2 sum_{m=1..13} (c_m - c'_m)^2) (Kubichek
                        // 1993), c the cosine transform of ln mel amplitudes, so that c_m is that of ln |H|
  double f0_cents;      // rms difference of f0 where both are voiced and less than 200 cents apart
  double f0_cents_median; // median of the magnitude of the difference where both are voiced
  double f0_gross;        // share of frames voiced in both that are 200 cents or more apart
  double voicing_error;   // share of frames voiced in one only
  // Mean of FFT sizes 2048, 1024, 512, 256 (Yamamoto et al. 2020): spectral convergence, and the mean
  // |difference| of ln magnitudes.
  double stft_convergence, stft_log;
} NmSoundDistance;

typedef struct NmMeasure NmMeasure;

// NULL when memory is out. One thread at a time.
NmMeasure *nm_measure_new(void);
void nm_measure_free(NmMeasure *measure);

// Compares n samples at 24 kHz. spoken [n / 256]: the frames that count for the distortion, or NULL for all.
// NM_ERR_NO_MEMORY.
NmStatus nm_measure_add(NmMeasure *measure, const float *recording, const float *sound, int64_t n,
                        const bool *spoken) NM_NODISCARD;

// Zeros before anything was added.
NmSoundDistance nm_measure_get(NmMeasure *measure);

#endif
