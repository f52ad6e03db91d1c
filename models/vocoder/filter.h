// SPDX-License-Identifier: GPL-3.0-or-later
// Source-filter synthesis of some frames at once, without a graph: what nm_vocoder_synthesis defines, for
// inference.
#ifndef NM_VOCODER_FILTER_H
#define NM_VOCODER_FILTER_H

#include "models/vocoder/network.h"

enum { NM_FILTER_N = 16 }; // frames that are filtered side by side

typedef struct NmFilter NmFilter;

// Up to NM_FILTER_N neighbouring frames. Sources start half a window before the first frame's centre.
typedef struct {
  int n;
  const float *envelope;       // [n, 80]
  const float *heads;          // [n, 3, 513]
  const float *pulses, *noise; // [(n + 3) hop]
  bool voiced[NM_FILTER_N];    // pulses are heard
} NmFilterFrames;

// Scratch of one thread. NULL when memory is out.
NmFilter *nm_filter_new(void);
void nm_filter_free(NmFilter *filter);

// Adds the frames, filtered and windowed, to out [(n + 3) hop], which starts where the sources do. A frame
// sounds the same whatever stands beside it.
void nm_filter_run(NmFilter *filter, const NmFilterFrames *frames, float *out);

// Unit-power white noise, sample i of stream `seed` (uniform: after filtering it sounds as Gaussian noise
// does).
void nm_filter_noise(uint64_t seed, int64_t n, float *samples);

#endif
