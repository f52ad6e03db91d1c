// SPDX-License-Identifier: GPL-3.0-or-later
// Trains the teacher on a prepared and aligned corpus, with its attention guided at first, and measures how
// its heads align.
#ifndef NM_SPEECH_TEACHER_TRAINER_H
#define NM_SPEECH_TEACHER_TRAINER_H

#include "models/speech/teacher_model.h"

typedef struct NmTeacherTrainer NmTeacherTrainer;

typedef struct {
  NmTeacherConfig config;
  const NmUtteranceSet *set; // borrowed
  int32_t n_batch;           // recordings of a step, of similar length
  int32_t n_frames_max;      // longer recordings are passed over
  int32_t favourite; // index of the speaker whose recordings are drawn `favour` times as often; -1: none
  int32_t favour;
  NmTeacherGuide guide;
  double dropout, weight_decay, average;
  uint64_t seed;
} NmTeacherTraining;

// Losses of one step, or of a validation; frame losses are in normalised units.
typedef struct {
  double envelope, f0, voicing, stop, guide, norm; // guide: 0 without one
} NmTeacherLosses;

// One head's attention on held-out recordings.
typedef struct {
  double focus;       // the focus rate, mean over recordings
  double path;        // the same along the best monotonic path (nm_focus_durations)
  double duration_ms; // mean |difference| of its durations from the aligner's
} NmTeacherHead;

// What validation measures, with the moving average of the weights.
typedef struct {
  NmTeacherLosses losses;
  double envelope_log;                                               // mean |difference| in ln units
  int32_t n_heads;                                                   // of all blocks
  NmTeacherHead heads[NM_TEACHER_BLOCKS_MAX * NM_TEACHER_HEADS_MAX]; // [n_heads], block by block
  int32_t align_head;                                                // of the highest `path`
} NmTeacherValidation;

// `pool` is borrowed, may be NULL. One thread at a time. NULL and `err` when memory is out or nothing in the
// set is aligned.
NmTeacherTrainer *nm_teacher_trainer_new(const NmBackend *backend, NmPool *pool,
                                         const NmTeacherTraining *training, NmError *err);
void nm_teacher_trainer_free(NmTeacherTrainer *trainer);

// One step at this learning rate; the guide counts `guide` times, 0: not at all.
NmStatus nm_teacher_trainer_step(NmTeacherTrainer *trainer, int64_t step, double lr, double guide,
                                 NmTeacherLosses *losses, NmError *err) NM_NODISCARD;

// Over held-out recordings, evenly chosen when there are many.
NmStatus nm_teacher_trainer_validate(NmTeacherTrainer *trainer, NmTeacherValidation *validation,
                                     NmError *err) NM_NODISCARD;

NmParams *nm_teacher_trainer_get_params(NmTeacherTrainer *trainer);

// Of the last step, in products (nm_graph_count_operations).
double nm_teacher_trainer_count_operations(const NmTeacherTrainer *trainer);

#endif
