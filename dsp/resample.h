// SPDX-License-Identifier: GPL-3.0-or-later
// Sample rate conversion by windowed sinc (libsamplerate), without delay and with an exact output length.
#ifndef NM_DSP_RESAMPLE_H
#define NM_DSP_RESAMPLE_H

#include <stdbool.h>

#include "dsp/base/status.h"

typedef enum {
  NM_RESAMPLE_MEDIUM, // 121 dB, passes 90 % of the band: for features and listening
  NM_RESAMPLE_BEST    // 145 dB, passes 97 %: for files that are kept
} NmResampleQuality;

// One mono stream. One thread at a time.
typedef struct NmResampler NmResampler;

// Both rates >= 1 Hz and their ratio within 1/256 to 256, or NULL; NULL also when memory is out.
NmResampler *nm_resampler_new(double rate_in_hz, double rate_out_hz, NmResampleQuality quality);
void nm_resampler_free(NmResampler *rs);

// Whether nm_resampler_new takes these rates.
bool nm_resampler_allows(double rate_in_hz, double rate_out_hz);

// Samples that n input samples become: round(n * rate_out / rate_in).
int64_t nm_resampler_get_n_out(const NmResampler *rs, int64_t n);

// Streaming: takes up to n samples and writes up to `capacity`; *n_taken tells how many were used (all,
// unless capacity was reached). Output sample i stands at the same time as input i * rate_in / rate_out: what
// a sample needs of the future is waited for, so that output comes late but not shifted. Returns the samples
// written.
int64_t nm_resampler_push(NmResampler *rs, const float *x, int64_t n, int64_t *n_taken, float *out,
                          int64_t capacity);

// The rest, so that the whole stream has exactly nm_resampler_get_n_out samples; call until it returns 0,
// then the stream starts anew.
int64_t nm_resampler_finish(NmResampler *rs, float *out, int64_t capacity);

// Forgets the stream.
void nm_resampler_reset(NmResampler *rs);

// A whole signal: x [n] to out [nm_resampler_get_n_out(n)].
void nm_resampler_run(NmResampler *rs, const float *x, int64_t n, float *out);

#endif
