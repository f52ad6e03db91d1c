// SPDX-License-Identifier: GPL-3.0-or-later
// Trains the emotion network on a prepared corpus of averaged labels.
#ifndef NM_EMOTION_TRAINER_H
#define NM_EMOTION_TRAINER_H

#include "models/emotion/corpus.h"
#include "models/emotion/metrics.h"
#include "models/emotion/network.h"

typedef struct {
  NmEmotionConfig config;
  int32_t n_batch; // clips of a step
  int32_t n_steps; // half seconds of a clip that are taken
  double dropout, weight_decay, average;
  double mix;   // shape of the Beta distribution that clips are mixed by (Zhang et al. 2018); 0: they are not
  double noise; // deviation of what is added to normalised measures
  double blind; // share of clips whose measures are hidden, so that the patches are learned from
  double shift; // greatest shift of patches, bands
  double copies; // share of clips that a copy takes the place of, where the corpus has some
  double masked; // share of steps that are hidden in pre-training
  double weight_error, weight_self,
      weight_variance; // of the mean square error, of steps' weight to themselves, of the
                       // likelihood that the variances are learned by
  bool first_only;     // of several corpora, the first alone is learned from; the others are only measured
  uint64_t seed;
  int32_t fold; // >= 0: of five folds of the training split this one is held out, instead of the valid split
} NmEmotionTraining;

typedef struct NmEmotionTrainer NmEmotionTrainer;

// The corpus is borrowed, as is `pool`, which may be NULL. One thread at a time. Measures the statistics,
// fits the kernel machine.
NmEmotionTrainer *nm_emotion_trainer_new(const NmBackend *backend, NmPool *pool,
                                         const NmEmotionTraining *training, const NmEmotionCorpus *corpus,
                                         NmError *err);
void nm_emotion_trainer_free(NmEmotionTrainer *trainer);

// One step; *loss is that of the whole, *error the mean square error of the batch.
NmStatus nm_emotion_trainer_step(NmEmotionTrainer *trainer, int64_t step, double lr, double *loss,
                                 double *error, NmError *err) NM_NODISCARD;

// Before the first step: the members learn to say what hidden steps of the training clips sounded like from
// those around them (masked pre-training as in SongMASS, Sheng et al. 2021, on half seconds). *first and
// *last are the mean square errors of normalised measures over the first and the last tenth of the steps.
NmStatus nm_emotion_trainer_pretrain(NmEmotionTrainer *trainer, int64_t n_steps, double lr, double *first,
                                     double *last, NmError *err) NM_NODISCARD;

// Of a source's held-out clips (those of a corpus, of several), with the average of weights: half seconds
// pooled, and means of clips against how the whole was rated. [NmEmotionPart][valence, arousal]
typedef enum { NM_EMOTION_MEMBERS, NM_EMOTION_MACHINE, NM_EMOTION_ALL, NM_EMOTION_N_PARTS } NmEmotionPart;

typedef struct {
  NmEmotionScore now[NM_EMOTION_N_PARTS][2], whole[NM_EMOTION_N_PARTS][2];
} NmEmotionValidation;

NmStatus nm_emotion_trainer_validate(NmEmotionTrainer *trainer, int32_t source, NmEmotionValidation *v,
                                     NmError *err) NM_NODISCARD;

NmParams *nm_emotion_trainer_get_params(NmEmotionTrainer *trainer);
// Metadata for the weights file, freed by the caller.
char *nm_emotion_trainer_describe(const NmEmotionTrainer *trainer);

#endif
