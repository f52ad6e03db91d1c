// SPDX-License-Identifier: GPL-3.0-or-later
// Trains the song network: first on what hides from it a part of words or melodies alone, then on all four
// tasks side by side (Sheng et al. 2021, section 3).
#ifndef NM_SONG_TRAINER_H
#define NM_SONG_TRAINER_H

#include "models/song/task.h"

typedef struct NmSongTrainer NmSongTrainer;

typedef struct {
  NmSongConfig config;              // n_syllables is the corpus's
  const NmSongCorpus *corpus;       // borrowed
  int32_t n_batch[NM_SONG_N_TASKS]; // songs of a step; 0: the task is left out
  int64_t n_masked_steps;           // steps in which only the masked tasks are trained, with twice the songs
  double share_own;                 // of the masked batches, of songs rather than of words or melodies alone
  NmSongBatchOptions batch;
  NmSongLossOptions loss;
  double dropout, weight_decay, average;
  uint64_t seed;
} NmSongTraining;

// Of one step or summed up over several: per task.
typedef struct {
  double nll[NM_SONG_N_TASKS][NM_SONG_N_CHOICES]; // nats, summed
  double n[NM_SONG_N_TASKS][NM_SONG_N_CHOICES];   // choices
  double n_positions[NM_SONG_N_TASKS];
  double strayed[NM_SONG_N_TASKS];                             // summed over positions
  double n_aligned[NM_SONG_N_TASKS], n_right[NM_SONG_N_TASKS]; // validation: positions whose strongest
                                                               // attention is on what they belong to
} NmSongScores;

// `pool` is borrowed, may be NULL. One thread at a time. NULL and `err` when memory is out or a task has
// nothing to be trained on.
NmSongTrainer *nm_song_trainer_new(const NmBackend *backend, NmPool *pool, const NmSongTraining *training,
                                   NmError *err);
void nm_song_trainer_free(NmSongTrainer *trainer);

// One step at this learning rate, on batches that follow from `step` and the seed alone; `scores` are added
// to. A step whose gradients are not finite is passed over.
NmStatus nm_song_trainer_step(NmSongTrainer *trainer, int64_t step, double lr, NmSongScores *scores,
                              NmError *err) NM_NODISCARD;

// Over the songs held out as `split`, with the moving average; tasks left out of the training too, where
// there are songs for them. `n_most` items of a task at most.
NmStatus nm_song_trainer_validate(NmSongTrainer *trainer, NmSongSplit split, int32_t n_most,
                                  NmSongScores *scores, NmError *err) NM_NODISCARD;

NmParams *nm_song_trainer_get_params(NmSongTrainer *trainer);

// Nats of a position, all its choices together; 0 without positions.
double nm_song_scores_get_nll(const NmSongScores *scores, NmSongTask task);
// Of one choice; its exponential is the perplexity.
double nm_song_scores_get_choice(const NmSongScores *scores, NmSongTask task, int choice);
// Share of positions whose attention is right; 0 without any.
double nm_song_scores_get_accuracy(const NmSongScores *scores, NmSongTask task);

#endif
