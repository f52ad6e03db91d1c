// SPDX-License-Identifier: GPL-3.0-or-later
// All that the recording callback touches, and its work itself. Apart from the recorder, so that tests can
// run it without a device.
#ifndef NM_DSP_RECORDER_CORE_H
#define NM_DSP_RECORDER_CORE_H

#include <stdatomic.h>

#include "dsp/base/ring.h"

typedef struct {
  NmRing *ring;          // of samples: float; written by the callback
  int n_channels_device; // of the callback's frames
  _Atomic int64_t n_lost;
} NmRecorderCore;

// Takes n frames [n, n_channels_device], or silence when `frames` is NULL. Real time: any n, no waiting.
void nm_recorder_core_process(NmRecorderCore *core, const float *frames, int64_t n);

#endif
