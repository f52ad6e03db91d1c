// SPDX-License-Identifier: GPL-3.0-or-later
// Batches of clips for training: drawn in passes, mixed, changed and made noisy.
#ifndef NM_EMOTION_BATCH_H
#define NM_EMOTION_BATCH_H

#include "models/emotion/statistics.h"
#include "models/emotion/trainer.h"

// Host memory of B = training->n_batch clips of T = training->n_steps half seconds. Zero-initialise, then
// nm_emotion_batch_init; borrows what it is given there.
typedef struct {
  const NmEmotionTraining *training;
  const NmEmotionCorpus *corpus;
  const NmEmotionStats *stats;
  const NmEmotionClips *clips; // what is drawn from
  float *patches;              // [B T, NM_N_MELS, NM_PATCH_TIMES]
  float *rows;                 // [B T, NM_STEP_PLAIN]
  float *globals;              // [B T, NM_GLOBAL]
  float *labels;               // [B T, NM_EMOTION_LABELS]
  int32_t *len;                // [B]
  int32_t *order;              // [clips->n], of the pass
  int32_t *copies,
      *first; // items that are copies, by original; of item i those from first[i] to first[i + 1]
  int64_t pass;
} NmEmotionBatch;

// False when memory is out.
bool nm_emotion_batch_init(NmEmotionBatch *batch, const NmEmotionTraining *training,
                           const NmEmotionCorpus *corpus, const NmEmotionStats *stats,
                           const NmEmotionClips *clips);
void nm_emotion_batch_fini(NmEmotionBatch *batch);

// Fills the batch of a training step, the same for the same step.
void nm_emotion_batch_draw(NmEmotionBatch *batch, int64_t step);

// Empties it, and adds clip `item` as it is at place i.
void nm_emotion_batch_clear(NmEmotionBatch *batch);
void nm_emotion_batch_add(NmEmotionBatch *batch, int32_t i, int32_t item);

#endif
