// SPDX-License-Identifier: GPL-3.0-or-later
// The least and greatest samples of stretches of sound, so that a waveform is drawn as fast from afar as from
// near.
#ifndef NM_UI_VIEWS_PEAKS_H
#define NM_UI_VIEWS_PEAKS_H

#include <stdint.h>

typedef struct {
  float low, high;
} NmPeak;

typedef struct NmPeaks NmPeaks;

// Of samples [n], which must stay; NULL when memory is out. Any number of threads may read it.
NmPeaks *nm_peaks_new(const float *samples, int64_t n);
void nm_peaks_free(NmPeaks *peaks);

// Of samples [from, to), cut to those there are; {0, 0} for none. Looks at about a hundred values at most; a
// long stretch may be widened by less than a sixteenth of it.
NmPeak nm_peaks_get(const NmPeaks *peaks, int64_t from, int64_t to);

#endif
