// SPDX-License-Identifier: GPL-3.0-or-later
// A look-ahead limiter for stereo: no peak gets past the ceiling, also between samples (four times
// oversampled, as BS.1770-4, annex 2, measures true peaks). Below the ceiling samples pass unchanged.
#ifndef NM_DSP_LIMITER_H
#define NM_DSP_LIMITER_H

#include "dsp/base/status.h"

// One thread at a time per object.
typedef struct NmLimiter NmLimiter;

// ceiling > 0, full scale being 1. NULL when memory is out.
NmLimiter *nm_limiter_new(double rate_hz, double ceiling);
void nm_limiter_free(NmLimiter *limiter);

// Frames by which what comes out is later than what goes in.
int64_t nm_limiter_get_delay(const NmLimiter *limiter);

// n frames [n, 2], in place. The gain falls before a peak within 5 ms and rises after it with a time constant
// of 80 ms; both channels share it. The same sound whatever it is cut into. Never allocates.
void nm_limiter_process(NmLimiter *limiter, float *frames, int64_t n);

#endif
