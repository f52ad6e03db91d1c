// SPDX-License-Identifier: GPL-3.0-or-later
// What a listener is, for the files that make, keep and apply one.
#ifndef NM_EMOTION_LISTENER_STATE_H
#define NM_EMOTION_LISTENER_STATE_H

#include "models/emotion/features.h"
#include "models/emotion/listener.h"
#include "models/emotion/listener_mix.h"

enum { NM_LISTENER_BANDS = 20 };

struct NmListener {
  char model_hash[NM_EMOTION_HASH_SIZE];
  int32_t n_skipped, n;                   // steps of the sound before what is kept, and kept
  float drawn[NM_LISTENER_STEPS_MAX * 2]; // [n, 2]
  // The sound it was drawn over, so that it is known again: mean log-mel of four bands each, in tenths.
  int8_t sound[NM_LISTENER_STEPS_MAX * NM_LISTENER_BANDS]; // [n, NM_LISTENER_BANDS]
  NmMixState state[2];
  float weights[2][NM_MIX_N];
};

// A step's measures [NM_STEP] as `sound` keeps them.
void nm_listener_print_sound(const float *measures, int8_t sound[NM_LISTENER_BANDS]);

#endif
