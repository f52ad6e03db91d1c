// SPDX-License-Identifier: GPL-3.0-or-later
// Which triads a stretch of music stands on: how much each of the 24 major and minor ones, counted from the
// tonic up, is like the chroma of each half second.
#ifndef NM_EMOTION_TRIADS_H
#define NM_EMOTION_TRIADS_H

#include <stdint.h>

enum {
  NM_TRIADS = 24, // major ones on the tonic and the eleven degrees above, then minor ones
  // Their shares; then how often the likeliest changes, the share of major ones, what the likeliest holds of
  // the chroma, and the entropy (nats) of a half second's shares.
  NM_TRIADS_MEASURES = NM_TRIADS + 4
};

// One thread at a time per object.
typedef struct {
  double shares[NM_TRIADS], major, held, entropy; // sums
  int64_t n, n_changes;
  int last; // the likeliest of the half second before
} NmTriads;

void nm_triads_init(NmTriads *triads);
// A half second's chroma [12], class 0 is C, and the tonic's class. The shares are a softmax of what each
// triad's three classes hold, twenty times.
void nm_triads_add(NmTriads *triads, const float *chroma, int tonic);
// Means over what was added, out [NM_TRIADS_MEASURES]; zeros when there was nothing.
void nm_triads_measure(const NmTriads *triads, float *out);

#endif
