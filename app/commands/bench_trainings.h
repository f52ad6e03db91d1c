// SPDX-License-Identifier: GPL-3.0-or-later
// The trainings that `neume bench train` measures, each on made-up data of a realistic size.
#ifndef NM_COMMANDS_BENCH_TRAININGS_H
#define NM_COMMANDS_BENCH_TRAININGS_H

#include "dsp/base/pool.h"
#include "models/engine/backend.h"

// One kind of training. Tables end with a NULL name.
typedef struct {
  const char *name, *batch, *unit; // what a batch is, and the unit it is counted in
  double n;                        // units of a batch
  // Trainer and data; both arguments are borrowed. NULL and `err` on failure. `close` takes NULL too.
  void *(*open)(const NmBackend *backend, NmPool *pool, NmError *err);
  void (*close)(void *trainer);
  // A step as `neume train` takes it: batch, forward, backward, optimiser.
  NmStatus (*step)(void *trainer, int64_t step, NmError *err);
  double (*count)(const void *trainer); // operations of the last step, in products
} NmBenchTraining;

extern const NmBenchTraining nm_bench_trainings_speech[], nm_bench_trainings_text[];

#define NM_BENCH_TRAINING_RATE 1e-4 // the learning rate

#endif
