// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel ridge regression from what a stretch has in common to its mean valence and arousal: kernels about
// the training clips (Saunders, Gammerman, Vovk 1998) that fall off with the distance itself, Matern's of
// order one half. Solved exactly; strong where there is little to learn from.
#ifndef NM_EMOTION_KERNEL_H
#define NM_EMOTION_KERNEL_H

#include "dsp/base/status.h"
#include "models/emotion/features.h"

// The kernel of two normalised globals: exp(-sqrt(width sum w (a - b)^2 / sum w)), where groups of columns
// weigh differently.
#define NM_KERNEL_WIDTH 0.3
#define NM_KERNEL_PENALTY 0.1

enum { NM_KERNEL_OUT = 4 }; // valence and arousal now, and of the whole

typedef struct {
  int64_t n;
  const float *centres;      // [n, NM_GLOBAL], normalised
  const float *weights;      // [n, NM_KERNEL_OUT]
  float mean[NM_KERNEL_OUT]; // of the labels
} NmKernelMachine;

// Weights [n, NM_KERNEL_OUT] for centres [n, NM_GLOBAL] and their labels [n, NM_KERNEL_OUT] less their mean.
NmStatus nm_kernel_fit(const float *centres, const float *labels, int64_t n, float *weights,
                       NmError *err) NM_NODISCARD;

// What the labels of normalised globals [NM_GLOBAL] should be.
void nm_kernel_predict(const NmKernelMachine *machine, const float *global, float out[NM_KERNEL_OUT]);

#endif
