// SPDX-License-Identifier: GPL-3.0-or-later
// A plain instrument: a soft tone of a few partials, struck and then held, that begins and ends without a
// click.
#ifndef NM_DSP_TONE_H
#define NM_DSP_TONE_H

#include <stdint.h>

#define NM_TONE_ATTACK_S 0.008
#define NM_TONE_RELEASE_S 0.06

typedef struct {
  double rate_hz;
  double f0_hz;   // > 0
  double peak;    // the tone stays within +-peak
  int64_t n_held; // samples from the onset to where it begins to fade
} NmTone;

// Samples of a tone from its onset until it is silent: n_held and the release.
int64_t nm_tone_get_len(const NmTone *tone);

// Adds samples [from, from + n) of the tone to out [n]; sample 0 is the onset, and outside of its length it
// is silent. The same samples whatever they are cut into. Any thread; never allocates. The partials, k = 1
// ... 8 below 0.45 rate_hz, have amplitudes k^-1.6 and decay exponentially with time constants 1.6 / k s;
// attack and release are raised cosines.
void nm_tone_add(const NmTone *tone, int64_t from, float *out, int64_t n);

#endif
