// SPDX-License-Identifier: GPL-3.0-or-later
// How a listener goes on within a piece: a learned mix of what the model says and of what the listener said
// so far, whose weights change with the time since. One dimension (valence or arousal) at a time.
#ifndef NM_EMOTION_LISTENER_MIX_H
#define NM_EMOTION_LISTENER_MIX_H

#include <stdbool.h>
#include <stdint.h>

enum { NM_MIX_SAID = 7, NM_MIX_FADES = 3, NM_MIX_N = 46 };

// What was said over the annotated part, and what the model said over it.
typedef struct {
  float said[NM_MIX_SAID]; // mean, last, means that weigh the past down over 2, 6 and 15 s, median, change
                           // over the last 4 s
  float spread;            // deviation of what was said
  float model_mean, model_last;
} NmMixState;

// Of n >= 1 values y and the model's c, `stride` floats apart, each `seconds` long. `scratch` [n].
void nm_mix_summarise(const float *y, const float *c, int64_t n, int64_t stride, double seconds,
                      float *scratch, NmMixState *state);

// The mix's inputs [NM_MIX_N] for a moment `after_s` seconds after the annotated part, where the model says
// c.
void nm_mix_describe(const NmMixState *state, float c, double after_s, float *out);

// The mix itself.
float nm_mix_apply(const NmMixState *state, const float *weights, float c, double after_s);

#endif
