// SPDX-License-Identifier: GPL-3.0-or-later
// Loudness as people hear it: K-weighted, gated, in LUFS (ITU-R BS.1770-4).
#ifndef NM_DSP_LOUDNESS_H
#define NM_DSP_LOUDNESS_H

#include <stdint.h>

enum { NM_LOUDNESS_BINS = 800, NM_LOUDNESS_CHANNELS_MAX = 2 };

// In place, in constant memory: blocks are sorted into bins a tenth of a unit wide. One thread at a time.
typedef struct {
  int n_channels;
  int32_t n_step, n_in_step; // frames of a tenth of a second, and those so far
  double filters[2][5];      // b0 b1 b2 a1 a2
  double states[NM_LOUDNESS_CHANNELS_MAX][4];
  double steps[4]; // energy of the last tenths of a second
  int64_t n_steps;
  int64_t counts[NM_LOUDNESS_BINS]; // of blocks of 0.4 s, above -70 LUFS
  double energies[NM_LOUDNESS_BINS];
} NmLoudness;

// rate_hz of 8000 or more, one or two channels.
void nm_loudness_init(NmLoudness *loudness, double rate_hz, int n_channels);

// Hears frames [n, n_channels]; the same whatever they are cut into. Never allocates.
void nm_loudness_process(NmLoudness *loudness, const float *frames, int64_t n);

// Integrated loudness of all so far; -INFINITY when nothing was above -70 LUFS for 0.4 s.
double nm_loudness_get_lufs(const NmLoudness *loudness);

#endif
