// SPDX-License-Identifier: GPL-3.0-or-later
// Trains the grapheme-to-phoneme model on the lexicon, a tenth of which it never sees.
#ifndef NM_TEXT_G2P_TRAIN_H
#define NM_TEXT_G2P_TRAIN_H

#include "models/text/g2p.h"

typedef struct NmG2pTrainer NmG2pTrainer;

typedef struct {
  NmG2pConfig config;
  const NmLexicon *lexicon; // borrowed
  int32_t n_batch;          // words of a step, all of one length
  double dropout, weight_decay, average;
  double weight_between; // share of the loss that comes from between the blocks
  uint64_t seed;
} NmG2pTraining;

// Words that are for training, for choosing between models, and for the one number at the end.
typedef enum { NM_G2P_TRAIN, NM_G2P_VALID, NM_G2P_TEST } NmG2pSplit;

// By a hash of the word alone: a tenth for the test, a fiftieth for validation.
NmG2pSplit nm_g2p_split(const char *word, size_t len);

// Edit distance to the nearest pronunciation of the dictionary over its length, and the share of words with
// any difference; with stress as part of a vowel's name, and without.
typedef struct {
  double phones, phones_stressed, words, words_stressed;
  int32_t n_words;
} NmG2pScore;

// `pool` is borrowed, may be NULL. One thread at a time. NULL and `err` when memory is out.
NmG2pTrainer *nm_g2p_trainer_new(const NmBackend *backend, NmPool *pool, const NmG2pTraining *training,
                                 NmError *err);
void nm_g2p_trainer_free(NmG2pTrainer *trainer);

// One step of AdamW on a batch that follows from `step` and the seed alone.
NmStatus nm_g2p_trainer_step(NmG2pTrainer *trainer, int64_t step, double lr, double *loss,
                             NmError *err) NM_NODISCARD;

// Reads at most n_max words of a split with the moving average of the weights.
NmStatus nm_g2p_trainer_validate(NmG2pTrainer *trainer, NmG2pSplit split, int32_t n_max, NmG2pScore *score,
                                 NmError *err) NM_NODISCARD;

NmParams *nm_g2p_trainer_get_params(NmG2pTrainer *trainer);
// Of the last step, in products (nm_graph_count_operations).
double nm_g2p_trainer_count_operations(const NmG2pTrainer *trainer);
int32_t nm_g2p_trainer_get_n_words(const NmG2pTrainer *trainer);   // to train on
int64_t nm_g2p_trainer_get_n_batches(const NmG2pTrainer *trainer); // of one pass over them

// Metadata of the weights file: the configuration. Freed by the caller; NULL when memory is out.
char *nm_g2p_trainer_describe(const NmG2pTrainer *trainer);

#endif
