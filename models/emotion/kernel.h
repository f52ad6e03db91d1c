// SPDX-License-Identifier: GPL-3.0-or-later
// Kernel ridge regression from what a stretch has in common to its mean valence and arousal: kernels about
// the training clips (Saunders, Gammerman, Vovk 1998) that fall off with the distance itself, Matern's of
// order one half. Solved exactly; strong where there is little to learn from.
//
// Valence and arousal have kernels of their own, exp(-sqrt(scale sum w (a - b)^2)) of normalised globals,
// in which groups of columns weigh differently; columns that neither looks at are left out of the centres.
#ifndef NM_EMOTION_KERNEL_H
#define NM_EMOTION_KERNEL_H

#include "dsp/base/pool.h"
#include "models/emotion/features.h"

enum {
  NM_KERNEL_OUT = 4,      // valence and arousal now, and of the whole
  NM_KERNEL_COLUMNS = 722 // of a global's, those that are looked at
};

#define NM_KERNEL_PENALTY 0.2

typedef struct {
  int64_t n;
  const float *centres;      // [n, NM_KERNEL_COLUMNS], packed
  const float *weights;      // [n, NM_KERNEL_OUT]
  float mean[NM_KERNEL_OUT]; // of the labels
} NmKernelMachine;

// The columns of a normalised global [NM_GLOBAL] that are looked at, packed [NM_KERNEL_COLUMNS].
void nm_kernel_pack(const float *global, float *packed);

// Clips to learn from, more than there are centres: those are the first of them, the rest are copies. By
// projected ridge regression (Smola, Schoelkopf 2000) copies cost the model nothing.
typedef struct {
  int64_t n, n_centres;
  const float *clips;  // [n, NM_KERNEL_COLUMNS], packed
  const float *labels; // [n, NM_KERNEL_OUT] less their mean
} NmKernelLessons;

// Weights [n_centres, NM_KERNEL_OUT]; `pool` may be NULL.
NmStatus nm_kernel_fit(NmPool *pool, const NmKernelLessons *lessons, float *weights,
                       NmError *err) NM_NODISCARD;

// What the labels of a normalised global [NM_GLOBAL] should be.
void nm_kernel_predict(const NmKernelMachine *machine, const float *global, float out[NM_KERNEL_OUT]);

#endif
