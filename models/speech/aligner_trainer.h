// SPDX-License-Identifier: GPL-3.0-or-later
// Trains the aligner on a prepared corpus and aligns the corpus with it.
#ifndef NM_SPEECH_ALIGNER_TRAINER_H
#define NM_SPEECH_ALIGNER_TRAINER_H

#include "models/speech/aligner.h"

typedef struct NmAlignerTrainer NmAlignerTrainer;

// The corpus is borrowed, as is `pool`, which may be NULL; frames are normalised by speaker. One thread at a
// time. NULL and `err` when memory is out or the corpus has no recordings to train on.
NmAlignerTrainer *nm_aligner_trainer_new(const NmBackend *backend, NmPool *pool, NmCorpus *corpus,
                                         int32_t n_batch, uint64_t seed, NmError *err);
void nm_aligner_trainer_free(NmAlignerTrainer *trainer);

// One step; *loss is minus the log-probability of all paths, per frame.
NmStatus nm_aligner_trainer_step(NmAlignerTrainer *trainer, int64_t step, double lr, double *loss,
                                 NmError *err) NM_NODISCARD;

// The same of held-out recordings (split valid and test), no step taken.
NmStatus nm_aligner_trainer_validate(NmAlignerTrainer *trainer, double *loss, NmError *err) NM_NODISCARD;

// Fills the durations of every item that has frames (on the corpus's arena) by the best path, exact. Items
// without a path (fewer frames than phones) stay without durations; *n_left counts them.
NmStatus nm_aligner_trainer_align(NmAlignerTrainer *trainer, int32_t *n_left, NmError *err) NM_NODISCARD;

NmParams *nm_aligner_trainer_get_params(NmAlignerTrainer *trainer);

// Of the last step, in products (nm_graph_count_operations).
double nm_aligner_trainer_count_operations(const NmAlignerTrainer *trainer);

#endif
