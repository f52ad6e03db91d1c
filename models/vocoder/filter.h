// SPDX-License-Identifier: GPL-3.0-or-later
// One frame of source-filter synthesis, without a graph: what nm_vocoder_synthesis defines, for inference.
#ifndef NM_VOCODER_FILTER_H
#define NM_VOCODER_FILTER_H

#include "models/vocoder/network.h"

typedef struct NmFilter NmFilter;

// Transforms and scratch of one thread. NULL when memory is out.
NmFilter *nm_filter_new(void);
void nm_filter_free(NmFilter *filter);

// envelope [80], heads [3, 513] of one frame; pulses and noise [1024] around its centre -> out [1024],
// filtered, windowed and scaled so that overlapped frames add up. pulses NULL: an unvoiced frame.
void nm_filter_frame(NmFilter *filter, const float *envelope, const float *heads, const float *pulses,
                     const float *noise, float *out);

// Unit-power white noise, sample i of stream `seed` (uniform: after filtering it sounds as Gaussian noise
// does).
void nm_filter_noise(uint64_t seed, int64_t n, float *samples);

#endif
