// SPDX-License-Identifier: GPL-3.0-or-later
// Trains the vocoder: random stretches of recordings (and pitch-raised copies) are resynthesised from their
// own envelope, f0 and voicing; reconstruction losses first, then discriminators as well.
#ifndef NM_VOCODER_TRAINER_H
#define NM_VOCODER_TRAINER_H

#include "models/vocoder/network.h"

typedef struct NmVocoderTrainer NmVocoderTrainer;

// A recording to train on; borrowed, must outlive the trainer. f0_hz is positive everywhere, audio frame t is
// centred on sample 256 t.
typedef struct {
  const float *envelope; // [T, 80]
  const float *f0_hz;    // [T]
  const float *voicing;  // [T]
  const int16_t *audio;  // [T * 256]
  int64_t T;
  double weight; // how often it is drawn, relative to its length
} NmVocoderClip;

typedef struct {
  NmVocoderConfig config;
  const NmVocoderClip *clips; // [n_clips]
  int64_t n_clips;
  const float *envelope_mean, *envelope_std; // [80]
  int32_t n_batch, n_frames; // clips in a batch, frames in each (6 at either end are not judged)
  uint64_t seed;
  double weight_decay, average; // of AdamW and of the moving average
} NmVocoderTraining;

// What a step measured; adversarial ones are 0 before they start.
typedef struct {
  double mel, stft, adversarial, matching, discriminator, norm;
} NmVocoderLosses;

// `pool` is borrowed, may be NULL; clips and statistics too. One thread at a time. NULL and `err` when memory
// is out or no clip is longer than n_frames.
NmVocoderTrainer *nm_vocoder_trainer_new(const NmBackend *backend, NmPool *pool,
                                         const NmVocoderTraining *training, NmError *err);
void nm_vocoder_trainer_free(NmVocoderTrainer *trainer);

// One step at these learning rates; lr_discriminator 0: no adversarial part. `step` seeds the step's draws,
// so that a resumed training continues as if it had not stopped.
NmStatus nm_vocoder_trainer_step(NmVocoderTrainer *trainer, int64_t step, double lr, double lr_discriminator,
                                 NmVocoderLosses *losses, NmError *err) NM_NODISCARD;

// Of the last step, in products (nm_graph_count_operations).
double nm_vocoder_trainer_count_operations(const NmVocoderTrainer *trainer);

// The generator's parameters, and the discriminators' (NULL before the first adversarial step asked for
// them).
NmParams *nm_vocoder_trainer_get_params(NmVocoderTrainer *trainer);
NmParams *nm_vocoder_trainer_get_discriminator(NmVocoderTrainer *trainer, NmError *err);

#endif
