// SPDX-License-Identifier: GPL-3.0-or-later
// Trains the acoustic model: envelopes, f0 and voicing given the durations of the aligner, and the predictors
// of duration, pitch and level. Text-only items with durations measured elsewhere train the encoder's
// durations in the same run.
#ifndef NM_SPEECH_TRAINER_H
#define NM_SPEECH_TRAINER_H

#include "models/speech/batch.h"

typedef struct NmSpeechTrainer NmSpeechTrainer;

typedef struct {
  NmAcousticConfig config;
  const NmUtteranceSet *set;                     // borrowed
  int32_t n_batch, n_batch_text, n_batch_taught; // recordings, text-only and taught items of a step
  int32_t favourite; // index of the speaker whose recordings are drawn `favour` times as often; -1: none
  double favour;
  double dropout, dropout_predictor;
  double weight_decay, average;
  uint64_t seed;
} NmSpeechTraining;

// Losses of one step or of a validation; frame losses are in normalised units.
typedef struct {
  double envelope, f0, voicing, duration, prosody, duration_text, taught, norm; // taught: envelope
  double adversarial, matching, critic;                                         // 0 before they start
} NmSpeechLosses;

// What validation measures on held-out recordings, with the moving average of the weights.
typedef struct {
  double envelope_log;      // mean |difference| of the envelope in ln units, durations, pitch and level given
  double envelope_log_free; // the same with predicted pitch and level
  double spread;            // deviation of the envelope over time, predicted over recorded, mean of bands
  double liveliness;        // mean |change from frame to frame| of the envelope, predicted over recorded
  double duration_ms;       // mean |error| of phone durations
  double duration_ratio;    // predicted total over true total
  double f0_semitones;      // rms error of voiced frames, predicted pitch
  double voicing_error;     // share of frames
} NmSpeechValidation;

// `pool` is borrowed, may be NULL. One thread at a time. NULL and `err` when memory is out or nothing in the
// set is aligned.
NmSpeechTrainer *nm_speech_trainer_new(const NmBackend *backend, NmPool *pool,
                                       const NmSpeechTraining *training, NmError *err);
void nm_speech_trainer_free(NmSpeechTrainer *trainer);

// One step at these learning rates, on batches that follow from `step` and the seed alone; lr_critic 0:
// nothing is judged. A step whose gradients are not finite is passed over.
NmStatus nm_speech_trainer_step(NmSpeechTrainer *trainer, int64_t step, double lr, double lr_critic,
                                NmSpeechLosses *losses, NmError *err) NM_NODISCARD;

// Over the held-out recordings of `speaker` (-1: of all).
NmStatus nm_speech_trainer_validate(NmSpeechTrainer *trainer, int32_t speaker, NmSpeechValidation *validation,
                                    NmError *err) NM_NODISCARD;

NmParams *nm_speech_trainer_get_params(NmSpeechTrainer *trainer);

// Of the last batch of recordings or texts, in products (nm_graph_count_operations); of the judges too once
// there are any.
double nm_speech_trainer_count_operations(const NmSpeechTrainer *trainer);

// The judges' parameters, made at the first call; NULL when memory is out.
NmParams *nm_speech_trainer_get_critic(NmSpeechTrainer *trainer, NmError *err);

#endif
