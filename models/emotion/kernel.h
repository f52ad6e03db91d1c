// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel ridge regression from what a stretch has in common to its mean valence and arousal: Gaussian kernels
// about the training clips (Saunders, Gammerman, Vovk 1998). Solved exactly; strong where there is little to
// learn from.
#ifndef NM_EMOTION_KERNEL_H
#define NM_EMOTION_KERNEL_H

#include "dsp/base/status.h"
#include "models/emotion/features.h"

// The kernel of two normalised globals: exp(-width |a - b|^2 / NM_GLOBAL).
#define NM_KERNEL_WIDTH 0.3
#define NM_KERNEL_PENALTY 0.3

typedef struct {
  int64_t n;
  const float *centres; // [n, NM_GLOBAL], normalised
  const float *weights; // [n, 2]
  float mean[2];        // of the labels
} NmKernelMachine;

// Weights [n, 2] for centres [n, NM_GLOBAL] and their labels [n, 2] less their mean.
NmStatus nm_kernel_fit(const float *centres, const float *labels, int64_t n, float *weights,
                       NmError *err) NM_NODISCARD;

// Valence and arousal of normalised globals [NM_GLOBAL].
void nm_kernel_predict(const NmKernelMachine *machine, const float *global, float out[2]);

#endif
