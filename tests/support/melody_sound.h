// SPDX-License-Identifier: GPL-3.0-or-later
// A sound for tests of what music feels like: two plucked notes a second, soft at first, loud from second 20
// on.
#ifndef NM_TESTS_MELODY_SOUND_H
#define NM_TESTS_MELODY_SOUND_H

#include <stdint.h>

enum { NM_MELODY_SOUND_SECONDS = 40 };

// Interleaved channels [*n, n_channels], a little longer than NM_MELODY_SOUND_SECONDS; freed by the caller.
float *make_melody_sound(int rate_hz, int n_channels, int64_t *n);

#endif
