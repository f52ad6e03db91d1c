// SPDX-License-Identifier: GPL-3.0-or-later
// An open weights file of the emotion network, as streams and listeners use it.
#ifndef NM_EMOTION_MODEL_H
#define NM_EMOTION_MODEL_H

#include "models/emotion/emotion.h"
#include "models/emotion/kernel.h"
#include "models/emotion/network.h"

struct NmEmotionModel {
  NmParams *params;
  NmEmotionConfig config;
  NmEmotionStats stats;
  NmKernelMachine machine;  // n 0: none
  float *centres, *weights; // of the machine
  char hash[NM_EMOTION_HASH_SIZE];
};

// Sixteen hexadecimal digits of all bytes of the file.
NmStatus nm_emotion_hash_file(const char *path, char hash[NM_EMOTION_HASH_SIZE], NmError *err) NM_NODISCARD;

// A whole sound of n steps whose features are known (a prepared corpus): rows out [n]. The same as hearing
// it.
void nm_emotion_run_steps(NmEmotion *emotion, const float *patches, const float *rows, int64_t n,
                          NmEmotionRow *out);

#endif
